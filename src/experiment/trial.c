#include "experiment/trial.h"

#include "data/generator.h"
#include "evaluate/distance.h"
#include "evaluate/energy.h"
#include "evaluate/metric.h"
#include "evaluate/perturbation.h"
#include "evaluate/rollout.h"
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
    struct point_sample training; /* inputs that the model was trained on */
    struct arena *arena;
    cJSON *record;
};

/* --- scores ----------------------------------------------------------------------------------- */

/* Fewer windows at a time, the longer they are. */
static int evaluation_batch(int steps) {
    int batch = MOST_BATCH_STEPS / steps;
    return batch < 1 ? 1 : batch > EVALUATION_BATCH ? EVALUATION_BATCH : batch;
}

/* The predictor for windows as long as the data set's, which a shift may have lengthened. */
static struct predictor predictor_for(const struct subject *subject,
                                      const struct dataset *dataset) {
    struct predictor predictor = subject->predictor;
    predictor.batch = evaluation_batch(dataset->window);
    return predictor;
}

static bool wants_data_units(const struct subject *subject) {
    return strcmp(subject->plan->experiment->evaluate.units, "data") == 0;
}

static cJSON *metrics_json(const struct subject *subject, const struct predictions *predictions) {
    const struct string_list *names = &subject->plan->experiment->evaluate.metrics;
    struct arena scratch = {0};
    const struct metric_type **metrics =
        ARENA_NEW(&scratch, const struct metric_type *, names->count);
    double *values = ARENA_NEW(&scratch, double, names->count);
    for (size_t i = 0; i < names->count; i++)
        metrics[i] = metric_find(names->items[i]);
    score_predictions(predictions, metrics, names->count, values);
    cJSON *json = cJSON_CreateObject();
    for (size_t i = 0; i < names->count; i++)
        cJSON_AddNumberToObject(json, metrics[i]->name, values[i]);
    arena_free(&scratch);
    return json;
}

static cJSON *scores_json(const struct subject *subject, const struct dataset *dataset,
                          const struct split *split) {
    if (split->window_count == 0)
        return cJSON_CreateObject();
    struct arena scratch = {0};
    struct predictor predictor = predictor_for(subject, dataset);
    struct predictions predictions =
        predict_split(&predictor, dataset, split, wants_data_units(subject), &scratch);
    cJSON *json = metrics_json(subject, &predictions);
    arena_free(&scratch);
    return json;
}

/* How far a split's inputs are from those of training. */
static cJSON *distance_json(const struct subject *subject, const struct dataset *dataset,
                            const struct split *split) {
    struct arena scratch = {0};
    struct point_sample sample = sample_points(dataset, split, &scratch);
    cJSON *json = cJSON_CreateNumber(energy_distance(&subject->training, &sample));
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
    cJSON_AddItemToObject(metrics, "train", scores_json(subject, dataset, &train));
    cJSON_AddItemToObject(metrics, "valid", scores_json(subject, dataset, &dataset->valid));
    cJSON_AddItemToObject(metrics, "test", scores_json(subject, dataset, &dataset->test));
    record_set(subject->record, "metrics", metrics);
    record_set(subject->record, "test_distance", distance_json(subject, dataset, &dataset->test));
}

/* --- noise ------------------------------------------------------------------------------------ */

static cJSON *noisy_scores(const struct subject *subject, const struct perturbation_type *type,
                           double severity) {
    const struct dataset *dataset = subject->plan->dataset;
    struct arena scratch = {0};
    struct split noisy =
        perturb(type, severity, (uint64_t)subject->trial->seed, dataset, &dataset->test, &scratch);
    cJSON *entry = cJSON_CreateObject();
    cJSON_AddStringToObject(entry, "type", type->name);
    cJSON_AddNumberToObject(entry, "severity", severity);
    cJSON_AddItemToObject(entry, "metrics", scores_json(subject, dataset, &noisy));
    cJSON_AddItemToObject(entry, "distance", distance_json(subject, dataset, &noisy));
    arena_free(&scratch);
    return entry;
}

/* σ of noise = σ of signal * 10^(-SNR / 20) */
static void score_signal_to_noise(const struct subject *subject, const struct real_list *ratios,
                                  cJSON *list) {
    const struct perturbation_type *gaussian = perturbation_find("gaussian");
    for (size_t i = 0; i < ratios->count; i++) {
        cJSON *entry = noisy_scores(subject, gaussian, pow(10, -ratios->items[i] / 20));
        cJSON_AddNumberToObject(entry, "snr", ratios->items[i]);
        cJSON_AddItemToArray(list, entry);
    }
}

