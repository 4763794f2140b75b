#include "train/trainer.h"

#include "data/batch.h"
#include "evaluate/score.h"
#include "math/random.h"
#include "train/loss.h"
#include "train/optimizer.h"
#include "train/schedule.h"

#include <math.h>
#include <string.h>
#include <time.h>

/* All that a training run works with; allocated before the first step. */
struct run {
    const struct network *network;
    const struct dataset *dataset;
    const struct train_options *options;
    const struct loss_type *loss;
    const struct optimizer_type *optimizer;
    int batch_size; /* windows at a time: as asked for, or all there are */
    struct batch batch;
    size_t *order; /* of the training windows */
    gsl_rng *shuffle, *dropout;
    real *params, *best, *gradient, *state, *decays;
    real *out, *out_gradient, *workspace;
    long updates, updates_per_epoch;
};

static double seconds_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void mark_decays(const struct network *network, real *decays) {
    for (int i = 0; i < network->params.count; i++) {
        const struct param *param = &network->params.items[i];
        for (size_t j = 0; j < param->size; j++)
            decays[param->offset + j] = param_is_matrix(param) ? 1 : 0;
    }
}

/* Allocates everything, and counts it by kind. */
static struct run prepare(const struct network *network, const struct dataset *dataset,
                          const struct train_options *options, uint64_t seed,
                          struct memory_cost *memory, struct arena *arena) {
    struct run run = {
        .network = network,
        .dataset = dataset,
        .options = options,
        .loss = loss_for(dataset),
        .optimizer = optimizer_find(options->optimizer),
        .order = ARENA_NEW(arena, size_t, dataset->train.window_count),
        .shuffle = random_stream(seed, "order of the windows"),
        .dropout = random_stream(seed, "dropout"),
    };
    size_t n = network->params.size, windows = dataset->train.window_count;
    int batch = (size_t)options->batch < windows ? options->batch : (int)windows;
    size_t steps = (size_t)dataset->window;
    size_t before = arena->allocated;
    run.params = ARENA_NEW(arena, real, n);
    memory->parameters = arena->allocated - before;

    before = arena->allocated;
    run.gradient = ARENA_NEW(arena, real, n);
    memory->gradients = arena->allocated - before;

    before = arena->allocated;
    run.state = ARENA_NEW(arena, real, n * (size_t)run.optimizer->slots);
    run.decays = ARENA_NEW(arena, real, n);
    run.best = ARENA_NEW(arena, real, n);
    memory->optimizer = arena->allocated - before;

    before = arena->allocated;
    run.batch = batch_new(dataset, batch, arena);
    run.out = ARENA_NEW(arena, real, steps * (size_t)(batch * dataset->outputs));
    run.out_gradient = ARENA_NEW(arena, real, steps * (size_t)(batch * dataset->outputs));
    run.workspace =
        ARENA_NEW(arena, real, network_workspace(network, dataset->window, batch, PHASE_TRAIN));
    memory->activations = arena->allocated - before;

    run.batch_size = batch;
    for (size_t i = 0; i < windows; i++)
        run.order[i] = i;
    run.updates_per_epoch = (long)(windows / (size_t)batch);
    if (!options->drop_last && windows % (size_t)batch != 0)
        run.updates_per_epoch++;
    network_init(network, run.params, seed);
    mark_decays(network, run.decays);
    return run;
}

/* Fills the batch with windows first, first+1, ... and runs the network forward. */
static struct sequence forward(struct run *run, const struct split *split, const size_t *order,
                               size_t first, enum phase phase) {
    size_t left = split->window_count - first, most = (size_t)run->batch_size;
    batch_fill(&run->batch, run->dataset, split, order, first, (int)(left < most ? left : most));
    struct sequence sequence = {
        .steps = run->batch.steps,
        .batch = run->batch.size,
        .x = run->batch.x,
        .elapsed = run->batch.elapsed,
        .mask = run->batch.has_absent ? run->batch.mask : NULL,
        .dropout = phase == PHASE_TRAIN ? gsl_rng_get(run->dropout) + 1 : 0,
    };
    network_forward(run->network, run->params, &sequence, phase, run->out, run->workspace);
    return sequence;
}

static struct loss_sum batch_loss(struct run *run, real *gradient) {
    size_t rows = (size_t)run->batch.steps * (size_t)run->batch.size;
    return run->loss->evaluate(run->dataset, rows, run->out, run->batch.y, gradient);
}

static void scale(size_t n, real factor, real *values) {
    for (size_t i = 0; i < n; i++)
        values[i] *= factor;
}

static void clip_to_norm(size_t n, double most, real *gradient) {
    double square = 0;
    for (size_t i = 0; i < n; i++)
        square += (double)gradient[i] * (double)gradient[i];
    if (most > 0 && sqrt(square) > most)
        scale(n, (real)(most / sqrt(square)), gradient);
}

