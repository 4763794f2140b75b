#include "report/results/read_trial.h"

#include "base/file.h"
#include "base/json.h"
#include "evaluate/measure.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const cJSON *member(const cJSON *object, const char *key) {
    return cJSON_GetObjectItemCaseSensitive(object, key);
}

/* A finite number, or NaN. */
static double number(const cJSON *object, const char *key) {
    double value = json_number(object, key, NAN);
    return isfinite(value) ? value : NAN;
}

static const char *text(const cJSON *object, const char *key, struct arena *arena) {
    return arena_strdup(arena, json_string(object, key, ""));
}

static size_t length(const cJSON *array) {
    return cJSON_IsArray(array) ? (size_t)cJSON_GetArraySize(array) : 0;
}

/* "forecast, 1 step ahead, scores in data units" */
static const char *describe_task(const cJSON *task, struct arena *arena) {
    const char *type = json_string(task, "type", "");
    const char *units = json_string(task, "units", "");
    const char *scale = strcmp(units, "scaled") == 0 ? ", scores in scaled units" : "";
    if (strcmp(type, "forecast") == 0) {
        double horizon = json_number(task, "horizon", 1);
        return arena_printf(arena, "forecast, %g step%s ahead%s", horizon, horizon == 1 ? "" : "s",
                            scale);
    }
    const char *at = json_string(task, "at", "");
    const char *where = strcmp(at, "every") == 0  ? " at every step"
                        : strcmp(at, "last") == 0 ? " of whole sequences"
                        : strcmp(at, "mean") == 0 ? " of whole sequences, by the mean of all steps"
                                                  : "";
    return arena_printf(arena, "%s%s%s", type, where, scale);
}

static void read_metrics(struct trial *trial, const cJSON *infos, struct arena *arena) {
    trial->metrics = ARENA_NEW(arena, struct metric_info, length(infos) + 1);
    const cJSON *info;
    cJSON_ArrayForEach(info, infos) {
        const char *name = json_string(info, "name", "");
        if (name[0] == '\0')
            continue;
        trial->metrics[trial->metric_count++] = (struct metric_info){
            .name = arena_strdup(arena, name),
            .title = arena_strdup(arena, json_string(info, "title", name)),
            .higher_is_better = cJSON_IsTrue(member(info, "higher_is_better")),
        };
    }
}

static bool contains(const cJSON *list, const char *name) {
    const cJSON *item;
    cJSON_ArrayForEach(item, list) if (cJSON_IsString(item) &&
                                       strcmp(item->valuestring, name) == 0) return true;
    return false;
}

/* What a metric's score counts as. JSON has no infinity and no NaN: a score that is null is that of
 * predictions that are not finite, and the worst there is, unless the metric is undefined. */
static double read_score(const struct metric_info *metric, const cJSON *metrics,
                         const cJSON *undefined) {
    const cJSON *score = member(metrics, metric->name);
    if (!cJSON_IsNull(score) || contains(undefined, metric->name))
        return number(metrics, metric->name);
    return worst_score(metric->higher_is_better);
}

static struct measurement *add_measurement(struct trial *trial, struct condition condition,
                                           const cJSON *metrics, const cJSON *undefined,
                                           struct arena *arena) {
    struct measurement *added = &trial->measurements[trial->measurement_count++];
    *added = (struct measurement){.condition = condition, .distance = NAN};
    added->values = ARENA_NEW(arena, double, trial->metric_count + 1);
    for (size_t m = 0; m < trial->metric_count; m++)
        added->values[m] = read_score(&trial->metrics[m], metrics, undefined);
    return added;
}

/* `otherwise` takes the place of what is not finite. */
static double *read_numbers(const cJSON *array, size_t count, double otherwise,
                            struct arena *arena) {
    double *numbers = ARENA_NEW(arena, double, count + 1);
    const cJSON *item = cJSON_IsArray(array) ? array->child : NULL;
    for (size_t i = 0; i < count; i++, item = item == NULL ? NULL : item->next)
        numbers[i] =
            cJSON_IsNumber(item) && isfinite(item->valuedouble) ? item->valuedouble : otherwise;
    return numbers;
}

