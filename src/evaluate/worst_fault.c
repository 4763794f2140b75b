#include "evaluate/worst_fault.h"

#include "evaluate/robustness.h"
#include "math/random.h"

#include <gsl/gsl_sort_double.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>

enum { SAMPLES = 1000 };

/* ---- Blocks ---- */

static double known_truths(const struct predictions *predictions, size_t step) {
    int width = predictions->dataset->width, known = 0;
    for (int k = 0; k < width; k++)
        known += !isnan(predictions->truth[step * (size_t)width + (size_t)k]);
    return known;
}

struct test_blocks test_blocks_of(const struct predictions *predictions, struct arena *arena) {
    const struct dataset *dataset = predictions->dataset;
    int rows = dataset->window + (dataset->task == TASK_FORECAST ? dataset->horizon : 0);
    size_t steps = predictions->count;
    int window = 0, block = 0; /* the first rows of these */
    struct test_blocks blocks = {
        .ends = ARENA_NEW(arena, size_t, steps),
        .weights = ARENA_NEW(arena, double, steps),
    };
    for (size_t i = 0; i < steps; i++) {
        int row = predictions->row[i];
        bool is_new_series = i == 0 || predictions->series[i] != predictions->series[i - 1];
        if (is_new_series || dataset->last_only || row != predictions->row[i - 1] + 1 ||
            row - window >= dataset->window)
            window = row;
        if (is_new_series || window < block || window - block >= rows) {
            blocks.count++;
            block = window;
        }
        blocks.ends[blocks.count - 1] = i + 1;
        blocks.weights[blocks.count - 1] += known_truths(predictions, i);
    }
    return blocks;
}

void add_block_errors(const struct predictions *predictions, const struct test_blocks *blocks,
                      const struct metric_type *metric, double share, double *errors) {
    const struct dataset *dataset = predictions->dataset;
    for (size_t b = 0; b < blocks->count; b++) {
        size_t first = b > 0 ? blocks->ends[b - 1] : 0;
        struct predictions part = *predictions;
        part.output += first * (size_t)dataset->outputs;
        part.truth += first * (size_t)dataset->width;
        part.series += first;
        part.row += first;
        part.count = blocks->ends[b] - first;
        double error = score_error(metric->score(&part), metric->higher_is_better);
        errors[b] += share * (isfinite(error) ? error : INFINITY);
    }
}

/* ---- The worst ---- */

/* `times` [blocks]: how often each is in the sample. */
static double mean_error_of(const struct test_blocks *blocks, const double *errors,
                            const double *times) {
    double sum = 0, weight = 0;
    for (size_t b = 0; b < blocks->count; b++) {
        double share = times[b] * blocks->weights[b];
        if (share > 0) {
            sum += share * errors[b];
            weight += share;
        }
    }
    return sum / weight;
}

static double worst_ratio(const struct test_blocks *blocks, const double *clean,
                          const double *const *faulted, size_t faults, const double *times,
                          size_t *which) {
    double worst = NAN, error = mean_error_of(blocks, clean, times);
    if (isinf(error))
        return INFINITY;
    for (size_t f = 0; f < faults && error > 0; f++) {
        double ratio = mean_error_of(blocks, faulted[f], times) / error;
        if (isnan(ratio) || ratio <= worst)
            continue;
        worst = ratio;
        *which = f;
    }
    return worst;
}

struct worst_fault worst_fault_of(const struct test_blocks *blocks, const double *clean,
                                  const double *const *faulted, size_t faults, uint64_t seed) {
    struct arena scratch = {0};
    size_t which = 0;
    double *times = ARENA_NEW(&scratch, double, blocks->count);
    double *ratios = ARENA_NEW(&scratch, double, SAMPLES);
    for (size_t b = 0; b < blocks->count; b++)
        times[b] = 1;
    struct worst_fault worst = {.low = NAN, .high = NAN};
    worst.ratio = worst_ratio(blocks, clean, faulted, faults, times, &worst.which);
    bool finite = blocks->count >= MIN_BLOCKS && isfinite(worst.ratio);
    gsl_rng *rng = random_stream(seed, "bootstrap of the worst fault");
    for (size_t i = 0; i < SAMPLES && finite; i++) {
        for (size_t b = 0; b < blocks->count; b++)
            times[b] = 0;
        for (size_t b = 0; b < blocks->count; b++)
            times[gsl_rng_uniform_int(rng, blocks->count)]++;
        ratios[i] = worst_ratio(blocks, clean, faulted, faults, times, &which);
        finite = isfinite(ratios[i]);
    }
    if (finite) {
        gsl_sort(ratios, 1, SAMPLES);
        worst.low = gsl_stats_quantile_from_sorted_data(ratios, 1, SAMPLES, 0.025);
        worst.high = gsl_stats_quantile_from_sorted_data(ratios, 1, SAMPLES, 0.975);
    }
    gsl_rng_free(rng);
    arena_free(&scratch);
    return worst;
}
