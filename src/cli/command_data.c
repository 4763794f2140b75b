#include "base/choice.h"
#include "base/json.h"
#include "base/printable.h"
#include "cli/command.h"
#include "cli/data_fetch.h"
#include "config/config_fields.h"
#include "data/catalogue/card.h"
#include "data/generators/generator.h"
#include "data/pipeline/dataset.h"
#include "data/pipeline/source.h"
#include "data/text/csv_write.h"
#include "math/random.h"
#include "report/plots/plot_perturbed.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
    "Usage: liquidbench data list\n"
    "       liquidbench data describe [OPTION]... NAME|FILE\n"
    "       liquidbench data fetch [--mirror DIR] NAME...\n"
    "       liquidbench data generate [OPTION]... GENERATOR\n"
    "       liquidbench data convert [OPTION]... IN OUT.csv\n"
    "\n"
    "  list      the built-in data sets\n"
    "  describe  a built-in data set as the models see it, or the columns of a CSV or .npy file\n"
    "  fetch     the files of data sets that are not shipped, verified and unpacked, into\n"
    "            $LIQUIDBENCH_DATA/NAME or datasets/cache/NAME\n"
    "  generate  one series of synthetic data as CSV\n"
    "  convert   a .npy, .npz, IDX or CSV file to plain CSV\n"
    "\n"
    "Options of describe and convert:\n"
    "      --set NAME=JSON how to read the file: a field of \"dataset\", as in decimal=,\n"
    "\n"
    "Options of describe:\n"
    "      --perturb TYPE[:SEVERITY]  draw the test data so perturbed over the clean\n"
    "  -o, --output FILE   SVG or PNG to draw into (default: perturbed.svg)\n"
    "\n"
    "Options of fetch:\n"
    "      --mirror DIR    a folder with the original files, instead of the network\n"
    "\n"
    "Options of generate:\n"
    "      --rows N        rows (default: 500)\n"
    "      --seed N        (default: 0)\n"
    "      --set NAME=JSON a parameter, or the [low, high] range it is drawn from\n"
    "  -o, --output FILE   write there instead of to stdout\n"
    "\n"
    "Examples:\n"
    "  liquidbench data describe co2\n"
    "  liquidbench data describe lorenz --perturb drift:2 -o drift.svg\n"
    "  liquidbench data fetch walker2d occupancy\n"
    "  liquidbench data generate lorenz --rows 2000 --set 'rho=[26, 30]' -o lorenz.csv\n"
    "  liquidbench data convert trace_0000.npy trace.csv\n";

/* --- writing CSV ------------------------------------------------------------------------------ */

/* To stdout without a path; otherwise whole or not at all. */
static bool write_csv(const struct table *table, const char *path, struct error *error) {
    if (path != NULL)
        return csv_save(table, path, error);
    csv_write_table(stdout, table);
    return true;
}

/* --- list ------------------------------------------------------------------------------------- */

/* "generated"; "file" when it is here; "to fetch". */
static const char *whereabouts(const cJSON *card) {
    const cJSON *dataset = cJSON_GetObjectItemCaseSensitive(card, "dataset");
    const char *path = json_string(dataset, "path", "");
    if (cJSON_HasObjectItem(dataset, "generator"))
        return "generated";
    return cJSON_HasObjectItem(card, "fetch") && !file_is_directory(path) ? "to fetch" : "file";
}

static int list(int argc, char **argv) {
    if (argc != 1)
        return usage_error(&command_data, "list takes no argument such as \"%s\"", argv[1]);
    struct arena arena = {0};
    struct string_list names = dataset_names(&arena);
    struct error error;
    bool listed = true;
    size_t width = 0;
    for (size_t i = 0; i < names.count; i++) {
        size_t own = strlen(printable(&arena, names.items[i]));
        width = own > width ? own : width;
    }
    for (size_t i = 0; listed && i < names.count; i++) {
        cJSON *card = card_load(names.items[i], &error);
        listed = card != NULL;
        if (listed)
            printf("%-*s  %-9s  %s\n", (int)width, printable(&arena, names.items[i]),
                   whereabouts(card), printable(&arena, json_string(card, "title", "")));
        cJSON_Delete(card);
    }
    arena_free(&arena);
    return listed ? EXIT_SUCCESS : fail(&error);
}

/* --- describe --------------------------------------------------------------------------------- */

