#include "experiment/trial.h"

#include "evaluate/metric.h"
#include "evaluate/perturbation.h"
#include "evaluate/score.h"
#include "experiment/example.h"
#include "experiment/record.h"
#include "experiment/saved_model.h"
#include "experiment/throughput.h"
#include "model/baseline.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* Training scores are computed on so many windows at most, evenly thinned out, so that evaluation
 * stays a small part of a trial. */
enum { MOST_TRAIN_WINDOWS = 2048 };
enum { EVALUATION_BATCH = 64, MOST_BATCH_STEPS = 1 << 14 };

/* A trained model under evaluation. */
struct subject {
    const struct plan *plan;
    const struct trial_plan *trial;
    struct predictor predictor;
    struct arena *arena;
    cJSON *record;
};

/* --- scores ----------------------------------------------------------------------------------- */

static cJSON *scores_json(const struct subject *subject, const struct split *split) {
    const struct evaluate_options *evaluate = &subject->plan->experiment->evaluate;
    cJSON *json = cJSON_CreateObject();
    if (split->window_count == 0)
        return json;
    struct arena scratch = {0};
    const struct metric_type **metrics =
        ARENA_NEW(&scratch, const struct metric_type *, evaluate->metrics.count);
    double *values = ARENA_NEW(&scratch, double, evaluate->metrics.count);
    for (size_t i = 0; i < evaluate->metrics.count; i++)
        metrics[i] = metric_find(evaluate->metrics.items[i]);
    struct predictions predictions =
        predict_split(&subject->predictor, subject->plan->dataset, split,
                      strcmp(evaluate->units, "data") == 0, &scratch);
    score_predictions(&predictions, metrics, evaluate->metrics.count, values);
    for (size_t i = 0; i < evaluate->metrics.count; i++)
        cJSON_AddNumberToObject(json, metrics[i]->name, values[i]);
    arena_free(&scratch);
    return json;
}

static struct split thinned(const struct split *split, struct arena *arena) {
    struct split thin = *split;
    if (split->window_count <= MOST_TRAIN_WINDOWS)
        return thin;
    thin.window_count = MOST_TRAIN_WINDOWS;
    thin.windows = ARENA_NEW(arena, struct window, MOST_TRAIN_WINDOWS);
    for (size_t i = 0; i < MOST_TRAIN_WINDOWS; i++)
        thin.windows[i] = split->windows[i * split->window_count / MOST_TRAIN_WINDOWS];
    return thin;
}

static void score_splits(const struct subject *subject) {
    const struct dataset *dataset = subject->plan->dataset;
    struct split train = thinned(&dataset->train, subject->arena);
    cJSON *metrics = cJSON_CreateObject();
    cJSON_AddItemToObject(metrics, "train", scores_json(subject, &train));
    cJSON_AddItemToObject(metrics, "valid", scores_json(subject, &dataset->valid));
    cJSON_AddItemToObject(metrics, "test", scores_json(subject, &dataset->test));
    record_set(subject->record, "metrics", metrics);
}

static cJSON *noisy_scores(const struct subject *subject, const struct perturbation_type *type,
                           double severity) {
    const struct dataset *dataset = subject->plan->dataset;
    struct arena scratch = {0};
    struct split noisy =
        perturb(type, severity, (uint64_t)subject->trial->seed, dataset, &dataset->test, &scratch);
    cJSON *entry = cJSON_CreateObject();
    cJSON_AddStringToObject(entry, "type", type->name);
    cJSON_AddNumberToObject(entry, "severity", severity);
    cJSON_AddItemToObject(entry, "metrics", scores_json(subject, &noisy));
    arena_free(&scratch);
    return entry;
}

static void score_noise(const struct subject *subject) {
    const struct noise_options *noise = &subject->plan->experiment->evaluate.noise;
    cJSON *list = cJSON_CreateArray();
    for (size_t i = 0; i < noise->types.count; i++) {
        const struct perturbation_type *type = perturbation_find(noise->types.items[i]);
        bool own = noise->severities.count == 0;
        const double *severities = own ? type->severities : noise->severities.items;
        size_t count =
            own ? sizeof type->severities / sizeof type->severities[0] : noise->severities.count;
        for (size_t j = 0; j < count; j++)
            cJSON_AddItemToArray(list, noisy_scores(subject, type, severities[j]));
    }
    record_set(subject->record, "noise", list);
}

