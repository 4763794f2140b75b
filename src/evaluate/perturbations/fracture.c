#include "evaluate/perturbation.h"
#include "evaluate/perturbations/structural.h"

enum { MAX_LAG = 5 };
static const double BURST_WIDTH = 2.5;

/* Correlation of a[i] with b[i + lag], where both exist. */
static double correlation(const double *a, const double *b, int rows, int lag) {
    int count = rows - abs(lag);
    a += lag < 0 ? -lag : 0;
    b += lag > 0 ? lag : 0;
    if (count < 2 || population_deviation(a, count) == 0 || population_deviation(b, count) == 0)
        return 0;
    return gsl_stats_correlation(a, 1, b, 1, (size_t)count);
}

/* By how many rows an input follows the first one. */
static int natural_lag(const double *root, const double *follower, int rows) {
    int best = 0;
    double highest = -1;
    for (int lag = -MAX_LAG; lag <= MAX_LAG; lag++) {
        double found = fabs(correlation(root, follower, rows, lag));
        if (found > highest) {
            highest = found;
            best = lag;
        }
    }
    return best;
}

/* The first input that is hit has a shock in 24 rows. The others have it, too, but not as they would: with
 * a lag that is off by up to 1 + 5 s rows and a gain that is off by up to 0.3 + 2.7 s, from s = 0.6 on even
 * with the wrong sign. Lag and gain that they would have are those of the 24 rows: the lag of the largest
 * correlation, and the ratio of standard deviations. */
static void apply(const struct disturbance *disturbance, const struct dataset *dataset,
                  struct series *series, gsl_rng *rng) {
    double s = fmin(disturbance->severity, 1);
    if (s == 0 || hit_count(dataset, disturbance) == 0)
        return;
    struct arena *scratch = disturbance->scratch;
    const int *order = draw_order(dataset, disturbance, rng, scratch);
    struct outage place = draw_place(disturbance->sensitivity, series, rng);
    int rows = place.end - place.first, lags = (int)floor(1 + 5 * s + 1e-9);
    enum shock_shape shape = (enum shock_shape)gsl_rng_uniform_int(rng, SHOCK_SHAPES);
    const double *root = input_values(dataset, series, order[0], scratch) + place.first;
    double root_deviation = population_deviation(root, rows);
    double height = draw_sign(disturbance, rng) * shock_height(s) * root_deviation;
    for (int k = 0; k < hit_count(dataset, disturbance); k++) {
        double *values = input_values(dataset, series, order[k], scratch) + place.first;
        double gain = 1;
        int lag = 0;
        if (k > 0 && root_deviation > 0) {
            double ratio = population_deviation(values, rows) / root_deviation;
            lag = natural_lag(root, values, rows) - lags +
                  (int)gsl_rng_uniform_int(rng, 2 * (unsigned long)lags + 1);
            double error = (0.3 + 2.7 * s) * (2 * gsl_rng_uniform(rng) - 1);
            gain = ratio + error;
            if (s >= 0.6 - 1e-9 && fabs(error) > 0.8 * ratio)
                gain = -gain;
        }
        for (int i = 0; i < rows; i++) {
            int from = (int)fmin(fmax(i - lag, 0), rows - 1);
            real *x = observed_value(dataset, series, place.first + i, order[k]);
            if (x != NULL)
                *x += (real)(gain * height * shock_at(shape, 0, BURST_WIDTH, rows, from));
        }
    }
}

const struct perturbation_type perturbation_fracture = {
    .name = "fracture",
    .title = "Broken dependency between channels",
    .citation = "a shock of one input shows in the others too late, too large or reversed; Zhao et "
                "al. 2026 (TS-Fault)",
    .severity = "s, at most 1: lags are off by up to 1 + 5 s rows, gains by up to 0.3 + 2.7 s",
    .severities = {0.2, 0.4, 0.6, 0.8, 1},
    .has_place = true,
    .apply = apply,
};
