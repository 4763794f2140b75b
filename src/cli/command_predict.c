#include "base/interrupt.h"
#include "base/json.h"
#include "base/log.h"
#include "base/text_stream.h"
#include "cli/command.h"
#include "data/formats/long_format.h"
#include "data/pipeline/source.h"
#include "data/text/csv_write.h"
#include "experiment/deploy/live.h"
#include "experiment/deploy/streaming.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char help[] =
    "Usage: liquidbench predict [OPTION]... MODEL DATA\n"
    "\n"
    "Streams a CSV file through a trained model, one row at a time, and prints CSV: for each row\n"
    "its number and what the model predicts. A forecast of COLUMN gives COLUMN+1 (the next step),\n"
    "COLUMN+2 and so on; a classification gives the class and its probability.\n"
    "\n"
    "MODEL is a .safetensors file of `liquidbench run`; DATA needs the columns it was trained on,\n"
    "in any order. Every series (see dataset.group) has a state of its own; its rows need not be\n"
    "together.\n"
    "\n"
    "With - for DATA it is live: each row of standard input is answered and flushed as soon as\n"
    "it has come. Times must rise. The state is written when rows pause, once a second while\n"
    "they come, and at the end.\n"
    "\n"
    "Options:\n"
    "  -o, --output FILE   write there instead of to stdout\n"
    "      --probabilities print the probability of every class\n"
    "      --set NAME=JSON how to read DATA where it is written in another way than the training\n"
    "                      data: a field of \"dataset\", as in decimal=, or skip=2\n"
    "      --state FILE    live: go on from the state that is kept there\n"
    "      --on-error WHAT live: a row that cannot be read ends it (stop, the default) or is\n"
    "                      reported and passed over (skip)\n"
    "      --latency       live: say at the end how long rows waited for their answers\n"
    "      --help\n"
    "\n"
    "Examples:\n"
    "  liquidbench predict results/first/models/my-ltc-s0-1a2b3c4d.safetensors new.csv\n"
    "  liquidbench predict model.safetensors new.csv -o predictions.csv\n"
    "  sensor | liquidbench predict model.safetensors - --state pump.json --on-error skip\n";

struct request {
    const char *model, *data, *output;
    const char *state; /* of a live stream; NULL: none */
    bool skips, times; /* likewise */
    bool probabilities;
    cJSON *settings; /* how text is read, where not as in training */
};

static void print_header(FILE *out, const struct saved_model *model, bool probabilities) {
    fputs("row", out);
    if (model->classes > 0) {
        fputc(',', out);
        csv_write_text(out, model->target_names[0]);
        fputs(probabilities ? "" : ",probability", out);
    }
    for (int k = 0; k < model->classes && probabilities; k++) {
        fputc(',', out);
        csv_write_text(out, model->class_names[k]);
    }
    for (int k = 0; k < model->network.outputs && model->classes == 0; k++) {
        char name[256];
        saved_model_output_name(model, k, name);
        fputc(',', out);
        csv_write_text(out, name);
    }
    fputc('\n', out);
}

static void print_number(FILE *out, double value) {
    fputc(',', out);
    csv_write_single(out, (float)value); /* no more digits than the model computes with */
}

static void print_row(FILE *out, const struct saved_model *model, size_t row, const double *values,
                      bool probabilities) {
    fprintf(out, "%zu", row + 1);
    if (model->classes > 0) {
        int best = 0;
        for (int k = 1; k < model->classes; k++)
            if (values[k] > values[best])
                best = k;
        fputc(',', out);
        csv_write_text(out, isnan(values[best]) ? "" : model->class_names[best]);
        if (!probabilities)
            print_number(out, values[best]);
    }
    for (int k = 0; k < model->network.outputs && (model->classes == 0 || probabilities); k++)
        print_number(out, values[k]);
    fputc('\n', out);
}

/* Rows that are fed in another order than they stand in are kept until all are there. */
static bool stream_all(struct streaming *streaming, const struct table *table, bool probabilities,
                       FILE *out, struct arena *arena, struct error *error) {
    const struct saved_model *model = streaming->own.feed.model;
    size_t outputs = (size_t)model->network.outputs, row;
    size_t kept = streaming->order != NULL ? table->rows : 1;
    double *values = ARENA_NEW(arena, double, outputs);
    double *all = ARENA_NEW(arena, double, kept *outputs); /* [rows][outputs] */
    for (size_t step = 0; step < table->rows; step++) {
        if (!streaming_next(streaming, values, &row, error))
            return false;
        if (streaming->order != NULL)
            memcpy(all + row * outputs, values, outputs * sizeof *values);
        else
            print_row(out, model, row, values, probabilities);
    }
    for (row = 0; row < table->rows && streaming->order != NULL; row++)
        print_row(out, model, row, all + row * outputs, probabilities);
    return true;
}

static bool stream(const struct saved_model *model, const struct table *table, bool probabilities,
                   FILE *out, struct error *error) {
    struct arena arena = {0};
    struct streaming streaming;
    bool good = streaming_start(&streaming, model, table, &arena, error);
    if (good) {
        print_header(out, model, probabilities);
        good = stream_all(&streaming, table, probabilities, out, &arena, error);
    }
    arena_free(&arena);
    return good;
}

