#include "config/experiment.h"

#include "base/choice.h"
#include "base/file.h"
#include "base/json_place.h"
#include "base/string_list.h"
#include "config/checks.h"
#include "config/hypothesis.h"
#include "config/models.h"
#include "data/catalogue/card.h"
#include "evaluate/fault.h"
#include "evaluate/metric.h"

#include <ctype.h>
#include <string.h>

char *name_from_path(struct arena *arena, const char *path) {
    char *name = arena_strdup(arena, path_name(path));
    char *ending = strrchr(name, '.');
    if (ending != NULL && ending != name)
        *ending = '\0';
    for (char *c = name; *c != '\0'; c++)
        if (!isalnum((unsigned char)*c) && strchr("._+-", *c) == NULL)
            *c = '_';
    return name;
}

static void take_faults(struct experiment *experiment, const struct suite_type *suite) {
    struct string_list *types = &experiment->evaluate.noise.types;
    types->count = 0;
    while (suite->faults[types->count].type != NULL)
        types->count++;
    types->items = ARENA_NEW(&experiment->arena, const char *, types->count);
    for (size_t i = 0; i < types->count; i++)
        types->items[i] = suite->faults[i].type;
}

static void take_all_perturbations(struct experiment *experiment) {
    struct string_list *types = &experiment->evaluate.noise.types;
    types->count = 0;
    while (perturbation_at(types->count) != NULL)
        types->count++;
    types->items = ARENA_NEW(&experiment->arena, const char *, types->count);
    for (size_t i = 0; i < types->count; i++)
        types->items[i] = perturbation_name(i);
}

/* What a suite leaves open is as the suite has it. */
static bool choose_suite(struct experiment *experiment, const cJSON *given, struct error *error) {
    struct noise_options *noise = &experiment->evaluate.noise;
    const struct suite_type *suite = suite_named(noise->suite);
    if (suite == NULL) {
        struct suggestion nearest = {.wanted = noise->suite};
        for (size_t i = 0; suite_name(i) != NULL; i++)
            suggestion_offer(&nearest, suite_name(i));
        return error_set(
            error, "evaluate.noise.suite: \"%s\" is not known%s", noise->suite,
            suggestion_or(&nearest, "`liquidbench list suites` names all there are").text);
    }
    if (suite->is_for_training)
        return error_set(error,
                         "evaluate.noise.suite: \"%s\" is for training; put it into "
                         "train.perturb and score \"sensorfault\"",
                         suite->name);
    noise->suite = suite->name;
    if (cJSON_GetObjectItemCaseSensitive(given, "types") == NULL)
        take_faults(experiment, suite);
    for (size_t i = 0; i < noise->types.count; i++) {
        struct fault fault = {0};
        const struct perturbation_type *part;
        fault_read(noise->types.items[i], &fault);
        for (size_t j = 0; (part = fault_part(&fault, j)) != NULL; j++)
            if (suite_fault_of(suite, part->name) == NULL)
                return error_set(error,
                                 "evaluate.noise.types: \"%s\" is not a fault of %s; `liquidbench "
                                 "list suites` names those",
                                 part->name, suite->name);
    }
    if (!suite->by_window)
        return true;
    for (size_t i = 0; i < noise->severities.count; i++)
        if (noise->severities.items[i] > 1)
            return error_set(error, "evaluate.noise.severities: %g is above 1, the harshest of %s",
                             noise->severities.items[i], suite->name);
    if (noise->each == 0)
        noise->each = EACH_WINDOW;
    if (noise->severities.count == 0) {
        size_t count = sizeof suite->severities / sizeof suite->severities[0];
        noise->severities.items = ARENA_NEW(&experiment->arena, double, count);
        memcpy(noise->severities.items, suite->severities, sizeof suite->severities);
        noise->severities.count = count;
        if (noise->drawn) {
            noise->severities.items[0] = 1;
            noise->severities.count = 1;
        }
    }
    return true;
}

