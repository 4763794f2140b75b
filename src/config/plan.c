#include "config/plan.h"

#include "evaluate/metric.h"
#include "model/baseline.h"
#include "train/gradient_lag.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int compare_keys(const void *a, const void *b) {
    return strcmp((*(const cJSON *const *)a)->string, (*(const cJSON *const *)b)->string);
}

/* A copy with object keys in alphabetical order: the same content is always the same text. */
static cJSON *canonical(const cJSON *json) {
    cJSON *copy = cJSON_Duplicate(json, 0);
    size_t count = (size_t)cJSON_GetArraySize(json), position = 0;
    const cJSON **children = mem_resize(NULL, count * sizeof *children);
    for (const cJSON *item = json->child; item != NULL; item = item->next)
        children[position++] = item;
    if (cJSON_IsObject(json) && count > 0)
        qsort(children, count, sizeof *children, compare_keys);
    for (size_t i = 0; i < count; i++) {
        if (cJSON_IsObject(json))
            cJSON_AddItemToObject(copy, children[i]->string, canonical(children[i]));
        else
            cJSON_AddItemToArray(copy, canonical(children[i]));
    }
    free(children);
    return copy;
}

static const cJSON *part(const struct experiment *experiment, const char *key) {
    return cJSON_GetObjectItemCaseSensitive(experiment->resolved, key);
}

/* A shifted split may come from files that are not part of the data set's checksum. */
static void split_sha256(const struct split *split, const struct dataset *dataset,
                         char digest[SHA256_TEXT]) {
    size_t size = (size_t)split->series_count * 2 * SHA256_TEXT;
    char *digests = mem_resize(NULL, size + 1);
    memset(digests, 0, size + 1);
    for (int i = 0; i < split->series_count; i++) {
        const struct series *series = &split->series[i];
        size_t rows = (size_t)series->rows;
        char *place = digests + (size_t)i * 2 * SHA256_TEXT;
        bytes_sha256(series->x, rows * (size_t)dataset->inputs * sizeof(real), place);
        bytes_sha256(series->y, rows * (size_t)dataset->width * sizeof(real), place + SHA256_TEXT);
    }
    bytes_sha256(digests, size, digest);
    free(digests);
}

static void add_shift_hashes(const struct plan *plan, cJSON *outcome) {
    cJSON *hashes = cJSON_AddArrayToObject(outcome, "ood");
    for (size_t i = 0; i < plan->experiment->evaluate.ood.count; i++) {
        char digest[SHA256_TEXT];
        split_sha256(&plan->shifts[i].test, plan->dataset, digest);
        cJSON_AddItemToArray(hashes, cJSON_CreateString(digest));
    }
}

/* Everything that determines the outcomes of all trials alike. */
static cJSON *common_outcome(const struct plan *plan) {
    const struct experiment *experiment = plan->experiment;
    cJSON *outcome = cJSON_CreateObject();
    cJSON_AddNumberToObject(outcome, "numerics", NUMERICS_VERSION);
    cJSON *dataset = cJSON_Duplicate(part(experiment, "dataset"), 1);
    /* Where the files lie is of no account; what is in them is in the checksum. */
    cJSON_DeleteItemFromObjectCaseSensitive(dataset, "path");
    cJSON_DeleteItemFromObjectCaseSensitive(dataset, "csv");
    cJSON_AddItemToObject(outcome, "dataset", dataset);
    cJSON_AddStringToObject(outcome, "data", plan->dataset->sha256);
    cJSON_AddItemToObject(outcome, "task", cJSON_Duplicate(part(experiment, "task"), 1));
    cJSON *evaluate = cJSON_Duplicate(part(experiment, "evaluate"), 1);
    /* Only who asks for predictions of a trial that has none runs it again. */
    if (!experiment->evaluate.predictions)
        cJSON_DeleteItemFromObjectCaseSensitive(evaluate, "predictions");
    cJSON_AddItemToObject(outcome, "evaluate", evaluate);
    add_shift_hashes(plan, outcome);
    if (plan->stream != NULL) {
        char digest[SHA256_TEXT];
        split_sha256(&plan->stream->split, plan->dataset, digest);
        cJSON_AddStringToObject(outcome, "stream", digest);
    }
    return outcome;
}

/* Of everything that determines the outcomes of a model's trials, but for the seed. */
static void hash_model(const struct model_plan *model, const cJSON *common,
                       char digest[SHA256_TEXT]) {
    cJSON *outcome = cJSON_Duplicate(common, 1), *config = cJSON_Duplicate(model->config, 1);
    /* The number of threads changes no result. */
    cJSON_DeleteItemFromObjectCaseSensitive(cJSON_GetObjectItemCaseSensitive(config, "train"),
                                            "threads");
    cJSON_AddItemToObject(outcome, "model", config);
    cJSON *ordered = canonical(outcome);
    char *text = cJSON_PrintUnformatted(ordered);
    bytes_sha256(text, strlen(text), digest);
    cJSON_free(text);
    cJSON_Delete(ordered);
    cJSON_Delete(outcome);
}

