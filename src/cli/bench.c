#include "base/json.h"
#include "base/log.h"
#include "cli/command.h"
#include "experiment/throughput.h"

#include <cblas.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
    "Usage: liquidbench bench [OPTION]...\n"
    "\n"
    "Times the engine on random data: a training step (forward, backward, Adam) and a streaming\n"
    "step of every cell, with its default options, in one thread.\n"
    "\n"
    "Options:\n"
    "      --cell NAME      this cell alone; may be repeated\n"
    "      --shape HxBxT    hidden units, windows a batch, steps a window; may be repeated\n"
    "                       (default: 32x16x32 and 64x64x64)\n"
    "      --inputs N       inputs, and outputs (default: 17)\n"
    "      --seconds S      spent on each measurement, about (default: 1)\n"
    "      --json           print an array of objects\n"
    "      --help\n"
    "\n"
    "Examples:\n"
    "  liquidbench bench\n"
    "  liquidbench bench --cell ltc --shape 128x32x64 --json\n";

enum { MOST = 32, LATENCY_STEPS = 20000 };

struct shape {
    int hidden, batch, steps;
};

struct request {
    const struct cell_type *cells[MOST];
    size_t cell_count;
    struct shape shapes[MOST];
    size_t shape_count;
    int inputs;
    double seconds;
    bool json;
};

struct timing {
    const struct cell_type *cell;
    struct shape shape;
    size_t parameters;
    double training_step; /* seconds */
    double flops;         /* of one training step */
    struct latency streaming;
};

static bool measure(const struct request *request, struct timing *timing, struct error *error) {
    struct arena arena = {0};
    cJSON *defaults = cJSON_CreateObject();
    void *cell_options = arena_alloc(&arena, timing->cell->options_size + 1);
    struct field_target target = {timing->cell->options, cell_options};
    struct network_options options = {
        .cell = timing->cell->name,
        .hidden = timing->shape.hidden,
        .layers = 1,
        .cell_options = cell_options,
    };
    struct network network;
    bool made =
        (target.fields == NULL ||
         fields_read(&target, 1, defaults, timing->cell->name, &arena, error)) &&
        network_create(&network, &options, request->inputs, 0, request->inputs, 0, &arena, error);
    if (made) {
        timing->parameters = network.params.size;
        timing->training_step = training_step_seconds(&network, timing->shape.steps,
                                                      timing->shape.batch, request->seconds);
        timing->flops = 3 * network_flops(&network) * timing->shape.steps * timing->shape.batch;
        timing->streaming = random_streaming_latency(&network, LATENCY_STEPS);
    }
    cJSON_Delete(defaults);
    arena_free(&arena);
    return made;
}

static cJSON *timing_json(const struct timing *timing) {
    double batch = timing->shape.batch, steps = batch * timing->shape.steps;
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "cell", timing->cell->name);
    cJSON_AddNumberToObject(json, "hidden", timing->shape.hidden);
    cJSON_AddNumberToObject(json, "batch", timing->shape.batch);
    cJSON_AddNumberToObject(json, "steps", timing->shape.steps);
    cJSON_AddNumberToObject(json, "parameters", (double)timing->parameters);
    cJSON_AddNumberToObject(json, "training_step_ms", timing->training_step * 1e3);
    cJSON_AddNumberToObject(json, "sequences_per_second", batch / timing->training_step);
    cJSON_AddNumberToObject(json, "steps_per_second", steps / timing->training_step);
    cJSON_AddNumberToObject(json, "gflops", timing->flops / timing->training_step * 1e-9);
    cJSON *streaming = NULL;
    if (timing->streaming.steps > 0) {
        streaming = cJSON_AddObjectToObject(json, "step_us");
        cJSON_AddNumberToObject(streaming, "p50", timing->streaming.p50);
        cJSON_AddNumberToObject(streaming, "p99", timing->streaming.p99);
        cJSON_AddNumberToObject(streaming, "mean", timing->streaming.mean);
    } else {
        cJSON_AddNullToObject(json, "step_us");
    }
    return json;
}

