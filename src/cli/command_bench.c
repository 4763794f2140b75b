#include "base/json.h"
#include "base/log.h"
#include "cli/bench_timing.h"
#include "cli/command.h"
#include "experiment/trial/provenance.h"
#include "math/matmul.h"
#include "record/record.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
    "Usage: liquidbench bench [OPTION]...\n"
    "\n"
    "Times the engine on random data: a training step (forward, backward, Adam)\n"
    "and a streaming step of every cell, with its default options.\n"
    "\n"
    "Options:\n"
    "      --cell NAME      this cell alone; may be repeated\n"
    "      --set NAME=JSON  an option of the cell, as unfolds=6, or of training, as\n"
    "                       slice=8; may be repeated\n"
    "      --shape HxBxT    hidden units, windows a batch, steps a window; may be\n"
    "                       repeated (default: 32x16x32 and 64x64x64)\n"
    "      --inputs N       inputs, and outputs (default: 17)\n"
    "      --threads N      that share out a batch, as train.threads (default: 1)\n"
    "      --seconds S      spent on each measurement, about (default: 1)\n"
    "      --turns N        measurements of each row, of which the best counts (default: 1)\n"
    "      --json           print an array of objects\n"
    "      --check FILE     instead, measure the rows of FILE, which --json wrote, again;\n"
    "                       exit code 1 when one got too slow\n"
    "      --limit PERCENT  of --check, how much slower is too slow (default: 10, and 50\n"
    "                       for rows that another processor model measured)\n"
    "      --scale          instead, double units, steps, inputs and batch one by one, and\n"
    "                       fit power laws to time and memory, with intervals\n"
    "      --large          of --scale, larger sizes: up to 1024 units and inputs, 16384\n"
    "                       steps, batches of 2048\n"
    "      --plot FILE      of --scale, a log-log picture (.svg or .png)\n"
    "      --help\n"
    "\n"
    "Columns: milliseconds a training step; windows and time steps trained on a\n"
    "second; operations a second, and their share of what the matrix product reaches\n"
    "here at best (times the threads); mebibytes that a training step works in;\n"
    "median microseconds of a streaming step.\n"
    "\n"
    "--check scales the times in FILE by how fast this machine multiplies matrices and\n"
    "reads memory, whichever leaves more time. Everything is measured twice, and what is\n"
    "too slow up to eight times; the fastest counts.\n"
    "\n"
    "Examples:\n"
    "  liquidbench bench\n"
    "  liquidbench bench --json --turns 3 > before.json\n"
    "  liquidbench bench --check before.json\n"
    "  liquidbench bench --cell ltc --shape 128x32x64 --json\n"
    "  liquidbench bench --cell ltc --cell lrc --set unfolds=6\n"
    "  liquidbench bench --scale --cell lstm --cell ltc --cell cfc --plot scale.svg\n";

enum { LATENCY_STEPS = 20000 };

bool bench_measure(const struct bench_request *request, struct bench_timing *timing,
                   struct error *error) {
    struct arena arena = {0};
    const struct bench_shape *shape = &timing->shape;
    cJSON *settings = cJSON_Duplicate(request->settings, true);
    void *cell_options = arena_alloc(&arena, timing->cell->options_size + 1);
    struct train_options training = {0};
    struct field_target targets[] = {{train_fields, &training},
                                     {timing->cell->options, cell_options}};
    struct network_options options = {
        .cell = timing->cell->name,
        .hidden = shape->hidden,
        .layers = 1,
        .cell_options = cell_options,
    };
    struct network network;
    bool made =
        fields_read(targets, timing->cell->options != NULL ? 2 : 1, settings, timing->cell->name,
                    &arena, error) &&
        network_create(&network, &options, shape->inputs, 0, shape->inputs, 0, &arena, error);
    if (made) {
        training.batch = shape->batch;
        training.threads = request->threads;
        timing->parameters = network.params.size;
        timing->training = training_step_cost(&network, &training, shape->steps, request->seconds);
        timing->operations = 3 * network_flops(&network) * shape->steps * shape->batch;
        timing->streaming = random_streaming_latency(&network, LATENCY_STEPS);
        timing->training.memory.streaming = network_streaming_bytes(&network);
    }
    cJSON_Delete(settings);
    arena_free(&arena);
    return made;
}

