#include "base/choice.h"
#include "cli/command.h"
#include "cli/list_wiring.h"
#include "config/models.h"
#include "data/catalogue/card.h"
#include "data/generators/generator.h"
#include "evaluate/cost.h"
#include "evaluate/measure.h"
#include "evaluate/metric.h"
#include "evaluate/suite.h"
#include "model/baseline.h"
#include "train/loss.h"
#include "train/optimizer.h"
#include "train/schedule.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
    "Usage: liquidbench list [OPTION] TOPIC\n"
    "\n"
    "Topics:\n"
    "  models         cells and baselines\n"
    "  metrics        scores, and which of them are better higher\n"
    "  perturbations  noise on the test inputs, with the standard severities\n"
    "  suites         named sets of faults, each with the range of its severity\n"
    "  measures       paths to numbers of a trial, for hypotheses to be about\n"
    "  optimizers, losses, schedules\n"
    "  datasets       built-in data sets\n"
    "  generators     synthetic data, with parameters and their ranges\n"
    "  config         every field of a config: type, default, meaning\n"
    "  schema         JSON Schema of a config, for editors\n"
    "  wiring CONFIG  synapses of the models of a config, in numbers or as a picture\n"
    "\n"
    "Options:\n"
    "      --json     print an array of objects\n"
    "      --markdown print config as tables in Markdown, as docs/config.md has them\n"
    "      --help\n"
    "\n"
    "Examples:\n"
    "  liquidbench list models\n"
    "  liquidbench list config | grep learning_rate\n"
    "  liquidbench list schema > experiment.schema.json\n"
    "  liquidbench list wiring --help\n";

/* Each topic makes an array of objects, which is printed as JSON or as lines of text. */

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

/* --- fields of a config, read off the schema -------------------------------------------------- */

/* "integer", "number", "string", "string or list", "one of a, b", ... */
static char *type_text(const cJSON *schema, struct arena *arena) {
    const cJSON *either = cJSON_GetObjectItemCaseSensitive(schema, "anyOf");
    const cJSON *names = cJSON_GetObjectItemCaseSensitive(either ? either->child : schema, "enum");
    const cJSON *items = cJSON_GetObjectItemCaseSensitive(schema, "items");
    const char *type = json_string(either ? either->child : schema, "type", "any");
    if (items != NULL)
        return arena_printf(arena, "list of %ss", json_string(items, "type", "object"));
    if (either == NULL && names == NULL)
        return arena_strdup(arena, type);
    char *text = arena_printf(arena, "%s%s", type, either != NULL ? " or list" : "");
    const char *before = ": ";
    for (const cJSON *name = names != NULL ? names->child : NULL; name != NULL; name = name->next) {
        text = arena_printf(arena, "%s%s%s", text, before, name->valuestring);
        before = ", ";
    }
    return text;
}

static void add_fields(cJSON *list, const cJSON *properties, const char *path, const char *cell);

static void add_field(cJSON *list, const cJSON *schema, const char *path, const char *cell) {
    struct arena arena = {0};
    cJSON *item = cJSON_CreateObject();
    cJSON_AddStringToObject(item, "name", path);
    add_text(item, "cell", cell);
    cJSON_AddStringToObject(item, "type", type_text(schema, &arena));
    const cJSON *fallback = cJSON_GetObjectItemCaseSensitive(schema, "default");
    if (fallback != NULL)
        cJSON_AddItemToObject(item, "default", cJSON_Duplicate(fallback, 1));
    add_text(item, "help", json_string(schema, "description", NULL));
    cJSON_AddItemToArray(list, item);

    const cJSON *items = cJSON_GetObjectItemCaseSensitive(schema, "items");
    const char *nested = items != NULL ? arena_printf(&arena, "%s[]", path) : path;
    add_fields(list, cJSON_GetObjectItemCaseSensitive(items ? items : schema, "properties"), nested,
               cell);
    arena_free(&arena);
}

static void add_fields(cJSON *list, const cJSON *properties, const char *path, const char *cell) {
    struct arena arena = {0};
    for (const cJSON *schema = properties ? properties->child : NULL; schema != NULL;
         schema = schema->next) {
        const char *dot = path[0] != '\0' ? "." : "";
        add_field(list, schema, arena_printf(&arena, "%s%s%s", path, dot, schema->string), cell);
    }
    arena_free(&arena);
}

/* What all cells share comes once; then each cell's own options. */
static void add_model_fields(cJSON *list, const cJSON *alternatives) {
    const cJSON *first = cJSON_GetObjectItemCaseSensitive(alternatives->child, "properties");
    const cJSON *model;
    cJSON_ArrayForEach(model, alternatives) {
        const cJSON *properties = cJSON_GetObjectItemCaseSensitive(model, "properties");
        const cJSON *name = cJSON_GetObjectItemCaseSensitive(properties, "cell");
        const cJSON *schema;
        cJSON_ArrayForEach(schema, properties) {
            bool shared = model_has_field(schema->string);
            if (shared && properties != first)
                continue;
            char path[128];
            snprintf(path, sizeof path, "models[].%s", schema->string);
            add_field(list, schema, path, shared ? NULL : json_string(name, "const", NULL));
        }
    }
}

