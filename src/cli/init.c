#include "base/fields.h"
#include "base/file.h"
#include "base/json.h"
#include "base/log.h"
#include "cli/command.h"
#include "data/csv.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
    "Usage: liquidbench init [OPTION]... NAME\n"
    "\n"
    "Writes NAME.json, a config to start from: an LSTM, an LTC and a CfC on your data, or on\n"
    "monthly sunspot numbers.\n"
    "\n"
    "Options:\n"
    "      --csv FILE    your data; its columns are read to fill in the config\n"
    "      --target NAME the column to predict; may be repeated (default: all)\n"
    "  -o, --output FILE where to write (default: NAME.json)\n"
    "      --force       overwrite the file\n"
    "      --help\n"
    "\n"
    "Examples:\n"
    "  liquidbench init first\n"
    "  liquidbench init plant --csv plant.csv --target temperature\n"
    "  liquidbench run plant.json\n";

struct request {
    const char *name, *csv, *output;
    struct string_list targets;
    bool force;
};

static void add_models(cJSON *config) {
    static const char *const cells[] = {"lstm", "ltc", "cfc"};
    cJSON *models = cJSON_AddArrayToObject(config, "models");
    for (size_t i = 0; i < sizeof cells / sizeof cells[0]; i++) {
        cJSON *model = cJSON_CreateObject();
        cJSON_AddStringToObject(model, "cell", cells[i]);
        cJSON_AddNumberToObject(model, "hidden", 32);
        cJSON_AddItemToArray(models, model);
    }
}

static void add_names(cJSON *dataset, const char *key, const struct string_list *names) {
    if (names->count > 0)
        cJSON_AddItemToObject(dataset, key,
                              cJSON_CreateStringArray(names->items, (int)names->count));
}

/* The first target decides between forecast and classification. */
static const char *describe_columns(const struct table *table, const struct request *request,
                                    cJSON *dataset, struct error *error) {
    for (size_t i = 0; i < table->column_count; i++) {
        if (table->columns[i].type != COLUMN_TIME)
            continue;
        cJSON_AddStringToObject(dataset, "time", table->columns[i].name);
        break;
    }
    add_names(dataset, "targets", &request->targets);
    const char *task = "forecast";
    for (size_t i = 0; i < request->targets.count; i++) {
        size_t position;
        if (!table_find(table, request->targets.items[i], &position, error)) {
            error_prefix(error, "--target");
            return NULL;
        }
        if (table->columns[position].type == COLUMN_LABEL)
            task = "classification";
    }
    return task;
}

static const char *add_csv(const struct request *request, cJSON *dataset, struct error *error) {
    struct csv_options options = {0};
    struct table table;
    const char *task = NULL;
    if (!csv_read(request->csv, &options, &table, error))
        return NULL;
    char *path = realpath(request->csv, NULL); /* the config may be moved */
    if (path != NULL) {
        cJSON_AddStringToObject(dataset, "csv", path);
        task = describe_columns(&table, request, dataset, error);
        notes_print(&table.notes);
    } else {
        error_set(error, "%s: cannot be found", request->csv);
    }
    free(path);
    table_free(&table);
    return task;
}

static bool fill(cJSON *config, const struct request *request, struct error *error) {
    cJSON_AddStringToObject(config, "name", request->name);
    cJSON *dataset = cJSON_AddObjectToObject(config, "dataset");
    const char *type = "forecast";
    if (request->csv == NULL)
        cJSON_AddStringToObject(dataset, "name", "sunspots");
    else
        type = add_csv(request, dataset, error);
    if (type == NULL)
        return false;
    cJSON *task = cJSON_AddObjectToObject(config, "task");
    cJSON_AddStringToObject(task, "type", type);
    cJSON_AddNumberToObject(task, "window", 32);
    add_models(config);
    cJSON *train = cJSON_AddObjectToObject(config, "train");
    cJSON_AddNumberToObject(train, "learning_rate", 0.005);
    cJSON_AddNumberToObject(train, "epochs", 50);
    cJSON_AddNumberToObject(train, "patience", 10);
    const int seeds[] = {0, 1, 2};
    cJSON_AddItemToObject(config, "seeds", cJSON_CreateIntArray(seeds, 3));
    return true;
}

static int write_config(const struct request *request) {
    struct arena arena = {0};
    struct error error;
    const char *path =
        request->output != NULL ? request->output : arena_printf(&arena, "%s.json", request->name);
    bool written = false;
    cJSON *config = cJSON_CreateObject();
    if (file_exists(path) && !request->force)
        error_set(&error, "%s: exists; choose another name, or --force to overwrite it", path);
    else
        written = fill(config, request, &error) && json_save(config, path, &error);
    if (written)
        log_info("Wrote %s. Next: liquidbench run %s", path, path);
    cJSON_Delete(config);
    arena_free(&arena);
    return written ? EXIT_SUCCESS : fail(&error);
}

static bool is_plain(const char *name) {
    bool plain = isalnum((unsigned char)name[0]) || name[0] == '_';
    for (; *name != '\0'; name++)
        plain = plain && (isalnum((unsigned char)*name) || strchr("._+-", *name) != NULL);
    return plain;
}

static int init(int argc, char **argv) {
    enum { CSV = 256, TARGET, FORCE };
    static const struct option options[] = {
        {"csv", required_argument, NULL, CSV},    {"target", required_argument, NULL, TARGET},
        {"output", required_argument, NULL, 'o'}, {"force", no_argument, NULL, FORCE},
        {"help", no_argument, NULL, OPTION_HELP}, {0}};
    struct arena arena = {0};
    struct request request = {.targets.items = ARENA_NEW(&arena, const char *, argc)};
    int option, code = -1;
    while (code < 0 &&
           (option = option_next(&command_init, argc, argv, ":ho:", options)) != OPTIONS_END) {
        if (option == CSV)
            request.csv = optarg;
        else if (option == TARGET)
            request.targets.items[request.targets.count++] = optarg;
        else if (option == 'o')
            request.output = optarg;
        else if (option == FORCE)
            request.force = true;
        else
            code = option_exit(option);
    }
    if (code < 0 && argc - optind != 1)
        code = usage_error(&command_init, "give one NAME for the experiment");
    if (code < 0 && !is_plain(argv[optind]))
        code = usage_error(&command_init,
                           "\"%s\" is no name for files; use letters, digits, \"-\" and \"_\"",
                           argv[optind]);
    if (code < 0 && request.targets.count > 0 && request.csv == NULL)
        code = usage_error(&command_init, "--target goes with --csv");
    if (code < 0) {
        request.name = argv[optind];
        code = write_config(&request);
    }
    arena_free(&arena);
    return code;
}

const struct command command_init = {
    .name = "init",
    .summary = "write a config to start from",
    .help = help,
    .run = init,
};
