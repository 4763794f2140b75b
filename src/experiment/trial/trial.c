#include "experiment/trial/trial.h"

#include "base/clock.h"
#include "evaluate/energy.h"
#include "evaluate/metric.h"
#include "evaluate/mixture.h"
#include "experiment/deploy/saved_model.h"
#include "experiment/trial/adaptation.h"
#include "experiment/trial/divergence.h"
#include "experiment/trial/evaluation.h"
#include "experiment/trial/memory.h"
#include "experiment/trial/prediction_file.h"
#include "experiment/trial/throughput.h"
#include "model/baseline.h"
#include "record/record.h"
#include "train/adversary.h"
#include "train/ensemble.h"
#include "train/network_predictor.h"
#include "train/segment.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A trial under way. */
struct running_trial {
    const struct plan *plan;
    const struct trial_plan *trial;
    struct arena *arena;
    cJSON *record;
};

/* --- cost ------------------------------------------------------------------------------------- */

/* What training took; NaN where not known. */
struct training_effort {
    double seconds, cpu_seconds, best_seconds, joules, operations;
};

/* Networks of an ensemble; 1 without one. */
static int members_of(const struct running_trial *subject) {
    return subject->trial->model->train.ensemble;
}

/* Called right after training, so that the peak is that of training. */
static void set_cost(const struct running_trial *subject, const struct memory_cost *memory,
                     const struct training_effort *training) {
    const struct network *network = subject->trial->network;
    cJSON *cost = cJSON_CreateObject();
    cJSON_AddItemToObject(cost, "memory", memory_json(memory));
    cJSON_AddNumberToObject(cost, "peak_rss_bytes", (double)peak_rss_bytes());
    cJSON_AddNumberToObject(cost, "train_seconds", training->seconds);
    cJSON_AddNumberToObject(cost, "train_cpu_seconds", training->cpu_seconds);
    cJSON_AddNumberToObject(cost, "seconds_to_best", training->best_seconds);
    cJSON_AddNullToObject(cost, "trial_seconds");
    cJSON_AddNumberToObject(cost, "energy_joules", training->joules);
    cJSON_AddNumberToObject(cost, "flops_per_step",
                            network != NULL ? network_flops(network) * members_of(subject) : NAN);
    cJSON_AddNumberToObject(cost, "train_operations", training->operations);
    cJSON_AddNullToObject(cost, "step_us");
    record_set(subject->record, "cost", cost);
}

/* Of one network; members of an ensemble are alike, and take their steps one after the other. */
static void set_latency(const struct running_trial *subject, const real *params) {
    int members = members_of(subject);
    const struct dataset *dataset = subject->plan->dataset;
    const struct series *series = &dataset->test.series[dataset->test.windows[0].series];
    struct latency latency =
        streaming_latency(subject->trial->network, params, series->x, series->time, series->rows,
                          (size_t)subject->plan->experiment->evaluate.latency_steps);
    if (latency.steps == 0)
        return;
    cJSON *json = cJSON_CreateObject();
    cJSON_AddNumberToObject(json, "p50", latency.p50 * members);
    cJSON_AddNumberToObject(json, "p90", latency.p90 * members);
    cJSON_AddNumberToObject(json, "p99", latency.p99 * members);
    cJSON_AddNumberToObject(json, "mean", latency.mean * members);
    cJSON *cost = cJSON_GetObjectItemCaseSensitive(subject->record, "cost");
    cJSON_ReplaceItemInObjectCaseSensitive(cost, "step_us", json);
}

/* --- networks --------------------------------------------------------------------------------- */

/* The data set with perturbed training and validation inputs, if the model is trained so. Streams
 * of random numbers are others than those of the noise that the test gets. */
