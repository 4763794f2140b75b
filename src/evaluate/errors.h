/* Averages over everything scored, for metrics of real-valued targets. */
#ifndef EVALUATE_ERRORS_H
#define EVALUATE_ERRORS_H

#include "evaluate/score.h"

/* The error of one prediction; `target` is its column, below dataset->targets. */
typedef double (*error_term)(const struct predictions *predictions, int target, double output,
                             double truth);

/* Mean of the term over all steps, horizons and targets whose truth is known; NaN without any. */
double mean_error(const struct predictions *predictions, error_term term);

double squared_error(const struct predictions *predictions, int target, double output,
                     double truth);

#endif