static void hash_trial(struct trial_plan *trial, const char *model_digest) {
    char text[SHA256_TEXT + 16], digest[SHA256_TEXT];
    int length = snprintf(text, sizeof text, "%s %d", model_digest, trial->seed);
    bytes_sha256(text, (size_t)length, digest);
    memcpy(trial->hash, digest, TRIAL_HASH_TEXT - 1);
}

/* Steps of all training windows. */
static double epoch_steps(const struct dataset *dataset) {
    double steps = 0;
    for (size_t i = 0; i < dataset->train.window_count; i++)
        steps += dataset->train.windows[i].length;
    return steps;
}

/* A model whose trials are being added. */
struct addition {
    const struct model_plan *model;
    char digest[SHA256_TEXT];
    double training_steps; /* in an epoch */
};

static void add_trial(struct plan *plan, const struct addition *addition,
                      const struct network *network, int seed, struct arena *arena) {
    const struct model_plan *model = addition->model;
    struct trial_plan *trial = &plan->trials[plan->trial_count++];
    trial->model = model;
    trial->network = network;
    trial->seed = seed;
    /* Forward and backward are three products of the size of the forward one. */
    if (network != NULL)
        trial->work = 3 * network_flops(network) * addition->training_steps * model->train.epochs *
                      model->train.ensemble;
    hash_trial(trial, addition->digest);
    trial->name = arena_printf(arena, "%s-%s-s%d", plan->dataset_name, model->name, seed);
    trial->stem = arena_printf(arena, "%s-%s", trial->name, trial->hash);
}

static bool baseline_fits(const struct plan *plan, const struct model_plan *model, bool *fits,
                          struct error *error) {
    *fits = baseline_find(model->baseline)->applies(plan->dataset);
    if (*fits || !plan->experiment->names_baselines)
        return true;
    return error_set(error,
                     "%s: baselines: \"%s\" does not apply to this data and task; take it out of "
                     "the list%s",
                     plan->experiment->config_path, model->baseline,
                     strcmp(model->baseline, "seasonal") == 0 ? " or set dataset.period" : "");
}

/* Tells a network that normalizes which inputs its targets are. */
static bool set_targets(struct network *network, const struct dataset *dataset, struct arena *arena,
                        struct error *error) {
    int targets = dataset->targets;
    if (network->normalization.kind == 0)
        return true;
    double *scale = ARENA_NEW(arena, double, targets), *shift = ARENA_NEW(arena, double, targets);
    for (int k = 0; k < targets; k++) {
        int input = dataset->target_input[k];
        if (input < 0)
            return error_set(error,
                             "task.normalize: target \"%s\" is not among the inputs; add it to "
                             "dataset.inputs or leave normalize out",
                             dataset->target_names[k]);
        scale[k] = dataset->input_scale[input] / dataset->target_scale[k];
        shift[k] =
            (dataset->input_offset[input] - dataset->target_offset[k]) / dataset->target_scale[k];
    }
    network_set_targets(network, targets, dataset->target_input, scale, shift);
    return true;
}

static bool can_checkpoint(const struct model_plan *model, const struct network *network,
                           struct error *error) {
    if (model->train.checkpoint && network->normalization.kind != 0)
        return error_set(error, "train.checkpoint: task.normalize needs whole windows, so they "
                                "cannot be cut in time; set it to false");
    return !model->train.checkpoint || network_streams(network) ||
           error_set(error,
                     "train.checkpoint: a \"%s\" reads windows in both directions, so they cannot "
                     "be cut in time; set it to false",
                     model->network.cell);
}

/* Metrics of two classes have no value with any other number. */
static bool check_classes(const struct plan *plan, const char *metric, const char *path,
                          struct error *error) {
    const struct dataset *dataset = plan->dataset;
    const struct metric_type *type = metric != NULL ? metric_find(metric) : NULL;
    return type == NULL || !type->two_classes || dataset->outputs == 2 ||
           error_set(error,
                     "%s: %s: \"%s\" is undefined for the %d classes of this data; \"macro_f1\" is "
                     "for any number of classes",
                     plan->experiment->config_path, path, metric, dataset->outputs);
}

static bool check_class_weights(const struct plan *plan, struct error *error) {
    const struct experiment *experiment = plan->experiment;
    const struct dataset *dataset = plan->dataset;
    for (size_t i = 0; i < experiment->model_count; i++) {
        size_t count = experiment->models[i].train.class_weights.count;
        if (count > 0 && dataset->class_names == NULL)
            return error_set(error,
                             "%s: train.class_weights: make sense for \"classification\" "
                             "alone",
                             experiment->config_path);
        if (count > 0 && count != (size_t)dataset->outputs)
            return error_set(error,
                             "%s: train.class_weights: has %zu weights for %d classes (%s, "
                             "%s, ...)",
                             experiment->config_path, count, dataset->outputs,
                             dataset->class_names[0], dataset->class_names[1]);
    }
    return true;
}

