#include "record/record.h"

#include "evaluate/metric.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const char *const status_names[] = {
    [TRIAL_OK] = "ok",
    [TRIAL_DIVERGED] = "diverged",
    [TRIAL_FAILED] = "failed",
    [TRIAL_TIMEOUT] = "timeout",
    [TRIAL_OUT_OF_MEMORY] = "out_of_memory",
    [TRIAL_UNDEFINED] = "undefined",
};

const char *trial_status_name(enum trial_status status) {
    return status_names[status];
}

/* The columns that the models read and predict, whether the config names them or not. */
static cJSON *names_json(const char *const *names, int count) {
    cJSON *list = cJSON_CreateArray();
    for (int i = 0; i < count; i++)
        cJSON_AddItemToArray(list, cJSON_CreateString(names[i]));
    return list;
}

static cJSON *task_json(const struct plan *plan) {
    const struct experiment *experiment = plan->experiment;
    const struct dataset *dataset = plan->dataset;
    cJSON *task = cJSON_CreateObject();
    cJSON_AddStringToObject(task, "type", task_name(&experiment->task));
    cJSON_AddStringToObject(task, "at", scored_steps_name((size_t)experiment->task.at - 1));
    cJSON_AddNumberToObject(task, "horizon", experiment->task.horizon);
    cJSON_AddStringToObject(task, "units",
                            score_units_name((size_t)experiment->evaluate.units - 1));
    cJSON_AddItemToObject(task, "inputs",
                          names_json(dataset->input_names, dataset->inputs - dataset->flags));
    cJSON_AddItemToObject(task, "targets", names_json(dataset->target_names, dataset->targets));
    return task;
}

static cJSON *model_json(const struct trial_plan *trial) {
    const struct model_plan *model = trial->model;
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "name", model->name);
    if (model->baseline != NULL)
        cJSON_AddNullToObject(json, "cell");
    else
        cJSON_AddStringToObject(json, "cell", model->network.cell);
    cJSON_AddBoolToObject(json, "baseline", model->baseline != NULL);
    if (trial->network != NULL)
        cJSON_AddNumberToObject(json, "parameters",
                                (double)trial->network->params.size * model->train.ensemble);
    else
        cJSON_AddNullToObject(json, "parameters");
    cJSON *options =
        model->baseline != NULL ? cJSON_CreateObject() : cJSON_Duplicate(model->config, 1);
    if (trial->network != NULL)
        network_write_wiring(trial->network, options);
    cJSON_DeleteItemFromObjectCaseSensitive(options, "name");
    cJSON_DeleteItemFromObjectCaseSensitive(options, "cell");
    cJSON_AddItemToObject(json, "options", options);
    return json;
}

static cJSON *metric_infos(const struct experiment *experiment) {
    const struct string_list *metrics = &experiment->evaluate.metrics;
    cJSON *list = cJSON_CreateArray();
    for (size_t i = 0; i < metrics->count; i++) {
        const struct metric_type *metric = metric_find(metrics->items[i]);
        cJSON *info = cJSON_CreateObject();
        cJSON_AddStringToObject(info, "name", metric->name);
        cJSON_AddStringToObject(info, "title", metric->title);
        cJSON_AddBoolToObject(info, "higher_is_better", metric->higher_is_better);
        cJSON_AddArrayToObject(info, "undefined");
        cJSON_AddItemToArray(list, info);
    }
    return list;
}

static cJSON *no_metrics(void) {
    cJSON *metrics = cJSON_CreateObject();
    cJSON_AddObjectToObject(metrics, "train");
    cJSON_AddObjectToObject(metrics, "valid");
    cJSON_AddObjectToObject(metrics, "test");
    return metrics;
}

static cJSON *no_cost(void) {
    cJSON *cost = cJSON_CreateObject();
    cJSON_AddNullToObject(cost, "memory");
    cJSON_AddNullToObject(cost, "peak_rss_bytes");
    cJSON_AddNullToObject(cost, "train_seconds");
    cJSON_AddNullToObject(cost, "train_cpu_seconds");
    cJSON_AddNullToObject(cost, "seconds_to_best");
    cJSON_AddNullToObject(cost, "trial_seconds");
    cJSON_AddNullToObject(cost, "energy_joules");
    cJSON_AddNullToObject(cost, "flops_per_step");
    cJSON_AddNullToObject(cost, "train_operations");
    cJSON_AddNullToObject(cost, "step_us");
    return cost;
}

static cJSON *notes_json(const struct notes *notes) {
    struct arena arena = {0};
    cJSON *list = cJSON_CreateArray();
    for (size_t i = 0; i < notes->count; i++)
        cJSON_AddItemToArray(list, cJSON_CreateString(note_text(&notes->items[i], &arena)));
    arena_free(&arena);
    return list;
}

/* The resolved config as it was for this seed alone: records of a thousand seeds that each named all of
 * them would grow with the square of their number. */
static cJSON *config_json(const struct experiment *experiment, int seed) {
    cJSON *config = cJSON_CreateObject();
    for (const cJSON *item = experiment->resolved->child; item != NULL; item = item->next)
        cJSON_AddItemToObject(config, item->string,
                              strcmp(item->string, "seeds") == 0 ? cJSON_CreateIntArray(&seed, 1)
                                                                 : cJSON_Duplicate(item, 1));
    return config;
}

