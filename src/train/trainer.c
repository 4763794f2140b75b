#include "train/trainer.h"

#include "base/clock.h"
#include "evaluate/mixture.h"
#include "evaluate/score.h"
#include "math/random.h"
#include "train/schedule.h"
#include "train/training_step.h"

#include <gsl/gsl_sort_double.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* All that a training run works with; allocated before the first step. */
struct training_run {
    const struct network *network;
    const struct dataset *dataset;
    const struct train_options *options;
    struct training_step step;
    int batch;     /* windows at a time: as asked for, or all there are */
    size_t *order; /* of the training windows */
    gsl_rng *shuffle;
    real *best;
    double *norms; /* [updates_per_epoch] of this epoch's gradients, before clipping */
    size_t norm_count;
    struct mixture mixture; /* of faults; none in it: there is none */
    gsl_rng *faults;
};

/* Allocates everything, and counts it by kind. */
static struct training_run prepare(const struct network *network, const struct dataset *dataset,
                                   const struct train_options *options, uint64_t seed,
                                   struct memory_cost *memory, struct arena *arena) {
    struct training_run run = {
        .network = network,
        .dataset = dataset,
        .options = options,
        .order = ARENA_NEW(arena, size_t, dataset->train.window_count),
        .shuffle = random_stream(seed, "order of the windows"),
    };
    size_t windows = dataset->train.window_count;
    struct training_step *step = &run.step;
    step->updater = updater_begin(network, options, memory, arena);
    step->dropout = random_stream(seed, "dropout");
    size_t before = arena->allocated;
    if (options->weight_noise > 0) {
        step->weights = random_stream(seed, "weight noise");
        step->noisy = ARENA_NEW(arena, real, network->params.size);
    }
    run.best = ARENA_NEW(arena, real, network->params.size);
    memory->optimizer += arena->allocated - before;

    run.batch = (size_t)options->batch < windows ? options->batch : (int)windows;
    step->passes = passes_begin(network, dataset, run.batch, options, memory, arena);

    for (size_t i = 0; i < windows; i++)
        run.order[i] = i;
    step->updates_per_epoch = (long)(windows / (size_t)run.batch);
    if (!options->drop_last && windows % (size_t)run.batch != 0)
        step->updates_per_epoch++;
    run.faults = random_stream(seed, "faults to train with");
    struct error ignored; /* the config was checked when it was read */
    if (is_mixture(options->perturb))
        mixture_read(options->perturb, "train.perturb", &run.mixture, arena, &ignored);
    run.norms = ARENA_NEW(arena, double, step->updates_per_epoch);
    network_init(network, step->updater.params, seed);
    return run;
}

/* Windows of the batch that begins at window `first`. */
static int batch_at(const struct training_run *run, const struct split *split, size_t first) {
    size_t left = split->window_count - first;
    return left < (size_t)run->batch ? (int)left : run->batch;
}

/* One update from the windows that begin at order[first]. */
static struct loss_sum train_batch(struct training_run *run, size_t first) {
    const struct split *split = &run->dataset->train;
    struct arena scratch = {0};
    int count = batch_at(run, split, first);
    bool mixes = run->mixture.count > 0;
    struct split disturbed = {0};
    if (mixes)
        disturbed = mixture_draw(&run->mixture, run->dataset, split, run->order, first, count,
                                 run->faults, &scratch);
    double norm = NAN;
    struct loss_sum loss =
        mixes ? training_step_run(&run->step, &disturbed, NULL, 0, count, &norm)
              : training_step_run(&run->step, split, run->order, first, count, &norm);
    arena_free(&scratch);
    if (loss.weight != 0 && isfinite(loss.sum))
        run->norms[run->norm_count++] = norm;
    return loss;
}

/* A loss or score; undefined where there is nothing that it could be computed from. */
struct outcome {
    double value;
    bool undefined;
};

static struct outcome mean_loss(struct loss_sum total) {
    return (struct outcome){total.sum / total.weight, total.weight == 0};
}

static int by_length(const void *a, const void *b, void *context) {
    const struct window *windows = context;
    size_t one = *(const size_t *)a, other = *(const size_t *)b;
    int order = windows[one].length - windows[other].length;
    return order != 0 ? order : (one > other) - (one < other);
}

/* Windows of like length go into the same slice of a batch, so that each costs about what its own
 * steps cost and not what the longest of the batch costs. The batches stay the same. */
static void sort_batches(struct training_run *run) {
    const struct split *split = &run->dataset->train;
    size_t windows = split->window_count, first = 0, equal = 1;
    while (equal < windows && split->windows[equal].length == split->windows[0].length)
        equal++;
    for (; equal < windows && first < windows; first += (size_t)run->batch)
        qsort_r(run->order + first, (size_t)batch_at(run, split, first), sizeof *run->order,
                by_length, split->windows);
}

/* One pass over the training windows; returns the mean loss, not finite when it diverged. */
static struct outcome train_epoch(struct training_run *run) {
    struct loss_sum total = {0, 0};
    run->norm_count = 0;
    random_shuffle(run->shuffle, run->order, run->dataset->train.window_count);
    sort_batches(run);
    for (long u = 0; u < run->step.updates_per_epoch && isfinite(total.sum); u++) {
        struct loss_sum loss = train_batch(run, (size_t)u * (size_t)run->batch);
        total.sum += loss.sum;
        total.weight += loss.weight;
    }
    return mean_loss(total);
}