static void score_shifts(const struct subject *subject) {
    const struct object_list *ood = &subject->plan->experiment->evaluate.ood;
    const struct shift_options *shifts = ood->items;
    cJSON *list = cJSON_CreateArray();
    for (size_t i = 0; i < ood->count; i++) {
        cJSON *entry = cJSON_CreateObject();
        cJSON_AddStringToObject(entry, "name", shifts[i].name);
        cJSON_AddItemToObject(entry, "metrics", scores_json(subject, &subject->plan->shifts[i]));
        cJSON_AddItemToArray(list, entry);
    }
    record_set(subject->record, "ood", list);
}

static void evaluate(const struct subject *subject) {
    score_splits(subject);
    score_noise(subject);
    score_shifts(subject);
    cJSON *example = example_json(&subject->predictor, subject->plan->dataset);
    if (example != NULL)
        record_set(subject->record, "example", example);
}

/* --- cost ------------------------------------------------------------------------------------- */

static cJSON *memory_json(const struct memory_cost *memory) {
    cJSON *json = cJSON_CreateObject();
    cJSON_AddNumberToObject(json, "parameters", (double)memory->parameters);
    cJSON_AddNumberToObject(json, "gradients", (double)memory->gradients);
    cJSON_AddNumberToObject(json, "optimizer", (double)memory->optimizer);
    cJSON_AddNumberToObject(json, "activations", (double)memory->activations);
    cJSON_AddNumberToObject(json, "streaming", (double)memory->streaming);
    return json;
}

/* Called right after training, so that the peak is that of training. */
static void set_cost(const struct subject *subject, const struct memory_cost *memory,
                     double seconds) {
    const struct network *network = subject->trial->network;
    cJSON *cost = cJSON_CreateObject();
    cJSON_AddItemToObject(cost, "memory", memory_json(memory));
    cJSON_AddNumberToObject(cost, "peak_rss_bytes", (double)peak_rss_bytes());
    cJSON_AddNumberToObject(cost, "train_seconds", seconds);
    cJSON_AddNumberToObject(cost, "flops_per_step", network != NULL ? network_flops(network) : NAN);
    cJSON_AddNullToObject(cost, "step_us");
    record_set(subject->record, "cost", cost);
}

static void set_latency(const struct subject *subject, const real *params) {
    const struct dataset *dataset = subject->plan->dataset;
    const struct series *series = &dataset->test.series[dataset->test.windows[0].series];
    struct latency latency =
        streaming_latency(subject->trial->network, params, series->x, series->time, series->rows,
                          (size_t)subject->plan->experiment->evaluate.latency_steps);
    if (latency.steps == 0)
        return;
    cJSON *json = cJSON_CreateObject();
    cJSON_AddNumberToObject(json, "p50", latency.p50);
    cJSON_AddNumberToObject(json, "p99", latency.p99);
    cJSON_AddNumberToObject(json, "mean", latency.mean);
    cJSON *cost = cJSON_GetObjectItemCaseSensitive(subject->record, "cost");
    cJSON_ReplaceItemInObjectCaseSensitive(cost, "step_us", json);
}

/* --- networks --------------------------------------------------------------------------------- */

static int evaluation_batch(int steps) {
    int batch = MOST_BATCH_STEPS / steps;
    return batch < 1 ? 1 : batch > EVALUATION_BATCH ? EVALUATION_BATCH : batch;
}

static cJSON *curve_json(const struct train_result *result) {
    cJSON *curve = cJSON_CreateArray();
    for (int i = 0; i < result->epochs; i++) {
        cJSON *epoch = cJSON_CreateObject();
        cJSON_AddNumberToObject(epoch, "epoch", i + 1);
        cJSON_AddNumberToObject(epoch, "loss", result->curve[i].loss);
        cJSON_AddNumberToObject(epoch, "valid", result->curve[i].valid);
        cJSON_AddNumberToObject(epoch, "learning_rate", result->curve[i].learning_rate);
        cJSON_AddItemToArray(curve, epoch);
    }
    return curve;
}