cJSON *record_new(const struct plan *plan, const struct trial_plan *trial,
                  const cJSON *provenance) {
    const struct experiment *experiment = plan->experiment;
    cJSON *record = cJSON_CreateObject();
    cJSON_AddNumberToObject(record, "format", RECORD_FORMAT);
    cJSON_AddStringToObject(record, "status", status_names[TRIAL_FAILED]);
    cJSON_AddNullToObject(record, "error");
    cJSON_AddStringToObject(record, "name", trial->name);
    cJSON_AddStringToObject(record, "dataset", plan->dataset_name);
    cJSON_AddItemToObject(record, "dataset_notes", notes_json(&plan->dataset->notes));
    cJSON_AddNumberToObject(record, "seed", trial->seed);
    cJSON_AddStringToObject(record, "hash", trial->hash);
    cJSON_AddItemToObject(record, "task", task_json(plan));
    cJSON_AddItemToObject(record, "model", model_json(trial));
    cJSON_AddItemToObject(record, "metrics", no_metrics());
    cJSON_AddItemToObject(record, "metric_info", metric_infos(experiment));
    cJSON_AddNullToObject(record, "errors");
    cJSON_AddNullToObject(record, "confusion");
    cJSON_AddNullToObject(record, "sampling");
    cJSON_AddNullToObject(record, "test_distance");
    cJSON_AddArrayToObject(record, "curve");
    cJSON_AddNullToObject(record, "best_epoch");
    cJSON_AddItemToObject(record, "cost", no_cost());
    cJSON_AddArrayToObject(record, "noise");
    cJSON_AddNullToObject(record, "faults");
    cJSON_AddArrayToObject(record, "ood");
    cJSON_AddNullToObject(record, "stream");
    cJSON_AddNullToObject(record, "ladder");
    cJSON_AddNullToObject(record, "gradient_lag");
    cJSON_AddNullToObject(record, "example");
    cJSON_AddItemToObject(record, "config", config_json(experiment, trial->seed));
    cJSON_AddItemToObject(record, "provenance", cJSON_Duplicate(provenance, 1));
    return record;
}

void record_set(cJSON *record, const char *key, cJSON *value) {
    cJSON_ReplaceItemInObjectCaseSensitive(record, key, value);
}

void record_set_status(cJSON *record, enum trial_status status, const char *why) {
    record_set(record, "status", cJSON_CreateString(status_names[status]));
    record_set(record, "error", why != NULL ? cJSON_CreateString(why) : cJSON_CreateNull());
}

cJSON *memory_json(const struct memory_cost *memory) {
    cJSON *json = cJSON_CreateObject();
    cJSON_AddNumberToObject(json, "parameters", (double)memory->parameters);
    cJSON_AddNumberToObject(json, "gradients", (double)memory->gradients);
    cJSON_AddNumberToObject(json, "optimizer", (double)memory->optimizer);
    cJSON_AddNumberToObject(json, "activations", (double)memory->activations);
    cJSON_AddNumberToObject(json, "streaming", (double)memory->streaming);
    return json;
}

char *record_path(struct arena *arena, const char *folder, const struct trial_plan *trial) {
    return arena_printf(arena, "%s/trials/%s.json", folder, trial->stem);
}

char *model_path(struct arena *arena, const char *folder, const struct trial_plan *trial) {
    return arena_printf(arena, "%s/models/%s.safetensors", folder, trial->stem);
}

char *predictions_path(struct arena *arena, const char *folder, const struct trial_plan *trial) {
    return arena_printf(arena, "%s/predictions/%s.csv", folder, trial->stem);
}

char *claim_path(struct arena *arena, const char *folder, const char *stem) {
    return arena_printf(arena, "%s/claims/%s.json", folder, stem);
}

static bool find_status(const char *name, enum trial_status *status) {
    for (size_t i = 0; i < sizeof status_names / sizeof status_names[0]; i++) {
        if (strcmp(status_names[i], name) == 0) {
            *status = (enum trial_status)i;
            return true;
        }
    }
    return false;
}

bool record_is_whole(const cJSON *record, enum trial_status *status) {
    return json_number(record, "format", 0) == RECORD_FORMAT &&
           cJSON_IsObject(cJSON_GetObjectItemCaseSensitive(record, "metrics")) &&
           cJSON_IsObject(cJSON_GetObjectItemCaseSensitive(record, "cost")) &&
           find_status(json_string(record, "status", ""), status);
}

bool record_read(const char *folder, const struct plan *plan, const struct trial_plan *trial,
                 struct record_summary *summary) {
    struct arena arena = {0};
    struct error error;
    const char *path = record_path(&arena, folder, trial);
    cJSON *record = file_exists(path) ? json_load(path, &error) : NULL;
    const cJSON *metrics = cJSON_GetObjectItemCaseSensitive(record, "metrics");
    const cJSON *scores = cJSON_GetObjectItemCaseSensitive(
        metrics, plan->experiment->is_searching ? "valid" : "test");
    const cJSON *curve = cJSON_GetObjectItemCaseSensitive(record, "curve");
    const cJSON *cost = cJSON_GetObjectItemCaseSensitive(record, "cost");
    bool whole = record_is_whole(record, &summary->status) &&
                 strcmp(json_string(record, "hash", ""), trial->hash) == 0;
    if (whole) {
        summary->score = json_number(scores, plan->experiment->metric, NAN);
        summary->seconds = json_number(cost, "train_seconds", NAN);
        summary->cpu_seconds = json_number(cost, "train_cpu_seconds", NAN);
        summary->trial_seconds = json_number(cost, "trial_seconds", NAN);
        summary->epochs = cJSON_GetArraySize(curve);
        snprintf(summary->error, sizeof summary->error, "%s", json_string(record, "error", ""));
    }
    cJSON_Delete(record);
    arena_free(&arena);
    return whole;
}
