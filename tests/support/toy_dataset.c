#include "support/toy_dataset.h"

#include <math.h>
#include <string.h>

static double *constants(int count, double value, struct arena *arena) {
    double *values = ARENA_NEW(arena, double, count);
    for (int i = 0; i < count; i++)
        values[i] = value;
    return values;
}

/* y [rows][horizon][targets] from x [rows][I] */
static void fill_forecast(const struct dataset *dataset, struct series *series) {
    for (int t = 0; t < series->rows; t++)
        for (int k = 0; k < dataset->width; k++) {
            int row = t + 1 + k / dataset->targets, input = k % dataset->targets;
            series->y[t * dataset->width + k] =
                row < series->rows ? series->x[row * dataset->inputs + input] : (real)NAN;
        }
}

static struct split make_split(const struct toy *toy, const struct dataset *dataset, const real *x,
                               const real *y, struct arena *arena) {
    struct series *series = ARENA_NEW(arena, struct series, 1);
    size_t rows = (size_t)toy->rows, width = (size_t)dataset->width;
    series->name = "toy";
    series->rows = toy->rows;
    series->time = ARENA_NEW(arena, double, rows);
    for (int t = 0; t < toy->rows; t++)
        series->time[t] = t;
    series->x = ARENA_NEW(arena, real, rows * (size_t)toy->inputs);
    memcpy(series->x, x, rows * (size_t)toy->inputs * sizeof(real));
    series->y = ARENA_NEW(arena, real, rows * width);
    if (y == NULL)
        fill_forecast(dataset, series);
    else
        memcpy(series->y, y, rows * width * sizeof(real));
    struct split split = {.series = series, .series_count = 1};
    split_make_windows(&split, dataset, toy->window, toy->stride, arena);
    return split;
}

struct dataset *toy_dataset(const struct toy *toy, const real *x, const real *y,
                            struct arena *arena) {
    struct dataset *dataset = ARENA_NEW(arena, struct dataset, 1);
    struct dataset_options *options = ARENA_NEW(arena, struct dataset_options, 1);
    struct task_options *task = ARENA_NEW(arena, struct task_options, 1);
    options->split.method = SPLIT_CHRONOLOGICAL;
    task->window = toy->window;
    task->stride = toy->stride;
    int horizon = toy->horizon > 0 ? toy->horizon : 1;
    *dataset = (struct dataset){
        .name = "toy",
        .task = toy->task,
        .last_only = toy->last_only,
        .window = toy->window,
        .inputs = toy->inputs,
        .flags = toy->flags,
        .targets = toy->targets,
        .horizon = horizon,
        .width = toy->targets * horizon,
        .outputs = toy->task == TASK_CLASSIFICATION ? toy->classes : toy->targets * horizon,
        .target_input = ARENA_NEW(arena, int, toy->targets),
        .input_scale = constants(toy->inputs, 1, arena),
        .input_offset = constants(toy->inputs, 0, arena),
        .target_scale = constants(toy->targets, 1, arena),
        .target_offset = constants(toy->targets, 0, arena),
        .input_mean = constants(toy->inputs, 0, arena),
        .input_std = constants(toy->inputs, 1, arena),
        .naive_error = constants(toy->targets, 1, arena),
        .period = 1,
        .time_unit = 1,
        .options = options,
        .task_options = task,
    };
    for (int j = 0; j < toy->targets; j++)
        dataset->target_input[j] = toy->task == TASK_FORECAST ? j : -1;
    dataset->train = make_split(toy, dataset, x, y, arena);
    dataset->test = make_split(toy, dataset, x, y, arena);
    return dataset;
}