/* A file is written whole or not at all; stdout as it comes. */
static bool stream_to(const struct saved_model *model, const struct table *table,
                      const struct request *request, struct error *error) {
    if (request->output == NULL)
        return stream(model, table, request->probabilities, stdout, error);
    struct arena arena = {0};
    struct text_stream text;
    bool good = stream(model, table, request->probabilities, text_stream_open(&text), error);
    const char *answers = text_stream_close(&text, &arena);
    good = good && file_write(request->output, answers, strlen(answers), error);
    arena_free(&arena);
    return good;
}

static bool read_table(const struct saved_model *model, const char *path, struct table *table,
                       struct error *error) {
    if (!table_read(&model->reading, path, table, error))
        return false;
    notes_print(&table->notes);
    if (!categories_expand(&model->categories, table, error)) {
        table_free(table);
        return false;
    }
    for (int i = 0; i < model->columns && model->variable != NULL; i++)
        table_add_unmeasured(table, model->column_names[i]);
    return true;
}

/* --- live ------------------------------------------------------------------------------------- */

struct answers {
    const struct saved_model *model;
    bool probabilities;
    FILE *out;
};

/* Flushed row by row: whoever waits for it has it. */
static bool answer_row(void *context, size_t row, const double *outputs) {
    const struct answers *answers = context;
    print_row(answers->out, answers->model, row - 1, outputs, answers->probabilities);
    return fflush(answers->out) == 0;
}

static void print_summary(const struct live_summary *summary, bool times) {
    if (summary->skipped > 0)
        log_error("%zu rows answered, %zu skipped", summary->rows, summary->skipped);
    if (times && summary->rows > 0)
        log_error("latency of %zu rows in µs: p50 %.1f, p99 %.1f, max %.1f", summary->rows,
                  1e6 * summary->p50, 1e6 * summary->p99, 1e6 * summary->max);
}

static bool predict_live(const liquidbench_model *model, const struct request *request,
                         struct error *error) {
    struct answers answers = {&model->saved, request->probabilities, stdout};
    struct live_options options = {
        .input = STDIN_FILENO,
        .state = request->state,
        .model = request->model,
        .skips = request->skips,
        .times = request->times,
        .answer = answer_row,
        .context = &answers,
    };
    struct live_summary summary;
    if (request->output != NULL)
        return error_set(error, "-o: a live stream answers on standard output; leave it out");
    print_header(stdout, &model->saved, request->probabilities);
    fflush(stdout);
    bool good = live_run(model, &options, &summary, error);
    print_summary(&summary, request->times);
    return good;
}

static bool predict_file(const liquidbench_model *model, const struct request *request,
                         struct error *error) {
    struct table table;
    if (request->state != NULL || request->times || request->skips)
        return error_set(error, "--state, --latency and --on-error skip are for a live stream: "
                                "give - as DATA");
    if (!read_table(&model->saved, request->data, &table, error))
        return false;
    bool good = stream_to(&model->saved, &table, request, error);
    table_free(&table);
    return good;
}

static int run_request(const struct request *request) {
    struct error error;
    liquidbench_model *model = library_load(request->model, &error);
    bool good = model != NULL && saved_model_read_as(&model->saved, request->settings, &error);
    if (good)
        good = strcmp(request->data, "-") == 0 ? predict_live(model, request, &error)
                                               : predict_file(model, request, &error);
    liquidbench_free(model);
    int signal_number = interrupt_signal();
    return !good ? fail(&error) : signal_number != 0 ? 128 + signal_number : EXIT_SUCCESS;
}

static bool parse_on_error(const char *text, bool *skips, struct error *error) {
    *skips = strcmp(text, "skip") == 0;
    return *skips || strcmp(text, "stop") == 0 ||
           error_set(error, "--on-error: there is no \"%s\"; choose stop or skip", text);
}

static int predict(int argc, char **argv) {
    enum { PROBABILITIES = 256, SET, STATE, ON_ERROR, LATENCY };
    static const struct option options[] = {{"output", required_argument, NULL, 'o'},
                                            {"probabilities", no_argument, NULL, PROBABILITIES},
                                            {"set", required_argument, NULL, SET},
                                            {"state", required_argument, NULL, STATE},
                                            {"on-error", required_argument, NULL, ON_ERROR},
                                            {"latency", no_argument, NULL, LATENCY},
                                            {"help", no_argument, NULL, OPTION_HELP},
                                            {0}};
    struct request request = {.settings = cJSON_CreateObject()};
    struct error error;
    int option, code = -1;
    while (code < 0 &&
           (option = option_next(&command_predict, argc, argv, ":ho:", options)) != OPTIONS_END) {
        if (option == 'o')
            request.output = optarg;
        else if (option == PROBABILITIES)
            request.probabilities = true;
        else if (option == STATE)
            request.state = optarg;
        else if (option == LATENCY)
            request.times = true;
        else if ((option == SET && !json_assign(request.settings, optarg, &error)) ||
                 (option == ON_ERROR && !parse_on_error(optarg, &request.skips, &error)))
            code = fail(&error);
        else if (option != SET && option != ON_ERROR)
            code = option_exit(option);
    }
    if (code < 0 && argc - optind != 2)
        code = usage_error(&command_predict, "give a MODEL and a DATA file");
    if (code < 0) {
        request.model = argv[optind];
        request.data = argv[optind + 1];
        code = run_request(&request);
    }
    cJSON_Delete(request.settings);
    return code;
}

const struct command command_predict = {
    .name = "predict",
    .summary = "stream a CSV file through a trained model",
    .help = help,
    .run = predict,
};
