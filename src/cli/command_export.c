#include "base/choice.h"
#include "base/file.h"
#include "cli/command.h"
#include "experiment/export/export.h"
#include "experiment/export/export_notes.h"
#include "experiment/export/export_score.h"
#include "experiment/export/sizes.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
    "Usage: liquidbench export [OPTION]... MODEL -o FILE.c\n"
    "\n"
    "Writes a trained model as one C99 file and its header, for a board or a program without\n"
    "liquidbench: no library, no allocation. model_reset() begins a stream, model_step()\n"
    "answers a row, model_self_test() compares with recorded answers. Prints what the code\n"
    "needs: bytes of code, constants, state and stack, where the compiler is there.\n"
    "\n"
    "MODEL is a .safetensors file of `liquidbench run`.\n"
    "\n"
    "Options:\n"
    "  -o, --output FILE.c write there, and the header beside it\n"
    "      --type TYPE     how weights are stored: float32, float16 or int8 with a scale for each\n"
    "                      row; biases and time constants stay float32\n"
    "      --prefix NAME   begins the public names (default: model)\n"
    "      --main          add a program that reads CSV rows from standard input; it knows\n"
    "                      --self-test and --bench\n"
    "      --series NAME   whose scaling to use, of a model that scales each series\n"
    "      --cc COMMAND    the compiler whose sizes are printed (default: cc -Os)\n"
    "      --score         score the stored weights on the test data, where `run` ran;\n"
    "                      `report` then shows what the type costs\n"
    "      --help\n"
    "\n"
    "Examples:\n"
    "  liquidbench export model.safetensors -o model.c --main\n"
    "  liquidbench export model.safetensors -o pump.c --type int8 --prefix pump \\\n"
    "      --cc 'arm-none-eabi-gcc -Os -mcpu=cortex-m4 -mthumb -mfloat-abi=hard'\n";

struct request {
    const char *model, *output, *compiler;
    struct export_options options;
    bool scores;
};

static bool parse_type(const char *text, enum weight_type *type, struct error *error) {
    int position;
    bool known = choice_find(weight_type_name, text, &position, error);
    *type = (enum weight_type)position;
    return known || error_prefix(error, "--type");
}

static bool check_prefix(const char *prefix, struct error *error) {
    bool good = isalpha((unsigned char)prefix[0]) && strlen(prefix) <= 64;
    for (const char *c = prefix; *c != '\0'; c++)
        good = good && (isalnum((unsigned char)*c) || *c == '_');
    return good || error_set(error,
                             "--prefix: \"%s\" cannot begin names in C; use letters, digits "
                             "and _",
                             prefix);
}

/* "path/model.c" -> "path/model.h"; NULL for another ending. */
static const char *header_path(const char *source, struct arena *arena) {
    size_t length = strlen(source);
    if (length < 3 || strcmp(source + length - 2, ".c") != 0)
        return NULL;
    return arena_printf(arena, "%.*s.h", (int)length - 2, source);
}

/* What someone has written by hand is not replaced. */
static bool may_write(const char *path, struct arena *arena, struct error *error) {
    size_t size = strlen(EXPORTED_MARK);
    if (!file_exists(path) || file_is_directory(path))
        return true; /* a folder is refused in its own words */
    size_t length;
    const char *text = file_read(path, arena, &length, error);
    if (text == NULL || (length >= size && memcmp(text, EXPORTED_MARK, size) == 0))
        return text != NULL;
    return error_set(error,
                     "%s: is there already, and liquidbench did not write it; choose another name, "
                     "or move it away",
                     path);
}

static bool check_output(const struct request *request, const char *header, struct arena *arena,
                         struct error *error) {
    if (strpbrk(path_name(header), "\"\\\n") != NULL)
        return error_set(error, "-o %s: no #include can name the header; leave out \\ and quotes",
                         request->output);
    return may_write(request->output, arena, error) && may_write(header, arena, error);
}

static bool write_files(const struct request *request, const char *header,
                        const struct exported *exported, struct error *error) {
    return file_write(request->output, exported->source, strlen(exported->source), error) &&
           file_write(header, exported->header, strlen(exported->header), error);
}

static bool run_export(struct request *request, struct saved_model *model, struct arena *arena,
                       struct error *error) {
    const char *header = header_path(request->output, arena);
    struct exported exported;
    if (header == NULL)
        return error_set(error, "-o %s: the name must end in .c; the header stands beside it",
                         request->output);
    if (!check_output(request, header, arena, error))
        return false;
    request->options.header = path_name(header);
    request->options.notes = export_notes(model, request->model, arena);
    if (!export_model(model, &request->options, &exported, error))
        return error_prefix(error, "%s", request->model);
    bool good = write_files(request, header, &exported, error);
    if (good)
        export_print_sizes(request->output, request->compiler, request->options.prefix, &exported);
    good = good && (!request->scores ||
                    export_score(model, request->model, request->options.type, &exported, error));
    return good;
}

static int export_file(struct request *request) {
    struct saved_model model;
    struct error error;
    struct arena arena = {0};
    bool good = saved_model_read(&model, request->model, &error) &&
                run_export(request, &model, &arena, &error);
    saved_model_free(&model);
    arena_free(&arena);
    return good ? EXIT_SUCCESS : fail(&error);
}

static int export_command(int argc, char **argv) {
    enum { TYPE = 256, PREFIX, MAIN, SERIES, COMPILER, SCORE };
    static const struct option options[] = {{"output", required_argument, NULL, 'o'},
                                            {"type", required_argument, NULL, TYPE},
                                            {"prefix", required_argument, NULL, PREFIX},
                                            {"main", no_argument, NULL, MAIN},
                                            {"series", required_argument, NULL, SERIES},
                                            {"cc", required_argument, NULL, COMPILER},
                                            {"score", no_argument, NULL, SCORE},
                                            {"help", no_argument, NULL, OPTION_HELP},
                                            {0}};
    struct request request = {.options = {.prefix = "model"}};
    struct error error;
    int option;
    while ((option = option_next(&command_export, argc, argv, ":ho:", options)) != OPTIONS_END) {
        bool good = true;
        if (option == 'o')
            request.output = optarg;
        else if (option == TYPE)
            good = parse_type(optarg, &request.options.type, &error);
        else if (option == PREFIX)
            good = check_prefix(request.options.prefix = optarg, &error);
        else if (option == MAIN)
            request.options.has_main = true;
        else if (option == SCORE)
            request.scores = true;
        else if (option == SERIES)
            request.options.series = optarg;
        else if (option == COMPILER)
            request.compiler = optarg;
        else
            return option_exit(option);
        if (!good)
            return fail(&error);
    }
    if (argc - optind != 1)
        return usage_error(&command_export, "give one MODEL");
    if (request.output == NULL)
        return usage_error(&command_export, "say where to write: -o FILE.c");
    request.model = argv[optind];
    return export_file(&request);
}

const struct command command_export = {
    .name = "export",
    .summary = "write a trained model as C for a board or another program",
    .help = help,
    .run = export_command,
};
