#include "base/json.h"
#include "base/printable.h"
#include "base/utf8.h"
#include "cli/command.h"
#include "cli/data_actions.h"
#include "config/config_fields.h"
#include "data/catalogue/card.h"
#include "data/pipeline/dataset.h"
#include "report/plots/plot_perturbed.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- a file ---------------------------------------------------------------------------------- */

static const char *const column_types[] = {
    [COLUMN_NUMBER] = "number", [COLUMN_TIME] = "time", [COLUMN_LABEL] = "label"};

/* The beginning of a line: a name in 20 characters, its type, its missing values. */
static void print_column(const char *name, const char *type, size_t missing) {
    enum { WIDTH = 20 };
    struct arena arena = {0};
    name = printable(&arena, name);
    size_t bytes = 0, width = 0;
    unsigned long code;
    for (; name[bytes] != '\0' && width < WIDTH; width++)
        bytes += utf8_character(name + bytes, strlen(name + bytes), &code);
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

static bool describe_file(const char *path, const cJSON *settings, struct error *error) {
    struct table table;
    if (!data_read_file(path, settings, &table, error))
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

/* --- a data set ------------------------------------------------------------------------------ */

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

/* --- the action ------------------------------------------------------------------------------ */

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

int data_describe(int argc, char **argv) {
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
