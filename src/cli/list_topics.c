#include "cli/list_topics.h"

#include "base/json.h"
#include "data/catalogue/card.h"
#include "data/generators/generator.h"
#include "engine/cell.h"
#include "evaluate/cost.h"
#include "evaluate/measure.h"
#include "evaluate/metric.h"
#include "evaluate/suite.h"
#include "model/baseline.h"
#include "train/loss.h"
#include "train/optimizer.h"
#include "train/schedule.h"

static void add_text(cJSON *item, const char *key, const char *text) {
    if (text != NULL)
        cJSON_AddStringToObject(item, key, text);
}

static cJSON *add_item(cJSON *list, const char *name, const char *title) {
    cJSON *item = cJSON_CreateObject();
    cJSON_AddStringToObject(item, "name", name);
    add_text(item, "title", title);
    cJSON_AddItemToArray(list, item);
    return item;
}

static void list_models(cJSON *list) {
    const struct cell_type *cell;
    for (size_t i = 0; (cell = cell_type_at(i)) != NULL; i++) {
        cJSON *item = add_item(list, cell->name, cell->title);
        cJSON_AddBoolToObject(item, "baseline", false);
        cJSON_AddBoolToObject(item, "takes_time", cell->takes_time);
        cJSON_AddBoolToObject(item, "streams", cell->streams);
        add_text(item, "parameters", cell->parameters);
        cJSON *options = cJSON_AddArrayToObject(item, "options");
        for (const struct field *field = cell->options; field && field->name != NULL; field++)
            add_text(add_item(options, field->name, NULL), "help", field->help);
        add_text(item, "citation", cell->citation);
    }
    const char *name;
    for (size_t i = 0; (name = baseline_name(i)) != NULL; i++) {
        cJSON *item = add_item(list, name, baseline_find(name)->title);
        cJSON_AddBoolToObject(item, "baseline", true);
    }
}

static void list_metrics(cJSON *list) {
    const struct metric_type *metric;
    for (size_t i = 0; (metric = metric_at(i)) != NULL; i++) {
        cJSON *item = add_item(list, metric->name, metric->title);
        cJSON_AddBoolToObject(item, "classification", metric->classifies);
        cJSON_AddBoolToObject(item, "higher_is_better", metric->higher_is_better);
        add_text(item, "citation", metric->citation);
    }
}

static void list_perturbations(cJSON *list) {
    const struct perturbation_type *type;
    for (size_t i = 0; (type = perturbation_at(i)) != NULL; i++) {
        cJSON *item = add_item(list, type->name, type->title);
        add_text(item, "severity", type->severity);
        cJSON_AddItemToObject(
            item, "severities",
            cJSON_CreateDoubleArray(type->severities, sizeof type->severities / sizeof(double)));
        add_text(item, "citation", type->citation);
    }
}

static void add_faults(cJSON *list, const struct suite_type *suite) {
    for (const struct suite_fault *fault = suite->faults; fault->type != NULL; fault++) {
        cJSON *item = cJSON_CreateObject();
        cJSON_AddStringToObject(item, "type", fault->type);
        add_text(item, "published", fault->published);
        cJSON_AddStringToObject(item, "group", fault->group);
        if (suite->by_window) {
            cJSON_AddNumberToObject(item, "mild", fault->mild);
            cJSON_AddNumberToObject(item, "harsh", fault->harsh);
            cJSON_AddBoolToObject(item, "inverse", fault->is_inverse);
        }
        cJSON_AddItemToArray(list, item);
    }
}

static void list_suites(cJSON *list) {
    const struct suite_type *suite;
    for (size_t i = 0; (suite = suite_at(i)) != NULL; i++) {
        cJSON *item = add_item(list, suite->name, suite->title);
        add_faults(cJSON_AddArrayToObject(item, "faults"), suite);
        add_text(item, "citation", suite->citation);
    }
}