static const char *const column_types[] = {
    [COLUMN_NUMBER] = "number", [COLUMN_TIME] = "time", [COLUMN_LABEL] = "label"};

/* The beginning of a line: a name in 20 characters, its type, its missing values. */
static void print_column(const char *name, const char *type, size_t missing) {
    enum { WIDTH = 20 };
    struct arena arena = {0};
    name = printable(&arena, name);
    size_t bytes = 0, width = 0;
    for (; name[bytes] != '\0' && width < WIDTH; width++)
        for (bytes++; ((unsigned char)name[bytes] & 0xc0) == 0x80;)
            bytes++;
    printf("%.*s%*s %-7s %8zu", (int)bytes, name, (int)(WIDTH - width), "", type, missing);
    arena_free(&arena);
}

/* In plain sums: four digits are printed, and GSL's long ones take longer than reading the file. */
static void print_statistics(const char *name, const char *type, const double *values, size_t count,
                             size_t missing) {
    double sum = 0, squares = 0, min = INFINITY, max = -INFINITY;
    for (size_t i = 0; i < count; i++) {
        sum += values[i];
        min = values[i] < min ? values[i] : min;
        max = values[i] > max ? values[i] : max;
    }
    double mean = sum / (double)count;
    for (size_t i = 0; i < count; i++)
        squares += (values[i] - mean) * (values[i] - mean);
    print_column(name, type, missing);
    if (count > 0)
        printf(" %10.4g %10.4g %10.4g %10.4g", mean,
               count > 1 ? sqrt(squares / (double)(count - 1)) : 0, min, max);
    putchar('\n');
}

static void print_statistics_header(void) {
    printf("%-20s %-7s %8s %10s %10s %10s %10s\n", "column", "type", "missing", "mean", "std",
           "min", "max");
}

static void describe_column(const struct column *column, size_t rows) {
    double *known = mem_resize(NULL, rows * sizeof *known);
    size_t count = 0;
    for (size_t row = 0; row < rows; row++)
        if (!isnan(column->values[row]))
            known[count++] = column->values[row];
    if (column->type == COLUMN_LABEL) {
        print_column(column->name, "label", rows - count);
        printf(" %zu different texts", column->label_count);
        if (column->mostly_numbers && column->not_number.text != NULL) {
            printf("; most are numbers, but not \"");
            put_printable(stdout, column->not_number.text);
            printf("\" in line %zu", column->not_number.line);
        }
        putchar('\n');
    } else {
        print_statistics(column->name, column_types[column->type], known, count, rows - count);
    }
    free(known);
}

static bool read_with_settings(const char *path, const cJSON *settings, struct table *table,
                               struct arena *arena, struct error *error) {
    struct dataset_options options = {0};
    struct field_target target = {dataset_fields, &options};
    return fields_read(&target, 1, settings, "--set", arena, error) &&
           table_read(options_by_format(&options, "forecast", arena), path, table, error);
}

static bool describe_file(const char *path, const cJSON *settings, struct error *error) {
    struct arena arena = {0};
    struct table table;
    bool read = read_with_settings(path, settings, &table, &arena, error);
    arena_free(&arena);
    if (!read)
        return false;
    put_printable(stdout, path);
    printf(": %zu rows, %zu columns\n\n", table.rows, table.column_count);
    print_statistics_header();
    for (size_t i = 0; i < table.column_count; i++)
        describe_column(&table.columns[i], table.rows);
    notes_print(&table.notes);
    table_free(&table);
    return true;
}

static void describe_split(const char *name, const struct split *split) {
    size_t rows = 0;
    for (int i = 0; i < split->series_count; i++)
        rows += (size_t)split->series[i].rows;
    printf("%-6s %6d series %9zu rows %9zu windows\n", name, split->series_count, rows,
           split->window_count);
}

static void describe_input(const struct dataset *dataset, int input) {
    const struct split *split = &dataset->train;
    double *values = NULL;
    size_t count = 0;
    for (int s = 0; s < split->series_count; s++) {
        const struct series *series = &split->series[s];
        struct scaling scaling = series_scaling(dataset, series);
        values = mem_resize(values, (count + (size_t)series->rows) * sizeof *values);
        for (int row = 0; row < series->rows; row++)
            values[count++] =
                (double)series->x[(size_t)row * (size_t)dataset->inputs + (size_t)input] *
                    scaling.input_scale[input] +
                scaling.input_offset[input];
    }
    print_statistics(dataset->input_names[input], "input", values, count,
                     dataset->input_gaps[input]);
    free(values);
}

