#include "experiment/trial/throughput.h"

#include "base/clock.h"
#include "math/matmul.h"
#include "math/random.h"
#include "train/training_step.h"

#include <gsl/gsl_randist.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <string.h>

static real *normal_numbers(struct arena *arena, size_t count) {
    real *numbers = ARENA_NEW(arena, real, count);
    gsl_rng *rng = random_stream(0, "throughput");
    for (size_t i = 0; i < count; i++)
        numbers[i] = (real)gsl_ran_gaussian(rng, 1);
    gsl_rng_free(rng);
    return numbers;
}

/* --- training --------------------------------------------------------------------------------- */

/* One batch of random windows, to be trained towards 0. */
static struct dataset random_windows(const struct network *network, int steps, int batch,
                                     struct arena *arena) {
    size_t rows = (size_t)steps * (size_t)batch;
    struct series *series = ARENA_NEW(arena, struct series, batch);
    struct window *windows = ARENA_NEW(arena, struct window, batch);
    double *time = ARENA_NEW(arena, double, steps);
    real *x = normal_numbers(arena, rows * (size_t)network->inputs);
    real *y = ARENA_NEW(arena, real, (size_t)steps * (size_t)network->outputs);
    double *deviation = ARENA_NEW(arena, double, network->inputs);
    for (int i = 0; i < network->inputs; i++)
        deviation[i] = 1;
    for (int t = 0; t < steps; t++)
        time[t] = t;
    for (int b = 0; b < batch; b++) {
        size_t before = (size_t)b * (size_t)steps * (size_t)network->inputs;
        series[b] = (struct series){.rows = steps, .time = time, .x = x + before, .y = y};
        windows[b] = (struct window){.series = b, .length = steps};
    }
    return (struct dataset){
        .window = steps,
        .inputs = network->inputs,
        .input_std = deviation,
        .width = network->outputs,
        .outputs = network->outputs,
        .task_options = ARENA_NEW(arena, struct task_options, 1),
        .train = {series, batch, windows, (size_t)batch},
    };
}

static void train_once(struct training_step *step, const struct dataset *dataset) {
    double norm;
    training_step_run(step, &dataset->train, NULL, 0, (int)dataset->train.window_count, &norm);
}

/* One step, the median over as many as the budget allows, within limits. */
static void time_steps(struct training_step *step, const struct dataset *dataset, double budget,
                       struct training_cost *cost) {
    enum { MIN = 3, MAX = 10000 };
    double times[MAX], cpu_times[MAX];
    size_t count = 0;
    train_once(step, dataset);
    double end = seconds_now() + budget;
    while (count < MIN || (count < MAX && seconds_now() < end)) {
        double begin = seconds_now(), cpu_begin = cpu_seconds_now();
        train_once(step, dataset);
        cpu_times[count] = cpu_seconds_now() - cpu_begin;
        times[count++] = seconds_now() - begin;
    }
    cost->seconds = gsl_stats_median(times, 1, count);
    cost->cpu_seconds = gsl_stats_median(cpu_times, 1, count);
}

struct training_cost training_step_cost(const struct network *network,
                                        const struct train_options *options, int steps,
                                        double budget) {
    struct arena arena = {0};
    struct training_cost cost = {0};
    const struct dataset dataset = random_windows(network, steps, options->batch, &arena);
    struct training_step step = {
        .updater = updater_begin(network, options, &cost.memory, &arena),
        .dropout = random_stream(0, "dropout"),
        .updates_per_epoch = 1,
    };
    network_init(network, step.updater.params, 0);
    step.passes = passes_begin(network, &dataset, options->batch, options, &cost.memory, &arena);
    time_steps(&step, &dataset, budget, &cost);
    training_step_end(&step);
    arena_free(&arena);
    return cost;
}

/* Operations a second of square products of one size, at best. */
static double product_flops(int size, const real *a, const real *b, real *c) {
    enum { GROUPS = 10 };
    const double min = 3e8; /* operations in a group, which so takes a millisecond or more */
    double operations = 2.0 * size * size * size, best = INFINITY;
    int products = (int)ceil(min / operations);
    for (int i = 0; i < GROUPS; i++) {
        double begin = seconds_now();
        for (int j = 0; j < products; j++)
            matmul_nn(size, size, size, a, size, b, size, c, size, false);
        best = fmin(best, seconds_now() - begin);
    }
    return operations * products / best;
}