double bench_training_bytes(const struct bench_timing *timing) {
    const struct memory_cost *memory = &timing->training.memory;
    return (double)(memory->parameters + memory->gradients + memory->optimizer +
                    memory->activations);
}

bool bench_measure_again(struct bench_request *request, struct bench_timing *timing,
                         struct error *error) {
    struct bench_timing now = *timing;
    bench_measure_machine(request);
    if (!bench_measure(request, &now, error))
        return false;
    now.peak = request->peak;
    now.bandwidth = request->bandwidth;
    if (timing->peak > 0) {
        now.training.seconds = fmin(now.training.seconds, timing->training.seconds);
        now.training.cpu_seconds = fmin(now.training.cpu_seconds, timing->training.cpu_seconds);
        now.peak = fmax(now.peak, timing->peak);
        now.bandwidth = fmax(now.bandwidth, timing->bandwidth);
        if (timing->streaming.p50 < now.streaming.p50)
            now.streaming = timing->streaming;
    }
    *timing = now;
    return true;
}

static cJSON *timing_json(const struct bench_request *request, const struct bench_timing *timing) {
    double batch = timing->shape.batch, steps = batch * timing->shape.steps;
    double seconds = timing->training.seconds;
    char cpu[256];
    cpu_model(cpu, sizeof cpu);
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "cell", timing->cell->name);
    cJSON_AddStringToObject(json, "cpu", cpu);
    cJSON_AddStringToObject(json, "instruction_set", cell_isa());
    cJSON_AddNumberToObject(json, "hidden", timing->shape.hidden);
    cJSON_AddNumberToObject(json, "batch", timing->shape.batch);
    cJSON_AddNumberToObject(json, "steps", timing->shape.steps);
    cJSON_AddNumberToObject(json, "inputs", timing->shape.inputs);
    cJSON_AddItemToObject(json, "set", cJSON_Duplicate(request->settings, true));
    cJSON_AddNumberToObject(json, "threads", request->threads);
    cJSON_AddNumberToObject(json, "parameters", (double)timing->parameters);
    cJSON_AddNumberToObject(json, "training_step_ms", seconds * 1e3);
    cJSON_AddNumberToObject(json, "training_step_cpu_ms", timing->training.cpu_seconds * 1e3);
    cJSON_AddNumberToObject(json, "sequences_per_second", batch / seconds);
    cJSON_AddNumberToObject(json, "steps_per_second", steps / seconds);
    cJSON_AddNumberToObject(json, "gflops", timing->operations / seconds * 1e-9);
    cJSON_AddNumberToObject(json, "peak_gflops", timing->peak * 1e-9);
    cJSON_AddNumberToObject(json, "memory_gbs", timing->bandwidth * 1e-9);
    cJSON_AddNumberToObject(json, "share_of_peak", timing->operations / seconds / timing->peak);
    cJSON_AddItemToObject(json, "memory", memory_json(&timing->training.memory));
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

static void print_heading(const struct bench_request *request) {
    printf("Instruction set: %s. Matrix product: %.0f GFLOP/s in %d thread%s at best.\n"
           "Memory: %.1f GB/s in one thread.\n\n",
           cell_isa(), request->peak * 1e-9, request->threads, request->threads > 1 ? "s" : "",
           request->bandwidth * 1e-9);
    printf("%-8s %-10s %7s %8s %7s %8s %7s %4s %6s %6s\n", "cell", "HxBxT", "params", "ms/step",
           "seq/s", "steps/s", "GFLOP/s", "peak", "MiB", "us");
}

static void print_timing(const struct bench_timing *timing) {
    char shape[40], latency[16] = "-";
    double batch = timing->shape.batch, steps = batch * timing->shape.steps;
    double seconds = timing->training.seconds;
    snprintf(shape, sizeof shape, "%dx%dx%d", timing->shape.hidden, timing->shape.batch,
             timing->shape.steps);
    if (timing->streaming.steps > 0)
        snprintf(latency, sizeof latency, "%.2f", timing->streaming.p50);
    printf("%-8s %-10s %7zu %8.3f %7.0f %8.0f %7.1f %3.0f%% %6.1f %6s\n", timing->cell->name, shape,
           timing->parameters, seconds * 1e3, batch / seconds, steps / seconds,
           timing->operations / seconds * 1e-9, 100 * timing->operations / seconds / timing->peak,
           bench_training_bytes(timing) / (1 << 20), latency);
    fflush(stdout);
}

