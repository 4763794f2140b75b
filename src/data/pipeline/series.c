#include "data/pipeline/assembly.h"

#include <math.h>
#include <string.h>

static int column_count(const struct dataset *dataset) {
    return dataset->inputs - dataset->flags;
}

static bool is_left(const struct whole *whole, int row) {
    return whole->left == NULL || whole->left[row];
}

struct scaling series_scaling(const struct dataset *dataset, const struct series *series) {
    if (series->scaling != NULL)
        return *series->scaling;
    return (struct scaling){
        .input_scale = dataset->input_scale,
        .input_offset = dataset->input_offset,
        .input_missing = dataset->input_missing,
        .target_scale = dataset->target_scale,
        .target_offset = dataset->target_offset,
    };
}

/* The first of the rows that the part's series holds. */
static int first_row(const struct part *part) {
    return part->first - part->lookback;
}

void series_allocate(const struct dataset *dataset, const struct parts *parts, struct split *split,
                     struct arena *arena) {
    split->series_count = parts->count;
    split->series = ARENA_NEW(arena, struct series, parts->count);
    for (int i = 0; i < parts->count; i++) {
        const struct part *part = &parts->items[i];
        struct series *series = &split->series[i];
        series->name = part->whole->name;
        series->rows = rows_left(part->whole, first_row(part), part->first + part->rows);
        series->y = ARENA_NEW(arena, real, (size_t)series->rows * (size_t)dataset->width);
    }
}

/* --- truth ----------------------------------------------------------------------------------- */

/* The first row with truth: where a series is scaled by its first window, no step is scored that
 * comes before the end of that window. */
static int warm_up(const struct dataset *dataset, const struct whole *whole) {
    bool is_own = dataset->options->scale == SCALE_SERIES;
    return is_own && !whole->has_training ? first_window(dataset, whole) - 1 : 0;
}

/* Forecast: y[row][h][k] = target k at row + h + 1, and none beyond the ends of the part, which is
 * another split's. Otherwise y[row][k] = target k at row. */
static void fill_truth(const struct dataset *dataset, const struct part *part,
                       struct series *series, int target) {
    const struct whole *whole = part->whole;
    const double *values = target_column(whole->source, target) + whole->first;
    struct scaling scaling = series_scaling(dataset, series);
    double scale = scaling.target_scale[target], offset = scaling.target_offset[target];
    int begin = warm_up(dataset, whole), end = part->first + part->rows;
    int now = dataset->task == TASK_FORECAST ? 1 : 0;
    real *y = series->y + target;
    for (int row = first_row(part); row < end; row++) {
        if (!is_left(whole, row))
            continue;
        for (int due = row + now; due < row + now + dataset->horizon; due++) {
            bool is_own = due >= part->first && due < end && row >= begin;
            *y = is_own ? (real)((values[due] - offset) / scale) : (real)NAN;
            y += dataset->targets;
        }
    }
}

void series_fill_truth(const struct dataset *dataset, const struct parts *parts,
                       struct split *split) {
    for (int i = 0; i < parts->count; i++) {
        split->series[i].scaling = parts->items[i].whole->scaling;
        for (int target = 0; target < dataset->targets; target++)
            fill_truth(dataset, &parts->items[i], &split->series[i], target);
    }
}

/* --- inputs ---------------------------------------------------------------------------------- */

double series_time(const struct series *series, int row, int ahead) {
    const double *time = series->all != NULL ? series->all->time : series->time;
    int last = (series->all != NULL ? series->all->count : series->rows) - 1;
    int due = (series->all != NULL ? series->all->place[row] : row) + ahead;
    double step = last > 0 ? time[last] - time[last - 1] : 1;
    return due <= last ? time[due] : time[last] + (due - last) * step;
}

static double time_at(const struct dataset *dataset, const struct whole *whole, int row) {
    const struct column *times = &whole->source->table.columns[whole->source->time];
    double since = dataset->options->time != NULL
                       ? time_between(times, whole->first, whole->first + (size_t)row)
                       : (double)row;
    return since / dataset->time_unit;
}

