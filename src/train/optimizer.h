/* Optimizers: one file each in train/optimizers/, one line in the table of optimizer.c. */
#ifndef TRAIN_OPTIMIZER_H
#define TRAIN_OPTIMIZER_H

#include "math/real.h"
#include "train/train_options.h"

struct optimizer_type {
    const char *name, *title, *citation;
    int slots; /* numbers of state per parameter */
    /* One update of parameters [n] from gradient [n], which may be overwritten. state is
     * [slots][n], zeros before the first; `update` counts from 1. decays [n] is 1 where weight
     * decay applies and 0 elsewhere. */
    void (*update)(const struct train_options *options, double learning_rate, long update, size_t n,
                   const real *decays, real *gradient, real *state, real *parameters);
};

const struct optimizer_type *optimizer_find(const char *name); /* NULL when unknown */
const struct optimizer_type *optimizer_at(size_t position);    /* NULL after the last */
const char *optimizer_name(size_t position);

#endif
