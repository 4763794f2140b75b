#include "experiment/throughput.h"

#include "math/random.h"
#include "train/optimizer.h"

#include <gsl/gsl_randist.h>
#include <math.h>
#include <string.h>
#include <time.h>

struct training {
    const struct network *network;
    struct sequence sequence;
    const struct optimizer_type *optimizer;
    struct train_options options;
    real *params, *gradient, *decays, *optimizer_state;
    real *out, *out_gradient, *workspace;
    long updates;
};

static double seconds_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static real *normal_numbers(struct arena *arena, size_t count) {
    real *numbers = ARENA_NEW(arena, real, count);
    gsl_rng *rng = random_stream(0, "throughput");
    for (size_t i = 0; i < count; i++)
        numbers[i] = (real)gsl_ran_gaussian(rng, 1);
    gsl_rng_free(rng);
    return numbers;
}

static real *ones(struct arena *arena, size_t count) {
    real *numbers = ARENA_NEW(arena, real, count);
    for (size_t i = 0; i < count; i++)
        numbers[i] = 1;
    return numbers;
}

static bool set_up(struct training *training, int steps, int batch, struct arena *arena,
                   struct error *error) {
    const struct network *network = training->network;
    cJSON *defaults = cJSON_CreateObject();
    struct field_target target = {train_fields, &training->options};
    bool read = fields_read(&target, 1, defaults, "train", arena, error);
    cJSON_Delete(defaults);
    size_t rows = (size_t)steps * (size_t)batch, params = network->params.size;
    training->optimizer = optimizer_find("adam");
    training->sequence = (struct sequence){
        .steps = steps,
        .batch = batch,
        .x = normal_numbers(arena, rows * (size_t)network->inputs),
        .elapsed = ones(arena, rows),
    };
    training->params = ARENA_NEW(arena, real, params);
    training->gradient = ARENA_NEW(arena, real, params);
    training->decays = ARENA_NEW(arena, real, params);
    training->optimizer_state = ARENA_NEW(arena, real, (size_t)training->optimizer->slots * params);
    training->out = ARENA_NEW(arena, real, rows * (size_t)network->outputs);
    training->out_gradient = ARENA_NEW(arena, real, rows * (size_t)network->outputs);
    training->workspace =
        ARENA_NEW(arena, real, network_workspace(network, steps, batch, PHASE_TRAIN));
    network_init(network, training->params, 0);
    return read;
}

static void train_once(struct training *training) {
    const struct network *network = training->network;
    size_t rows = (size_t)training->sequence.steps * (size_t)training->sequence.batch;
    size_t count = rows * (size_t)network->outputs;
    network_forward(network, training->params, &training->sequence, PHASE_TRAIN, training->out,
                    training->workspace);
    /* Squared error against a target of 0. */
    for (size_t i = 0; i < count; i++)
        training->out_gradient[i] = 2 * training->out[i] / (real)count;
    memset(training->gradient, 0, network->params.size * sizeof(real));
    network_backward(network, training->params, &training->sequence, training->out_gradient,
                     training->gradient, training->workspace);
    training->optimizer->update(&training->options, training->options.learning_rate,
                                ++training->updates, network->params.size, training->decays,
                                training->gradient, training->optimizer_state, training->params);
    network_constrain(network, training->params);
}

double training_step_seconds(const struct network *network, int steps, int batch, double budget) {
    struct arena arena = {0};
    struct training training = {.network = network};
    struct error error;
    double best = NAN;
    if (set_up(&training, steps, batch, &arena, &error)) {
        train_once(&training);
        double end = seconds_now() + budget;
        for (int i = 0; i < 2 || seconds_now() < end; i++) {
            double begin = seconds_now();
            train_once(&training);
            best = fmin(best, seconds_now() - begin); /* fmin() passes over the first NaN */
        }
    }
    arena_free(&arena);
    return best;
}

/* One stream of rows, over and over. */
struct stream {
    const struct network *network;
    const real *params, *x;
    const double *time;
    int rows, row;
    bool is_prepared;
    real *state, *out, *workspace;
};

static void stream_step(void *context) {
    struct stream *stream = context;
    const struct network *network = stream->network;
    if (stream->row == stream->rows) {
        memset(stream->state, 0, (size_t)network->state * sizeof(real));
        stream->row = 0;
    }
    int row = stream->row++;
    const double *time = stream->time;
    real elapsed = row == 0 || time == NULL ? 1 : (real)(time[row] - time[row - 1]);
    network_step(network, stream->params, stream->x + (size_t)row * (size_t)network->inputs,
                 elapsed, stream->is_prepared, stream->state, stream->out, stream->workspace);
    stream->is_prepared = true;
}

struct latency streaming_latency(const struct network *network, const real *params, const real *x,
                                 const double *time, int rows, size_t steps) {
    if (!network_streams(network) || rows == 0)
        return (struct latency){0};
    struct arena arena = {0};
    struct stream stream = {
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
