#include "base/file.h"
#include "base/installed.h"
#include "base/json.h"
#include "base/text_stream.h"
#include "experiment/starter/draft.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static void add_names(cJSON *object, const char *key, const struct string_list *names) {
    if (names->count == 1)
        cJSON_AddStringToObject(object, key, names->items[0]);
    else if (names->count > 1)
        cJSON_AddItemToObject(object, key,
                              cJSON_CreateStringArray(names->items, (int)names->count));
}

/* The data file relative to the config's folder, where it lies below that; else its full path. */
static const char *relative_path(const char *file, const char *config_path, struct arena *arena) {
    char *full = realpath(file, NULL);
    char *folder = realpath(path_directory(arena, config_path), NULL);
    const char *path = full != NULL ? arena_strdup(arena, full) : file;
    size_t length = folder != NULL ? strlen(folder) : 0;
    if (full != NULL && length > 1 && strncmp(full, folder, length) == 0 && full[length] == '/')
        path += length + 1;
    free(full);
    free(folder);
    return path;
}

static void add_dataset(const struct config_draft *draft, cJSON *config) {
    const struct column *columns = draft->table.columns;
    const struct roles *roles = &draft->roles;
    const struct starter_request *request = draft->request;
    bool has_time = roles->time != NO_COLUMN;
    cJSON *dataset = cJSON_AddObjectToObject(config, "dataset");
    cJSON_AddStringToObject(dataset, "csv",
                            relative_path(request->csv, request->config_path, draft->arena));
    if (has_time)
        cJSON_AddStringToObject(dataset, "time", columns[roles->time].name);
    if (has_time && draft->time_format != NULL)
        cJSON_AddStringToObject(dataset, "time_format", draft->time_format);
    if (roles->group != NO_COLUMN)
        cJSON_AddStringToObject(dataset, "group", columns[roles->group].name);
    if (has_time && !roles->is_sorted)
        cJSON_AddStringToObject(dataset, "order", "sort");
    add_names(dataset, "inputs", &draft->inputs);
    add_names(dataset, "targets", &draft->targets);
    if (roles->has_missing)
        cJSON_AddStringToObject(dataset, "missing", "mask");
    if (draft->season > 0)
        cJSON_AddNumberToObject(dataset, "period", draft->season);
    if (request->reading != NULL)
        cJSON_ReplaceItemInObject(config, "dataset", json_merged(dataset, request->reading));
}

static void add_task(const struct config_draft *draft, cJSON *config) {
    cJSON *task = cJSON_AddObjectToObject(config, "task");
    cJSON_AddStringToObject(task, "type", draft->predicts_classes ? "classification" : "forecast");
    if (draft->drifts) {
        cJSON_AddStringToObject(task, "at", "last");
        cJSON_AddStringToObject(task, "normalize", "last");
    }
    cJSON_AddNumberToObject(task, "window", draft->knobs.window);
    cJSON_AddNumberToObject(task, "stride", draft->knobs.stride);
}

/* Each kind of model at the same number of parameters, with a rate that suits it. */
static void add_models(cJSON *config, const struct knobs *knobs) {
    cJSON_AddItemToObject(
        config, "models",
        cJSON_Parse(
            "[{\"cell\": \"lstm\", \"train\": {\"learning_rate\": 0.005}},"
            " {\"cell\": \"gru\", \"train\": {\"learning_rate\": 0.005}},"
            " {\"cell\": \"cfc\", \"backbone\": {\"units\": 16},"
            "  \"train\": {\"learning_rate\": 0.003}},"
            " {\"cell\": \"ltc\"},"
            " {\"name\": \"ncp\", \"cell\": \"ltc\", \"wiring\": {\"type\": \"auto_ncp\"}}]"));
    cJSON *match = cJSON_AddObjectToObject(config, "match");
    cJSON_AddNumberToObject(match, "parameters", knobs->parameters);
}

static void add_train(cJSON *config, const struct knobs *knobs) {
    cJSON *train = cJSON_AddObjectToObject(config, "train");
    cJSON_AddNumberToObject(train, "learning_rate", 0.01);
    cJSON_AddNumberToObject(train, "batch", 16);
    cJSON_AddNumberToObject(train, "clip_norm", 1);
    cJSON_AddNumberToObject(train, "epochs", knobs->epochs);
    cJSON_AddNumberToObject(train, "patience", knobs->epochs > 60 ? 20 : 10);
    cJSON *schedule = cJSON_AddObjectToObject(train, "schedule");
    cJSON_AddStringToObject(schedule, "type", "cosine");
}

/* Noise, lost rows and, where half of the test's rows still fill a window, half the rate. */
static void add_evaluation(const struct config_draft *draft, cJSON *config) {
    cJSON *evaluate = cJSON_AddObjectToObject(config, "evaluate");
    if (draft->has_unlike_targets)
        cJSON_AddStringToObject(evaluate, "units", "scaled");
    cJSON_AddItemToObject(evaluate, "noise",
                          cJSON_Parse("{\"types\": [\"gaussian\", \"dropout\"],"
                                      " \"severities\": [0.1, 0.2, 0.4]}"));
    double halved = 0.15 * (double)draft->roles.rows / 2;
    if (!draft->predicts_classes && halved > draft->knobs.window + 3)
        cJSON_AddItemToObject(evaluate, "ood",
                              cJSON_Parse("[{\"name\": \"half-rate\", \"resample\": 0.5}]"));
}

static void add_seeds(cJSON *config, int count) {
    cJSON *seeds = cJSON_AddArrayToObject(config, "seeds");
    for (int seed = 0; seed < count; seed++)
        cJSON_AddItemToArray(seeds, cJSON_CreateNumber(seed));
}

static const char *file_uri(const char *path, struct arena *arena) {
    struct text_stream uri;
    FILE *out = text_stream_open(&uri);
    fputs("file://", out);
    for (; *path != '\0'; path++) {
        unsigned char c = (unsigned char)*path;
        fprintf(out, isalnum(c) || strchr("/._~-", c) != NULL ? "%c" : "%%%02X", c);
    }
    return text_stream_close(&uri, arena);
}

/* Where the schema is that came with the program, so that editors find it from any folder. */
static void add_schema(cJSON *config, struct arena *arena) {
    const char *folders[INSTALLED_FOLDERS];
    char *path = NULL;
    installed_folders("configs", folders, arena);
    for (size_t i = 0; path == NULL && i < INSTALLED_FOLDERS; i++)
        path = realpath(path_join(arena, folders[i], "experiment.schema.json"), NULL);
    if (path != NULL)
        cJSON_AddStringToObject(config, "$schema", file_uri(path, arena));
    free(path);
}

cJSON *draft_config(const struct config_draft *draft) {
    cJSON *config = cJSON_CreateObject();
    add_schema(config, draft->arena);
    cJSON_AddStringToObject(config, "name", draft->request->name);
    add_dataset(draft, config);
    add_task(draft, config);
    add_models(config, &draft->knobs);
    add_train(config, &draft->knobs);
    add_evaluation(draft, config);
    add_seeds(config, draft->knobs.seeds);
    return config;
}
