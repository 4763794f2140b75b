#include "evaluate/classes.h"

#include <math.h>

static double score(const struct predictions *predictions) {
    struct arena scratch = {0};
    const struct class_count *counts = count_classes(predictions, &scratch);
    size_t truths = 0, hits = 0;
    for (int c = 0; c < predictions->dataset->outputs; c++) {
        truths += counts[c].truths;
        hits += counts[c].hits;
    }
    arena_free(&scratch);
    return truths == 0 ? NAN : (double)hits / (double)truths;
}

const struct metric_type metric_accuracy = {
    .name = "accuracy",
    .title = "Accuracy",
    .citation = "share of steps whose class is predicted",
    .classifies = true,
    .higher_is_better = true,
    .is_mean = true,
    .score = score,
};
