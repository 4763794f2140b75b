/* Did a number that was measured again and again, such as a score at each commit, change? Two kinds of
 * change are looked for: a step, from one value to the next, and a drift, which goes on.
 *
 * Both are tests against "the values are in random order", which need no distribution of the noise. NaN
 * values (not measured) are left out. */
#ifndef EVALUATE_CHANGE_POINT_H
#define EVALUATE_CHANGE_POINT_H

#include <stddef.h>

struct change_point {
    size_t at;            /* position of the first value after it */
    double before, after; /* means on both sides */
    double p;             /* NaN with fewer than four values */
};

/* The place where the means on both sides differ most: that with the largest |t| of a two-sample t test
 * among all splits, at least two values on each side. Its p is that maximum's place among those of
 * random orders (James, James & Siegmund 1987, Tests for a change-point, Biometrika 74, with a
 * permutation in place of their approximation), drawn until 20 are as large (Besag & Clifford 1991,
 * Sequential Monte Carlo p-values, Biometrika 78) or 99 999 are drawn, from a fixed seed. */
struct change_point find_step(const double *values, size_t count);

struct drift {
    double slope; /* a value; Theil-Sen: the median of the slopes between all pairs */
    double p;     /* NaN with fewer than four values */
};

/* Mann-Kendall: Mann 1945, Nonparametric tests against trend, Econometrica 13, by the normal approximation
 * with corrections for ties and for continuity; its slope: Sen 1968, JASA 63. */
struct drift find_drift(const double *values, size_t count);

/* Sums of squares that a step and a drift leave: which of both describes the values better. */
double step_residual(const double *values, size_t count, const struct change_point *step);
double drift_residual(const double *values, size_t count, const struct drift *drift);

#endif
