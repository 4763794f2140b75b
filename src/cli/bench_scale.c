/* `bench --scale`: one of units, steps, inputs and batch is doubled from small to large, and a power
 * law is fitted to what a training step and a streaming step take. */
#include "base/text_stream.h"
#include "cli/bench_timing.h"
#include "cli/command.h"
#include "evaluate/power_law.h"
#include "report/plots/palette.h"
#include "report/plots/plot.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { POINTS = 5 }; /* four doublings */

static const struct bench_shape base_shape = {.hidden = 32, .batch = 16, .steps = 32, .inputs = 16};

static const struct {
    const char *name;
    size_t offset; /* in struct bench_shape */
    int first;     /* the smallest, doubled from there on */
    int large;     /* the smallest of --large */
    bool streams;  /* whether a streaming step depends on it */
} dimensions[] = {
    {"units", offsetof(struct bench_shape, hidden), 16, 64, true},
    {"steps", offsetof(struct bench_shape, steps), 16, 1024, false},
    {"inputs", offsetof(struct bench_shape, inputs), 4, 64, true},
    {"batch", offsetof(struct bench_shape, batch), 4, 128, false},
};
enum { DIMENSIONS = sizeof dimensions / sizeof dimensions[0] };

static double training_seconds(const struct bench_timing *timing) {
    return timing->training.seconds;
}
static double step_microseconds(const struct bench_timing *timing) {
    return timing->streaming.steps > 0 ? timing->streaming.p50 : NAN;
}
static double step_bytes(const struct bench_timing *timing) {
    return (double)timing->training.memory.streaming;
}

/* What is measured of each. */
static const struct {
    const char *key, *title;
    double (*value)(const struct bench_timing *timing);
    bool streams;
} quantities[] = {
    {"training_seconds", "training time", training_seconds, false},
    {"training_bytes", "training bytes", bench_training_bytes, false},
    {"step_microseconds", "step time", step_microseconds, true},
    {"step_bytes", "step bytes", step_bytes, true},
};
enum { QUANTITIES = sizeof quantities / sizeof quantities[0] };

/* One cell along one dimension. */
struct cell_scaling {
    const struct cell_type *cell;
    size_t dimension;
    double sizes[POINTS], values[QUANTITIES][POINTS]; /* NaN where not measured */
    struct power_law laws[QUANTITIES];
};

static bool measure_scaling(const struct bench_request *request, struct cell_scaling *scaling,
                            struct error *error) {
    size_t d = scaling->dimension;
    for (int p = 0; p < POINTS; p++) {
        struct bench_timing timing = {.cell = scaling->cell, .shape = base_shape};
        int size = (request->large ? dimensions[d].large : dimensions[d].first) << p;
        *(int *)((char *)&timing.shape + dimensions[d].offset) = size;
        if (!bench_measure(request, &timing, error))
            return false;
        scaling->sizes[p] = size;
        for (int q = 0; q < QUANTITIES; q++)
            scaling->values[q][p] = quantities[q].streams && !dimensions[d].streams
                                        ? NAN
                                        : quantities[q].value(&timing);
    }
    for (int q = 0; q < QUANTITIES; q++)
        scaling->laws[q] = power_law_fit(scaling->sizes, scaling->values[q], POINTS);
    return true;
}

/* ---- Text ---- */

static void print_heading(void) {
    printf("Exponents of power laws ± half of their 95 %% intervals: 1 is twice for twice as\n"
           "large, 2 four times.\n"
           "At %d units, batches of %d, %d steps, %d inputs but for what is doubled.\n\n",
           base_shape.hidden, base_shape.batch, base_shape.steps, base_shape.inputs);
    printf("%-8s %-7s", "cell", "doubled");
    for (int q = 0; q < QUANTITIES; q++)
        printf(" %-15s", quantities[q].title);
    putchar('\n');
}

static void print_scaling(const struct cell_scaling *scaling) {
    printf("%-8s %-7s", scaling->cell->name, dimensions[scaling->dimension].name);
    for (int q = 0; q < QUANTITIES; q++) {
        const struct power_law *law = &scaling->laws[q];
        char text[48] = "-";
        if (!isnan(law->exponent))
            snprintf(text, sizeof text, "%.2f ± %.2f", law->exponent, (law->high - law->low) / 2);
        printf(" %-15s%s", text, strcmp(text, "-") == 0 ? "" : " "); /* ± has two bytes */
    }
    putchar('\n');
    fflush(stdout);
}