/* A line for each cost; metrics, perturbations and shifts are the config's. */
static void add_measure(cJSON *list, const struct measure_type *type, const char *part,
                        const char *title) {
    char path[MEASURE_PATH];
    measure_path(type, part, path);
    cJSON_AddBoolToObject(add_item(list, path, title), "higher_is_better", type->higher_is_better);
}

static void list_measures(cJSON *list) {
    const struct measure_type *type;
    for (size_t i = 0; (type = measure_at(i)) != NULL; i++) {
        for (size_t c = 0; type->part == PART_COST && c < COST_COUNT; c++)
            add_measure(list, type, cost_infos[c].name, cost_infos[c].title);
        if (type->part == PART_COST)
            continue;
        cJSON *item = add_item(list, type->path, type->help);
        if (type->part != PART_METRIC)
            cJSON_AddBoolToObject(item, "higher_is_better", type->higher_is_better);
    }
}

static void list_optimizers(cJSON *list) {
    const struct optimizer_type *type;
    for (size_t i = 0; (type = optimizer_at(i)) != NULL; i++)
        add_text(add_item(list, type->name, type->title), "citation", type->citation);
}

static void list_losses(cJSON *list) {
    const struct loss_type *type;
    for (size_t i = 0; (type = loss_at(i)) != NULL; i++)
        cJSON_AddBoolToObject(add_item(list, type->name, type->title), "classification",
                              type->classifies);
}

static void list_schedules(cJSON *list) {
    const char *name;
    for (size_t i = 0; (name = schedule_name(i)) != NULL; i++)
        add_item(list, name, NULL);
}

static bool list_datasets(cJSON *list, struct error *error) {
    struct arena arena = {0};
    struct string_list names = dataset_names(&arena);
    bool listed = true;
    for (size_t i = 0; listed && i < names.count; i++) {
        cJSON *card = card_load(names.items[i], error);
        listed = card != NULL;
        if (!listed)
            break;
        cJSON *item = add_item(list, names.items[i], json_string(card, "title", ""));
        cJSON_AddBoolToObject(item, "generated", generator_find(names.items[i]) != NULL);
        add_text(item, "source", json_string(card, "source", NULL));
        add_text(item, "licence", json_string(card, "licence", NULL));
        add_text(item, "citation", json_string(card, "citation", NULL));
        cJSON_Delete(card);
    }
    arena_free(&arena);
    return listed;
}

static void list_generators(cJSON *list) {
    const struct generator_type *type;
    for (size_t i = 0; (type = generator_at(i)) != NULL; i++) {
        cJSON *item = add_item(list, type->name, type->title);
        cJSON *parameters = cJSON_AddArrayToObject(item, "parameters");
        for (const struct generator_parameter *p = type->parameters; p->name != NULL; p++) {
            cJSON *parameter = cJSON_CreateObject();
            cJSON_AddStringToObject(parameter, "name", p->name);
            const double range[] = {p->low, p->high};
            cJSON_AddItemToObject(parameter, "range", cJSON_CreateDoubleArray(range, 2));
            add_text(parameter, "help", p->help);
            cJSON_AddItemToArray(parameters, parameter);
        }
        add_text(item, "citation", type->citation);
    }
}

static const struct list_topic topics[] = {
    {.name = "models", .list = list_models},
    {.name = "metrics", .list = list_metrics},
    {.name = "perturbations", .list = list_perturbations},
    {.name = "suites", .list = list_suites},
    {.name = "measures", .list = list_measures},
    {.name = "optimizers", .list = list_optimizers},
    {.name = "losses", .list = list_losses},
    {.name = "schedules", .list = list_schedules},
    {.name = "datasets", .read = list_datasets},
    {.name = "generators", .list = list_generators},
    {.name = "config", .list = list_config},
};

const struct list_topic *list_topic_at(size_t position) {
    return position < sizeof topics / sizeof topics[0] ? &topics[position] : NULL;
}
