/* Losses, averaged over everything that is scored in a batch. */
#ifndef TRAIN_LOSS_H
#define TRAIN_LOSS_H

#include "data/batch.h"

#include <stddef.h>

struct loss_type {
    const char *name, *title;
    bool classifies;
    /* Sum of losses over the scored (not NaN) truths of y [n][Y] for out [n][O], and the sum of
     * their weights. With `gradient` [n][O], writes d sum / d out. class_weights is [O] or NULL. */
    void (*evaluate)(const struct dataset *dataset, const real *class_weights, const real *out,
                     const real *y, size_t n, double *sum, double *weight, real *gradient);
};

const struct loss_type *loss_find(const char *name);
const struct loss_type *loss_for(const struct dataset *dataset);
const char *loss_name(size_t position);

#endif