/* ---- JSON ---- */

static cJSON *scaling_json(const struct cell_scaling *scaling) {
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "cell", scaling->cell->name);
    cJSON_AddStringToObject(json, "doubled", dimensions[scaling->dimension].name);
    cJSON_AddItemToObject(json, "sizes", cJSON_CreateDoubleArray(scaling->sizes, POINTS));
    for (int q = 0; q < QUANTITIES; q++) {
        const struct power_law *law = &scaling->laws[q];
        cJSON *item = cJSON_AddObjectToObject(json, quantities[q].key);
        cJSON_AddItemToObject(item, "values", cJSON_CreateDoubleArray(scaling->values[q], POINTS));
        cJSON_AddNumberToObject(item, "exponent", law->exponent);
        cJSON_AddNumberToObject(item, "low", law->low);
        cJSON_AddNumberToObject(item, "high", law->high);
    }
    return json;
}

/* ---- The picture ---- */

enum { WIDTH = 1000, HEIGHT = 700 };

static void put_curve(FILE *script, const struct cell_scaling *scaling, size_t cell, bool named) {
    struct arena arena = {0};
    fputs("'-' using 1:2 with linespoints linewidth 2 pointtype 7 linecolor rgb ", script);
    fprintf(script, "'%s' ", palette_colour(&arena, false, cell));
    if (named) {
        fputs("title ", script);
        put_quoted(script, scaling->cell->name);
    } else {
        fputs("notitle", script);
    }
    arena_free(&arena);
}

/* Training time along one dimension, a line a cell. */
static void put_panel(FILE *script, const struct cell_scaling *scalings, size_t cells, size_t d) {
    fprintf(script, "set title 'training step against %s'\nset xlabel '%s'\nset ylabel 'ms'\nplot ",
            dimensions[d].name, dimensions[d].name);
    for (size_t c = 0; c < cells; c++) {
        fputs(c == 0 ? "" : ", ", script);
        put_curve(script, &scalings[c * DIMENSIONS + d], c, d == 0);
    }
    fputc('\n', script);
    for (size_t c = 0; c < cells; c++) {
        const struct cell_scaling *scaling = &scalings[c * DIMENSIONS + d];
        for (int p = 0; p < POINTS; p++)
            fprintf(script, "%g %.9g\n", scaling->sizes[p], 1e3 * scaling->values[0][p]);
        fputs("e\n", script);
    }
}

static bool draw_scalings(const char *path, const struct cell_scaling *scalings, size_t cells,
                          struct error *error) {
    struct arena arena = {0};
    struct text_stream script;
    FILE *out = text_stream_open(&script);
    fputs("set logscale x 2\nset logscale y\nset key inside top left vertical\n"
          "set multiplot layout 2,2\n",
          out);
    for (size_t d = 0; d < DIMENSIONS; d++)
        put_panel(out, scalings, cells, d);
    fputs("unset multiplot\n", out);
    bool drawn = plot_write(path, WIDTH, HEIGHT, text_stream_close(&script, &arena), error);
    arena_free(&arena);
    return drawn;
}

/* ---- All ---- */

int bench_scale(const struct bench_request *request) {
    struct arena arena = {0};
    struct cell_scaling *scalings =
        ARENA_NEW(&arena, struct cell_scaling, request->cell_count * DIMENSIONS);
    cJSON *list = cJSON_CreateArray();
    struct error error;
    bool good = true;
    if (!request->json)
        print_heading();
    for (size_t i = 0; good && i < request->cell_count * DIMENSIONS; i++) {
        scalings[i].cell = request->cells[i / DIMENSIONS];
        scalings[i].dimension = i % DIMENSIONS;
        good = measure_scaling(request, &scalings[i], &error);
        if (good && request->json)
            cJSON_AddItemToArray(list, scaling_json(&scalings[i]));
        else if (good)
            print_scaling(&scalings[i]);
    }
    if (good && request->json)
        json_print(list, stdout);
    if (good && request->plot != NULL)
        good = draw_scalings(request->plot, scalings, request->cell_count, &error);
    cJSON_Delete(list);
    arena_free(&arena);
    return good ? EXIT_SUCCESS : fail(&error);
}
