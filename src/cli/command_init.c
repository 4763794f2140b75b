#include "base/file.h"
#include "base/json.h"
#include "base/log.h"
#include "cli/command.h"
#include "experiment/starter/starter.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
    "Usage: liquidbench init [OPTION]... NAME\n"
    "\n"
    "Writes NAME.json, a config that runs as it is: on your data, or on monthly sunspot\n"
    "numbers. With --csv it reads the file, says what it takes each column for, and sizes the\n"
    "experiment so that the run ends within the budget on this machine.\n"
    "\n"
    "Options:\n"
    "      --csv FILE    your data\n"
    "      --target NAME the column to predict; may be repeated (default: all signals one step\n"
    "                    ahead, or the class where a column is called so)\n"
    "      --budget TIME how long the run may take, as in 90s, 10m or 1h (default: 2m)\n"
    "      --set NAME=JSON how to read the file: a field of \"dataset\", as in decimal=,\n"
    "  -o, --output FILE where to write (default: NAME.json)\n"
    "      --force       overwrite the file\n"
    "      --help\n"
    "\n"
    "Examples:\n"
    "  liquidbench init first\n"
    "  liquidbench init plant --csv plant.csv --target temperature --budget 10m\n"
    "  liquidbench run plant.json\n";

struct request {
    struct starter_request starter;
    const char *output;
    bool force;
};

/* The shipped example: sunspots, with a network of each kind. */
static cJSON *example_config(const char *name) {
    cJSON *config = cJSON_Parse(
        "{\"name\": \"\", \"dataset\": {\"name\": \"sunspots\"},"
        " \"task\": {\"type\": \"forecast\", \"window\": 32},"
        " \"models\": [{\"cell\": \"lstm\", \"hidden\": 32}, {\"cell\": \"ltc\", \"hidden\": 32},"
        "              {\"cell\": \"cfc\", \"hidden\": 32}],"
        " \"train\": {\"learning_rate\": 0.005, \"epochs\": 50, \"patience\": 10},"
        " \"seeds\": [0, 1, 2]}");
    cJSON_SetValuestring(cJSON_GetObjectItemCaseSensitive(config, "name"), name);
    return config;
}

static cJSON *make_config(const struct request *request, struct arena *arena, struct error *error) {
    if (request->starter.csv == NULL) {
        cJSON *config = example_config(request->starter.name);
        return config;
    }
    struct starter starter;
    if (!starter_make(&request->starter, &starter, arena, error))
        return NULL;
    fputs(starter.summary, stdout);
    return starter.config;
}

static int write_config(struct request *request, struct arena *arena) {
    struct error error;
    const char *path = request->output != NULL
                           ? request->output
                           : arena_printf(arena, "%s.json", request->starter.name);
    request->starter.config_path = path;
    if (file_exists(path) && !request->force) {
        error_set(&error, "%s: exists; choose another name, or --force to overwrite it", path);
        return fail(&error);
    }
    cJSON *config = make_config(request, arena, &error);
    bool written = config != NULL && json_save(config, path, &error);
    if (written)
        log_info("Wrote %s. Next: liquidbench run %s", path, path);
    cJSON_Delete(config);
    return written ? EXIT_SUCCESS : fail(&error);
}

static bool is_plain(const char *name) {
    bool plain = isalnum((unsigned char)name[0]) || name[0] == '_';
    for (; *name != '\0'; name++)
        plain = plain && (isalnum((unsigned char)*name) || strchr("._+-", *name) != NULL);
    return plain;
}

/* "90s", "10m", "1h" or a number of seconds. */
static bool read_budget(const char *text, double *seconds) {
    char *end;
    *seconds = strtod(text, &end);
    double unit = strcmp(end, "h") == 0                   ? 3600
                  : strcmp(end, "m") == 0                 ? 60
                  : strcmp(end, "s") == 0 || *end == '\0' ? 1
                                                          : NAN;
    *seconds *= unit;
    return end != text && *seconds >= 1 && isfinite(*seconds);
}

static int init(int argc, char **argv) {
    enum { CSV = 256, TARGET, BUDGET, SET, FORCE };
    static const struct option options[] = {
        {"csv", required_argument, NULL, CSV},       {"target", required_argument, NULL, TARGET},
        {"budget", required_argument, NULL, BUDGET}, {"set", required_argument, NULL, SET},
        {"output", required_argument, NULL, 'o'},    {"force", no_argument, NULL, FORCE},
        {"help", no_argument, NULL, OPTION_HELP},    {0}};
    struct arena arena = {0};
    struct string_list targets = {.items = ARENA_NEW(&arena, const char *, argc)};
    struct request request = {.starter.seconds = STARTER_SECONDS};
    cJSON *reading = cJSON_CreateObject();
    struct error error;
    int option, code = -1;
    while (code < 0 &&
           (option = option_next(&command_init, argc, argv, ":ho:", options)) != OPTIONS_END) {
        if (option == CSV)
            request.starter.csv = optarg;
        else if (option == TARGET)
            targets.items[targets.count++] = optarg;
        else if (option == BUDGET)
            code = read_budget(optarg, &request.starter.seconds)
                       ? -1
                       : usage_error(&command_init,
                                     "--budget %s: must be a time such as 90s, 10m or 1h", optarg);
        else if (option == SET)
            code = json_assign(reading, optarg, &error) ? -1 : fail(&error);
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
    if (code < 0 && targets.count > 0 && request.starter.csv == NULL)
        code = usage_error(&command_init, "--target goes with --csv");
    if (code < 0 && reading->child != NULL && request.starter.csv == NULL)
        code = usage_error(&command_init, "--set goes with --csv");
    if (code < 0) {
        request.starter.name = argv[optind];
        request.starter.targets = targets;
        request.starter.reading = reading;
        code = write_config(&request, &arena);
    }
    cJSON_Delete(reading);
    arena_free(&arena);
    return code;
}

const struct command command_init = {
    .name = "init",
    .summary = "write a config to start from",
    .help = help,
    .run = init,
};
