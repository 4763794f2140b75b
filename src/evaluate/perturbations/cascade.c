#include "evaluate/perturbation.h"
#include "evaluate/perturbations/structural.h"

/* A root that is clipped to the range that it has is as it was. */
enum root_fault { ROOT_DRIFTS, ROOT_QUANTISED, ROOT_STUCK, ROOT_CLIPPED, ROOT_FAULTS };
enum { KERNEL = 5 };

struct cascade {
    double severity;
    int rows, trigger; /* the row from which the roots fail */
    const int *roots;  /* [root_count] inputs */
    int root_count;
    double **error; /* [root_count][rows] of each root, in σ */
};

/* The row of the place where the roots are farthest from their medians. */
static int farthest_row(const struct cascade *cascade, struct outage place,
                        const struct dataset *dataset, const struct series *series,
                        struct arena *arena) {
    double *distance = ARENA_NEW(arena, double, cascade->rows);
    int farthest = place.first;
    for (int r = 0; r < cascade->root_count; r++) {
        const double *values = input_values(dataset, series, cascade->roots[r], arena);
        double median = median_of(values, cascade->rows, arena);
        double deviation = dataset->input_std[cascade->roots[r]];
        for (int t = place.first; t < place.end && deviation > 0; t++)
            distance[t] += fabs(values[t] - median) / deviation;
    }
    for (int t = place.first; t < place.end; t++)
        if (distance[t] > distance[farthest])
            farthest = t;
    return farthest;
}

/* From the trigger on a root drifts away, is rounded to a grid of half its deviation, is stuck, or is
 * clipped. */
static void fail_root(const struct cascade *cascade, int r, const struct disturbance *disturbance,
                      const struct dataset *dataset, struct series *series, gsl_rng *rng,
                      struct arena *arena) {
    int input = cascade->roots[r];
    double s = cascade->severity, deviation = dataset->input_std[input];
    double mean = dataset->input_mean[input];
    double *values = input_values(dataset, series, input, arena);
    double step = population_deviation(values, cascade->rows) / 2, stuck = values[cascade->trigger];
    enum root_fault kind = (enum root_fault)gsl_rng_uniform_int(rng, ROOT_FAULTS);
    double slope = kind == ROOT_DRIFTS ? draw_sign(disturbance, rng) * 0.15 * s : 0;
    for (int t = cascade->trigger; t < cascade->rows; t++) {
        double before = values[t];
        if (kind == ROOT_DRIFTS)
            values[t] += deviation * (0.6 * s + slope * (t - cascade->trigger));
        else if (kind == ROOT_STUCK)
            values[t] = stuck;
        else if (kind == ROOT_QUANTISED && step > 0)
            values[t] = mean + step * rint((before - mean) / step);
        cascade->error[r][t] = deviation > 0 ? (values[t] - before) / deviation : 0;
    }
    set_values(dataset, series, input, cascade->trigger, values);
}

/* Adds what reaches a follower of a root's error, late and spread over five rows; returns the delay. */
static int pass_on(const struct cascade *cascade, int r, double *reached, gsl_rng *rng) {
    double s = cascade->severity, low = 0.2 + 0.4 * s, high = 0.6 + 1.8 * s;
    double gain = low + (high - low) * gsl_rng_uniform(rng), kernel[KERNEL], sum = 0;
    int delay = 1 + (int)gsl_rng_uniform_int(rng, (unsigned long)floor(2 + 8 * s + 1e-9));
    double decay = 2 + 4 * gsl_rng_uniform(rng);
    for (int l = 0; l < KERNEL; l++)
        sum += kernel[l] = exp(-l / decay);
    for (int t = cascade->trigger + delay; t < cascade->rows; t++)
        for (int l = 0; l < KERNEL && t - delay - l >= cascade->trigger; l++)
            reached[t] += gain * kernel[l] / sum * cascade->error[r][t - delay - l];
    return delay;
}

/* A follower takes over the roots' errors; then it has outages, the more the larger they are. */
static void fail_follower(const struct cascade *cascade, int input, const struct dataset *dataset,
                          struct series *series, gsl_rng *rng, struct arena *arena) {
    double s = cascade->severity, largest = 0;
    double *reached = ARENA_NEW(arena, double, cascade->rows); /* in σ */
    double *chance = ARENA_NEW(arena, double, cascade->rows);
    double *values = input_values(dataset, series, input, arena);
    int first = cascade->rows;
    for (int r = 0; r < cascade->root_count; r++)
        first = (int)fmin(first, cascade->trigger + pass_on(cascade, r, reached, rng));
    for (int t = first; t < cascade->rows; t++) {
        values[t] += dataset->input_std[input] * reached[t];
        largest = fmax(largest, fabs(reached[t]));
    }
    set_values(dataset, series, input, 0, values);
    double whole = population_deviation(values, cascade->rows);
    for (int t = first; t < cascade->rows; t++)
        chance[t] =
            logistic(0.2 + (largest > 0 ? (0.45 + 2.55 * s) * fabs(reached[t]) / largest : 0) +
                     (whole > 0 ? 0.8 * recent_deviation(values, t) / whole : 0));
    lose_rows(dataset, series, input, first, chance, 0.3 + 0.4 * s, rng);
}

/* Of n inputs that are hit the first (n - 1) / 2, at least one, fail from a random row on. Their errors reach
 * the others 1 to 2 + 8 s rows later, 0.2 + 0.4 s to 0.6 + 1.8 s times as large; those then lose rows, too,
 * and repeat what was before, untold. */
static void apply(const struct disturbance *disturbance, const struct dataset *dataset,
                  struct series *series, gsl_rng *rng) {
    int hit = hit_count(dataset, disturbance);
    if (disturbance->severity == 0 || hit == 0)
        return;
    struct arena *scratch = disturbance->scratch;
    const int *order = draw_order(dataset, disturbance, rng, scratch);
    struct cascade cascade = {.severity = fmin(disturbance->severity, 1),
                              .rows = series->rows,
                              .roots = order,
                              .root_count = hit > 4 ? (hit - 1) / 2 : 1};
    cascade.trigger =
        farthest_row(&cascade, draw_place(NULL, series, rng), dataset, series, scratch);
    cascade.error = ARENA_NEW(scratch, double *, cascade.root_count);
    for (int r = 0; r < cascade.root_count; r++) {
        cascade.error[r] = ARENA_NEW(scratch, double, cascade.rows);
        fail_root(&cascade, r, disturbance, dataset, series, rng, scratch);
    }
    for (int k = cascade.root_count; k < hit; k++)
        fail_follower(&cascade, order[k], dataset, series, rng, scratch);
}

const struct perturbation_type perturbation_cascade = {
    .name = "cascade",
    .title = "Cascading sensor failure",
    .citation = "some inputs fail, and others follow them later; Zhao et al. 2026 (TS-Fault)",
    .severity =
        "s, at most 1: the followers get 0.2 + 0.4 s to 0.6 + 1.8 s of the error, up to 2 + "
        "8 s rows later",
    .severities = {0.2, 0.4, 0.6, 0.8, 1},
    .apply = apply,
};