static void print_timing(const struct timing *timing) {
    char shape[40];
    double batch = timing->shape.batch, steps = batch * timing->shape.steps;
    snprintf(shape, sizeof shape, "%dx%dx%d", timing->shape.hidden, timing->shape.batch,
             timing->shape.steps);
    printf("%-8s %-12s %9zu %9.3f %9.0f %9.0f %7.1f", timing->cell->name, shape, timing->parameters,
           timing->training_step * 1e3, batch / timing->training_step,
           steps / timing->training_step, timing->flops / timing->training_step * 1e-9);
    if (timing->streaming.steps > 0)
        printf(" %8.2f\n", timing->streaming.p50);
    else
        printf(" %8s\n", "-");
    fflush(stdout);
}

static int time_all(const struct request *request) {
    openblas_set_num_threads(1);
    cJSON *list = cJSON_CreateArray();
    struct error error;
    bool measured = true;
    if (!request->json)
        printf("instruction set: %s\n%-8s %-12s %9s %9s %9s %9s %7s %8s\n", cell_isa(), "cell",
               "HxBxT", "params", "ms/batch", "seq/s", "steps/s", "GFLOP/s", "step us");
    for (size_t s = 0; measured && s < request->shape_count; s++) {
        for (size_t c = 0; measured && c < request->cell_count; c++) {
            struct timing timing = {.cell = request->cells[c], .shape = request->shapes[s]};
            measured = measure(request, &timing, &error);
            if (measured && request->json)
                cJSON_AddItemToArray(list, timing_json(&timing));
            else if (measured)
                print_timing(&timing);
        }
    }
    if (measured && request->json)
        json_print(list, stdout);
    cJSON_Delete(list);
    return measured ? EXIT_SUCCESS : fail(&error);
}

static bool read_shape(const char *text, struct request *request) {
    struct shape shape;
    char rest;
    bool good = request->shape_count < MOST &&
                sscanf(text, "%dx%dx%d%c", &shape.hidden, &shape.batch, &shape.steps, &rest) == 3 &&
                shape.hidden > 0 && shape.batch > 0 && shape.steps > 0;
    if (good)
        request->shapes[request->shape_count++] = shape;
    else
        usage_error(&command_bench, "--shape %s: expected HxBxT, as in 32x16x32", text);
    return good;
}

static bool read_cell(const char *name, struct request *request) {
    const struct cell_type *cell = cell_type_find(name);
    bool good = request->cell_count < MOST && cell != NULL;
    if (good)
        request->cells[request->cell_count++] = cell;
    else
        usage_error(&command_bench,
                    "--cell %s: there is no such cell; see `liquidbench list models`", name);
    return good;
}

static void add_defaults(struct request *request) {
    const struct cell_type *cell;
    if (request->cell_count == 0)
        for (size_t i = 0; (cell = cell_type_at(i)) != NULL && i < MOST; i++)
            request->cells[request->cell_count++] = cell;
    if (request->shape_count == 0) {
        request->shapes[request->shape_count++] = (struct shape){32, 16, 32};
        request->shapes[request->shape_count++] = (struct shape){64, 64, 64};
    }
}

static int bench(int argc, char **argv) {
    enum { CELL = 256, SHAPE, INPUTS, SECONDS, JSON };
    static const struct option options[] = {{"cell", required_argument, NULL, CELL},
                                            {"shape", required_argument, NULL, SHAPE},
                                            {"inputs", required_argument, NULL, INPUTS},
                                            {"seconds", required_argument, NULL, SECONDS},
                                            {"json", no_argument, NULL, JSON},
                                            {"help", no_argument, NULL, OPTION_HELP},
                                            {0}};
    struct request request = {.inputs = 17, .seconds = 1};
    int option;
    while ((option = option_next(&command_bench, argc, argv, ":h", options)) != OPTIONS_END) {
        bool good = true;
        if (option == CELL)
            good = read_cell(optarg, &request);
        else if (option == SHAPE)
            good = read_shape(optarg, &request);
        else if (option == INPUTS)
            good = option_int(&command_bench, "--inputs", optarg, 1, &request.inputs);
        else if (option == SECONDS)
            good = option_real(&command_bench, "--seconds", optarg, &request.seconds);
        else if (option == JSON)
            request.json = true;
        else
            return option_exit(option);
        if (!good)
            return EXIT_BAD_INPUT;
    }
    if (optind < argc)
        return usage_error(&command_bench, "takes no argument such as \"%s\"", argv[optind]);
    add_defaults(&request);
    return time_all(&request);
}

const struct command command_bench = {
    .name = "bench",
    .summary = "time the engine: training throughput, streaming latency",
    .help = help,
    .run = bench,
};
