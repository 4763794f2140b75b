#include "data/assembly.h"

#include <math.h>
#include <string.h>

static int column_count(const struct dataset *dataset) {
    return dataset->inputs - dataset->flags;
}

static void fill_time(const struct dataset *dataset, const struct part *part,
                      struct series *series) {
    const char *column = dataset->options->time;
    const double *times = column ? part->source->table.columns[part->source->time].values : NULL;
    for (int row = 0; row < part->rows; row++) {
        size_t at = part->first + (size_t)row;
        double since = times ? times[at] - times[part->origin] : (double)(at - part->origin);
        series->time[row] = since / dataset->time_unit;
    }
}

void series_allocate(const struct dataset *dataset, const struct parts *parts, struct split *split,
                     struct arena *arena) {
    split->series_count = parts->count;
    split->series = ARENA_NEW(arena, struct series, parts->count);
    for (int i = 0; i < parts->count; i++) {
        struct series *series = &split->series[i];
        size_t rows = (size_t)parts->items[i].rows;
        series->name = parts->items[i].name;
        series->rows = parts->items[i].rows;
        series->time = ARENA_NEW(arena, double, rows);
        series->x = ARENA_NEW(arena, real, rows * (size_t)dataset->inputs);
        series->y = ARENA_NEW(arena, real, rows * (size_t)dataset->width);
    }
}

/* Forecast: y[row][h][k] = target k at row + h + 1, and none beyond the end of the part, which is
 * another split's. Otherwise y[row][k] = target k at row. */
void series_fill_truth(const struct dataset *dataset, const struct parts *parts,
                       struct split *split) {
    int first = dataset->task == TASK_FORECAST ? 1 : 0;
    for (int i = 0; i < parts->count; i++) {
        const struct part *part = &parts->items[i];
        for (int k = 0; k < dataset->targets; k++) {
            const double *values = target_column(part->source, k) + part->first;
            double scale = dataset->target_scale[k], offset = dataset->target_offset[k];
            real *y = split->series[i].y + k;
            for (int row = 0; row < part->rows; row++)
                for (int ahead = first; ahead < first + dataset->horizon; ahead++) {
                    *y = row + ahead < part->rows ? (real)((values[row + ahead] - offset) / scale)
                                                  : (real)NAN;
                    y += dataset->targets;
                }
        }
    }
}

/* The last value observed before the part begins, in data units; NaN when there is none. */
static double last_before(const double *values, const struct part *part) {
    for (size_t row = part->first; row-- > part->origin;)
        if (!isnan(values[row]))
            return values[row];
    return NAN;
}

/* x[row][i] = scaled value; the last observed one, the training mean or 0 for a missing one, as the
 * config says; then 1 or 0 for observed or not, with "mask". */
static void fill_input(const struct dataset *dataset, const struct part *part, int input,
                       struct series *series) {
    const double *column = input_column(part->source, input);
    double scale = dataset->input_scale[input], offset = dataset->input_offset[input];
    bool forward = strcmp(dataset->options->missing, "forward") == 0;
    double last = forward ? last_before(column, part) : NAN;
    real *x = series->x + input;
    for (int row = 0; row < part->rows; row++, x += dataset->inputs) {
        double value = column[part->first + (size_t)row];
        bool observed = !isnan(value);
        if (forward && observed)
            last = value;
        if (forward)
            value = last;
        *x = isnan(value) ? (real)dataset->input_missing[input] : (real)((value - offset) / scale);
        if (dataset->flags > 0)
            x[dataset->flags] = observed;
    }
}

/* A row that holds no observation at all is absent: the models only let time pass. */
static void mark_present(const struct dataset *dataset, struct series *series,
                         struct arena *arena) {
    for (int row = 0; row < series->rows; row++) {
        const real *flags = series->x + (size_t)row * (size_t)dataset->inputs + dataset->flags;
        bool any = false;
        for (int i = 0; i < dataset->flags; i++)
            any = any || flags[i] != 0;
        if (any)
            continue;
        if (series->present == NULL) {
            series->present = ARENA_NEW(arena, real, series->rows);
            for (int k = 0; k < series->rows; k++)
                series->present[k] = 1;
        }
        series->present[row] = 0;
    }
}

void series_fill_inputs(const struct dataset *dataset, const struct parts *parts,
                        struct split *split, struct arena *arena) {
    for (int i = 0; i < parts->count; i++) {
        struct series *series = &split->series[i];
        series->rows = parts->items[i].rows;
        for (int input = 0; input < column_count(dataset); input++)
            fill_input(dataset, &parts->items[i], input, series);
        if (dataset->flags > 0)
            mark_present(dataset, series, arena);
        fill_time(dataset, &parts->items[i], series);
    }
}