/* Perturbations that are joined share one scale of severities. */
static bool check_compounds(const struct noise_options *noise, struct error *error) {
    for (size_t i = 0; i < noise->types.count; i++) {
        const char *name = noise->types.items[i];
        struct fault fault = {0};
        if (!fault_read(name, &fault))
            return error_set(error,
                             "evaluate.noise.types: \"%s\": join at most %d perturbations, and "
                             "never \"all\"",
                             name, COMPOUND_PARTS);
        for (size_t j = 0; j < noise->severities.count && fault.compound != NULL; j++)
            if (noise->severities.items[j] > 1)
                return error_set(error,
                                 "evaluate.noise.severities: %g is above 1; those of \"%s\" are "
                                 "shares of each one's harshest",
                                 noise->severities.items[j], name);
    }
    return true;
}

/* Faults that hit every row alike cannot be put anywhere. */
static bool check_place(const struct noise_options *noise, struct error *error) {
    bool has_place = false;
    if (noise->place != PLACE_SENSITIVE)
        return true;
    for (size_t i = 0; i < noise->types.count; i++) {
        struct fault fault = {0};
        const struct perturbation_type *part;
        fault_read(noise->types.items[i], &fault);
        for (size_t j = 0; (part = fault_part(&fault, j)) != NULL; j++)
            has_place = has_place || part->has_place;
    }
    if (!has_place)
        return error_set(error,
                         "evaluate.noise.place: none of the perturbations begins at a row of its "
                         "own; name one such as \"gap\", or leave \"place\" out");
    return noise->each == EACH_WINDOW ||
           error_set(error,
                     "evaluate.noise.place: \"sensitive\" is a place in a window; say \"each\": "
                     "\"window\", too");
}

/* "all" are those of the suite, or without one all that there are. */
static bool choose_noise(struct experiment *experiment, const cJSON *root, struct error *error) {
    struct noise_options *noise = &experiment->evaluate.noise;
    const struct string_list *types = &noise->types;
    const cJSON *given = cJSON_GetObjectItemCaseSensitive(
        cJSON_GetObjectItemCaseSensitive(root, "evaluate"), "noise");
    struct channel_share channels;
    bool all = string_list_has(types, "all"), gaussian = string_list_has(types, "gaussian");
    if (!channels_read(noise->channels, "evaluate.noise.channels", &channels, error))
        return false;
    const struct suite_type *suite = noise->suite != NULL ? suite_named(noise->suite) : NULL;
    bool is_whole = suite == NULL || !suite->by_window;
    if (channels.reach == REACH_SEVERITY && is_whole && (noise->suite == NULL || suite != NULL))
        return error_set(error, "evaluate.noise.channels: \"severity\" is from 0 to 1 in a suite "
                                "such as \"sensorfault\" alone; name that, or give a share");
    if (noise->snr.count > 0 && noise->suite != NULL)
        return error_set(error, "evaluate.noise.snr: does not go with a suite");
    if (noise->snr.count > 0 && !all && !gaussian)
        return error_set(error, "evaluate.noise.snr: needs \"gaussian\" among the types");
    if (all && types->count > 1)
        return error_set(error, "evaluate.noise.types: \"all\" stands alone");
    if (!all && !check_compounds(noise, error))
        return false;
    if (all && suite != NULL)
        take_faults(experiment, suite);
    else if (all)
        take_all_perturbations(experiment);
    return (noise->suite == NULL || choose_suite(experiment, given, error)) &&
           check_place(noise, error);
}

static void choose_metrics(struct experiment *experiment) {
    struct string_list *metrics = &experiment->evaluate.metrics;
    size_t known = 0;
    while (metric_at(known) != NULL)
        known++;
    if (metrics->count == 0) {
        metrics->items = ARENA_NEW(&experiment->arena, const char *, known);
        for (size_t i = 0; i < known; i++)
            if (metric_at(i)->classifies == is_classification(experiment) && !metric_at(i)->by_name)
                metrics->items[metrics->count++] = metric_at(i)->name;
    }
    experiment->metric = metrics->items[0];
}

static void write_hypotheses(const struct experiment *experiment, cJSON *root) {
    const struct hypothesis_options *hypotheses = experiment->hypotheses.items;
    cJSON *list =
        experiment->hypotheses.count > 0 ? cJSON_AddArrayToObject(root, "hypotheses") : NULL;
    for (size_t i = 0; i < experiment->hypotheses.count; i++) {
        cJSON *hypothesis = cJSON_CreateObject();
        fields_write(hypothesis_fields, &hypotheses[i], hypothesis);
        cJSON_AddItemToArray(list, hypothesis);
    }
}

