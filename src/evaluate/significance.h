/* Is one model better than another, or is it chance? Paired tests over seeds, what to do about many
 * tests, how large a difference is, and how many seeds it would take to see it.
 *
 * Pairs are a[i], b[i]; a pair with NaN is left out. An infinite value is a score like any other,
 * worse than all finite ones (statistics.h). All tests are two-sided. */
#ifndef EVALUATE_SIGNIFICANCE_H
#define EVALUATE_SIGNIFICANCE_H

#include <stdbool.h>
#include <stddef.h>

struct paired_test {
    size_t pairs;     /* without NaN */
    double statistic; /* of Wilcoxon the smaller rank sum, of permutation the mean of a - b */
    double p;         /* 1 when all differences are 0, NaN without pairs */
    bool exact;       /* p is exact, not an approximation */
};

enum { WILCOXON_EXACT = 50, PERMUTATION_EXACT = 20 }; /* pairs, at most */

/* Wilcoxon 1945, Individual comparisons by ranking methods. Differences of 0 are left out, equal
 * ones share their mean rank. With up to WILCOXON_EXACT differences the distribution of the rank
 * sum under random signs is computed exactly, ties included (SciPy does so up to 13 and with more
 * takes the approximation); beyond that, normal with the variance corrected for ties. */
struct paired_test wilcoxon_signed_rank(const double *a, const double *b, size_t count);

/* Fisher's test on the mean of a - b: its place among those that all choices of signs give, counted
 * out up to PERMUTATION_EXACT pairs; beyond, 9999 random choices and the one at hand. */
struct paired_test paired_permutation(const double *a, const double *b, size_t count);

/* Welch 1947: t test on the means of two samples that are not paired and need not vary alike. Two-
 * sided p; 1 when all values of both are the same, NaN when one has fewer than two finite values.
 */
double welch_test(const double *a_values, size_t a_count, const double *b_values, size_t b_count);

/* Student 1908: t test on the mean of a - b over the pairs. Two-sided p; 1 when all pairs are equal,
 * 0 when all differ by the same amount, NaN with fewer than two pairs. */
double paired_t_test(const double *a, const double *b, size_t count);

/* Makes p values of tests made together adjusted ones: Holm 1979, A simple sequentially rejective
 * multiple test procedure. NaN stays NaN and does not count. */
void holm_adjust(double *p, size_t count);

/* Cliff 1993, Dominance statistics: P(a > b) - P(a < b), from -1 to 1. Not paired. NaN when one
 * side has no value. */
double cliff_delta(const double *a, size_t a_count, const double *b, size_t b_count);

/* Whether the scores of two models over the same `count` seeds differ by more than chance: Welch's
 * test. Measured on real trainings it keeps its level with 3 to 10 seeds, and of those that do it
 * finds most (docs/statistics.md; `make calibration`). Where t does not exist, with an infinite score
 * or without any spread, the signed ranks decide. */
double seeds_test(const double *a, const double *b, size_t count);

/* The power of a t test: the true difference, in standard errors of the difference, that a two-sided
 * test at level alpha with these degrees of freedom ν finds with probability `power`. It is the
 * noncentrality δ with P(Z + δ > t_(1-α/2) sqrt(χ²_ν / ν)) = power (Cohen 1988, Statistical power
 * analysis for the behavioral sciences, chapter 2), which holds for three seeds as well. */
double detectable_difference(double freedom, double alpha, double power);

/* Standard error of the difference of two means, and Welch & Satterthwaite's degrees of freedom. */
double welch_error(const double *a, size_t a_count, const double *b, size_t b_count,
                   double *freedom);

/* Seeds that a test needs to find the difference seen here, if it is the true one, at level alpha with
 * this power: the smallest n with (t_(1-α/2) + t_power)² ((s_a² + s_b²) / n + v) <= d², the quantiles
 * being those of Student's t for 2n - 2 degrees of freedom. v is what the test data add to the variance
 * of the difference however many seeds there are; 0 for a test on seeds alone. NaN with fewer than two
 * pairs or an infinite score, INFINITY when no number of seeds would do. */
double seeds_needed(const double *a, const double *b, size_t count, double v, double alpha,
                    double power);

/* How many times as much test data it would take, if the scores had no other variance than v: with it,
 * the difference d would be found at level alpha with this power. */
double data_needed(double d, double v, double alpha, double power);

#endif