/* One update from the windows that begin at order[first]. */
static struct loss_sum train_batch(struct run *run, size_t first) {
    const struct train_options *options = run->options;
    struct sequence sequence = forward(run, &run->dataset->train, run->order, first, PHASE_TRAIN);
    struct loss_sum loss = batch_loss(run, run->out_gradient);
    if (loss.weight == 0 || !isfinite(loss.sum))
        return loss;
    size_t n = run->network->params.size;
    size_t outputs = (size_t)(sequence.steps * sequence.batch * run->dataset->outputs);
    scale(outputs, (real)(1 / loss.weight), run->out_gradient);
    memset(run->gradient, 0, n * sizeof *run->gradient);
    network_backward(run->network, run->params, &sequence, run->out_gradient, run->gradient,
                     run->workspace);
    clip_to_norm(n, options->clip_norm, run->gradient);
    run->updates++;
    double rate = schedule_rate(options, (double)run->updates / (double)run->updates_per_epoch);
    run->optimizer->update(options, rate, run->updates, n, run->decays, run->gradient, run->state,
                           run->params);
    network_constrain(run->network, run->params);
    return loss;
}

/* One pass over the training windows; returns the mean loss, not finite when it diverged. */
static double train_epoch(struct run *run) {
    struct loss_sum total = {0, 0};
    random_shuffle(run->shuffle, run->order, run->dataset->train.window_count);
    for (long u = 0; u < run->updates_per_epoch && isfinite(total.sum); u++) {
        struct loss_sum loss = train_batch(run, (size_t)u * (size_t)run->batch_size);
        total.sum += loss.sum;
        total.weight += loss.weight;
    }
    return total.sum / total.weight;
}

static double validation_loss(struct run *run) {
    struct loss_sum total = {0, 0};
    const struct split *split = &run->dataset->valid;
    for (size_t first = 0; first < split->window_count; first += (size_t)run->batch_size) {
        forward(run, split, NULL, first, PHASE_EVALUATE);
        struct loss_sum loss = batch_loss(run, NULL);
        total.sum += loss.sum;
        total.weight += loss.weight;
    }
    return total.sum / total.weight;
}

static double validation_metric(struct run *run, const struct metric_type *metric) {
    struct arena arena = {0};
    struct network_predictor network = {run->network, run->params, run->workspace};
    struct predictor predictor = network_predictor(&network, run->batch_size);
    struct predictions predictions =
        predict_split(&predictor, run->dataset, &run->dataset->valid, true, &arena);
    double score;
    score_predictions(&predictions, &metric, 1, &score);
    arena_free(&arena);
    return score;
}

struct train_result train(const struct network *network, const struct dataset *dataset,
                          const struct train_options *options, uint64_t seed,
                          epoch_observer observer, void *context, struct arena *arena) {
    double start = seconds_now();
    struct train_result result = {.curve = ARENA_NEW(arena, struct epoch_record, options->epochs)};
    struct run run = prepare(network, dataset, options, seed, &result.memory, arena);
    const struct metric_type *metric =
        options->select != NULL ? metric_find(options->select) : NULL;
    bool higher_is_better = metric != NULL && metric->higher_is_better;
    double best = higher_is_better ? -INFINITY : INFINITY;

    while (result.epochs < options->epochs) {
        double loss = train_epoch(&run);
        double valid = metric != NULL ? validation_metric(&run, metric) : validation_loss(&run);
        if (!isfinite(loss) || !isfinite(valid)) {
            result.status = TRAIN_DIVERGED;
            break;
        }
        struct epoch_record *record = &result.curve[result.epochs++];
        *record = (struct epoch_record){loss, valid, schedule_rate(options, result.epochs)};
        if (higher_is_better ? valid > best : valid < best) {
            best = valid;
            result.best_epoch = result.epochs;
            result.best_seconds = seconds_now() - start;
            memcpy(run.best, run.params, network->params.size * sizeof *run.best);
        }
        if (observer != NULL)
            observer(context, result.epochs, record);
        if (options->patience > 0 && result.epochs - result.best_epoch >= options->patience)
            break;
    }
    gsl_rng_free(run.shuffle);
    gsl_rng_free(run.dropout);
    result.params = result.best_epoch > 0 ? run.best : run.params;
    result.seconds = seconds_now() - start;
    return result;
}

static void predict(void *model, const struct batch *batch, real *out) {
    const struct network_predictor *self = model;
    struct sequence sequence = {
        .steps = batch->steps,
        .batch = batch->size,
        .x = batch->x,
        .elapsed = batch->elapsed,
        .mask = batch->has_absent ? batch->mask : NULL,
    };
    network_forward(self->network, self->params, &sequence, PHASE_EVALUATE, out, self->workspace);
}

struct predictor network_predictor(struct network_predictor *self, int batch) {
    return (struct predictor){.model = self, .batch = batch, .predict = predict};
}