/* What is not measured is left out: a trial's hash is that of what it measures. */
static void write_evaluation(const struct evaluate_options *evaluate, cJSON *json) {
    fields_write(evaluate_fields, evaluate, json);
    cJSON *noise = cJSON_GetObjectItemCaseSensitive(json, "noise");
    if (!evaluate->noise.drawn)
        cJSON_DeleteItemFromObjectCaseSensitive(noise, "drawn");
    if (evaluate->noise.each != EACH_WINDOW)
        cJSON_DeleteItemFromObjectCaseSensitive(noise, "each");
    if (evaluate->noise.place != PLACE_SENSITIVE)
        cJSON_DeleteItemFromObjectCaseSensitive(noise, "place");
    if (evaluate->stream.regimes.count == 0)
        cJSON_DeleteItemFromObjectCaseSensitive(json, "stream");
    if (evaluate->ladder.values.count == 0)
        cJSON_DeleteItemFromObjectCaseSensitive(json, "ladder");
    if (evaluate->gradient_lags == 0)
        cJSON_DeleteItemFromObjectCaseSensitive(json, "gradient_lags");
}

static void write_resolved(struct experiment *experiment, const struct config *config) {
    cJSON *root = cJSON_CreateObject();
    experiment->resolved = root;
    cJSON_AddStringToObject(root, "name", experiment->name);
    fields_write(dataset_fields, &experiment->dataset, cJSON_AddObjectToObject(root, "dataset"));
    fields_write(task_fields, &experiment->task, cJSON_AddObjectToObject(root, "task"));
    cJSON *models = cJSON_AddArrayToObject(root, "models"), *baselines = cJSON_CreateArray();
    for (size_t i = 0; i < experiment->model_count; i++) {
        struct model_plan *model = &experiment->models[i];
        cJSON *resolved =
            model->baseline != NULL ? cJSON_CreateString(model->name) : model_resolved(model);
        cJSON_AddItemToArray(model->baseline != NULL ? baselines : models, resolved);
        model->config = resolved;
    }
    cJSON_AddItemToObject(root, "baselines", baselines);
    train_options_write(&config->train, cJSON_AddObjectToObject(root, "train"));
    write_evaluation(&experiment->evaluate, cJSON_AddObjectToObject(root, "evaluate"));
    cJSON_AddItemToObject(
        root, "seeds", cJSON_CreateIntArray(experiment->seeds.items, (int)experiment->seeds.count));
    cJSON_AddStringToObject(root, "reference", experiment->reference);
    fields_write(match_fields, &experiment->match, cJSON_AddObjectToObject(root, "match"));
    if (experiment->target.share > 0 || experiment->target.score != 0)
        fields_write(target_fields, &experiment->target, cJSON_AddObjectToObject(root, "target"));
    if (experiment->published.source != NULL)
        fields_write(published_fields, &experiment->published,
                     cJSON_AddObjectToObject(root, "published"));
    write_hypotheses(experiment, root);
    fields_write(gate_fields, &config->gate, cJSON_AddObjectToObject(root, "gate"));
    if (experiment->search.method != 0)
        fields_write(search_fields, &experiment->search, cJSON_AddObjectToObject(root, "search"));
    fields_write(limit_fields, &experiment->limits, cJSON_AddObjectToObject(root, "limits"));
}

/* A built-in data set brings defaults for both objects. */
static bool read_data(struct experiment *experiment, const struct config *config,
                      struct error *error) {
    struct arena *arena = &experiment->arena;
    const char *directory = path_directory(arena, experiment->config_path);
    struct error one = {0};
    experiment->dataset_json = dataset_resolve(config->dataset, directory, error);
    if (experiment->dataset_json == NULL)
        return false;
    struct field_target dataset = {dataset_fields, &experiment->dataset};
    bool read = fields_read(&dataset, 1, experiment->dataset_json, "dataset", arena, error);
    cJSON *resolved = task_resolve(config->task, config->dataset, &one);
    struct field_target task = {task_fields, &experiment->task};
    read = (resolved != NULL && fields_read(&task, 1, resolved, "task", arena, &one)) && read;
    error_add(error, &one);
    cJSON_Delete(resolved);
    const char *name = experiment->dataset.name;
    if (name != NULL && !check_name(name, &one))
        read = error_prefix(&one, "dataset.name");
    error_add(error, &one);
    return read;
}