/* NULL where no rows were left out. */
static const struct series_rows *all_rows(const struct dataset *dataset, const struct part *part,
                                          int rows, struct arena *arena) {
    const struct whole *whole = part->whole;
    if (whole->left == NULL)
        return NULL;
    struct series_rows *all = ARENA_NEW(arena, struct series_rows, 1);
    double *time = ARENA_NEW(arena, double, whole->rows);
    int *place = ARENA_NEW(arena, int, rows), count = 0;
    for (int row = 0; row < whole->rows; row++)
        time[row] = time_at(dataset, whole, row);
    for (int row = first_row(part); count < rows; row++)
        if (is_left(whole, row))
            place[count++] = row;
    *all = (struct series_rows){whole->rows, time, place};
    return all;
}

static void fill_time(const struct dataset *dataset, const struct whole *whole) {
    double *time = whole->time;
    for (int row = 0; row < whole->rows; row++)
        if (is_left(whole, row))
            *time++ = time_at(dataset, whole, row);
}

/* x[row][i] = scaled value; the last observed one, the training mean or 0 for a missing one, as the
 * config says; then 1 or 0 for observed or not, with "mask". */
static void fill_input(const struct dataset *dataset, const struct whole *whole,
                       const struct scaling *scaling, int input) {
    const double *column = input_column(whole->source, input) + whole->first;
    double scale = scaling->input_scale[input], offset = scaling->input_offset[input];
    bool forward = missing_is_forward(dataset->options->missing);
    double last = NAN;
    real *x = whole->x + input;
    for (int row = 0; row < whole->rows; row++) {
        double value = column[row];
        bool observed = !isnan(value);
        if (!is_left(whole, row))
            continue;
        if (forward && observed)
            last = value;
        if (forward)
            value = last;
        *x = isnan(value) ? (real)scaling->input_missing[input] : (real)((value - offset) / scale);
        if (dataset->flags > 0)
            x[dataset->flags] = observed;
        x += dataset->inputs;
    }
}

/* A row that holds no observation at all is absent: the models only let time pass. */
static void mark_present(const struct dataset *dataset, struct whole *whole, int rows,
                         struct arena *arena) {
    for (int row = 0; row < rows; row++) {
        const real *flags =
            whole->x + (size_t)row * (size_t)dataset->inputs + column_count(dataset);
        bool any = false;
        for (int i = 0; i < dataset->flags; i++)
            any = any || flags[i] != 0;
        if (any)
            continue;
        if (whole->present == NULL) {
            whole->present = ARENA_NEW(arena, real, rows);
            for (int k = 0; k < rows; k++)
                whole->present[k] = 1;
        }
        whole->present[row] = 0;
    }
}

static void fill_whole(const struct dataset *dataset, struct whole *whole, struct arena *arena) {
    int rows = rows_left(whole, 0, whole->rows);
    struct series series = {.scaling = whole->scaling};
    struct scaling scaling = series_scaling(dataset, &series);
    whole->time = ARENA_NEW(arena, double, rows);
    whole->x = ARENA_NEW(arena, real, (size_t)rows * (size_t)dataset->inputs);
    fill_time(dataset, whole);
    for (int input = 0; input < column_count(dataset); input++)
        fill_input(dataset, whole, &scaling, input);
    if (dataset->flags > 0)
        mark_present(dataset, whole, rows, arena);
}

/* NULL where all rows are present. */
static real *present_rows(const struct whole *whole, int first, int rows) {
    for (int row = first; whole->present != NULL && row < first + rows; row++)
        if (whole->present[row] == 0)
            return whole->present + first;
    return NULL;
}

void series_fill_inputs(const struct dataset *dataset, const struct parts *parts,
                        struct split *split, struct arena *arena) {
    for (int i = 0; i < parts->count; i++) {
        struct whole *whole = parts->items[i].whole;
        struct series *series = &split->series[i];
        if (whole->x == NULL)
            fill_whole(dataset, whole, arena);
        int before = rows_left(whole, 0, first_row(&parts->items[i]));
        series->time = whole->time + before;
        series->x = whole->x + (size_t)before * (size_t)dataset->inputs;
        series->present = present_rows(whole, before, series->rows);
        series->history = (struct series_past){before, whole->time, whole->x, whole->present};
        series->all = all_rows(dataset, &parts->items[i], series->rows, arena);
        series->fit = whole->fit;
        if (dataset->options->time != NULL)
            series->origin = whole->source->table.columns[whole->source->time].values[whole->first];
    }
}
