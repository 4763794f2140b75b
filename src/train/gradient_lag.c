#include "train/gradient_lag.h"

#include "data/pipeline/batch.h"
#include "train/segment.h"

#include <math.h>
#include <string.h>

static size_t count_windows(const struct split *split, int rows) {
    size_t count = 0;
    for (size_t i = 0; i < split->window_count; i++)
        count += split->windows[i].length >= rows;
    return count;
}

bool gradient_lag_check(const struct network *network, const struct dataset *dataset, int lags,
                        struct error *error) {
    if (network->normalization.kind != 0)
        return error_set(error, "gradients by lag pass through no normalization of windows; leave "
                                "task.normalize or the lags out");
    return count_windows(&dataset->test, lags) > 0 ||
           error_set(error, "%d lags do not fit into the longest test window, which has %d rows",
                     lags, dataset->window);
}

/* Evenly spaced ones; returns how many. */
static int choose_windows(const struct split *split, int rows, struct window *chosen) {
    size_t fit = count_windows(split, rows), seen = 0;
    size_t max = fit < GRADIENT_SEQUENCES ? fit : GRADIENT_SEQUENCES, count = 0;
    for (size_t i = 0; i < split->window_count && count < max; i++)
        if (split->windows[i].length >= rows && seen++ == count * fit / max)
            chosen[count++] = split->windows[i];
    return (int)count;
}

/* All that the passes work with. */
struct lag_work {
    const struct network *network;
    const real *params;
    struct batch batch;
    int width; /* numbers that the first cell reads in a row */
    real *out, *out_gradient, *x_gradient, *params_gradient, *workspace;
};

/* squares [B][lags] += Σ_i (∂ out_T,o / ∂ x_(T−k),i)² */
static void add_output(struct lag_work *work, const struct window *windows, int output, int lags,
                       double *squares) {
    const struct network *network = work->network;
    const struct batch *batch = &work->batch;
    size_t B = (size_t)batch->size, O = (size_t)network->outputs, I = (size_t)work->width;
    struct sequence sequence = segment_of(batch, network->inputs, 0, batch->steps);
    memset(work->out_gradient, 0, (size_t)batch->steps * B * O * sizeof(real));
    for (size_t b = 0; b < B; b++)
        work->out_gradient[((size_t)(windows[b].length - 1) * B + b) * O + (size_t)output] = 1;
    network_forward(network, work->params, &sequence, PHASE_TRAIN, work->out, NULL,
                    work->workspace);
    const struct network_gradient gradient = {
        .out = work->out_gradient, .params = work->params_gradient, .x = work->x_gradient};
    network_backward(network, work->params, &sequence, &gradient, work->workspace);
    for (size_t b = 0; b < B; b++)
        for (int k = 0; k < lags; k++) {
            const real *x =
                work->x_gradient + ((size_t)(windows[b].length - 1 - k) * B + b) * I; /* [I] */
            for (size_t i = 0; i < I; i++)
                squares[b * (size_t)lags + (size_t)k] += (double)x[i] * (double)x[i];
        }
}

static void summarize_norms(struct gradient_lag *result) {
    int peak = 0;
    for (int k = 1; k < result->lags; k++)
        if (!(result->norm[k] <= result->norm[peak])) /* or not finite */
            peak = k;
    result->largest = result->norm[peak];
    result->growth = result->largest / result->norm[0];
    int lag = peak + 1;
    while (lag < result->lags && !(result->norm[lag] <= 0.01 * result->largest))
        lag++;
    result->lag_1pct = lag;
}

struct gradient_lag gradient_lag_measure(const struct network *network,
                                         const struct dataset *dataset, const real *params,
                                         int lags, struct arena *arena) {
    struct gradient_lag result = {.lags = lags, .norm = ARENA_NEW(arena, double, lags)};
    struct arena scratch = {0};
    struct window windows[GRADIENT_SEQUENCES];
    struct split split = dataset->test;
    int count = choose_windows(&split, lags, windows);
    split.windows = windows;
    split.window_count = (size_t)count;
    struct lag_work work = {.network = network,
                            .params = params,
                            .batch = batch_new(dataset, count, &scratch),
                            .width = network->cells[0].inputs};
    batch_fill(&work.batch, dataset, &split, NULL, 0, count);
    size_t rows = (size_t)work.batch.steps * (size_t)count, outputs = (size_t)network->outputs;
    work.out = ARENA_NEW(&scratch, real, rows * outputs);
    work.out_gradient = ARENA_NEW(&scratch, real, rows * outputs);
    work.x_gradient = ARENA_NEW(&scratch, real, rows * (size_t)work.width);
    work.params_gradient = ARENA_NEW(&scratch, real, network->params.size);
    work.workspace =
        ARENA_NEW(&scratch, real, network_workspace(network, work.batch.steps, count, PHASE_TRAIN));
    double *squares = ARENA_NEW(&scratch, double, (size_t)count *(size_t)lags);
    for (int o = 0; o < network->outputs; o++)
        add_output(&work, windows, o, lags, squares);
    for (int b = 0; b < count; b++)
        for (int k = 0; k < lags; k++)
            result.norm[k] += sqrt(squares[b * lags + k]) / count;
    arena_free(&scratch);
    summarize_norms(&result);
    return result;
}
