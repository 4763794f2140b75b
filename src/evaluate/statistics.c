#include "evaluate/statistics.h"

#include "base/arena.h"
#include "math/random.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sort_double.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>

double worst_score(bool higher_is_better) {
    return higher_is_better ? -INFINITY : INFINITY;
}

/* Those that are there, in ascending order. */
static double *sorted_values(const double *values, size_t count, size_t *left,
                             struct arena *arena) {
    double *sorted = ARENA_NEW(arena, double, count);
    *left = 0;
    for (size_t i = 0; i < count; i++)
        if (!isnan(values[i]))
            sorted[(*left)++] = values[i];
    gsl_sort(sorted, 1, *left);
    return sorted;
}

/* With an infinite value the mean is infinite; GSL's recurrence would make NaN of it. */
static double mean_of_sorted(const double *sorted, size_t count) {
    if (isinf(sorted[0]) || isinf(sorted[count - 1]))
        return sorted[0] + sorted[count - 1];
    return gsl_stats_mean(sorted, 1, count);
}

struct summary summarize(const double *values, size_t count) {
    struct summary summary = {.mean = NAN, .deviation = NAN, .min = NAN, .max = NAN};
    struct arena scratch = {0};
    double *sorted = sorted_values(values, count, &summary.count, &scratch);
    for (size_t i = 0; i < summary.count; i++)
        summary.not_finite += isinf(sorted[i]) != 0;
    if (summary.count > 0) {
        summary.mean = mean_of_sorted(sorted, summary.count);
        summary.deviation = summary.not_finite > 0 ? NAN
                            : summary.count > 1    ? gsl_stats_sd(sorted, 1, summary.count)
                                                   : 0;
        summary.min = sorted[0];
        summary.max = sorted[summary.count - 1];
    }
    arena_free(&scratch);
    return summary;
}

double interquartile_mean(const double *values, size_t count) {
    struct arena scratch = {0};
    size_t left;
    const double *sorted = sorted_values(values, count, &left, &scratch);
    size_t cut = left / 4;
    double mean = left == 0 ? NAN : mean_of_sorted(sorted + cut, left - 2 * cut);
    arena_free(&scratch);
    return mean;
}

/* --- bootstrap -------------------------------------------------------------------------------- */

/* Means of samples drawn with replacement, in ascending order. */
static void bootstrap_means(const double *values, size_t count, double *means) {
    gsl_rng *rng = random_stream(0, "bootstrap");
    for (size_t b = 0; b < BOOTSTRAP_SAMPLES; b++) {
        double sum = 0;
        for (size_t i = 0; i < count; i++)
            sum += values[gsl_rng_uniform_int(rng, count)];
        means[b] = sum / (double)count;
    }
    gsl_rng_free(rng);
    gsl_sort(means, 1, BOOTSTRAP_SAMPLES);
}

/* Efron's z0: the normal quantile of the share of means below the observed one, equal ones counting
 * half. */
static double bias_correction(const double *means, double observed) {
    size_t below = 0, equal = 0;
    for (size_t b = 0; b < BOOTSTRAP_SAMPLES; b++) {
        below += means[b] < observed;
        equal += means[b] == observed;
    }
    return gsl_cdf_ugaussian_Pinv(((double)below + 0.5 * (double)equal) / BOOTSTRAP_SAMPLES);
}

/* Efron's a, from the jackknife: leaving out value i moves the mean by (mean - value) / (n - 1), so
 * that a = Σ (value - mean)³ / (6 (Σ (value - mean)²)^(3/2)). */
static double acceleration(const double *values, size_t count, double mean) {
    double squares = 0, cubes = 0;
    for (size_t i = 0; i < count; i++) {
        double difference = values[i] - mean;
        squares += difference * difference;
        cubes += difference * difference * difference;
    }
    return cubes / (6 * pow(squares, 1.5));
}

/* Where the bound for the plain quantile z is among the means. */
static double corrected_bound(const double *means, double z, double bias, double curvature) {
    double shifted = bias + z;
    double share = gsl_cdf_ugaussian_P(bias + shifted / (1 - curvature * shifted));
    return gsl_stats_quantile_from_sorted_data(means, 1, BOOTSTRAP_SAMPLES, share);
}

struct interval bootstrap_interval(const double *values, size_t count) {
    struct interval interval = {NAN, NAN};
    struct arena scratch = {0};
    size_t left;
    double *sorted = sorted_values(values, count, &left, &scratch);
    bool finite = left >= 2 && isfinite(sorted[0]) && isfinite(sorted[left - 1]);
    if (finite && sorted[0] == sorted[left - 1]) {
        interval = (struct interval){sorted[0], sorted[0]};
    } else if (finite) {
        /* In units of the largest magnitude, so that no sum or cube overflows or vanishes. */
        double scale = fmax(fabs(sorted[0]), fabs(sorted[left - 1]));
        for (size_t i = 0; i < left; i++)
            sorted[i] /= scale;
        double *means = ARENA_NEW(&scratch, double, BOOTSTRAP_SAMPLES);
        bootstrap_means(sorted, left, means);
        double mean = gsl_stats_mean(sorted, 1, left), z = gsl_cdf_ugaussian_Pinv(0.975);
        double bias = bias_correction(means, mean), a = acceleration(sorted, left, mean);
        interval.low = scale * corrected_bound(means, -z, bias, a);
        interval.high = scale * corrected_bound(means, z, bias, a);
    }
    arena_free(&scratch);
    return interval;
}

struct interval mean_interval(const double *values, size_t count) {
    struct summary summary = summarize(values, count);
    if (summary.count >= MIN_BOOTSTRAP)
        return bootstrap_interval(values, count);
    if (summary.count < 2 || summary.not_finite > 0)
        return (struct interval){NAN, NAN};
    double n = (double)summary.count;
    double half = gsl_cdf_tdist_Pinv(0.975, n - 1) * summary.deviation / sqrt(n);
    if (!isfinite(half))
        return (struct interval){NAN, NAN};
    return (struct interval){summary.mean - half, summary.mean + half};
}