static const struct rollout_summary *read_rollout(const cJSON *json, struct arena *arena) {
    if (!cJSON_IsObject(json))
        return NULL;
    struct rollout_summary *rollout = ARENA_NEW(arena, struct rollout_summary, 1);
    size_t count = length(member(json, "error"));
    *rollout = (struct rollout_summary){
        .count = count,
        .horizon = read_numbers(member(json, "horizon"), count, NAN, arena),
        .time = read_numbers(member(json, "time"), count, NAN, arena),
        .error = read_numbers(member(json, "error"), count, worst_score(false), arena),
        .steps = number(json, "steps"),
        .threshold = number(json, "threshold"),
        .valid_steps = number(json, "valid_steps"),
        .valid_time = number(json, "valid_time"),
        .valid_lyapunov = number(json, "valid_lyapunov"),
    };
    return rollout;
}

/* Names of the metrics that are undefined in a split. cJSON_Delete() it. */
static cJSON *undefined_in(const cJSON *infos, const char *split) {
    cJSON *names = cJSON_CreateArray();
    const cJSON *info;
    cJSON_ArrayForEach(info, infos) if (contains(member(info, "undefined"), split)) {
        cJSON_AddItemToArray(names, cJSON_CreateString(json_string(info, "name", "")));
    }
    return names;
}

/* A signal-to-noise ratio as text; NULL when there is none. */
static const char *decibels(double ratio, struct arena *arena) {
    return isnan(ratio) ? NULL : arena_printf(arena, "%g dB", ratio);
}

static void read_measurements(struct trial *trial, const cJSON *json, struct arena *arena) {
    static const char *const splits[] = {"train", "valid", "test"};
    const cJSON *noise = member(json, "noise"), *ood = member(json, "ood"), *item;
    size_t max = sizeof splits / sizeof splits[0] + length(noise) + length(ood);
    trial->measurements = ARENA_NEW(arena, struct measurement, max);
    for (size_t s = 0; s < sizeof splits / sizeof splits[0]; s++) {
        const cJSON *metrics = member(member(json, "metrics"), splits[s]);
        if (!cJSON_IsObject(metrics))
            continue;
        cJSON *undefined = undefined_in(member(json, "metric_info"), splits[s]);
        struct condition condition = {CONDITION_SPLIT, splits[s], 0, NULL};
        add_measurement(trial, condition, metrics, undefined, arena)->distance =
            strcmp(splits[s], "test") == 0 ? number(json, "test_distance") : NAN;
        cJSON_Delete(undefined);
    }
    if (length(noise) > 0)
        cJSON_ArrayForEach(item, noise) {
            struct condition condition = {CONDITION_NOISE, text(item, "type", arena),
                                          json_number(item, "severity", 0),
                                          decibels(number(item, "snr"), arena)};
            add_measurement(trial, condition, member(item, "metrics"), member(item, "undefined"),
                            arena)
                ->distance = number(item, "distance");
        }
    if (length(ood) > 0)
        cJSON_ArrayForEach(item, ood) {
            const char *kind = text(item, "kind", arena);
            struct condition condition = {CONDITION_OOD, text(item, "name", arena), 0,
                                          kind[0] != '\0' ? kind : NULL};
            struct measurement *added = add_measurement(trial, condition, member(item, "metrics"),
                                                        member(item, "undefined"), arena);
            added->distance = number(item, "distance");
            added->rollout = read_rollout(member(item, "rollout"), arena);
        }
}

/* Records from before "undefined" do not say why a score is null. A metric that has no value on the
 * clean test data is taken for undefined in them, there and everywhere else. */
static void excuse_old_scores(struct trial *trial) {
    const struct measurement *test = NULL;
    for (size_t i = 0; i < trial->measurement_count; i++)
        if (trial->measurements[i].condition.kind == CONDITION_SPLIT &&
            strcmp(trial->measurements[i].condition.name, "test") == 0)
            test = &trial->measurements[i];
    for (size_t m = 0; test != NULL && m < trial->metric_count; m++) {
        bool undefined = isinf(test->values[m]);
        for (size_t i = 0; undefined && i < trial->measurement_count; i++)
            trial->measurements[i].values[m] = NAN;
    }
}

static void read_curve(struct trial *trial, const cJSON *curve, struct arena *arena) {
    if (length(curve) == 0)
        return;
    trial->curve = ARENA_NEW(arena, struct epoch, length(curve));
    const cJSON *item;
    cJSON_ArrayForEach(item, curve) {
        trial->curve[trial->curve_count++] = (struct epoch){
            .epoch = number(item, "epoch"),
            .loss = number(item, "loss"),
            .valid = number(item, "valid"),
            .learning_rate = number(item, "learning_rate"),
            .gradient_median = number(item, "gradient_median"),
            .gradient_max = number(item, "gradient_max"),
            .clipped = number(item, "clipped"),
            .exploding = number(item, "exploding"),
        };
    }
}