static bool check_metrics(const struct plan *plan, struct error *error) {
    const struct experiment *experiment = plan->experiment;
    for (size_t i = 0; i < experiment->model_count; i++)
        if (!check_classes(plan, experiment->models[i].train.select, "train.select", error))
            return false;
    return check_classes(plan, experiment->metric, "evaluate.metrics", error);
}

static bool add_trials(struct plan *plan, const struct addition *addition, struct arena *arena,
                       struct error *error) {
    const struct experiment *experiment = plan->experiment;
    const struct dataset *dataset = plan->dataset;
    const struct model_plan *model = addition->model;
    if (model->baseline != NULL) {
        bool fits;
        if (!baseline_fits(plan, model, &fits, error))
            return false;
        if (fits) /* nothing in it is random: one seed says everything */
            add_trial(plan, addition, NULL, experiment->seeds.items[0], arena);
        return true;
    }
    for (size_t i = 0; i < experiment->seeds.count; i++) {
        int seed = experiment->seeds.items[i];
        struct network *network = ARENA_NEW(arena, struct network, 1);
        if (!network_create(network, &model->network, dataset->inputs, dataset->flags,
                            dataset->outputs, (uint64_t)seed, arena, error) ||
            !set_targets(network, dataset, arena, error) || !can_checkpoint(model, network, error))
            return error_prefix(error, "%s: models[%zu]", experiment->config_path,
                                (size_t)(model - experiment->models));
        network_set_means(network, dataset->input_mean);
        int lags = experiment->evaluate.gradient_lags;
        if (lags > 0 && !gradient_lag_check(network, dataset, lags, error))
            return error_prefix(error, "%s: evaluate.gradient_lags", experiment->config_path);
        add_trial(plan, addition, network, seed, arena);
    }
    return true;
}

static bool make_shifts(struct plan *plan, struct arena *arena, struct error *error) {
    const struct experiment *experiment = plan->experiment;
    const struct shift_options *shifts = experiment->evaluate.ood.items;
    size_t count = experiment->evaluate.ood.count;
    plan->shifts = ARENA_NEW(arena, struct dataset, count);
    for (size_t i = 0; i < count; i++)
        if (!shift_make(&shifts[i], plan->dataset, arena, &plan->shifts[i], error))
            return error_prefix(error, "%s: evaluate.ood[%zu]", experiment->config_path, i);
    return true;
}

static bool make_rungs(struct plan *plan, struct arena *arena, struct error *error) {
    const struct experiment *experiment = plan->experiment;
    const struct ladder_options *ladder = &experiment->evaluate.ladder;
    plan->rungs = ARENA_NEW(arena, struct dataset, ladder->values.count);
    return ladder_make(ladder, plan->dataset, experiment->rungs, arena, plan->rungs, error) ||
           error_prefix(error, "%s: evaluate.ladder", experiment->config_path);
}

static bool make_streams(struct plan *plan, struct arena *arena, struct error *error) {
    const struct stream_options *options = &plan->experiment->evaluate.stream;
    bool made = true;
    if (options->regimes.count == 0)
        return true;
    plan->stream = ARENA_NEW(arena, struct stream, 1);
    made = stream_make(options, plan->dataset, false, arena, plan->stream, error);
    if (made && (options->online.learning_rates.count > 1 ||
                 options->online.forgetting_factors.count > 1)) {
        plan->validation_stream = ARENA_NEW(arena, struct stream, 1);
        made = stream_make(options, plan->dataset, true, arena, plan->validation_stream, error);
    }
    return made || error_prefix(error, "%s: evaluate.stream", plan->experiment->config_path);
}

bool plan_make(struct plan *plan, const struct experiment *experiment,
               const struct dataset *dataset, struct arena *arena, struct error *error) {
    *plan = (struct plan){.experiment = experiment, .dataset = dataset};
    const char *name = experiment->dataset.name;
    plan->dataset_name = name != NULL ? name : name_from_path(arena, dataset->name);
    if (!check_metrics(plan, error) || !check_class_weights(plan, error) ||
        !make_shifts(plan, arena, error) || !make_streams(plan, arena, error) ||
        !make_rungs(plan, arena, error))
        return false;
    plan->trials =
        ARENA_NEW(arena, struct trial_plan, experiment->model_count * experiment->seeds.count);
    cJSON *common = common_outcome(plan);
    bool added = true;
    struct addition addition = {.training_steps = epoch_steps(dataset)};
    for (size_t i = 0; i < experiment->evaluate.ladder.values.count; i++)
        addition.training_steps += epoch_steps(&plan->rungs[i]);
    for (size_t i = 0; added && i < experiment->model_count; i++) {
        addition.model = &experiment->models[i];
        hash_model(addition.model, common, addition.digest);
        added = add_trials(plan, &addition, arena, error);
    }
    cJSON_Delete(common);
    return added;
}