static void score_noise(const struct subject *subject) {
    const struct noise_options *noise = &subject->plan->experiment->evaluate.noise;
    cJSON *list = cJSON_CreateArray();
    for (size_t i = 0; i < noise->types.count; i++) {
        const struct perturbation_type *type = perturbation_find(noise->types.items[i]);
        if (noise->snr.count > 0 && strcmp(type->name, "gaussian") == 0) {
            score_signal_to_noise(subject, &noise->snr, list);
            continue;
        }
        bool own = noise->severities.count == 0;
        const double *severities = own ? type->severities : noise->severities.items;
        size_t count =
            own ? sizeof type->severities / sizeof type->severities[0] : noise->severities.count;
        for (size_t j = 0; j < count; j++)
            cJSON_AddItemToArray(list, noisy_scores(subject, type, severities[j]));
    }
    record_set(subject->record, "noise", list);
}

/* --- shifts ----------------------------------------------------------------------------------- */

/* Steps ahead at which a rollout's error is recorded: all of them, or some 64 that grow by a
 * factor. Returns the one after `step`. */
static int next_horizon(int step, int steps) {
    enum { MOST_HORIZONS = 64 };
    if (steps <= MOST_HORIZONS)
        return step + 1;
    int next = (int)ceil(step * pow(steps, 1.0 / (MOST_HORIZONS / 2)));
    return next > step && next < steps ? next : step < steps ? steps : step + 1;
}

static void add_rollout(const struct subject *subject, const struct dataset *dataset, int steps,
                        cJSON *entry) {
    struct arena scratch = {0};
    struct predictor predictor = predictor_for(subject, dataset);
    struct rollout rollout =
        rollout_run(&predictor, dataset, steps, wants_data_units(subject), &scratch);
    cJSON_AddItemToObject(entry, "metrics", metrics_json(subject, &rollout.predictions));
    cJSON_AddNullToObject(entry, "distance");
    cJSON *json = cJSON_AddObjectToObject(entry, "rollout");
    cJSON_AddNumberToObject(json, "steps", steps);
    cJSON_AddNumberToObject(json, "starts", rollout.starts);
    cJSON *horizon = cJSON_AddArrayToObject(json, "horizon");
    cJSON *time = cJSON_AddArrayToObject(json, "time");
    cJSON *error = cJSON_AddArrayToObject(json, "error");
    for (int k = 1; k <= steps; k = next_horizon(k, steps)) {
        cJSON_AddItemToArray(horizon, cJSON_CreateNumber(k));
        cJSON_AddItemToArray(time, cJSON_CreateNumber(k * rollout.step_time * dataset->time_unit));
        cJSON_AddItemToArray(error, cJSON_CreateNumber(rollout.error[k - 1]));
    }
    const struct dataset_options *options = dataset->options;
    double exponent =
        options->generator == NULL
            ? NAN
            : generator_exponent(generator_find(options->generator), options->parameters);
    cJSON_AddNumberToObject(json, "threshold", ROLLOUT_THRESHOLD);
    cJSON_AddNumberToObject(json, "valid_steps", rollout.valid_steps);
    cJSON_AddNumberToObject(json, "valid_time", rollout.valid_time * dataset->time_unit);
    cJSON_AddNumberToObject(json, "valid_lyapunov", rollout.valid_steps * exponent);
    arena_free(&scratch);
}

static void score_shifts(const struct subject *subject) {
    const struct object_list *ood = &subject->plan->experiment->evaluate.ood;
    const struct shift_options *shifts = ood->items;
    cJSON *list = cJSON_CreateArray();
    for (size_t i = 0; i < ood->count; i++) {
        const struct dataset *shifted = &subject->plan->shifts[i];
        cJSON *entry = cJSON_CreateObject();
        cJSON_AddStringToObject(entry, "name", shifts[i].name);
        cJSON_AddStringToObject(entry, "kind", shift_kind(&shifts[i]));
        if (shifts[i].rollout > 0) {
            add_rollout(subject, shifted, shifts[i].rollout, entry);
        } else {
            cJSON_AddItemToObject(entry, "metrics", scores_json(subject, shifted, &shifted->test));
            cJSON_AddItemToObject(entry, "distance",
                                  distance_json(subject, shifted, &shifted->test));
        }
        cJSON_AddItemToArray(list, entry);
    }
    record_set(subject->record, "ood", list);
}