static void read_example(struct trial *trial, const cJSON *example, struct arena *arena) {
    size_t count = length(member(example, "prediction"));
    if (count > length(member(example, "truth")))
        count = length(member(example, "truth"));
    const cJSON *time = member(example, "time");
    trial->example = (struct example){
        .name = text(example, "name", arena),
        .target = text(example, "target", arena),
        .count = count,
        .time = read_numbers(time, count, NAN, arena),
        .truth = read_numbers(member(example, "truth"), count, NAN, arena),
        .prediction = read_numbers(member(example, "prediction"), count, NAN, arena),
    };
    for (size_t i = 0; length(time) < count && i < count; i++)
        trial->example.time[i] = (double)i;
}

static void add_part(struct trial *trial, const char *target, double step, const cJSON *metrics,
                     struct arena *arena) {
    struct part_scores *part = &trial->parts[trial->part_count++];
    *part = (struct part_scores){target, step, ARENA_NEW(arena, double, trial->metric_count + 1)};
    for (size_t m = 0; m < trial->metric_count; m++)
        part->values[m] = number(metrics, trial->metrics[m].name);
}

static void read_errors(struct trial *trial, const cJSON *errors, struct arena *arena) {
    const cJSON *targets = member(errors, "targets"), *horizon = member(errors, "horizon"), *item;
    trial->parts = ARENA_NEW(arena, struct part_scores, length(targets) + length(horizon) + 1);
    if (length(targets) > 0)
        cJSON_ArrayForEach(item, targets) {
            add_part(trial, text(item, "target", arena), 0, member(item, "metrics"), arena);
        }
    if (length(horizon) > 0)
        cJSON_ArrayForEach(item, horizon) {
            add_part(trial, NULL, number(item, "step"), member(item, "metrics"), arena);
        }
}

static void read_confusion(struct trial *trial, const cJSON *confusion, struct arena *arena) {
    const cJSON *classes = member(confusion, "classes"), *counts = member(confusion, "counts");
    size_t count = length(classes);
    if (count == 0)
        return;
    trial->classes = ARENA_NEW(arena, struct class_scores, count);
    const cJSON *item;
    cJSON_ArrayForEach(item, classes) {
        trial->classes[trial->class_count++] = (struct class_scores){
            .name = text(item, "class", arena),
            .support = json_number(item, "support", 0),
            .predicted = json_number(item, "predicted", 0),
            .correct = json_number(item, "correct", 0),
            .precision = number(item, "precision"),
            .recall = number(item, "recall"),
            .f1 = number(item, "f1"),
        };
    }
    if (length(counts) != count)
        return;
    trial->confusion = ARENA_NEW(arena, double, count *count);
    size_t row = 0;
    cJSON_ArrayForEach(item, counts) {
        memcpy(trial->confusion + row++ * count, read_numbers(item, count, 0, arena),
               count * sizeof(double));
    }
}

static void read_sampling(struct trial *trial, const cJSON *sampling, struct arena *arena) {
    const cJSON *influence = member(sampling, "influence");
    size_t count = length(influence);
    trial->sampling = (struct sampling){
        .metric = text(sampling, "metric", arena),
        .by_series = strcmp(json_string(sampling, "blocks", ""), "series") == 0,
        .count = count,
        .influence = read_numbers(influence, count, 0, arena),
    };
}

static void read_costs(struct trial *trial, const cJSON *json) {
    for (size_t c = 0; c < COST_COUNT; c++) {
        const struct cost_info *info = &cost_infos[c];
        const cJSON *object = member(json, info->object);
        if (info->object2 != NULL)
            object = member(object, info->object2);
        trial->costs[c] = number(object, info->key);
    }
}

/* What is at a path of keys, "stream.online.error"; NULL: nothing. */
static const cJSON *item_at(const cJSON *json, const char *path) {
    char key[64];
    size_t length = strcspn(path, ".");
    snprintf(key, sizeof key, "%.*s", (int)length, path);
    const cJSON *item = member(json, key);
    return path[length] == '\0' ? item : item_at(item, path + length + 1);
}

/* JSON has no infinity: where a number is always known, null is the worst there is. */
static double read_measure(const struct measure_type *type, const cJSON *json) {
    const cJSON *item = type->record != NULL ? item_at(json, type->record) : NULL;
    if (cJSON_IsNull(item) && type->null_is_worst)
        return worst_score(type->higher_is_better);
    return cJSON_IsNumber(item) && isfinite(item->valuedouble) ? item->valuedouble : NAN;
}