static void describe_card(const cJSON *card) {
    static const char *const keys[] = {"title", "source", "licence", "citation", "description"};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        if (json_string(card, keys[i], NULL) != NULL) {
            printf("%-12s ", keys[i]);
            put_printable(stdout, json_string(card, keys[i], ""));
            putchar('\n');
        }
}

static void describe_gaps(const struct dataset *dataset) {
    if (dataset->gaps > 0)
        printf("%-12s %zu of the inputs' %zu values (%.1f %%), before dataset.missing \"%s\" fills "
               "them\n",
               "missing", dataset->gaps, dataset->cells,
               100 * (double)dataset->gaps / (double)dataset->cells,
               missing_name((size_t)dataset->options->missing - 1));
}

static void describe_dataset(const struct dataset *dataset, const cJSON *card) {
    describe_card(card);
    printf("%-12s %s, windows of %d steps, unit of time %g\n", "task",
           task_name(dataset->task_options), dataset->window, dataset->time_unit);
    printf("%-12s", "targets");
    struct arena arena = {0};
    for (int i = 0; i < dataset->targets; i++)
        printf(" %s", printable(&arena, dataset->target_names[i]));
    for (int i = 0; dataset->class_names != NULL && i < dataset->outputs; i++)
        printf("%s%s%s", i > 0 ? ", " : " (", printable(&arena, dataset->class_names[i]),
               i == dataset->outputs - 1 ? ")" : "");
    arena_free(&arena);
    printf("\n%-12s %s\n", "sha256", dataset->sha256);
    describe_gaps(dataset);
    putchar('\n');
    describe_split("train", &dataset->train);
    describe_split("valid", &dataset->valid);
    describe_split("test", &dataset->test);
    printf("\nThe inputs in the training rows%s:\n",
           dataset->gaps > 0 ? ", with what stands for missing values" : "");
    print_statistics_header();
    for (int i = 0; i < dataset->inputs; i++)
        describe_input(dataset, i);
}

/* What to draw instead of describing; without a type, nothing. */
struct perturb_request {
    const char *perturb, *output;
};

/* "gaussian:0.2", or the middle standard severity without one. */
static bool draw_perturbed(const struct dataset *dataset, const struct perturb_request *request,
                           struct error *error) {
    struct arena arena = {0};
    char *name = arena_strdup(&arena, request->perturb), *colon = strchr(name, ':'), *end = NULL;
    double severity = NAN;
    if (colon != NULL) {
        *colon = '\0';
        severity = strtod(colon + 1, &end);
    }
    cJSON *json = cJSON_CreateObject();
    struct perturb_options options;
    cJSON_AddStringToObject(json, "type", name);
    cJSON_AddNumberToObject(json, "severity", colon != NULL ? severity : 0);
    bool good = perturb_read(json, "--perturb", &options, &arena, error);
    if (good && end != NULL && (end == colon + 1 || *end != '\0'))
        good = error_set(error, "--perturb: the severity \"%s\" is not a number", colon + 1);
    const struct perturbation_type *type = good ? perturbation_find(options.type) : NULL;
    if (good && colon == NULL)
        severity = type->severities[2];
    good = good && perturbed_plot(dataset, type, severity, request->output, error);
    cJSON_Delete(json);
    arena_free(&arena);
    return good;
}

static bool load_and_describe(const cJSON *card, const cJSON *dataset_json, const cJSON *task_json,
                              const struct perturb_request *request, struct error *error) {
    struct arena arena = {0};
    struct dataset dataset;
    struct dataset_options *options = ARENA_NEW(&arena, struct dataset_options, 1);
    struct task_options *task = ARENA_NEW(&arena, struct task_options, 1);
    struct field_target dataset_target = {dataset_fields, options};
    struct field_target task_target = {task_fields, task};
    bool loaded = fields_read(&dataset_target, 1, dataset_json, "dataset", &arena, error) &&
                  fields_read(&task_target, 1, task_json, "task", &arena, error) &&
                  dataset_load(&dataset, options, task, &arena, error);
    if (loaded)
        notes_print(&dataset.notes);
    if (loaded && request->perturb != NULL)
        loaded = draw_perturbed(&dataset, request, error);
    else if (loaded)
        describe_dataset(&dataset, card);
    arena_free(&arena);
    return loaded;
}

