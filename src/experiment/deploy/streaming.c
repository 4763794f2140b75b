#include "experiment/deploy/streaming.h"

#include "base/file.h"
#include "data/splits/ordering.h"
#include "data/splits/scaling.h"

#include <math.h>
#include <string.h>

static bool find_number(const struct table *table, const char *name, size_t *position,
                        struct error *error) {
    if (!table_find(table, name, position, error))
        return false;
    return table->columns[*position].type == COLUMN_NUMBER ||
           column_refuse_numbers(table, *position, error);
}

static bool find_time(const struct saved_model *model, const struct table *table, size_t *position,
                      struct error *error) {
    if (!table_find(table, model->time, position, error))
        return false;
    const struct column *column = &table->columns[*position];
    if (column->type == COLUMN_LABEL)
        return column_refuse_times(table, *position, error);
    bool are_dates = column->type == COLUMN_TIME;
    return are_dates == model->has_dates ||
           error_set(error, "%s: column \"%s\" holds %s, but the model was trained with %s",
                     table->path, column->name, are_dates ? "dates" : "numbers",
                     are_dates ? "numbers" : "dates");
}

bool streaming_start(struct streaming *streaming, const struct saved_model *model,
                     const struct table *table, struct arena *arena, struct error *error) {
    if (!feed_check(model, error))
        return false;
    *streaming = (struct streaming){
        .table = table,
        .columns = ARENA_NEW(arena, size_t, model->columns),
        .inputs = ARENA_NEW(arena, double, model->columns),
    };
    feed_begin(&streaming->own.feed, model, arena);
    for (int i = 0; i < model->columns; i++)
        if (!find_number(table, model->column_names[i], &streaming->columns[i], error))
            return false;
    if ((model->time != NULL && !find_time(model, table, &streaming->time, error)) ||
        (model->group != NULL && !table_find(table, model->group, &streaming->group, error)))
        return false;
    const struct column *columns = table->columns;
    streaming->order =
        table_order(table, model->group != NULL ? &columns[streaming->group] : NULL,
                    model->order != 0 ? &columns[streaming->time] : NULL, NULL, arena);
    return true;
}

/* The row that is fed at a step. */
static size_t row_at(const struct streaming *streaming, size_t step) {
    return streaming->order != NULL ? streaming->order[step] : step;
}

static double cell_at(const struct streaming *streaming, size_t column, size_t row) {
    return streaming->table->columns[column].values[row];
}

static bool is_same_series(const struct streaming *streaming, size_t step, size_t other) {
    return streaming->own.feed.model->group == NULL ||
           same_group(&streaming->table->columns[streaming->group], row_at(streaming, step),
                      row_at(streaming, other));
}

static bool begins_series(const struct streaming *streaming) {
    return streaming->step == 0 || !is_same_series(streaming, streaming->step, streaming->step - 1);
}

/* --- scales of series ------------------------------------------------------------------------ */

/* Which series of the training data this one is: by file and group, else by the group alone;
 * without groups by the file, or the only one. -1: it is new. */
static int find_known(const struct streaming *streaming) {
    const struct saved_model *model = streaming->own.feed.model;
    const struct table *table = streaming->table;
    struct arena scratch = {0};
    const char *file = path_name(table->path), *group = file, *name = file;
    if (model->group != NULL) {
        group = group_text(&table->columns[streaming->group], streaming->row, &scratch);
        name = arena_printf(&scratch, "%s %s", file, group);
    } else if (model->known_count == 1) {
        return 0;
    }
    int found = -1, groups = 0;
    for (int i = 0; i < model->known_count && groups >= 0; i++) {
        bool is_it = strcmp(model->known_names[i], name) == 0;
        if (!is_it && strcmp(model->known_groups[i], group) != 0)
            continue;
        found = i;
        groups = is_it ? -1 : groups + 1;
    }
    arena_free(&scratch);
    return groups <= 1 ? found : -1;
}

/* Rows of the series that begins now. */
static int count_rows(const struct streaming *streaming) {
    size_t step = streaming->step, end = step + 1;
    while (end < streaming->table->rows && is_same_series(streaming, step, end))
        end++;
    return (int)(end - step);
}

/* Mean and deviation of the first rows of the series; a column without values keeps the scale of
 * all series. */