static void read_recorded(struct trial *trial, const cJSON *json, struct arena *arena) {
    size_t count = 0;
    while (measure_at(count) != NULL)
        count++;
    trial->recorded = ARENA_NEW(arena, double, count);
    for (size_t m = 0; m < count; m++)
        trial->recorded[m] = read_measure(measure_at(m), json);
}

static const char *trial_stem(const char *path, struct arena *arena) {
    const char *name = path_name(path);
    const char *end = strrchr(name, '.');
    return arena_printf(arena, "%.*s", end == NULL ? (int)strlen(name) : (int)(end - name), name);
}

/* "gaussian 0.2" when the config has the training inputs perturbed. */
static const char *describe_perturbed(const cJSON *config, struct arena *arena) {
    const cJSON *perturb = member(member(config, "train"), "perturb");
    const char *type = json_string(perturb, "type", "");
    const char *suite = json_string(perturb, "suite", "");
    if (suite[0] != '\0')
        return arena_printf(arena, "faults of %s", suite);
    if (cJSON_IsArray(member(perturb, "types")))
        return "a mixture of faults";
    return type[0] == '\0'
               ? ""
               : arena_printf(arena, "%s %g", type, json_number(perturb, "severity", 0));
}

static bool read_trial(struct trial *trial, const cJSON *json, struct arena *arena,
                       struct error *error) {
    if (!cJSON_IsObject(json))
        return error_set(error, "not a trial record: the file must hold one JSON object");
    double format = json_number(json, "format", 0);
    if (format != TRIAL_FORMAT)
        return error_set(error, "format %g; this version reads format %d: run the trial again",
                         format, TRIAL_FORMAT);
    const cJSON *model = member(json, "model");
    trial->name = text(json, "name", arena);
    trial->dataset = text(json, "dataset", arena);
    trial->model = text(model, "name", arena);
    trial->status = text(json, "status", arena);
    if (trial->dataset[0] == '\0' || trial->model[0] == '\0' || trial->status[0] == '\0')
        return error_set(error, "not a trial record: dataset, model.name or status is missing");
    trial->error = text(json, "error", arena);
    trial->ok = strcmp(trial->status, "ok") == 0;
    trial->hash = text(json, "hash", arena);
    trial->seed = json_number(json, "seed", 0);
    trial->cell = text(model, "cell", arena);
    trial->baseline = cJSON_IsTrue(member(model, "baseline"));
    trial->task = describe_task(member(json, "task"), arena);
    trial->units = text(member(json, "task"), "units", arena);
    trial->best_epoch = number(json, "best_epoch");
    const cJSON *config = member(json, "config");
    trial->options = json_text(member(model, "options"), arena);
    cJSON *shared = cJSON_Duplicate(config, true);
    cJSON_DeleteItemFromObjectCaseSensitive(shared, "seeds");
    trial->config = json_text(shared, arena);
    cJSON_Delete(shared);
    trial->reference = text(config, "reference", arena);
    trial->perturbed = describe_perturbed(config, arena);
    const cJSON *options = member(model, "options"), *target = member(config, "target");
    trial->family = text(options, "family", arena);
    trial->learning_rate = json_number(member(options, "train"), "learning_rate", NAN);
    trial->select = text(member(options, "train"), "select", arena);
    trial->target_share = json_number(target, "share", 0);
    trial->target_score = json_number(target, "score", 0);
    trial->provenance = json_text(member(json, "provenance"), arena);
    read_metrics(trial, member(json, "metric_info"), arena);
    read_measurements(trial, json, arena);
    if (member(cJSON_GetArrayItem(member(json, "metric_info"), 0), "undefined") == NULL)
        excuse_old_scores(trial);
    read_curve(trial, member(json, "curve"), arena);
    read_costs(trial, json);
    read_recorded(trial, json, arena);
    curves_read(json, trial->curves, &trial->details, arena);
    read_example(trial, member(json, "example"), arena);
    read_errors(trial, member(json, "errors"), arena);
    read_confusion(trial, member(json, "confusion"), arena);
    read_sampling(trial, member(json, "sampling"), arena);
    return true;
}

bool trial_load(struct trial *trial, const char *path, struct arena *arena, struct error *error) {
    cJSON *json = json_load(path, error);
    if (json == NULL)
        return false;
    bool read = read_trial(trial, json, arena, error) || error_prefix(error, "%s", path);
    trial->stem = trial_stem(path, arena);
    trial->predictions =
        arena_printf(arena, "%s/../predictions/%s.csv", path_directory(arena, path), trial->stem);
    cJSON_Delete(json);
    return read;
}