/* A card whose files are still to be fetched. */
static bool is_to_fetch(const cJSON *card, const cJSON *dataset) {
    const char *path = json_string(dataset, "path", NULL);
    return card != NULL && path != NULL && !cJSON_HasObjectItem(dataset, "generator") &&
           !file_is_directory(path);
}

static void describe_absent(const char *name, const cJSON *card, const cJSON *dataset) {
    describe_card(card);
    printf("%-12s ", "files");
    if (cJSON_HasObjectItem(card, "fetch"))
        printf(
            "not here; get them with `liquidbench data fetch %s`, or set LIQUIDBENCH_DATA to the "
            "folder that holds %s/\n",
            name, name);
    else
        printf("not here; they belong into %s\n", json_string(dataset, "path", ""));
}

/* A built-in data set by its name, or a file as a data set. */
static bool describe_as_dataset(const char *name, bool is_file,
                                const struct perturb_request *request, struct error *error) {
    cJSON *card = is_file ? NULL : card_load(name, error);
    cJSON *given = cJSON_CreateObject();
    cJSON_AddStringToObject(given, is_file ? "csv" : "name", name);
    cJSON *dataset = is_file || card != NULL ? dataset_resolve(given, ".", error) : NULL;
    cJSON *task = dataset != NULL ? task_resolve(NULL, given, error) : NULL;
    bool absent = request->perturb == NULL && is_to_fetch(card, dataset);
    if (task != NULL && absent)
        describe_absent(name, card, dataset);
    bool described =
        task != NULL && (absent || load_and_describe(card, dataset, task, request, error));
    cJSON_Delete(card);
    cJSON_Delete(given);
    cJSON_Delete(dataset);
    cJSON_Delete(task);
    return described;
}

/* Returns the exit code. */
static int describe_one(const char *name, const cJSON *settings,
                        const struct perturb_request *request) {
    struct error error;
    bool is_file = file_exists(name) && !file_is_directory(name);
    bool is_table = is_file && request->perturb == NULL;
    if (!is_table && cJSON_GetArraySize(settings) > 0)
        return usage_error(&command_data, "--set is for a FILE: %s is none", name);
    bool described = is_table ? describe_file(name, settings, &error)
                              : describe_as_dataset(name, is_file, request, &error);
    return described ? EXIT_SUCCESS : fail(&error);
}

static int describe(int argc, char **argv) {
    enum { PERTURB = 256, SET };
    static const struct option options[] = {{"perturb", required_argument, NULL, PERTURB},
                                            {"set", required_argument, NULL, SET},
                                            {"output", required_argument, NULL, 'o'},
                                            {"help", no_argument, NULL, OPTION_HELP},
                                            {0}};
    struct perturb_request request = {.output = "perturbed.svg"};
    struct error error;
    cJSON *settings = cJSON_CreateObject();
    int option, code = -1;
    while (code < 0 &&
           (option = option_next(&command_data, argc, argv, ":ho:", options)) != OPTIONS_END) {
        if (option == PERTURB)
            request.perturb = optarg;
        else if (option == 'o')
            request.output = optarg;
        else if (option == SET && !json_assign(settings, optarg, &error))
            code = fail(&error);
        else if (option != SET)
            code = option_exit(option);
    }
    if (code < 0 && argc - optind != 1)
        code = usage_error(&command_data, "describe takes one NAME or FILE");
    if (code < 0)
        code = describe_one(argv[optind], settings, &request);
    cJSON_Delete(settings);
    return code;
}

/* --- generate --------------------------------------------------------------------------------- */

struct request {
    int rows, seed;
    const char *output;
    cJSON *parameters;
};

static const struct generator_type *find_generator(const char *name, struct error *error) {
    const struct generator_type *type = generator_find(name);
    if (type != NULL)
        return type;
    struct suggestion nearest = {.wanted = name};
    for (size_t i = 0; generator_at(i) != NULL; i++)
        suggestion_offer(&nearest, generator_at(i)->name);
    error_set(error, "there is no generator \"%s\"%s", name,
              suggestion_or(&nearest, "see `liquidbench list generators`").text);
    return NULL;
}

