#include "evaluate/sensitivity.h"

#include "evaluate/perturbations/observed.h"
#include "evaluate/score.h"

#include <gsl/gsl_math.h>
#include <gsl/gsl_statistics_double.h>

enum { PARTS = 16 };

/* Of the longest window. */
static int part_rows(const struct dataset *dataset) {
    return (dataset->window + PARTS - 1) / PARTS;
}

/* Its rows in one window. */
static struct outage part_of(const struct dataset *dataset, const struct series *window, int part) {
    int rows = part_rows(dataset), first = part * rows, end = first + rows;
    return (struct outage){.first = first, .end = end < window->rows ? end : window->rows};
}

/* Puts the median of each input's observed values in the place of those in the part. `values` is room for
 * [rows]. */
static void silence(const struct dataset *dataset, struct series *window, struct outage part,
                    double *values) {
    for (int i = 0; i < value_inputs(dataset); i++) {
        size_t count = 0;
        for (int t = 0; t < window->rows; t++) {
            const real *x = observed_value(dataset, window, t, i);
            if (x != NULL)
                values[count++] = (double)*x;
        }
        double median = count > 0 ? gsl_stats_median(values, 1, count) : 0;
        for (int t = part.first; t < part.end; t++) {
            real *x = observed_value(dataset, window, t, i);
            if (x != NULL)
                *x = (real)median;
        }
    }
}

/* Adds to the part's rows how much the predictions of their windows change without it. */
static void ask_without(int part, const struct predictor *predictor, const struct dataset *dataset,
                        const struct split *split, const struct predictions *clean,
                        double **sensitivity) {
    struct arena scratch = {0};
    struct split silent = split_cut(split, dataset, &scratch);
    double *values = ARENA_NEW(&scratch, double, dataset->window);
    for (int w = 0; w < silent.series_count; w++)
        silence(dataset, &silent.series[w], part_of(dataset, &silent.series[w], part), values);
    struct predictions predictions = predict_split(predictor, dataset, &silent, false, &scratch);
    for (size_t n = 0; n < predictions.count; n++) {
        size_t outputs = (size_t)dataset->outputs,
               w = (size_t)(predictions.series[n] - silent.series);
        struct outage rows = part_of(dataset, &silent.series[w], part);
        double change = 0;
        for (size_t o = n * outputs; o < (n + 1) * outputs; o++)
            change += gsl_pow_2(predictions.output[o] - clean->output[o]);
        for (int t = rows.first; t < rows.end; t++)
            sensitivity[w][t] += change / (rows.end - rows.first);
    }
    arena_free(&scratch);
}

const double *const *window_sensitivity(const struct predictor *predictor,
                                        const struct dataset *dataset, const struct split *split,
                                        struct arena *arena) {
    struct arena scratch = {0};
    double **sensitivity = ARENA_NEW(arena, double *, split->window_count);
    for (size_t w = 0; w < split->window_count; w++)
        sensitivity[w] = ARENA_NEW(arena, double, split->windows[w].length);
    struct predictions clean = predict_split(predictor, dataset, split, false, &scratch);
    for (int part = 0; part * part_rows(dataset) < dataset->window; part++)
        ask_without(part, predictor, dataset, split, &clean, sensitivity);
    arena_free(&scratch);
    return (const double *const *)sensitivity;
}
