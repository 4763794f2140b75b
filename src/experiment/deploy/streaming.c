#include "experiment/deploy/streaming.h"

#include "base/file.h"
#include "data/splits/ordering.h"
#include "data/splits/scaling.h"

#include <math.h>
#include <stdlib.h>
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
    const struct network *network = &model->network;
    if (network->normalization.kind != 0)
        return error_set(error, "the model normalises whole windows (task.normalize): it cannot "
                                "stream");
    if (!network_streams(network))
        return error_set(error, "a \"%s\" reads sequences in both directions: it cannot stream",
                         network->cells[0].type->name);
    *streaming = (struct streaming){
        .model = model,
        .table = table,
        .columns = ARENA_NEW(arena, size_t, model->columns),
        .last = ARENA_NEW(arena, double, model->columns),
        .x = ARENA_NEW(arena, real, network->inputs),
        .state = ARENA_NEW(arena, real, network->state),
        .out = ARENA_NEW(arena, real, network->outputs),
        .workspace = ARENA_NEW(arena, real, network_workspace(network, 1, 1, PHASE_EVALUATE)),
        .scale = model->scale,
        .offset = model->offset,
        .missing = model->mean,
        .target_scale = model->target_scale,
        .target_offset = model->target_offset,
    };
    if (model->scales_series) {
        streaming->scale = ARENA_NEW(arena, double, model->columns);
        streaming->offset = ARENA_NEW(arena, double, model->columns);
        streaming->missing = ARENA_NEW(arena, double, model->columns);
        streaming->target_scale = ARENA_NEW(arena, double, model->targets);
        streaming->target_offset = ARENA_NEW(arena, double, model->targets);
    }
    for (int i = 0; i < model->columns; i++)
        if (!find_number(table, model->column_names[i], &streaming->columns[i], error))
            return false;
    if ((model->time != NULL && !find_time(model, table, &streaming->time, error)) ||
        (model->group != NULL && !table_find(table, model->group, &streaming->group, error)))
        return false;
    const struct column *columns = table->columns;
    streaming->order =
        table_order(table, model->group != NULL ? &columns[streaming->group] : NULL,
                    model->order != NULL ? &columns[streaming->time] : NULL, NULL, arena);
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
    return streaming->model->group == NULL ||
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
    const struct saved_model *model = streaming->model;
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
    const struct saved_model *model = streaming->model;
    bool missing_is_zero = strcmp(model->missing, "zero") == 0;
    double *values = mem_resize(NULL, (size_t)rows * sizeof *values);
    for (int i = 0; i < model->columns; i++) {
        for (int k = 0; k < rows; k++)
            values[k] = cell_at(streaming, streaming->columns[i],
                                row_at(streaming, streaming->step + (size_t)k));
        streaming->scale[i] = model->scale[i];
        streaming->offset[i] = model->offset[i];
        streaming->missing[i] = model->mean[i];
        if (scale_of_values(values, rows, &streaming->scale[i], &streaming->offset[i]))
            streaming->missing[i] =
                missing_is_zero ? -streaming->offset[i] / streaming->scale[i] : 0;
    }
    free(values);
}

static void take_known_scale(struct streaming *streaming, int known) {
    const struct saved_model *model = streaming->model;
    size_t columns = (size_t)model->columns, at = (size_t)known * columns;
    memcpy(streaming->scale, model->known_scale + at, columns * sizeof(double));
    memcpy(streaming->offset, model->known_offset + at, columns * sizeof(double));
    memcpy(streaming->missing, model->known_missing + at, columns * sizeof(double));
}

static void choose_scale(struct streaming *streaming) {
    const struct saved_model *model = streaming->model;
    int known = find_known(streaming);
    streaming->silent = 0;
    if (known >= 0) {
        take_known_scale(streaming, known);
    } else {
        int ahead = model->task == TASK_FORECAST ? model->horizon : 0;
        int rows = first_window_rows(count_rows(streaming), model->window, ahead);
        scale_by_first_rows(streaming, rows);
        streaming->silent = (size_t)rows - 1;
    }
    for (int k = 0; k < model->targets; k++) {
        int input = model->classes > 0 ? -1 : model->target_input[k];
        streaming->target_scale[k] = input >= 0 ? streaming->scale[input] : model->target_scale[k];
        streaming->target_offset[k] =
            input >= 0 ? streaming->offset[input] : model->target_offset[k];
    }
}