static int generate_series(const char *name, const struct request *request) {
    struct error error;
    const struct generator_type *type = find_generator(name, &error);
    if (type == NULL)
        return fail(&error);
    gsl_rng *rng = random_stream((uint64_t)request->seed, "data generate");
    struct table table;
    bool good = generator_run(type, request->parameters, 0, request->rows, rng, &table, &error);
    gsl_rng_free(rng);
    if (good) {
        good = write_csv(&table, request->output, &error);
        table_free(&table);
    }
    return good ? EXIT_SUCCESS : fail(&error);
}

static int generate(int argc, char **argv) {
    enum { ROWS = 256, SEED, SET };
    static const struct option options[] = {
        {"rows", required_argument, NULL, ROWS},  {"seed", required_argument, NULL, SEED},
        {"set", required_argument, NULL, SET},    {"output", required_argument, NULL, 'o'},
        {"help", no_argument, NULL, OPTION_HELP}, {0}};
    struct request request = {.rows = 500, .parameters = cJSON_CreateObject()};
    struct error error;
    int option, code = -1;
    while (code < 0 &&
           (option = option_next(&command_data, argc, argv, ":ho:", options)) != OPTIONS_END) {
        bool good = true;
        if (option == ROWS)
            good = option_int(&command_data, "--rows", optarg, 2, &request.rows);
        else if (option == SEED)
            good = option_int(&command_data, "--seed", optarg, 0, &request.seed);
        else if (option == 'o')
            request.output = optarg;
        else if (option == SET && !json_assign(request.parameters, optarg, &error))
            code = fail(&error);
        else if (option != SET)
            code = option_exit(option);
        if (!good)
            code = EXIT_BAD_INPUT;
    }
    if (code < 0 && argc - optind != 1)
        code = usage_error(&command_data, "generate takes one GENERATOR");
    if (code < 0)
        code = generate_series(argv[optind], &request);
    cJSON_Delete(request.parameters);
    return code;
}

/* --- convert ---------------------------------------------------------------------------------- */

static int convert_file(const char *from, const char *to, const cJSON *settings) {
    struct arena arena = {0};
    struct table table;
    struct error error;
    bool good = read_with_settings(from, settings, &table, &arena, &error);
    if (good) {
        good = write_csv(&table, to, &error);
        table_free(&table);
    }
    arena_free(&arena);
    return good ? EXIT_SUCCESS : fail(&error);
}

static int convert(int argc, char **argv) {
    enum { SET = 256 };
    static const struct option options[] = {
        {"set", required_argument, NULL, SET}, {"help", no_argument, NULL, OPTION_HELP}, {0}};
    cJSON *settings = cJSON_CreateObject();
    struct error error;
    int option, code = -1;
    while (code < 0 &&
           (option = option_next(&command_data, argc, argv, ":h", options)) != OPTIONS_END)
        code = option != SET                           ? option_exit(option)
               : json_assign(settings, optarg, &error) ? code
                                                       : fail(&error);
    if (code < 0 && argc - optind != 2)
        code = usage_error(&command_data, "convert takes a file to read and a file to write");
    if (code < 0)
        code = convert_file(argv[optind], argv[optind + 1], settings);
    cJSON_Delete(settings);
    return code;
}

/* --- the command ------------------------------------------------------------------------------ */

static const struct {
    const char *name;
    int (*run)(int argc, char **argv); /* argv[0] is the action */
} actions[] = {{"list", list},
               {"describe", describe},
               {"fetch", data_fetch},
               {"generate", generate},
               {"convert", convert}};

static int data(int argc, char **argv) {
    static const struct option options[] = {{"help", no_argument, NULL, OPTION_HELP}, {0}};
    if (argc >= 2 && argv[1][0] == '-') {
        int option = option_next(&command_data, argc, argv, "+:h", options);
        if (option != OPTIONS_END)
            return option_exit(option);
    }
    if (argc < 2)
        return usage_error(&command_data,
                           "say what to do: list, describe, fetch, generate or convert");
    struct suggestion nearest = {.wanted = argv[1]};
    for (size_t i = 0; i < sizeof actions / sizeof actions[0]; i++) {
        if (strcmp(actions[i].name, argv[1]) == 0)
            return actions[i].run(argc - 1, argv + 1);
        suggestion_offer(&nearest, actions[i].name);
    }
    return usage_error(&command_data, "cannot \"%s\"%s", argv[1],
                       suggestion_or(&nearest, "%s", "").text);
}

const struct command command_data = {
    .name = "data",
    .summary = "list, describe, fetch, generate and convert data sets",
    .help = help,
    .run = data,
};
