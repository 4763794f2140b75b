/* Losses: one file each in train/losses/, one line in the table of loss.c. */
#ifndef TRAIN_LOSS_H
#define TRAIN_LOSS_H

#include "data/pipeline/dataset.h"

struct loss_sum {
    double sum;    /* of the weighted losses of everything scored */
    double weight; /* of the weights; the mean loss is sum / weight */
};

struct loss_type {
    const char *name, *title;
    bool classifies; /* for classes; otherwise for numbers */
    /* Compares out [n][O] with the truths y [n][Y], of which NaN ones are not scored. Writes
     * gradient [n][O] = d sum / d out unless it is NULL. */
    struct loss_sum (*evaluate)(const struct dataset *dataset, size_t n, const real *out,
                                const real *y, real *gradient);
};

const struct loss_type *loss_find(const char *name); /* NULL when unknown */
const struct loss_type *loss_at(size_t position);    /* NULL after the last */
const char *loss_name(size_t position);

/* The one that the task asks for, or the usual one for its type. */
const struct loss_type *loss_for(const struct dataset *dataset);

#endif
