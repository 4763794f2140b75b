#include "evaluate/perturbation.h"
#include "evaluate/perturbations/structural.h"

enum { MARGIN = 10, MAX_PERIOD = 512 };

/* How far a peak of values [count] rises above the higher of the valleys on its two sides. */
static double prominence(const double *values, int count, int peak) {
    double left = values[peak], right = values[peak];
    for (int i = peak - 1; i >= 0 && values[i] <= values[peak]; i--)
        left = fmin(left, values[i]);
    for (int i = peak + 1; i < count && values[i] <= values[peak]; i++)
        right = fmin(right, values[i]);
    return values[peak] - fmax(left, right);
}

/* The first peak of the autocorrelation, of lags 2 ... L / 2 - 1; else a quarter of the rows. */
static int dominant_period(const double *x, int rows, struct arena *arena) {
    int last = (int)fmin(rows / 2 - 1, MAX_PERIOD), none = (int)fmax(4, rows / 4);
    double mean = gsl_stats_mean(x, 1, (size_t)rows), total = 0;
    for (int t = 0; t < rows; t++)
        total += (x[t] - mean) * (x[t] - mean);
    if (last < 4 || total == 0)
        return none;
    int count = last - 1;
    double *of_lag = ARENA_NEW(arena, double, count); /* of_lag[k]: lag k + 2 */
    for (int k = 0; k < count; k++)
        for (int t = k + 2; t < rows; t++)
            of_lag[k] += (x[t] - mean) * (x[t - k - 2] - mean) / total;
    for (int k = 1; k < count - 1; k++)
        if (of_lag[k] > of_lag[k - 1] && of_lag[k] > of_lag[k + 1] && of_lag[k] >= 0.05 &&
            prominence(of_lag, count, k) >= 0.03)
            return k + 2;
    return none;
}

struct decomposition {
    double *trend, *season, *rest; /* [L], their sum is the series */
};

/* A moving average of `period` rows (at the ends, of those that there are), the mean of what is left at each
 * phase of the period, and the rest. */
static struct decomposition decompose(const double *x, int rows, int period, struct arena *arena) {
    struct decomposition parts = {ARENA_NEW(arena, double, rows), ARENA_NEW(arena, double, rows),
                                  ARENA_NEW(arena, double, rows)};
    double *sum = ARENA_NEW(arena, double, rows + 1); /* of the rows before */
    for (int t = 0; t < rows; t++)
        sum[t + 1] = sum[t] + x[t];
    for (int t = 0; t < rows; t++) {
        int first = (int)fmax(t - period / 2, 0);
        int end = (int)fmin(t - period / 2 + period, rows);
        parts.trend[t] = (sum[end] - sum[first]) / (end - first);
    }
    for (int phase = 0; phase < period && phase < rows; phase++) {
        double total = 0;
        int count = 0;
        for (int t = phase; t < rows; t += period, count++)
            total += x[t] - parts.trend[t];
        for (int t = phase; t < rows; t += period)
            parts.season[t] = total / count;
    }
    for (int t = 0; t < rows; t++)
        parts.rest[t] = x[t] - parts.trend[t] - parts.season[t];
    return parts;
}

/* From row `change` on: another level, a slope, more season and more noise. */
static double *other_regime(const double *x, int rows, int change, double s, double deviation,
                            struct arena *arena) {
    struct decomposition parts = decompose(x, rows, dominant_period(x, rows, arena), arena);
    double *z = ARENA_NEW(arena, double, rows);
    memcpy(z, x, (size_t)rows * sizeof(double));
    for (int t = change; t < rows; t++)
        z[t] = parts.trend[t] + deviation * (2 * s + 0.15 * s * (t - change)) +
               (1 + 0.75 * s) * parts.season[t] + (1 + 0.5 * s) * parts.rest[t];
    return z;
}

/* Outages are likely about the change, where values vary most, and where they are unusual. */
static double *outage_chances(const double *z, int rows, int change, double s,
                              struct arena *arena) {
    double *chance = ARENA_NEW(arena, double, rows), widest = 0;
    double *rest = decompose(z, rows, (int)fmax(rows / 8, 1), arena).rest;
    double *distance = ARENA_NEW(arena, double, rows), centre = median_of(rest, rows, arena);
    for (int t = 0; t < rows; t++) {
        widest = fmax(widest, recent_deviation(z, t));
        distance[t] = fabs(rest[t] - centre);
    }
    double usual = median_of(distance, rows, arena);
    for (int t = 0; t < rows; t++) {
        double after = logistic((t - change) / 5.0);
        chance[t] = logistic(-3 + 3.5 * s + (1.25 + 3.75 * s) * 4 * after * (1 - after) +
                             (widest > 0 ? recent_deviation(z, t) / widest : 0) +
                             (usual > 0 ? 0.8 * tanh(fabs(rest[t]) / usual) : 0));
    }
    return chance;
}

/* The system changes at a random row: level and slope jump by 2 s and 0.15 s σ, season and noise grow by
 * 0.75 s and 0.5 s, blended in by a logistic gate 5 - 4.25 s rows wide. Rows are then lost in
 * outages, most of them at the change, and repeat what was before, untold; each input by itself. */
static void apply(const struct disturbance *disturbance, const struct dataset *dataset,
                  struct series *series, gsl_rng *rng) {
    double s = fmin(disturbance->severity, 1);
    int rows = series->rows, margin = (int)fmin(MARGIN, (rows - 1) / 2);
    if (s == 0 || rows < 2)
        return;
    struct arena *scratch = disturbance->scratch;
    int change = margin + (int)gsl_rng_uniform_int(rng, (unsigned long)(rows - 2 * margin));
    for (int k = 0; k < hit_count(dataset, disturbance); k++) {
        int i = hit_input(disturbance, k);
        double *x = input_values(dataset, series, i, scratch);
        const double *z = other_regime(x, rows, change, s, dataset->input_std[i], scratch);
        const double *chance = outage_chances(z, rows, change, s, scratch);
        for (int t = 0; t < rows; t++)
            x[t] += logistic((t - change) / (5 - 4.25 * s)) * (z[t] - x[t]);
        set_values(dataset, series, i, 0, x);
        lose_rows(dataset, series, i, 1, chance, 0.3 + 0.5 * s, rng);
    }
}

const struct perturbation_type perturbation_regime = {
    .name = "regime",
    .title = "Regime switch with missing rows",
    .citation = "level, slope, season and noise change for good, and rows are lost; Zhao et al. "
                "2026 (TS-Fault)",
    .severity = "s, at most 1: the level changes by 2 s and the slope by 0.15 s a row, in standard "
                "deviations of each input in training",
    .severities = {0.2, 0.4, 0.6, 0.8, 1},
    .apply = apply,
};
