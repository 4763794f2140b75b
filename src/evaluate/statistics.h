/* Statistics of one sample: the scores of a model over seeds. Values that are not finite are left
 * out everywhere. Comparisons between models are in significance.h, between many models over many
 * data sets in ranking.h. */
#ifndef EVALUATE_STATISTICS_H
#define EVALUATE_STATISTICS_H

#include <stddef.h>

struct summary {
    size_t count;           /* finite values */
    double mean, deviation; /* sample standard deviation; 0 for a single value */
    double least, most;
};

/* Without any finite value the numbers are NaN. */
struct summary summarize(const double *values, size_t count);

/* Mean of what is left when the lowest and the highest quarter, each rounded down to whole values,
 * are taken away: SciPy's trim_mean(values, 0.25); Agarwal et al. 2021. NaN without values. */
double interquartile_mean(const double *values, size_t count);

struct interval {
    double low, high;
};

enum { BOOTSTRAP_SAMPLES = 9999 };

/* 95 % confidence interval of the mean: bias-corrected and accelerated bootstrap (BCa, Efron 1987,
 * Better bootstrap confidence intervals). The same values in any order give the same interval.
 * Equal values give an interval of width 0; fewer than two values none, that is NaN. */
struct interval bootstrap_interval(const double *values, size_t count);

#endif