void bench_measure_machine(struct bench_request *request) {
    matmul_prepare();
    request->peak = peak_flops() * request->threads;
    request->bandwidth = peak_bandwidth();
}

/* The rows of all cells and shapes: one after the other, again and again. */
static bool time_rows(struct bench_request *request, struct bench_timing *rows, size_t count,
                      struct error *error) {
    for (int turn = 0; turn < request->turns; turn++)
        for (size_t i = 0; i < count; i++) {
            if (!bench_measure_again(request, &rows[i], error))
                return false;
            if (!request->json && turn == request->turns - 1)
                print_timing(&rows[i]);
        }
    return true;
}

static int time_all(struct bench_request *request) {
    struct arena arena = {0};
    size_t count = request->shape_count * request->cell_count;
    struct bench_timing *rows = ARENA_NEW(&arena, struct bench_timing, count);
    for (size_t i = 0; i < count; i++) {
        rows[i].cell = request->cells[i % request->cell_count];
        rows[i].shape = request->shapes[i / request->cell_count];
        rows[i].shape.inputs = request->inputs;
    }
    bench_measure_machine(request);
    if (!request->json)
        print_heading(request);
    struct error error;
    bool measured = time_rows(request, rows, count, &error);
    if (measured && request->json) {
        cJSON *list = cJSON_CreateArray();
        for (size_t i = 0; i < count; i++)
            cJSON_AddItemToArray(list, timing_json(request, &rows[i]));
        json_print(list, stdout);
        cJSON_Delete(list);
    }
    arena_free(&arena);
    return measured ? EXIT_SUCCESS : fail(&error);
}

static bool read_shape(const char *text, struct bench_request *request) {
    struct bench_shape shape = {0};
    char rest;
    bool good = request->shape_count < MAX_BENCH &&
                sscanf(text, "%dx%dx%d%c", &shape.hidden, &shape.batch, &shape.steps, &rest) == 3 &&
                shape.hidden > 0 && shape.batch > 0 && shape.steps > 0;
    if (good)
        request->shapes[request->shape_count++] = shape;
    else
        usage_error(&command_bench, "--shape %s: expected HxBxT, as in 32x16x32", text);
    return good;
}

static bool read_cell(const char *name, struct bench_request *request) {
    const struct cell_type *cell = cell_type_find(name);
    bool good = request->cell_count < MAX_BENCH && cell != NULL;
    if (good)
        request->cells[request->cell_count++] = cell;
    else
        usage_error(&command_bench,
                    "--cell %s: there is no such cell; see `liquidbench list models`", name);
    return good;
}

static void add_defaults(struct bench_request *request) {
    const struct cell_type *cell;
    if (request->inputs == 0)
        request->inputs = 17;
    if (request->threads == 0)
        request->threads = 1;
    if (request->cell_count == 0)
        for (size_t i = 0; (cell = cell_type_at(i)) != NULL && i < MAX_BENCH; i++)
            request->cells[request->cell_count++] = cell;
    if (request->shape_count == 0) {
        request->shapes[request->shape_count++] = (struct bench_shape){32, 16, 32, 0};
        request->shapes[request->shape_count++] = (struct bench_shape){64, 64, 64, 0};
    }
}

/* The exit code for options that do not go together; -1: they do. */
static int check_scale(const struct bench_request *request) {
    const char *ending = request->plot != NULL ? strrchr(request->plot, '.') : NULL;
    if (request->large && !request->scale)
        return usage_error(&command_bench, "--large: is of --scale; add that");
    if (request->plot != NULL && !request->scale)
        return usage_error(&command_bench, "--plot: is the picture of --scale; add that");
    if (request->plot != NULL &&
        (ending == NULL || (strcmp(ending, ".svg") != 0 && strcmp(ending, ".png") != 0)))
        return usage_error(&command_bench, "--plot %s: the name must end in .svg or .png",
                           request->plot);
    if (request->scale && request->shape_count > 0)
        return usage_error(&command_bench, "--shape: --scale has shapes of its own; take one away");
    return -1;
}