static void scale_by_first_rows(struct streaming *streaming, int rows) {
    const struct saved_model *model = streaming->own.feed.model;
    struct arena scratch = {0};
    double *values = ARENA_NEW(&scratch, double, rows);
    double *scale = ARENA_NEW(&scratch, double, model->columns);
    double *offset = ARENA_NEW(&scratch, double, model->columns);
    double *missing = ARENA_NEW(&scratch, double, model->columns);
    for (int i = 0; i < model->columns; i++) {
        for (int k = 0; k < rows; k++)
            values[k] = cell_at(streaming, streaming->columns[i],
                                row_at(streaming, streaming->step + (size_t)k));
        scale[i] = model->scale[i];
        offset[i] = model->offset[i];
        missing[i] = model->mean[i];
        if (scale_of_values(values, rows, &scale[i], &offset[i]))
            missing[i] = missing_value(model->missing, scale[i], offset[i], 0);
    }
    feed_scale(&streaming->own.feed, scale, offset, missing);
    arena_free(&scratch);
}

static void choose_scale(struct streaming *streaming) {
    const struct saved_model *model = streaming->own.feed.model;
    int known = find_known(streaming);
    streaming->silent = 0;
    if (known >= 0) {
        size_t at = (size_t)known * (size_t)model->columns;
        feed_scale(&streaming->own.feed, model->known_scale + at, model->known_offset + at,
                   model->known_missing + at);
        return;
    }
    int ahead = model->task == TASK_FORECAST ? model->horizon : 0;
    int rows = first_window_rows(count_rows(streaming), model->window, ahead);
    scale_by_first_rows(streaming, rows);
    streaming->silent = (size_t)rows - 1;
}

/* --- steps ----------------------------------------------------------------------------------- */

/* Time since the row before, in the unit of the times; of the first row of a series it does not
 * matter. */
static bool elapsed_before(const struct streaming *streaming, bool first, double *elapsed,
                           struct error *error) {
    const struct saved_model *model = streaming->own.feed.model;
    *elapsed = 1;
    if (!first && model->time != NULL)
        *elapsed = time_between(&streaming->table->columns[streaming->time],
                                row_at(streaming, streaming->step - 1), streaming->row);
    return *elapsed >= 0 ||
           error_set(error, "%s: row %zu: column \"%s\" goes back in time or is missing",
                     streaming->table->path, streaming->row + 1, model->time);
}

/* Why the model does not take the row. */
static bool refuse_row(const struct streaming *streaming, int status, struct error *error) {
    const struct saved_model *model = streaming->own.feed.model;
    const double *inputs = streaming->inputs;
    int i = 0;
    if (status == LIQUIDBENCH_MISSING_INPUT) {
        while (!isnan(inputs[i]))
            i++;
        return error_set(error,
                         "%s: row %zu: column \"%s\" is missing, and the model was trained with "
                         "dataset.missing = \"error\"",
                         streaming->table->path, streaming->row + 1, model->column_names[i]);
    }
    while (i < model->columns && !(fabs(inputs[i]) > LARGEST_VALUE))
        i++;
    if (i == model->columns)
        return error_set(error, "%s: row %zu: the time since the row before is too large",
                         streaming->table->path, streaming->row + 1);
    return error_set(error, "%s: row %zu of column \"%s\" is %g: too large to compute with",
                     streaming->table->path, streaming->row + 1, model->column_names[i], inputs[i]);
}

bool streaming_next(struct streaming *streaming, double *values, size_t *row, struct error *error) {
    const struct saved_model *model = streaming->own.feed.model;
    *row = streaming->row = row_at(streaming, streaming->step);
    bool first = begins_series(streaming);
    double elapsed;
    if (first)
        liquidbench_reset(&streaming->own);
    if (first && model->scales_series)
        choose_scale(streaming);
    if (!elapsed_before(streaming, first, &elapsed, error))
        return false;
    for (int i = 0; i < model->columns; i++)
        streaming->inputs[i] = cell_at(streaming, streaming->columns[i], streaming->row);
    int status = liquidbench_step(&streaming->own, streaming->inputs, elapsed, values);
    if (status < 0)
        return refuse_row(streaming, status, error);
    for (int k = 0; k < model->network.outputs && streaming->silent > 0; k++)
        values[k] = NAN;
    streaming->silent -= streaming->silent > 0;
    streaming->step++;
    return true;
}
