#include "evaluate/classes.h"

#include <math.h>

/* The positive class is class 1 of two; undefined for more classes, and where the positive class
 * is neither true nor predicted. */
static double score(const struct predictions *predictions) {
    if (predictions->dataset->outputs != 2)
        return NAN;
    struct arena scratch = {0};
    double f1 = class_f1(&count_classes(predictions, &scratch)[1]);
    arena_free(&scratch);
    return f1;
}

const struct metric_type metric_f1 = {
    .name = "f1",
    .title = "F1",
    .citation = "F1 = 2 TP / (2 TP + FP + FN) of the second of two classes; van Rijsbergen 1979",
    .classifies = true,
    .two_classes = true,
    .higher_is_better = true,
    .needs = "truths of the second class",
    .score = score,
};