/* State and scratch of one stream. */
static size_t streaming_bytes(const struct network *network) {
    if (!network_streams(network))
        return 0;
    size_t numbers = (size_t)network->state + network_workspace(network, 1, 1, PHASE_EVALUATE);
    return numbers * sizeof(real);
}

static void report_divergence(cJSON *record, const struct train_result *result) {
    char why[160];
    snprintf(why, sizeof why,
             "the loss was not finite in epoch %d; a smaller train.learning_rate or a "
             "train.clip_norm may help",
             result->epochs + 1);
    record_set_status(record, TRIAL_DIVERGED, why);
}

static bool run_network(struct subject *subject, const char *folder, epoch_observer observer,
                        void *context, struct error *error) {
    const struct plan *plan = subject->plan;
    const struct trial_plan *trial = subject->trial;
    const struct network *network = trial->network;
    struct train_result result = train(network, plan->dataset, &trial->model->train,
                                       (uint64_t)trial->seed, observer, context, subject->arena);
    result.memory.streaming = streaming_bytes(network);
    set_cost(subject, &result.memory, result.seconds);
    record_set(subject->record, "curve", curve_json(&result));
    record_set(subject->record, "best_epoch", cJSON_CreateNumber(result.best_epoch));
    if (result.status == TRAIN_DIVERGED) {
        report_divergence(subject->record, &result);
        return true;
    }
    int steps = plan->dataset->window, batch = evaluation_batch(steps);
    struct network_predictor predictor = {
        .network = network,
        .params = result.params,
        .workspace = ARENA_NEW(subject->arena, real,
                               network_workspace(network, steps, batch, PHASE_EVALUATE)),
    };
    subject->predictor = network_predictor(&predictor, batch);
    evaluate(subject);
    set_latency(subject, result.params);
    record_set_status(subject->record, TRIAL_OK, NULL);
    return saved_model_write(model_path(subject->arena, folder, trial), network, result.params,
                             plan->dataset, trial->model->config, trial->stem, error);
}

/* --- baselines -------------------------------------------------------------------------------- */

static void baseline_predict(void *model, const struct batch *batch, real *out) {
    const struct baseline *baseline = model;
    baseline->type->predict(baseline, batch, out);
}

static double seconds_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void run_baseline(struct subject *subject) {
    struct baseline baseline = {
        .type = baseline_find(subject->trial->model->baseline),
        .dataset = subject->plan->dataset,
    };
    struct error why;
    double begin = seconds_now();
    if (!baseline.type->fit(&baseline, subject->arena, &why)) {
        record_set_status(subject->record, TRIAL_FAILED, why.text);
        return;
    }
    struct memory_cost memory = {.parameters = baseline.parameters * sizeof(double)};
    set_cost(subject, &memory, seconds_now() - begin);
    cJSON *model = cJSON_GetObjectItemCaseSensitive(subject->record, "model");
    cJSON_ReplaceItemInObjectCaseSensitive(model, "parameters",
                                           cJSON_CreateNumber((double)baseline.parameters));
    subject->predictor = (struct predictor){
        .model = &baseline,
        .batch = evaluation_batch(subject->plan->dataset->window),
        .predict = baseline_predict,
    };
    evaluate(subject);
    record_set_status(subject->record, TRIAL_OK, NULL);
}

bool trial_run(const struct plan *plan, const struct trial_plan *trial, const cJSON *provenance,
               const char *folder, epoch_observer observer, void *context, struct error *error) {
    struct arena arena = {0};
    struct subject subject = {
        .plan = plan,
        .trial = trial,
        .arena = &arena,
        .record = record_new(plan, trial, provenance),
    };
    bool written = true;
    if (trial->network != NULL)
        written = run_network(&subject, folder, observer, context, error);
    else
        run_baseline(&subject);
    written = written && json_save(subject.record, record_path(&arena, folder, trial), error);
    cJSON_Delete(subject.record);
    arena_free(&arena);
    return written;
}
