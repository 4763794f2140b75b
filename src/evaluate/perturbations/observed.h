/* What perturbations of sensors share: they change what was observed and leave alone what was
 * missing and filled in. */
#ifndef EVALUATE_PERTURBATIONS_OBSERVED_H
#define EVALUATE_PERTURBATIONS_OBSERVED_H

#include "data/pipeline/dataset.h"

#include <gsl/gsl_rng.h>
#include <math.h>

/* Inputs that are values and not observed flags. */
static inline int value_inputs(const struct dataset *dataset) {
    return dataset->inputs - dataset->flags;
}

/* One input's value in a row; NULL where it was not observed. */
static inline real *observed_value(const struct dataset *dataset, const struct series *series,
                                   int row, int input) {
    real *x = series->x + (size_t)row * (size_t)dataset->inputs; /* [I] */
    bool missing = series->present[row] == 0 ||
                   (input < dataset->flags && x[value_inputs(dataset) + input] == 0);
    return missing ? NULL : x + input;
}

/* A row in which nothing is observed any more is absent. */
static inline void mark_absent(const struct dataset *dataset, struct series *series, int row) {
    const real *x = series->x + (size_t)row * (size_t)dataset->inputs; /* [I] */
    bool any = dataset->flags == 0 || value_inputs(dataset) > dataset->flags;
    for (int i = value_inputs(dataset); i < dataset->inputs; i++)
        any = any || x[i] != 0;
    if (!any)
        series->present[row] = 0;
}

/* A stretch of rows in which one sensor fails. */
struct outage {
    int input, first, end;
};

/* A random input, for `share` of the series's rows (at most all), beginning at a random row. */
static inline struct outage draw_outage(const struct dataset *dataset, const struct series *series,
                                        double share, gsl_rng *rng) {
    int rows = (int)lround(fmin(share, 1) * series->rows);
    struct outage outage = {
        .input = (int)gsl_rng_uniform_int(rng, (unsigned long)value_inputs(dataset)),
        .first = (int)gsl_rng_uniform_int(rng, (unsigned long)(series->rows - rows) + 1),
    };
    outage.end = outage.first + rows;
    return outage;
}

#endif
