#include "experiment/streaming.h"

#include <math.h>
#include <string.h>

static bool find_number(const struct table *table, const char *name, size_t *position,
                        struct error *error) {
    if (!table_find(table, name, position, error))
        return false;
    if (table->columns[*position].type == COLUMN_LABEL)
        return error_set(error, "%s: column \"%s\" holds text, not numbers", table->path, name);
    return true;
}

bool streaming_start(struct streaming *streaming, const struct saved_model *model,
                     const struct table *table, struct arena *arena, struct error *error) {
    const struct network *network = &model->network;
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
    };
    for (int i = 0; i < model->columns; i++)
        if (!find_number(table, model->column_names[i], &streaming->columns[i], error))
            return false;
    return (model->time == NULL || find_number(table, model->time, &streaming->time, error)) &&
           (model->group == NULL || table_find(table, model->group, &streaming->group, error));
}

static double cell_at(const struct streaming *streaming, size_t column, size_t row) {
    return streaming->table->columns[column].values[row];
}

static bool begins_series(const struct streaming *streaming) {
    size_t row = streaming->row;
    return row == 0 ||
           (streaming->model->group != NULL && cell_at(streaming, streaming->group, row) !=
                                                   cell_at(streaming, streaming->group, row - 1));
}

static void begin_series(struct streaming *streaming) {
    const struct saved_model *model = streaming->model;
    memset(streaming->state, 0, (size_t)model->network.state * sizeof(real));
    streaming->begun = false;
    streaming->now = -1; /* the first row adds 1, as it does in training */
    streaming->since = 0;
    for (int i = 0; i < model->columns; i++)
        streaming->last[i] = NAN;
}

/* Time units since the row before; 1 at the start, as in training. */
static bool add_elapsed(struct streaming *streaming, bool first, struct error *error) {
    const struct saved_model *model = streaming->model;
    double elapsed = 1;
    if (!first && model->time != NULL)
        elapsed = (cell_at(streaming, streaming->time, streaming->row) -
                   cell_at(streaming, streaming->time, streaming->row - 1)) /
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
        streaming->x[i] = isnan(value) ? (real)model->mean[i]
                                       : (real)((value - model->offset[i]) / model->scale[i]);
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
        values[k] =
            (double)streaming->out[k] * model->target_scale[target] + model->target_offset[target];
    }
}

/* Softmax of the class scores. */
static void write_probabilities(const struct streaming *streaming, double *values) {
    int classes = streaming->model->classes;
    double most = -INFINITY, sum = 0;
    for (int k = 0; k < classes; k++)
        most = fmax(most, (double)streaming->out[k]);
    for (int k = 0; k < classes; k++)
        sum += values[k] = exp((double)streaming->out[k] - most);
    for (int k = 0; k < classes; k++)
        values[k] /= sum;
}

bool streaming_next(struct streaming *streaming, double *values, struct error *error) {
    const struct network *network = &streaming->model->network;
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
    for (int k = 0; k < network->outputs && !streaming->begun; k++)
        values[k] = NAN;
    if (streaming->begun && streaming->model->classes > 0)
        write_probabilities(streaming, values);
    else if (streaming->begun)
        write_numbers(streaming, values);
    streaming->row++;
    return true;
}