/* Of the epoch's updates; sorts them. */
static struct gradient_norms summarize_norms(struct training_run *run) {
    size_t count = run->norm_count, clipped = 0, exploding = 0;
    double max = run->options->clip_norm;
    if (count == 0)
        return (struct gradient_norms){NAN, NAN, NAN, NAN};
    gsl_sort(run->norms, 1, count);
    double median = gsl_stats_median_from_sorted_data(run->norms, 1, count);
    for (size_t i = 0; i < count; i++) {
        clipped += max > 0 && run->norms[i] > max;
        exploding += !(run->norms[i] <= EXPLODING_GRADIENT * median);
    }
    return (struct gradient_norms){.median = median,
                                   .max = run->norms[count - 1],
                                   .clipped = (double)clipped / (double)count,
                                   .exploding = (double)exploding / (double)count};
}

static struct outcome validation_loss(struct training_run *run) {
    struct loss_sum total = {0, 0};
    const struct split *split = &run->dataset->valid;
    for (size_t first = 0; first < split->window_count; first += (size_t)run->batch) {
        struct loss_sum loss = passes_loss(&run->step.passes, run->step.updater.params, split, NULL,
                                           first, batch_at(run, split, first));
        total.sum += loss.sum;
        total.weight += loss.weight;
    }
    return mean_loss(total);
}

static struct outcome score_validation(const struct training_run *run,
                                       const struct metric_type *metric,
                                       const struct predictor *predictor) {
    struct arena arena = {0};
    struct predictions predictions =
        predict_split(predictor, run->dataset, &run->dataset->valid, true, &arena);
    struct outcome score;
    score_predictions(&predictions, &metric, 1, &score.value);
    score.undefined = score_is_undefined(&predictions, score.value);
    arena_free(&arena);
    return score;
}

static struct outcome validation_metric(struct training_run *run,
                                        const struct metric_type *metric) {
    struct network_predictor network =
        passes_predictor(&run->step.passes, run->step.updater.params);
    struct predictor predictor = network_predictor(&network, run->step.passes.width);
    return score_validation(run, metric, &predictor);
}

static void predict_zeros(void *model, const struct batch *batch, real *out) {
    const struct dataset *dataset = model;
    memset(out, 0,
           (size_t)batch->steps * (size_t)batch->size * (size_t)dataset->outputs * sizeof *out);
}

/* Whether the validation truths alone forbid a score that could tell epochs apart. */
static bool cannot_select(const struct training_run *run, const struct metric_type *metric) {
    struct dataset dataset = *run->dataset;
    struct predictor zeros = {
        .model = &dataset, .batch = run->step.passes.width, .predict = predict_zeros};
    return metric != NULL && score_validation(run, metric, &zeros).undefined;
}

struct train_result train(const struct network *network, const struct dataset *dataset,
                          const struct train_options *options, uint64_t seed,
                          epoch_observer observer, void *context, struct arena *arena) {
    double start = seconds_now(), cpu_start = cpu_seconds_now();
    struct train_result result = {.curve = ARENA_NEW(arena, struct epoch_record, options->epochs)};
    struct task_options task = *dataset->task_options;
    struct dataset weighted = *dataset;
    if (options->class_weights.count > 0) {
        task.class_weights = options->class_weights;
        weighted.task_options = &task;
        dataset = &weighted;
    }
    struct training_run run = prepare(network, dataset, options, seed, &result.memory, arena);
    const struct metric_type *metric =
        options->select != NULL ? metric_find(options->select) : NULL;
    bool higher_is_better = metric != NULL && metric->higher_is_better;
    bool keeps_last = dataset->has_no_validation || options->keep == KEEP_LAST;
    double best = higher_is_better ? -INFINITY : INFINITY;

    bool hopeless = cannot_select(&run, metric);
    while (!hopeless && result.epochs < options->epochs) {
        struct outcome loss = train_epoch(&run);
        struct outcome valid =
            metric != NULL ? validation_metric(&run, metric) : validation_loss(&run);
        hopeless = loss.undefined || (metric == NULL && valid.undefined);
        if (hopeless)
            break;
        if (!isfinite(loss.value) || (!valid.undefined && !isfinite(valid.value))) {
            result.status = TRAIN_DIVERGED;
            result.by_validation = metric != NULL && isfinite(loss.value);
            break;
        }
        struct epoch_record *record = &result.curve[result.epochs++];
        *record = (struct epoch_record){
            loss.value, valid.value, schedule_rate(options, result.epochs), summarize_norms(&run)};
        if (keeps_last || (higher_is_better ? valid.value > best : valid.value < best)) {
            best = valid.value;
            result.best_epoch = result.epochs;
            result.best_seconds = seconds_now() - start;
            memcpy(run.best, run.step.updater.params, network->params.size * sizeof *run.best);
        }
        if (observer != NULL)
            observer(context, result.epochs, record);
        if (options->patience > 0 && result.epochs - result.best_epoch >= options->patience)
            break;
    }
    if (result.status == TRAIN_OK && result.best_epoch == 0)
        result.status = TRAIN_UNDEFINED;
    training_step_end(&run.step);
    gsl_rng_free(run.shuffle);
    gsl_rng_free(run.faults);
    result.params = result.best_epoch > 0 ? run.best : run.step.updater.params;
    result.seconds = seconds_now() - start;
    result.cpu_seconds = cpu_seconds_now() - cpu_start;
    return result;
}