static bool check_alone(const struct bench_request *request) {
    return request->cell_count == 0 && request->shape_count == 0 && !request->json &&
           !request->scale && request->settings->child == NULL && request->inputs == 0 &&
           request->threads == 0;
}

static int bench(int argc, char **argv) {
    enum {
        CELL = 256,
        SET,
        SHAPE,
        INPUTS,
        THREADS,
        SECONDS,
        TURNS,
        JSON,
        CHECK,
        LIMIT,
        SCALE,
        LARGE,
        PLOT
    };
    static const struct option options[] = {{"cell", required_argument, NULL, CELL},
                                            {"set", required_argument, NULL, SET},
                                            {"shape", required_argument, NULL, SHAPE},
                                            {"inputs", required_argument, NULL, INPUTS},
                                            {"threads", required_argument, NULL, THREADS},
                                            {"seconds", required_argument, NULL, SECONDS},
                                            {"turns", required_argument, NULL, TURNS},
                                            {"json", no_argument, NULL, JSON},
                                            {"check", required_argument, NULL, CHECK},
                                            {"limit", required_argument, NULL, LIMIT},
                                            {"scale", no_argument, NULL, SCALE},
                                            {"large", no_argument, NULL, LARGE},
                                            {"plot", required_argument, NULL, PLOT},
                                            {"help", no_argument, NULL, OPTION_HELP},
                                            {0}};
    struct bench_request request = {
        .settings = cJSON_CreateObject(), .seconds = 1, .turns = 1, .limit = -1};
    struct error error;
    const char *check = NULL;
    int option, code = -1;
    while (code < 0 &&
           (option = option_next(&command_bench, argc, argv, ":h", options)) != OPTIONS_END) {
        bool good = true;
        if (option == CELL)
            good = read_cell(optarg, &request);
        else if (option == SET && !json_assign(request.settings, optarg, &error))
            code = fail(&error);
        else if (option == SHAPE)
            good = read_shape(optarg, &request);
        else if (option == INPUTS)
            good = option_int(&command_bench, "--inputs", optarg, 1, &request.inputs);
        else if (option == THREADS)
            good = option_int(&command_bench, "--threads", optarg, 1, &request.threads);
        else if (option == SECONDS)
            good = option_real(&command_bench, "--seconds", optarg, &request.seconds);
        else if (option == TURNS)
            good = option_int(&command_bench, "--turns", optarg, 1, &request.turns);
        else if (option == JSON)
            request.json = true;
        else if (option == CHECK)
            check = optarg;
        else if (option == LIMIT)
            good = option_real(&command_bench, "--limit", optarg, &request.limit);
        else if (option == SCALE)
            request.scale = true;
        else if (option == LARGE)
            request.large = true;
        else if (option == PLOT)
            request.plot = optarg;
        else if (option != SET)
            code = option_exit(option);
        if (!good)
            code = EXIT_BAD_INPUT;
    }
    if (code < 0 && optind < argc)
        code = usage_error(&command_bench, "takes no argument such as \"%s\"", argv[optind]);
    if (code < 0)
        code = check_scale(&request);
    if (code < 0 && request.limit >= 0 && check == NULL)
        code = usage_error(&command_bench, "--limit: is of --check; add that");
    if (code < 0 && check != NULL)
        code = check_alone(&request)
                   ? bench_check(&request, check)
                   : usage_error(&command_bench,
                                 "--check measures what its file "
                                 "names; take away the other options but --seconds and --limit");
    if (code < 0) {
        add_defaults(&request);
        code = request.scale ? bench_scale(&request) : time_all(&request);
    }
    cJSON_Delete(request.settings);
    return code;
}

const struct command command_bench = {
    .name = "bench",
    .summary = "time the engine: training throughput, streaming latency",
    .help = help,
    .run = bench,
};
