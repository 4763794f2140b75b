#include "experiment/export/export_score.h"

#include "base/file.h"
#include "base/json.h"
#include "experiment/export/export_notes.h"
#include "experiment/trial/trial.h"

#include <stdio.h>
#include <string.h>

/* Data and metrics of a trial, from the config in its record. */
struct rescored {
    struct experiment experiment;
    struct dataset dataset;
    struct plan plan;
    struct arena arena;
};

static void copy_item(cJSON *to, const cJSON *from, const char *key) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(from, key);
    if (item != NULL)
        cJSON_AddItemToObject(to, key, cJSON_Duplicate(item, true));
}

/* What the clean test and its scores follow from, with the trial's model alone. */
static cJSON *test_config(const cJSON *record) {
    const cJSON *config = cJSON_GetObjectItemCaseSensitive(record, "config"), *model;
    const cJSON *evaluate = cJSON_GetObjectItemCaseSensitive(config, "evaluate");
    const char *name = json_string(cJSON_GetObjectItemCaseSensitive(record, "model"), "name", "");
    cJSON *json = cJSON_CreateObject();
    copy_item(json, config, "name");
    copy_item(json, config, "dataset");
    copy_item(json, config, "task");
    copy_item(json, config, "train");
    copy_item(json, config, "seeds");
    cJSON *models = cJSON_AddArrayToObject(json, "models");
    cJSON_ArrayForEach(model, cJSON_GetObjectItemCaseSensitive(config, "models")) {
        if (strcmp(json_string(model, "name", ""), name) == 0)
            cJSON_AddItemToArray(models, cJSON_Duplicate(model, true));
    }
    cJSON_AddArrayToObject(json, "baselines");
    cJSON *own = cJSON_AddObjectToObject(json, "evaluate");
    copy_item(own, evaluate, "metrics");
    copy_item(own, evaluate, "units");
    return json;
}

static bool check_data(const struct rescored *rescored, const cJSON *record, struct error *error) {
    const cJSON *provenance = cJSON_GetObjectItemCaseSensitive(record, "provenance");
    return strcmp(json_string(provenance, "data_sha256", ""), rescored->dataset.sha256) == 0 ||
           error_set(error, "the data have changed since the trial was run; run it again");
}

static bool load_test(struct rescored *rescored, const cJSON *record, struct error *error) {
    struct experiment *experiment = &rescored->experiment;
    return experiment_read(experiment, "config of the trial's record", test_config(record),
                           error) &&
           dataset_load(&rescored->dataset, &experiment->dataset, &experiment->task,
                        &rescored->arena, error) &&
           check_data(rescored, record, error) &&
           plan_make(&rescored->plan, experiment, &rescored->dataset, &rescored->arena, error);
}

static void print_scores(const cJSON *record, const cJSON *scores, enum weight_type type) {
    const cJSON *metrics = cJSON_GetObjectItemCaseSensitive(record, "metrics");
    const cJSON *before = cJSON_GetObjectItemCaseSensitive(metrics, "test"), *score;
    printf("%-34s %12s %12s\n", "score on the test data", "float32",
           weight_type_name((size_t)type));
    cJSON_ArrayForEach(score, scores) {
        const cJSON *own = cJSON_GetObjectItemCaseSensitive(before, score->string);
        if (cJSON_IsNumber(own) && cJSON_IsNumber(score))
            printf("%-34s %12.6g %12.6g\n", score->string, own->valuedouble, score->valuedouble);
    }
}

/* Takes the scores. */
static bool write_measurement(const struct saved_model *model, const char *path,
                              enum weight_type type, const struct exported *exported, cJSON *scores,
                              struct arena *arena, struct error *error) {
    const char *type_name = weight_type_name((size_t)type);
    const char *folder = path_join(arena, export_results_folder(path, arena), "measurements");
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "measurement", "liquidbench score");
    cJSON_AddStringToObject(json, "trial", model->trial);
    cJSON_AddStringToObject(json, "type", type_name);
    cJSON_AddNumberToObject(json, "weight_bytes", (double)exported->weight_bytes);
    cJSON_AddNumberToObject(json, "state_bytes", (double)exported->state_bytes);
    cJSON_AddItemToObject(json, "metrics", scores);
    char *file = arena_printf(arena, "%s/%s-%s.json", folder, model->trial, type_name);
    bool written = file_make_directory(folder, error) && json_save(json, file, error);
    cJSON_Delete(json);
    return written;
}

bool export_score(const struct saved_model *model, const char *path, enum weight_type type,
                  const struct exported *exported, struct error *error) {
    struct rescored rescored = {0};
    cJSON *record = export_trial_record(model, path, &rescored.arena);
    bool good = record != NULL ||
                error_set(error,
                          "--score: %s stands outside its results folder: there is no record "
                          "../trials/%s.json beside it",
                          path, model->trial);
    if (good && !load_test(&rescored, record, error))
        good = error_prefix(error, "--score");
    if (good) {
        struct trial_plan trial = rescored.plan.trials[0];
        trial.network = &model->network; /* with the wiring that was drawn for it */
        cJSON *scores = trial_score(&rescored.plan, &trial, model->params);
        print_scores(record, scores, type);
        good = write_measurement(model, path, type, exported, scores, &rescored.arena, error);
    }
    cJSON_Delete(record);
    experiment_free(&rescored.experiment);
    arena_free(&rescored.arena);
    return good;
}