double peak_flops(void) {
    enum { MIN = 64, MAX = 512 };
    struct arena arena = {0};
    const real *a = normal_numbers(&arena, MAX * MAX), *b = normal_numbers(&arena, MAX * MAX);
    real *c = ARENA_NEW(&arena, real, MAX * MAX);
    double best = 0;
    for (int size = MIN; size <= MAX; size *= 2)
        best = fmax(best, product_flops(size, a, b, c));
    arena_free(&arena);
    return best;
}

double peak_bandwidth(void) {
    enum { NUMBERS = 1 << 23, TURNS = 5 }; /* 32 MB an array in single precision */
    struct arena arena = {0};
    real *a = ARENA_NEW(&arena, real, NUMBERS);
    real *b = ARENA_NEW(&arena, real, NUMBERS), *c = ARENA_NEW(&arena, real, NUMBERS);
    double best = INFINITY;
    for (int turn = 0; turn < TURNS; turn++) {
        double begin = seconds_now();
        real factor = (real)begin; /* not known to the compiler, nor is that all are zero */
        for (size_t i = 0; i < NUMBERS; i++)
            a[i] = b[i] + factor * c[i];
        best = fmin(best, seconds_now() - begin);
        real *first = a;
        a = b, b = c, c = first;
    }
    arena_free(&arena);
    return 3.0 * NUMBERS * sizeof(real) / best;
}

/* --- streaming -------------------------------------------------------------------------------- */

size_t network_streaming_bytes(const struct network *network) {
    if (!network_streams(network))
        return 0;
    size_t numbers = (size_t)network->state + network_workspace(network, 1, 1, PHASE_EVALUATE);
    return numbers * sizeof(real);
}

/* One stream of rows, over and over. */
struct timed_stream {
    const struct network *network;
    const real *params, *x;
    const double *time;
    int rows, row;
    bool is_prepared;
    real *state, *out, *workspace;
};

static void stream_step(void *context) {
    struct timed_stream *stream = context;
    const struct network *network = stream->network;
    if (stream->row == stream->rows) {
        memset(stream->state, 0, (size_t)network->state * sizeof(real));
        stream->row = 0;
    }
    int row = stream->row++;
    const double *time = stream->time;
    real elapsed = row == 0 || time == NULL ? 1 : (real)(time[row] - time[row - 1]);
    double since = time == NULL ? row : time[row] - time[0];
    network_step(network, stream->params, stream->x + (size_t)row * (size_t)network->inputs, since,
                 elapsed, stream->is_prepared, stream->state, stream->out, stream->workspace);
    stream->is_prepared = true;
}

struct latency streaming_latency(const struct network *network, const real *params, const real *x,
                                 const double *time, int rows, size_t steps) {
    if (!network_streams(network) || rows == 0)
        return (struct latency){0};
    struct arena arena = {0};
    struct timed_stream stream = {
        .network = network,
        .params = params,
        .x = x,
        .time = time,
        .rows = rows,
        .state = ARENA_NEW(&arena, real, network->state),
        .out = ARENA_NEW(&arena, real, network->outputs),
        .workspace = ARENA_NEW(&arena, real, network_workspace(network, 1, 1, PHASE_EVALUATE)),
    };
    struct latency latency = latency_measure(stream_step, &stream, steps);
    arena_free(&arena);
    return latency;
}

struct latency random_streaming_latency(const struct network *network, size_t steps) {
    enum { ROWS = 64 };
    struct arena arena = {0};
    real *params = ARENA_NEW(&arena, real, network->params.size);
    network_init(network, params, 0);
    const real *x = normal_numbers(&arena, ROWS * (size_t)network->inputs);
    struct latency latency = streaming_latency(network, params, x, NULL, ROWS, steps);
    arena_free(&arena);
    return latency;
}