/* --- steps ----------------------------------------------------------------------------------- */

static void begin_series(struct streaming *streaming) {
    const struct saved_model *model = streaming->model;
    memset(streaming->state, 0, (size_t)model->network.state * sizeof(real));
    streaming->begun = false;
    streaming->now = -1; /* the first row adds 1, as it does in training */
    streaming->since = 0;
    for (int i = 0; i < model->columns; i++)
        streaming->last[i] = NAN;
    if (model->scales_series)
        choose_scale(streaming);
}

/* Time units since the row before; 1 at the start, as in training. */
static bool add_elapsed(struct streaming *streaming, bool first, struct error *error) {
    const struct saved_model *model = streaming->model;
    double elapsed = 1;
    if (!first && model->time != NULL)
        elapsed = time_between(&streaming->table->columns[streaming->time],
                               row_at(streaming, streaming->step - 1), streaming->row) /
                  model->time_unit;
    else if (!first)
        elapsed = 1 / model->time_unit;
    if (!(elapsed >= 0))
        return error_set(error, "%s: row %zu: column \"%s\" goes back in time or is missing",
                         streaming->table->path, streaming->row + 1, model->time);
    streaming->since += elapsed;
    streaming->now += elapsed;
    return true;
}

/* Fills x as the training data was filled. *present: something was observed. */
static bool read_inputs(struct streaming *streaming, bool *present, struct error *error) {
    const struct saved_model *model = streaming->model;
    bool forward = strcmp(model->missing, "forward") == 0;
    *present = model->flags == 0;
    for (int i = 0; i < model->columns; i++) {
        double value = cell_at(streaming, streaming->columns[i], streaming->row);
        bool observed = !isnan(value);
        if (!observed && strcmp(model->missing, "error") == 0)
            return error_set(
                error,
                "%s: row %zu: column \"%s\" is missing, and the model was trained with "
                "dataset.missing = \"error\"",
                streaming->table->path, streaming->row + 1, model->column_names[i]);
        if (observed)
            streaming->last[i] = value;
        else if (forward)
            value = streaming->last[i];
        streaming->x[i] = isnan(value)
                              ? (real)streaming->missing[i]
                              : (real)((value - streaming->offset[i]) / streaming->scale[i]);
        if (model->flags > 0)
            streaming->x[model->columns + i] = observed;
        *present = *present || observed;
    }
    return true;
}

static void write_numbers(const struct streaming *streaming, double *values) {
    const struct saved_model *model = streaming->model;
    for (int k = 0; k < model->network.outputs; k++) {
        int target = k % model->targets;
        values[k] = (double)streaming->out[k] * streaming->target_scale[target] +
                    streaming->target_offset[target];
    }
}

/* Softmax of the class scores. */
static void write_probabilities(const struct streaming *streaming, double *values) {
    int classes = streaming->model->classes;
    double max = -INFINITY, sum = 0;
    for (int k = 0; k < classes; k++)
        max = fmax(max, (double)streaming->out[k]);
    for (int k = 0; k < classes; k++)
        sum += values[k] = exp((double)streaming->out[k] - max);
    for (int k = 0; k < classes; k++)
        values[k] /= sum;
}

bool streaming_next(struct streaming *streaming, double *values, size_t *row, struct error *error) {
    const struct network *network = &streaming->model->network;
    *row = streaming->row = row_at(streaming, streaming->step);
    bool first = begins_series(streaming), present;
    if (first)
        begin_series(streaming);
    if (!add_elapsed(streaming, first, error) || !read_inputs(streaming, &present, error))
        return false;
    if (present) {
        network_step(network, streaming->model->params, streaming->x, streaming->now,
                     (real)streaming->since, streaming->is_prepared, streaming->state,
                     streaming->out, streaming->workspace);
        streaming->is_prepared = true;
        streaming->since = 0;
        streaming->begun = true;
    }
    bool speaks = streaming->begun && streaming->silent == 0;
    for (int k = 0; k < network->outputs && !speaks; k++)
        values[k] = NAN;
    if (speaks && streaming->model->classes > 0)
        write_probabilities(streaming, values);
    else if (speaks)
        write_numbers(streaming, values);
    streaming->silent -= streaming->silent > 0;
    streaming->step++;
    return true;
}