static const struct dataset *training_data(const struct running_trial *subject) {
    enum { TRAIN_STREAM = 1, VALID_STREAM };
    const struct dataset *dataset = subject->plan->dataset;
    const cJSON *json = subject->trial->model->train.perturb;
    struct perturb_options options;
    struct error error;
    if (json == NULL || is_mixture(json) ||
        !perturb_read(json, "train.perturb", &options, subject->arena, &error))
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

static int smaller_of(int a, int b) {
    return a < b ? a : b;
}

/* With memory for the data set's windows and those of its shifts. */
static struct network_predictor trained_network(const struct running_trial *subject,
                                                const real *params) {
    const struct plan *plan = subject->plan;
    const struct network *network = subject->trial->network;
    size_t shifts = plan->experiment->evaluate.ood.count, numbers = 0;
    int longest = plan->dataset->window, max = evaluation_batch(1);
    for (size_t i = 0; i < shifts; i++)
        longest = plan->shifts[i].window > longest ? plan->shifts[i].window : longest;
    int segment = segment_steps(&subject->trial->model->train, longest);
    for (size_t i = 0; i <= shifts; i++) {
        int window = i < shifts ? plan->shifts[i].window : plan->dataset->window;
        size_t size = network_workspace(network, smaller_of(segment, window),
                                        evaluation_batch(window), PHASE_EVALUATE);
        numbers = size > numbers ? size : numbers;
    }
    return (struct network_predictor){
        .network = network,
        .params = params,
        .segment = segment,
        .state = ARENA_NEW(subject->arena, real, (size_t)max * (size_t)network->state),
        .workspace = ARENA_NEW(subject->arena, real, numbers),
    };
}

/* To five digits: norms are summarized, not computed with. */
static void put_rounded(cJSON *object, const char *key, double value) {
    char text[32];
    snprintf(text, sizeof text, "%.5g", value);
    cJSON_AddNumberToObject(object, key, strtod(text, NULL));
}

static cJSON *curve_json(const struct train_result *result) {
    cJSON *curve = cJSON_CreateArray();
    for (int i = 0; i < result->epochs; i++) {
        cJSON *epoch = cJSON_CreateObject();
        cJSON_AddNumberToObject(epoch, "epoch", i + 1);
        cJSON_AddNumberToObject(epoch, "loss", result->curve[i].loss);
        cJSON_AddNumberToObject(epoch, "valid", result->curve[i].valid);
        cJSON_AddNumberToObject(epoch, "learning_rate", result->curve[i].learning_rate);
        const struct gradient_norms *gradient = &result->curve[i].gradient;
        put_rounded(epoch, "gradient_median", gradient->median);
        put_rounded(epoch, "gradient_max", gradient->max);
        put_rounded(epoch, "clipped", gradient->clipped);
        put_rounded(epoch, "exploding", gradient->exploding);
        cJSON_AddItemToArray(curve, epoch);
    }
    return curve;
}

/* Why no epoch could be chosen. */
static const char *undefined_reason(const struct train_options *options, struct arena *arena) {
    const struct metric_type *metric =
        options->select != NULL ? metric_find(options->select) : NULL;
    if (metric == NULL)
        return "the loss is undefined: no training or no validation step has a target that counts; "
               "look at missing targets, task.class_weights and the split";
    return arena_printf(arena,
                        "train.select: %s is undefined on the validation windows: it needs %s; "
                        "choose another metric or another split",
                        metric->name, metric->needs != NULL ? metric->needs : "known truths");
}

/* Why training came to nothing; whether it did. */
static bool has_failed(const struct running_trial *subject, const struct dataset *training,
                       const struct train_result *result) {
    const struct train_options *options = &subject->trial->model->train;
    if (result->status == TRAIN_DIVERGED)
        record_set_status(
            subject->record, TRIAL_DIVERGED,
            divergence_reason(subject->trial->network, training, options, result, subject->arena));
    else if (result->status == TRAIN_UNDEFINED)
        record_set_status(subject->record, TRIAL_UNDEFINED,
                          undefined_reason(options, subject->arena));
    return result->status != TRAIN_OK;
}

/* Where the config asks for them. */
static bool write_predictions(const struct running_trial *subject,
                              const struct predictor *predictor, const char *folder,
                              struct error *error) {
    const struct plan *plan = subject->plan;
    return !plan->experiment->evaluate.predictions || plan->experiment->is_searching ||
           predictions_save(predictor, plan->dataset,
                            predictions_path(subject->arena, folder, subject->trial), error);
}

/* Forward and backward: one, and one more for each step of an adversary. */
static double passes_of_update(const struct train_options *options, struct arena *arena) {
    struct adversary adversary;
    struct error ignored; /* the config was checked when it was read */
    adversary_read(options->adversarial, "train.adversarial", &adversary, arena, &ignored);
    return 1 + adversary.steps;
}

/* The networks of an ensemble one after the other, or the one. Member 0 is what the trial would be
 * without the others. Returns the first result, or that which failed and ended it; params [members]. */
static struct train_result train_members(const struct running_trial *subject,
                                         const struct dataset *training, epoch_observer observer,
                                         void *context, const real **params,
                                         struct training_effort *effort) {
    const struct trial_plan *trial = subject->trial;
    const struct train_options *options = &trial->model->train;
    double operations = trial->work * passes_of_update(options, subject->arena) / options->epochs;
    struct train_result result = {0};
    for (int m = 0; m < options->ensemble && result.status == TRAIN_OK; m++) {
        uint64_t seed = (uint64_t)trial->seed | (uint64_t)m << 32;
        struct train_result member =
            train(trial->network, training, options, seed, observer, context, subject->arena);
        params[m] = member.params;
        effort->best_seconds = member.best_epoch > 0 ? effort->seconds + member.best_seconds : NAN;
        effort->seconds += member.seconds;
        effort->cpu_seconds += member.cpu_seconds;
        effort->operations += operations * member.epochs / options->ensemble;
        if (m == 0 || member.status != TRAIN_OK)
            result = member;
    }
    return result;
}

static bool run_network(struct running_trial *subject, const char *folder, epoch_observer observer,
                        void *context, struct error *error) {
    const struct plan *plan = subject->plan;
    const struct trial_plan *trial = subject->trial;
    const struct network *network = trial->network;
    const struct dataset *training = training_data(subject);
    int members = members_of(subject), batch = evaluation_batch(plan->dataset->window);
    const real **params = ARENA_NEW(subject->arena, const real *, members);
    struct training_effort effort = {0};
    struct energy_meter meter = energy_begin(ENERGY_FOLDER);
    struct train_result result =
        train_members(subject, training, observer, context, params, &effort);
    effort.joules = energy_since(&meter);
    result.memory.parameters *= (size_t)members;
    result.memory.streaming = network_streaming_bytes(network) * (size_t)members;
    set_cost(subject, &result.memory, &effort);
    record_set(subject->record, "curve", curve_json(&result));
    record_set(subject->record, "best_epoch", cJSON_CreateNumber(result.best_epoch));
    if (has_failed(subject, training, &result))
        return true;
    struct ensemble trained = {
        .network = trained_network(subject, result.params),
        .params = params,
        .members = members,
        .classifies = plan->dataset->task == TASK_CLASSIFICATION,
    };
    struct predictor predictor = members > 1 ? ensemble_predictor(&trained, batch)
                                             : network_predictor(&trained.network, batch);
    evaluate_model(&predictor, plan, trial->seed, training, subject->record);
    set_latency(subject, result.params);
    measure_adaptation(plan, trial, result.params, subject->record);
    measure_memory(plan, trial, result.params, subject->record);
    record_set_status(subject->record, TRIAL_OK, NULL);
    if (plan->experiment->is_searching)
        return true; /* it is trained again from fresh seeds if it is chosen */
    if (!write_predictions(subject, &predictor, folder, error))
        return false;
    return members > 1 ||
           saved_model_write(model_path(subject->arena, folder, trial), network, result.params,
                             plan->dataset, trial->model->config, trial->stem, error);
}

cJSON *trial_score(const struct plan *plan, const struct trial_plan *trial, const real *params) {
    struct arena arena = {0};
    const struct running_trial subject = {.plan = plan, .trial = trial, .arena = &arena};
    struct network_predictor network = trained_network(&subject, params);
    struct predictor predictor =
        network_predictor(&network, evaluation_batch(plan->dataset->window));
    cJSON *scores = evaluate_test(&predictor, plan);
    arena_free(&arena);
    return scores;
}

/* --- baselines -------------------------------------------------------------------------------- */

static void baseline_predict(void *model, const struct batch *batch, real *out) {
    const struct baseline *baseline = model;
    baseline->type->predict(baseline, batch, out);
}

static bool run_baseline(struct running_trial *subject, const char *folder, struct error *error) {
    struct baseline baseline = {
        .type = baseline_find(subject->trial->model->baseline),
        .dataset = subject->plan->dataset,
    };
    struct error why;
    double begin = seconds_now(), cpu_begin = cpu_seconds_now();
    if (!baseline.type->fit(&baseline, subject->arena, &why)) {
        record_set_status(subject->record, TRIAL_FAILED, why.text);
        return true;
    }
    struct memory_cost memory = {.parameters = baseline.parameters * sizeof(double)};
    const struct training_effort cost = {
        .seconds = seconds_now() - begin,
        .cpu_seconds = cpu_seconds_now() - cpu_begin,
        .best_seconds = NAN,
        .joules = NAN,
        .operations = NAN,
    };
    set_cost(subject, &memory, &cost);
    cJSON *model = cJSON_GetObjectItemCaseSensitive(subject->record, "model");
    cJSON_ReplaceItemInObjectCaseSensitive(model, "parameters",
                                           cJSON_CreateNumber((double)baseline.parameters));
    struct predictor predictor = {
        .model = &baseline,
        .batch = evaluation_batch(subject->plan->dataset->window),
        .predict = baseline_predict,
    };
    evaluate_model(&predictor, subject->plan, subject->trial->seed, subject->plan->dataset,
                   subject->record);
    measure_baseline_adaptation(subject->plan, &baseline, &predictor, subject->record);
    record_set_status(subject->record, TRIAL_OK, NULL);
    return write_predictions(subject, &predictor, folder, error);
}

bool trial_run(const struct plan *plan, const struct trial_plan *trial, const cJSON *provenance,
               const char *folder, epoch_observer observer, void *context, struct error *error) {
    struct arena arena = {0};
    struct running_trial subject = {
        .plan = plan,
        .trial = trial,
        .arena = &arena,
        .record = record_new(plan, trial, provenance),
    };
    bool written = true;
    double begin = seconds_now();
    if (trial->network != NULL)
        written = run_network(&subject, folder, observer, context, error);
    else
        written = run_baseline(&subject, folder, error);
    cJSON_ReplaceItemInObjectCaseSensitive(cJSON_GetObjectItemCaseSensitive(subject.record, "cost"),
                                           "trial_seconds",
                                           cJSON_CreateNumber(seconds_now() - begin));
    written = written && json_save(subject.record, record_path(&arena, folder, trial), error);
    cJSON_Delete(subject.record);
    arena_free(&arena);
    return written;
}
