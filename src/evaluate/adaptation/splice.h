/* Streams put together from stretches of the regimes' own series. */
#ifndef EVALUATE_ADAPTATION_SPLICE_H
#define EVALUATE_ADAPTATION_SPLICE_H

#include "data/generators/generator.h"
#include "data/pipeline/dataset.h"

struct splice {
    const struct dataset *dataset;
    const struct split *regimes; /* [regime_count] */
    int regime_count;
    const double *shares; /* [rows][regimes] the probability of each regime */
    int rows, series;
};

/* Rows that a regime has for stream `series` of `count`: it takes every count-th series, one after
 * the other, from its start to its end. */
int splice_rows(const struct split *regime, int series, int count);

/* Truths [Y] of a forecast after which `left` rows come before a change: those beyond become NaN. */
void cut_forecast(const struct dataset *dataset, int left, real *y);

/* Fails when a regime comes to its end before the stream does. A regime is drawn at the start of
 * every block: a window's rows, or a whole series where these are the windows. */
bool splice_make(const struct splice *splice, struct arena *arena, struct split *split,
                 struct error *error);

/* The same with regimes of generated series. */
bool splice_generated(const struct dataset *dataset, const struct generator_drift *drift, int rows,
                      int series, bool for_validation, struct arena *arena, struct split *split,
                      struct error *error);

#endif
