#include "evaluate/classes.h"

#include <math.h>

/* Mean recall of the classes that occur in the truth. */
static double score(const struct predictions *predictions) {
    struct arena scratch = {0};
    const struct class_count *counts = count_classes(predictions, &scratch);
    double sum = 0;
    int classes = 0;
    for (int c = 0; c < predictions->dataset->outputs; c++) {
        if (counts[c].truths == 0)
            continue;
        sum += (double)counts[c].hits / (double)counts[c].truths;
        classes++;
    }
    arena_free(&scratch);
    return classes == 0 ? NAN : sum / classes;
}

const struct metric_type metric_balanced_accuracy = {
    .name = "balanced_accuracy",
    .title = "Balanced accuracy",
    .citation = "mean recall of the classes that occur; Brodersen et al. 2010",
    .classifies = true,
    .higher_is_better = true,
    .score = score,
};
