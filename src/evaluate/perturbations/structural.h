/* What the structural faults of TS-Fault share (Zhao et al. 2026): where they strike, shocks, and outages
 * whose probability changes from row to row. Numbers that depend on the severity are theirs. */
#ifndef EVALUATE_PERTURBATIONS_STRUCTURAL_H
#define EVALUATE_PERTURBATIONS_STRUCTURAL_H

#include "evaluate/perturbations/observed.h"

#include <gsl/gsl_randist.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics.h>
#include <string.h>

enum { PLACE_ROWS = 24, RECENT_ROWS = 10 };

/* Where a fault strikes: 24 rows, or half of a series that is shorter than twice that. */
static inline struct outage draw_place(const double *sensitivity, const struct series *series,
                                       gsl_rng *rng) {
    int half = (series->rows + 1) / 2, rows = half < PLACE_ROWS ? half : PLACE_ROWS;
    int first = draw_first(sensitivity, 0, series->rows - rows + 1, rows, rng);
    return (struct outage){.first = first, .end = first + rows};
}

/* The inputs that are hit, in random order: the first ones lead, the others follow. */
static inline int *draw_order(const struct dataset *dataset, const struct disturbance *disturbance,
                              gsl_rng *rng, struct arena *arena) {
    int count = hit_count(dataset, disturbance);
    int *order = ARENA_NEW(arena, int, count);
    for (int k = 0; k < count; k++)
        order[k] = hit_input(disturbance, k);
    if (disturbance->inputs == NULL) /* otherwise they were drawn one after the other */
        gsl_ran_shuffle(rng, order, (size_t)count, sizeof *order);
    return order;
}

/* One input in every row, [rows]. */
static inline double *input_values(const struct dataset *dataset, const struct series *series,
                                   int input, struct arena *arena) {
    double *values = ARENA_NEW(arena, double, series->rows);
    for (int t = 0; t < series->rows; t++)
        values[t] = (double)series->x[(size_t)t * (size_t)dataset->inputs + (size_t)input];
    return values;
}

/* Puts values [rows] where the input was observed, from a row on. */
static inline void set_values(const struct dataset *dataset, struct series *series, int input,
                              int first, const double *values) {
    for (int t = first; t < series->rows; t++) {
        real *x = observed_value(dataset, series, t, input);
        if (x != NULL)
            *x = (real)values[t];
    }
}

/* √(Σ (x - mean)² / n) */
static inline double population_deviation(const double *values, int count) {
    double mean = gsl_stats_mean(values, 1, (size_t)count);
    return gsl_stats_sd_with_fixed_mean(values, 1, (size_t)count, mean);
}

/* Of the ten rows up to one. */
static inline double recent_deviation(const double *values, int row) {
    int rows = row + 1 < RECENT_ROWS ? row + 1 : RECENT_ROWS;
    return population_deviation(values + row + 1 - rows, rows);
}

static inline double median_of(const double *values, int count, struct arena *arena) {
    size_t size = (size_t)count;
    double *sorted = memcpy(ARENA_NEW(arena, double, size), values, size * sizeof(double));
    gsl_sort(sorted, 1, size);
    return gsl_stats_median_from_sorted_data(sorted, 1, size);
}

static inline double logistic(double x) {
    return 1 / (1 + exp(-x));
}

/* ---- Shocks ---- */

enum shock_shape { SHOCK_IMPULSE, SHOCK_BURST, SHOCK_SHIFT, SHOCK_SHAPES };

/* A = 2 (0.3 + 1.7 s), in deviations of the rows that are struck */
static inline double shock_height(double severity) {
    return 2 * (0.3 + 1.7 * severity);
}

/* A shock of height 1 in row `i` of `rows`: up to `reach` rows beside the middle one; a Gaussian about that
 * one; all rows. */
static inline double shock_at(enum shock_shape shape, int reach, double width, int rows, int i) {
    int distance = abs(i - rows / 2);
    switch (shape) {
    case SHOCK_IMPULSE:
        return distance <= reach;
    case SHOCK_BURST:
        return exp(-0.5 * (distance / width) * (distance / width));
    default:
        return 1;
    }
}

/* ---- Outages ---- */

/* At each row from `first` (at least 1) on an outage begins with the probability chance[row]. It goes on
 * with probability `continues` after each row, and repeats the row before it, untold. */
static inline void lose_rows(const struct dataset *dataset, struct series *series, int input,
                             int first, const double *chance, double continues, gsl_rng *rng) {
    for (int t = first, end; t < series->rows; t = end) {
        end = t + 1;
        if (gsl_rng_uniform(rng) >= chance[t])
            continue;
        double more = log(gsl_rng_uniform_pos(rng)) / log(continues);
        end += (int)fmin(more, series->rows - end);
        hold_value(dataset, series, (struct outage){.first = t - 1, .end = end}, input);
    }
}

#endif