/* `training` is the data set as the model saw it. */
static void evaluate(struct subject *subject, const struct dataset *training) {
    subject->training = sample_points(training, &training->train, subject->arena);
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
                     double seconds, double best_seconds, double joules) {
    const struct network *network = subject->trial->network;
    cJSON *cost = cJSON_CreateObject();
    cJSON_AddItemToObject(cost, "memory", memory_json(memory));
    cJSON_AddNumberToObject(cost, "peak_rss_bytes", (double)peak_rss_bytes());
    cJSON_AddNumberToObject(cost, "train_seconds", seconds);
    cJSON_AddNumberToObject(cost, "seconds_to_best", best_seconds);
    cJSON_AddNumberToObject(cost, "energy_joules", joules);
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
    cJSON_AddNumberToObject(json, "p90", latency.p90);
    cJSON_AddNumberToObject(json, "p99", latency.p99);
    cJSON_AddNumberToObject(json, "mean", latency.mean);
    cJSON *cost = cJSON_GetObjectItemCaseSensitive(subject->record, "cost");
    cJSON_ReplaceItemInObjectCaseSensitive(cost, "step_us", json);
}

/* --- networks --------------------------------------------------------------------------------- */

/* The data set with perturbed training and validation inputs, if the model is trained so. Streams
 * of random numbers are others than those of the noise that the test gets. */
static const struct dataset *training_data(const struct subject *subject) {
    enum { TRAIN_STREAM = 1, VALID_STREAM };
    const struct dataset *dataset = subject->plan->dataset;
    const cJSON *json = subject->trial->model->train.perturb;
    struct perturb_options options;
    struct error error;
    if (json == NULL || !perturb_read(json, "train.perturb", &options, subject->arena, &error))
        return dataset; /* the config was checked when it was read */
    const struct perturbation_type *type = perturbation_find(options.type);
    struct dataset *training = ARENA_NEW(subject->arena, struct dataset, 1);
    uint64_t seed = (uint64_t)subject->trial->seed;
    *training = *dataset;
    training->train = perturb(type, options.severity, seed | (uint64_t)TRAIN_STREAM << 32, dataset,
                              &dataset->train, subject->arena);
    training->valid = perturb(type, options.severity, seed | (uint64_t)VALID_STREAM << 32, dataset,
                              &dataset->valid, subject->arena);
    return training;
}

/* What evaluation needs for the data set's windows and those of its shifts. */
static size_t evaluation_workspace(const struct plan *plan, const struct network *network) {
    int window = plan->dataset->window;
    size_t most = network_workspace(network, window, evaluation_batch(window), PHASE_EVALUATE);
    for (size_t i = 0; i < plan->experiment->evaluate.ood.count; i++) {
        window = plan->shifts[i].window;
        size_t size = network_workspace(network, window, evaluation_batch(window), PHASE_EVALUATE);
        most = size > most ? size : most;
    }
    return most;
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
    const struct dataset *training = training_data(subject);
    struct energy_meter meter = energy_begin(ENERGY_FOLDER);
    struct train_result result = train(network, training, &trial->model->train,
                                       (uint64_t)trial->seed, observer, context, subject->arena);
    result.memory.streaming = streaming_bytes(network);
    set_cost(subject, &result.memory, result.seconds,
             result.best_epoch > 0 ? result.best_seconds : NAN, energy_since(&meter));
    record_set(subject->record, "curve", curve_json(&result));
    record_set(subject->record, "best_epoch", cJSON_CreateNumber(result.best_epoch));
    if (result.status == TRAIN_DIVERGED) {
        report_divergence(subject->record, &result);
        return true;
    }
    struct network_predictor predictor = {
        .network = network,
        .params = result.params,
        .workspace = ARENA_NEW(subject->arena, real, evaluation_workspace(plan, network)),
    };
    subject->predictor = network_predictor(&predictor, evaluation_batch(plan->dataset->window));
    evaluate(subject, training);
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
    set_cost(subject, &memory, seconds_now() - begin, NAN, NAN);
    cJSON *model = cJSON_GetObjectItemCaseSensitive(subject->record, "model");
    cJSON_ReplaceItemInObjectCaseSensitive(model, "parameters",
                                           cJSON_CreateNumber((double)baseline.parameters));
    subject->predictor = (struct predictor){
        .model = &baseline,
        .batch = evaluation_batch(subject->plan->dataset->window),
        .predict = baseline_predict,
    };
    evaluate(subject, subject->plan->dataset);
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