static void list_config(cJSON *list) {
    cJSON *schema = experiment_schema();
    const cJSON *property;
    cJSON_ArrayForEach(property, cJSON_GetObjectItemCaseSensitive(schema, "properties")) {
        add_field(list, property, property->string, NULL);
        if (strcmp(property->string, "models") == 0)
            add_model_fields(list,
                             cJSON_GetObjectItemCaseSensitive(
                                 cJSON_GetObjectItemCaseSensitive(property, "items"), "anyOf"));
    }
    cJSON_Delete(schema);
}

/* --- printing --------------------------------------------------------------------------------- */

static void print_value(const char *key, const cJSON *value) {
    char *text = cJSON_IsString(value) ? NULL : cJSON_PrintUnformatted(value);
    printf("    %s: %s\n", key, text != NULL ? text : value->valuestring);
    cJSON_free(text);
}

/* A line for each parameter of a generator. */
static void print_parameters(const cJSON *parameters) {
    const cJSON *parameter;
    cJSON_ArrayForEach(parameter, parameters) {
        char *range = cJSON_PrintUnformatted(cJSON_GetObjectItemCaseSensitive(parameter, "range"));
        printf("    %s %s  %s\n", json_string(parameter, "name", ""), range,
               json_string(parameter, "help", ""));
        cJSON_free(range);
    }
}

/* The names of a cell's options in one line. */
static void print_options(const cJSON *options) {
    const cJSON *option;
    cJSON_ArrayForEach(option, options) printf(
        "%s%s", option == options->child ? "    options: " : ", ", json_string(option, "name", ""));
    if (cJSON_GetArraySize(options) > 0)
        putchar('\n');
}

/* A line with name and title, then a line for each other thing there is to say. */
/* "bias    drift    value, 0 to 0.75": perturbation, published name, group and range. */
static void print_faults(const cJSON *faults) {
    const cJSON *fault;
    cJSON_ArrayForEach(fault, faults) {
        const char *published = json_string(fault, "published", NULL);
        double mild = json_number(fault, "mild", 0), harsh = json_number(fault, "harsh", 0);
        bool inverse = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(fault, "inverse"));
        printf("    %-16s %-16s %s", json_string(fault, "type", ""),
               published != NULL ? published : "", json_string(fault, "group", ""));
        if (harsh > 0)
            printf(", %.3g to %.3g", inverse ? 1 / mild : mild, inverse ? 1 / harsh : harsh);
        putchar('\n');
    }
}

static void print_item(const cJSON *item) {
    const char *title = json_string(item, "title", NULL);
    printf("%s%s%s\n", json_string(item, "name", ""), title != NULL ? ": " : "",
           title != NULL ? title : "");
    for (const cJSON *value = item->child; value != NULL; value = value->next) {
        if (strcmp(value->string, "name") == 0 || strcmp(value->string, "title") == 0)
            continue;
        if (cJSON_IsTrue(value))
            printf("    %s\n", value->string);
        else if (strcmp(value->string, "options") == 0)
            print_options(value);
        else if (strcmp(value->string, "faults") == 0)
            print_faults(value);
        else if (cJSON_IsArray(value) && cJSON_IsObject(value->child))
            print_parameters(value);
        else if (!cJSON_IsFalse(value))
            print_value(value->string, value);
    }
}

/* One line a field, so that grep finds all there is to know. */
static void print_field(const cJSON *item) {
    char *fallback = cJSON_PrintUnformatted(cJSON_GetObjectItemCaseSensitive(item, "default"));
    const char *cell = json_string(item, "cell", NULL);
    printf("%s%s%s%s (%s", json_string(item, "name", ""), cell != NULL ? " [" : "",
           cell != NULL ? cell : "", cell != NULL ? "]" : "", json_string(item, "type", ""));
    if (fallback != NULL)
        printf(", default %s", fallback);
    printf("): %s\n", json_string(item, "help", ""));
    cJSON_free(fallback);
}

/* Text in a cell of a Markdown table, where "|" ends the cell. */
static void print_markdown_text(const char *text) {
    for (; *text != '\0'; text++) {
        if (*text == '|')
            putchar('\\');
        putchar(*text);
    }
}

/* Length of the section's name in a field's path: that of "train" in "train.schedule.type"; 0 for
 * fields that stand alone. */
