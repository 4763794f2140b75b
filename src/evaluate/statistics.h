/* Statistics of one sample: the scores of a model over seeds. Comparisons between models are in
 * significance.h, between many models over many data sets in ranking.h.
 *
 * A model whose predictions are not finite has no number for a score, but it has earned the worst
 * one: worst_score(), an infinity. An infinite value is therefore a value like any other, worse than
 * all finite ones, and what is computed from it is infinite, too. NaN means that there is no score:
 * the trial did not finish, or the metric is undefined there. NaN values are left out everywhere. */
#ifndef EVALUATE_STATISTICS_H
#define EVALUATE_STATISTICS_H

#include <stdbool.h>
#include <stddef.h>

/* What a score counts as that is not finite: infinite error. */
double worst_score(bool higher_is_better);

struct summary {
    size_t count;           /* values, without NaN */
    size_t not_finite;      /* of these infinite */
    double mean, deviation; /* sample standard deviation; 0 for a single value, NaN for infinite */
    double min, max;
};

/* Without any value the numbers are NaN. */
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
 * Equal values give an interval of width 0; fewer than two values, or an infinite one, none, that is
 * NaN. */
struct interval bootstrap_interval(const double *values, size_t count);

enum { MIN_BOOTSTRAP = 10 };

/* 95 % confidence interval of the mean, however few the values: bootstrap_interval() of
 * MIN_BOOTSTRAP or more; of fewer, where that covers the mean too rarely and ends at the extremes,
 * Student's t: mean ± t(0.975, n - 1) s / √n. NaN where bootstrap_interval() is. */
struct interval mean_interval(const double *values, size_t count);

#endif
