#include "evaluate/change_point.h"

#include "base/arena.h"
#include "math/random.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdbool.h>

enum { MIN_VALUES = 4, AS_LARGE = 20, DRAWS = 99999 };

/* The values that are there, with their positions. */
static size_t present(const double *values, size_t count, double *kept, size_t *positions) {
    size_t n = 0;
    for (size_t i = 0; i < count; i++)
        if (isfinite(values[i])) {
            positions[n] = i;
            kept[n++] = values[i];
        }
    return n;
}

/* t² grows with the share of the sum of squares that a split explains, n1 n2 / n (m1 - m2)² / total: the
 * largest such share, and the split's first value on the right. Values have mean 0. */
static double largest_share(const double *centred, size_t n, double total, size_t *at) {
    double left = 0, largest = -1;
    for (size_t k = 1; k + 2 <= n; k++) {
        left += centred[k - 1];
        double share = left * left * (double)n / ((double)k * (double)(n - k)) / total;
        if (k >= 2 && share > largest) {
            largest = share;
            *at = k;
        }
    }
    return largest;
}

/* Share of random orders whose largest share is as large. */
static double order_p(double *centred, size_t n, double total, double largest) {
    gsl_rng *rng = random_stream(0, "change point");
    size_t as_large = 0, draws = 0, ignored;
    while (draws < DRAWS && as_large < AS_LARGE) {
        gsl_ran_shuffle(rng, centred, n, sizeof *centred);
        as_large += largest_share(centred, n, total, &ignored) >= largest * (1 - 1e-12);
        draws++;
    }
    gsl_rng_free(rng);
    return as_large == AS_LARGE ? (double)as_large / (double)draws
                                : (1 + (double)as_large) / (1 + (double)draws);
}

struct change_point find_step(const double *values, size_t count) {
    struct arena scratch = {0};
    double *kept = ARENA_NEW(&scratch, double, count + 1);
    size_t *positions = ARENA_NEW(&scratch, size_t, count + 1);
    size_t n = present(values, count, kept, positions), at = 0;
    struct change_point step = {.before = NAN, .after = NAN, .p = NAN};
    if (n >= MIN_VALUES) {
        double mean = gsl_stats_mean(kept, 1, n), total = 0;
        for (size_t i = 0; i < n; i++) {
            kept[i] -= mean;
            total += kept[i] * kept[i];
        }
        bool constant = gsl_stats_max(kept, 1, n) == gsl_stats_min(kept, 1, n);
        double largest = constant ? 0 : largest_share(kept, n, total, &at);
        step.at = positions[at];
        step.before = mean + (at > 0 ? gsl_stats_mean(kept, 1, at) : 0);
        step.after = mean + gsl_stats_mean(kept + at, 1, n - at);
        step.p = constant ? 1 : order_p(kept, n, total, largest);
    }
    arena_free(&scratch);
    return step;
}

/* Σ t (t - 1) (2 t + 5) over groups of t equal values. */
static double tie_correction(const double *sorted, size_t n) {
    double correction = 0;
    for (size_t i = 0, end; i < n; i = end) {
        for (end = i + 1; end < n && sorted[end] == sorted[i];)
            end++;
        double t = (double)(end - i);
        correction += t * (t - 1) * (2 * t + 5);
    }
    return correction;
}

struct drift find_drift(const double *values, size_t count) {
    struct arena scratch = {0};
    double *kept = ARENA_NEW(&scratch, double, count + 1);
    double *slopes = ARENA_NEW(&scratch, double, count *count / 2 + 1);
    size_t *positions = ARENA_NEW(&scratch, size_t, count + 1);
    size_t n = present(values, count, kept, positions);
    struct drift drift = {.slope = NAN, .p = NAN};
    if (n >= MIN_VALUES) {
        double balance = 0, m = (double)n;
        size_t pairs = 0;
        for (size_t i = 0; i < n; i++)
            for (size_t j = i + 1; j < n; j++) {
                balance += (kept[j] > kept[i]) - (kept[j] < kept[i]);
                slopes[pairs++] = (kept[j] - kept[i]) / (double)(positions[j] - positions[i]);
            }
        gsl_sort(slopes, 1, pairs);
        gsl_sort(kept, 1, n);
        drift.slope = gsl_stats_median_from_sorted_data(slopes, 1, pairs);
        double variance = (m * (m - 1) * (2 * m + 5) - tie_correction(kept, n)) / 18;
        double z = fmax(0, fabs(balance) - 1) / sqrt(variance);
        drift.p = balance == 0 ? 1 : fmin(1, 2 * gsl_cdf_ugaussian_Q(z));
    }
    arena_free(&scratch);
    return drift;
}

double step_residual(const double *values, size_t count, const struct change_point *step) {
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        if (isfinite(values[i])) {
            double rest = values[i] - (i < step->at ? step->before : step->after);
            sum += rest * rest;
        }
    return sum;
}

double drift_residual(const double *values, size_t count, const struct drift *drift) {
    double sum = 0, squares = 0, n = 0;
    for (size_t i = 0; i < count; i++)
        if (isfinite(values[i])) {
            double rest = values[i] - drift->slope * (double)i;
            sum += rest;
            squares += rest * rest;
            n++;
        }
    return squares - sum * sum / n;
}