static void take_config(struct experiment *experiment, const cJSON *root,
                        const struct config *config) {
    experiment->name = config->name != NULL
                           ? config->name
                           : name_from_path(&experiment->arena, experiment->config_path);
    experiment->evaluate = config->evaluate;
    const cJSON *evaluate = cJSON_GetObjectItemCaseSensitive(root, "evaluate");
    if (cJSON_IsNull(cJSON_GetObjectItemCaseSensitive(evaluate, "noise")))
        experiment->evaluate.noise.types.count = 0; /* "none", where null is "default" elsewhere */
    experiment->seeds = config->seeds;
    experiment->limits = config->limits;
    experiment->match = config->match;
    experiment->target = config->target;
    experiment->published = config->published;
    experiment->hypotheses = config->hypotheses;
    experiment->search = config->search;
}

/* Each object by itself; one that is wrong does not hide what is wrong with the others. */
static bool read_objects(struct experiment *experiment, const cJSON *root, struct config *config,
                         struct error *error) {
    struct field_target target = {config_fields, config};
    bool read = fields_read(&target, 1, root, "", &experiment->arena, error);
    if (!cJSON_IsObject(root))
        return false;
    take_config(experiment, root, config);
    struct error one = {0};
    if (!check_name(experiment->name, &one))
        read = error_prefix(&one, "name");
    error_add(error, &one);
    read = choose_noise(experiment, root, &one) && read;
    error_add(error, &one);
    read = (config->dataset == NULL || read_data(experiment, config, &one)) && read;
    error_add(error, &one);
    read = (config->models == NULL || models_read(experiment, root, config, &one)) && read;
    error_add(error, &one);
    return read;
}

static bool read_config(struct experiment *experiment, const cJSON *root, struct error *error) {
    struct config config = {0};
    if (!read_objects(experiment, root, &config, error))
        return false;
    experiment->reference =
        config.reference != NULL ? config.reference : experiment->models[0].name;
    struct error one = {0};
    choose_metrics(experiment);
    bool good = check_experiment(experiment, error);
    good = check_published(experiment, &one) && good;
    error_add(error, &one);
    good = check_hypotheses(experiment, &one) && good;
    error_add(error, &one);
    good = gate_check(&config.gate, &one) && good;
    error_add(error, &one);
    if (good)
        write_resolved(experiment, &config);
    return good;
}

bool experiment_read(struct experiment *experiment, const char *path, cJSON *source,
                     struct error *error) {
    *experiment = (struct experiment){0};
    experiment->training = cJSON_CreateArray();
    experiment->rungs = cJSON_CreateArray();
    experiment->source = source; /* fields of type FIELD_JSON point into it */
    experiment->config_path = arena_strdup(&experiment->arena, path);
    return read_config(experiment, source, error) || error_prefix(error, "%s", path);
}

bool experiment_load(struct experiment *experiment, const char *path,
                     const char *const *assignments, size_t assignment_count, struct error *error) {
    *experiment = (struct experiment){0};
    cJSON *root = json_load_extended(path, error);
    for (size_t i = 0; root != NULL && i < assignment_count; i++)
        if (!json_assign(root, assignments[i], error)) {
            cJSON_Delete(root);
            return false;
        }
    if (root == NULL)
        return false;
    return experiment_read(experiment, path, root, error) ||
           json_place_errors(path, assignments, assignment_count, error);
}

void experiment_free(struct experiment *experiment) {
    cJSON_Delete(experiment->resolved);
    cJSON_Delete(experiment->dataset_json);
    cJSON_Delete(experiment->training);
    cJSON_Delete(experiment->rungs);
    cJSON_Delete(experiment->source);
    arena_free(&experiment->arena);
    *experiment = (struct experiment){0};
}
