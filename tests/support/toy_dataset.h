/* Small data sets made by hand: one series, from numbers the test gives. */
#ifndef SUPPORT_TOY_DATASET_H
#define SUPPORT_TOY_DATASET_H

#include "data/pipeline/dataset.h"

struct toy {
    enum task_type task;
    int rows, inputs, flags;
    int targets; /* the first so many inputs, when it is a forecast */
    int horizon; /* 0: 1 */
    int classes; /* classification */
    int window, stride;
    bool last_only;
};

/* Training and test split are both the one series x [rows][I], y [rows][Y]; y NULL: the inputs of
 * the following rows, as a forecast has it. All rows are present and one time unit apart; nothing
 * is scaled, and input_std is 1. */
struct dataset *toy_dataset(const struct toy *toy, const real *x, const real *y,
                            struct arena *arena);

#endif
