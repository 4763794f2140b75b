#include "evaluate/classes.h"

#include <math.h>

/* Mean F1 of the classes that are true or predicted somewhere. */
static double score(const struct predictions *predictions) {
    struct arena scratch = {0};
    const struct class_count *counts = count_classes(predictions, &scratch);
    double sum = 0;
    int classes = 0;
    for (int c = 0; c < predictions->dataset->outputs; c++) {
        double f1 = class_f1(&counts[c]);
        if (isnan(f1))
            continue;
        sum += f1;
        classes++;
    }
    arena_free(&scratch);
    return classes == 0 ? NAN : sum / classes;
}

const struct metric_type metric_macro_f1 = {
    .name = "macro_f1",
    .title = "Macro F1",
    .citation = "mean F1 of the classes that occur or are predicted (scikit-learn f1_score, "
                "average=macro)",
    .classifies = true,
    .higher_is_better = true,
    .score = score,
};
