#include "base/choice.h"
#include "base/json.h"
#include "cli/command.h"
#include "cli/list_topics.h"
#include "cli/list_wiring.h"
#include "config/models.h"

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

/* A line with name and title, then a line for each other thing there is to say. */
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

static void print_items(const cJSON *list) {
    const cJSON *item;
    cJSON_ArrayForEach(item, list) print_item(item);
}

enum format { FORMAT_TEXT, FORMAT_JSON, FORMAT_MARKDOWN };

static int print_schema(void) {
    cJSON *schema = experiment_schema();
    json_print(schema, stdout);
    cJSON_Delete(schema);
    return EXIT_SUCCESS;
}

static int print_topic(const struct list_topic *topic, enum format format) {
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
        print_fields_as_markdown(list);
    else if (listed && topic->list == list_config)
        print_fields(list);
    else if (listed)
        print_items(list);
    cJSON_Delete(list);
    return listed ? EXIT_SUCCESS : fail(&error);
}

static int find_and_print(const char *name, enum format format) {
    if (strcmp(name, "schema") == 0)
        return print_schema();
    struct suggestion nearest = {.wanted = name};
    const struct list_topic *topic;
    for (size_t i = 0; (topic = list_topic_at(i)) != NULL; i++) {
        if (strcmp(topic->name, name) == 0)
            return print_topic(topic, format);
        suggestion_offer(&nearest, topic->name);
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