static size_t section_length(const cJSON *item) {
    const char *name = json_string(item, "name", "");
    size_t length = strcspn(name, ".[");
    bool is_object = strstr(json_string(item, "type", ""), "object") != NULL;
    return name[length] != '\0' || is_object ? length : 0;
}

static bool same_section(const cJSON *a, const cJSON *b) {
    size_t length = section_length(a);
    return length == section_length(b) &&
           strncmp(json_string(a, "name", ""), json_string(b, "name", ""), length) == 0 &&
           strcmp(json_string(a, "cell", ""), json_string(b, "cell", "")) == 0;
}

static void print_markdown_section(const cJSON *item) {
    const char *name = json_string(item, "name", ""), *cell = json_string(item, "cell", NULL);
    if (cell != NULL)
        printf("\n### `models[]` with `\"cell\": \"%s\"`\n", cell);
    else if (section_length(item) > 0)
        printf("\n### `%.*s`\n", (int)section_length(item), name);
    else
        printf("\n### At the top\n");
    printf("\n| field | type | default | meaning |\n| --- | --- | --- | --- |\n");
}

static void print_markdown(const cJSON *list) {
    const cJSON *before = NULL, *item;
    cJSON_ArrayForEach(item, list) {
        if (before == NULL || !same_section(before, item))
            print_markdown_section(item);
        before = item;
        char *fallback = cJSON_PrintUnformatted(cJSON_GetObjectItemCaseSensitive(item, "default"));
        const char *quote = fallback != NULL ? "`" : "";
        printf("| `%s` | ", json_string(item, "name", ""));
        print_markdown_text(json_string(item, "type", ""));
        printf(" | %s%s%s | ", quote, fallback != NULL ? fallback : "", quote);
        print_markdown_text(json_string(item, "help", ""));
        puts(" |");
        cJSON_free(fallback);
    }
}

enum format { FORMAT_TEXT, FORMAT_JSON, FORMAT_MARKDOWN };

static const struct topic {
    const char *name;
    void (*list)(cJSON *list);
    bool (*read)(cJSON *list, struct error *error); /* in its place, from files */
} topics[] = {
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
enum { TOPICS = sizeof topics / sizeof topics[0] };

static int print_schema(void) {
    cJSON *schema = experiment_schema();
    json_print(schema, stdout);
    cJSON_Delete(schema);
    return EXIT_SUCCESS;
}

static void print_text(const struct topic *topic, const cJSON *list) {
    const cJSON *item;
    cJSON_ArrayForEach(item, list) {
        if (topic->list == list_config)
            print_field(item);
        else
            print_item(item);
    }
}

static int print_topic(const struct topic *topic, enum format format) {
    if (format == FORMAT_MARKDOWN && topic->list != list_config)
        return usage_error(&command_list, "--markdown goes with config alone");
    struct error error;
    cJSON *list = cJSON_CreateArray();
    bool listed = topic->list != NULL || topic->read(list, &error);
    if (topic->list != NULL)
        topic->list(list);
    if (listed && format == FORMAT_JSON)
        json_print(list, stdout);
    else if (listed && format == FORMAT_MARKDOWN)
        print_markdown(list);
    else if (listed)
        print_text(topic, list);
    cJSON_Delete(list);
    return listed ? EXIT_SUCCESS : fail(&error);
}

static int find_and_print(const char *name, enum format format) {
    if (strcmp(name, "schema") == 0)
        return print_schema();
    struct suggestion nearest = {.wanted = name};
    for (size_t i = 0; i < TOPICS; i++) {
        if (strcmp(topics[i].name, name) == 0)
            return print_topic(&topics[i], format);
        suggestion_offer(&nearest, topics[i].name);
    }
    return usage_error(&command_list, "there is no topic \"%s\"%s", name,
                       suggestion_or(&nearest, "%s", "").text);
}

static int list(int argc, char **argv) {
    enum { JSON = 256, MARKDOWN };
    static const struct option options[] = {{"json", no_argument, NULL, JSON},
                                            {"markdown", no_argument, NULL, MARKDOWN},
                                            {"help", no_argument, NULL, OPTION_HELP},
                                            {0}};
    if (argc > 1 && strcmp(argv[1], "wiring") == 0)
        return list_wiring(argc - 1, argv + 1);
    enum format format = FORMAT_TEXT;
    int option;
    while ((option = option_next(&command_list, argc, argv, ":h", options)) != OPTIONS_END) {
        if (option != JSON && option != MARKDOWN)
            return option_exit(option);
        format = option == JSON ? FORMAT_JSON : FORMAT_MARKDOWN;
    }
    if (argc - optind != 1)
        return usage_error(&command_list, "name one topic");
    return find_and_print(argv[optind], format);
}

const struct command command_list = {
    .name = "list",
    .summary = "models, metrics, perturbations, config fields and more",
    .help = help,
    .run = list,
};
