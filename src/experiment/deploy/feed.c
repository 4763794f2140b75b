#include "experiment/deploy/feed.h"

#include "math/softmax.h"

#include <math.h>
#include <string.h>

bool feed_check(const struct saved_model *model, struct error *error) {
    const struct network *network = &model->network;
    if (network->normalization.kind != 0)
        return error_set(error, "the model normalises whole windows (task.normalize): it cannot "
                                "stream");
    return network_streams(network) ||
           error_set(error, "a \"%s\" reads sequences in both directions: it cannot stream",
                     network->cells[0].type->name);
}

static double *copy_of(const double *values, int count, struct arena *arena) {
    double *copy = ARENA_NEW(arena, double, count);
    memcpy(copy, values, (size_t)count * sizeof *copy);
    return copy;
}

void feed_begin(struct feed *feed, const struct saved_model *model, struct arena *arena) {
    const struct network *network = &model->network;
    *feed = (struct feed){
        .model = model,
        .scale = copy_of(model->scale, model->columns, arena),
        .offset = copy_of(model->offset, model->columns, arena),
        .missing = copy_of(model->mean, model->columns, arena),
        .target_scale = copy_of(model->target_scale, model->targets, arena),
        .target_offset = copy_of(model->target_offset, model->targets, arena),
        .last = ARENA_NEW(arena, double, model->columns),
        .x = ARENA_NEW(arena, real, network->inputs),
        .state = ARENA_NEW(arena, real, network->state),
        .out = ARENA_NEW(arena, real, network->outputs),
        .workspace = ARENA_NEW(arena, real, network_workspace(network, 1, 1, PHASE_EVALUATE)),
    };
    feed_reset(feed);
}

void feed_reset(struct feed *feed) {
    const struct saved_model *model = feed->model;
    memset(feed->state, 0, (size_t)model->network.state * sizeof(real));
    feed->has_rows = feed->begun = false;
    feed->now = -1; /* the first row adds 1, as it does in training */
    feed->since = 0;
    for (int i = 0; i < model->columns; i++)
        feed->last[i] = NAN;
}

void feed_scale(struct feed *feed, const double *scale, const double *offset,
                const double *missing) {
    const struct saved_model *model = feed->model;
    size_t size = (size_t)model->columns * sizeof *scale;
    memcpy(feed->scale, scale, size);
    memcpy(feed->offset, offset, size);
    memcpy(feed->missing, missing, size);
    for (int k = 0; k < model->targets; k++) {
        int input = model->classes > 0 || !model->scales_series ? -1 : model->target_input[k];
        feed->target_scale[k] = input >= 0 ? scale[input] : model->target_scale[k];
        feed->target_offset[k] = input >= 0 ? offset[input] : model->target_offset[k];
    }
}

/* An input that is missing and must not be, or too large to compute with; -1: there is none. */
static int find_refused(const struct saved_model *model, const double *inputs) {
    bool refuses_missing = model->missing == MISSING_ERROR;
    for (int i = 0; i < model->columns; i++)
        if (isnan(inputs[i]) ? refuses_missing : fabs(inputs[i]) > LARGEST_VALUE)
            return i;
    return -1;
}

/* Fills x as the training data was filled. Whether there is a step: something was observed. */
static bool read_inputs(struct feed *feed, const double *inputs) {
    const struct saved_model *model = feed->model;
    bool forward = missing_is_forward(model->missing), present = model->flags == 0;
    for (int i = 0; i < model->columns; i++) {
        double value = inputs[i];
        bool observed = !isnan(value);
        if (observed)
            feed->last[i] = value;
        else if (forward)
            value = feed->last[i];
        feed->x[i] = isnan(value) ? (real)feed->missing[i]
                                  : (real)((value - feed->offset[i]) / feed->scale[i]);
        if (model->flags > 0)
            feed->x[model->columns + i] = observed;
        present = present || observed;
    }
    return present;
}

static void write_numbers(const struct feed *feed, double *outputs) {
    const struct saved_model *model = feed->model;
    for (int k = 0; k < model->network.outputs; k++) {
        int target = k % model->targets;
        outputs[k] =
            (double)feed->out[k] * feed->target_scale[target] + feed->target_offset[target];
    }
}

static void write_probabilities(const struct feed *feed, double *outputs) {
    int classes = feed->model->classes;
    for (int k = 0; k < classes; k++)
        outputs[k] = (double)feed->out[k];
    softmax(outputs, classes);
}

bool feed_step(struct feed *feed, const double *inputs, double elapsed, double *outputs,
               int *refused) {
    const struct network *network = &feed->model->network;
    double units = feed->has_rows ? elapsed : 1;
    *refused = find_refused(feed->model, inputs);
    if (*refused >= 0)
        return false;
    feed->has_rows = true;
    feed->now += units;
    feed->since += units;
    if (read_inputs(feed, inputs)) {
        network_step(network, feed->model->params, feed->x, feed->now, (real)feed->since,
                     feed->is_prepared, feed->state, feed->out, feed->workspace);
        feed->is_prepared = feed->begun = true;
        feed->since = 0;
    }
    for (int k = 0; k < network->outputs && !feed->begun; k++)
        outputs[k] = NAN;
    if (feed->begun && feed->model->classes > 0)
        write_probabilities(feed, outputs);
    else if (feed->begun)
        write_numbers(feed, outputs);
    return true;
}
