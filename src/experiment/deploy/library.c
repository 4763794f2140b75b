#include "experiment/deploy/library.h"

#include "base/version.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *liquidbench_version(void) {
    return version_number();
}

static void name_outputs(liquidbench_model *model) {
    struct arena *arena = &model->saved.arena;
    int count = model->saved.network.outputs;
    model->output_names = ARENA_NEW(arena, char *, count);
    for (int k = 0; k < count; k++) {
        char name[256];
        saved_model_output_name(&model->saved, k, name);
        model->output_names[k] = arena_strdup(arena, name);
    }
}

liquidbench_model *library_load(const char *path, struct error *error) {
    liquidbench_model *model = mem_resize(NULL, sizeof *model);
    if (saved_model_read(&model->saved, path, error)) {
        if (feed_check(&model->saved, error)) {
            name_outputs(model);
            return model;
        }
        error_prefix(error, "%s", path);
    }
    liquidbench_free(model);
    return NULL;
}

liquidbench_model *liquidbench_load(const char *path, char message[LIQUIDBENCH_MESSAGE]) {
    struct error error;
    liquidbench_model *model = library_load(path, &error);
    if (model == NULL && message != NULL)
        snprintf(message, LIQUIDBENCH_MESSAGE, "%s", error.text);
    return model;
}

void liquidbench_free(liquidbench_model *model) {
    if (model == NULL)
        return;
    saved_model_free(&model->saved);
    free(model);
}

size_t liquidbench_inputs(const liquidbench_model *model) {
    return (size_t)model->saved.columns;
}

size_t liquidbench_outputs(const liquidbench_model *model) {
    return (size_t)model->saved.network.outputs;
}

const char *liquidbench_input_name(const liquidbench_model *model, size_t i) {
    return i < liquidbench_inputs(model) ? model->saved.column_names[i] : NULL;
}

const char *liquidbench_output_name(const liquidbench_model *model, size_t k) {
    return k < liquidbench_outputs(model) ? model->output_names[k] : NULL;
}

int liquidbench_classifies(const liquidbench_model *model) {
    return model->saved.classes > 0;
}

const char *liquidbench_time_name(const liquidbench_model *model) {
    return model->saved.time;
}

liquidbench_stream *liquidbench_begin(const liquidbench_model *model) {
    liquidbench_stream *stream = mem_resize(NULL, sizeof *stream);
    stream->arena = (struct arena){0};
    feed_begin(&stream->feed, &model->saved, &stream->arena);
    if (model->saved.scales_series && model->saved.known_count == 1)
        liquidbench_scale_as(stream, model->saved.known_names[0]);
    return stream;
}

void liquidbench_end(liquidbench_stream *stream) {
    if (stream == NULL)
        return;
    arena_free(&stream->arena);
    free(stream);
}

void liquidbench_reset(liquidbench_stream *stream) {
    feed_reset(&stream->feed);
}

int liquidbench_scale_as(liquidbench_stream *stream, const char *series) {
    const struct saved_model *model = stream->feed.model;
    size_t columns = (size_t)model->columns;
    for (size_t i = 0; i < (size_t)model->known_count; i++) {
        if (strcmp(model->known_groups[i], series) != 0 &&
            strcmp(model->known_names[i], series) != 0)
            continue;
        feed_scale(&stream->feed, model->known_scale + i * columns,
                   model->known_offset + i * columns, model->known_missing + i * columns);
        return 0;
    }
    return -1;
}

int liquidbench_step(liquidbench_stream *stream, const double *inputs, double elapsed,
                     double *outputs) {
    int refused;
    struct feed *feed = &stream->feed;
    if (feed->has_rows && !(elapsed >= 0))
        return LIQUIDBENCH_WRONG_ELAPSED;
    if (feed->has_rows && elapsed > LARGEST_VALUE)
        return LIQUIDBENCH_TOO_LARGE;
    if (!feed_step(feed, inputs, elapsed / feed->model->time_unit, outputs, &refused))
        return isnan(inputs[refused]) ? LIQUIDBENCH_MISSING_INPUT : LIQUIDBENCH_TOO_LARGE;
    return feed->begun ? LIQUIDBENCH_ANSWERED : LIQUIDBENCH_SILENT;
}

/* --- state: time and what has been seen, last inputs, last outputs, the network's states ------- */

enum { NOW, SINCE, HAS_ROWS, BEGUN, FIRST_NUMBERS };

size_t liquidbench_state_size(const liquidbench_model *model) {
    return FIRST_NUMBERS + liquidbench_inputs(model) + liquidbench_outputs(model) +
           (size_t)model->saved.network.state;
}

void liquidbench_get_state(const liquidbench_stream *stream, double *state) {
    const struct feed *feed = &stream->feed;
    const struct network *network = &feed->model->network;
    state[NOW] = feed->now;
    state[SINCE] = feed->since;
    state[HAS_ROWS] = feed->has_rows;
    state[BEGUN] = feed->begun;
    state += FIRST_NUMBERS;
    for (int i = 0; i < feed->model->columns; i++)
        *state++ = feed->last[i];
    for (int k = 0; k < network->outputs; k++)
        *state++ = (double)feed->out[k];
    for (int i = 0; i < network->state; i++)
        *state++ = (double)feed->state[i];
}

void liquidbench_set_state(liquidbench_stream *stream, const double *state) {
    struct feed *feed = &stream->feed;
    const struct network *network = &feed->model->network;
    feed->now = state[NOW];
    feed->since = state[SINCE];
    feed->has_rows = state[HAS_ROWS] != 0;
    feed->begun = state[BEGUN] != 0;
    state += FIRST_NUMBERS;
    for (int i = 0; i < feed->model->columns; i++)
        feed->last[i] = *state++;
    for (int k = 0; k < network->outputs; k++)
        feed->out[k] = (real)*state++;
    for (int i = 0; i < network->state; i++)
        feed->state[i] = (real)*state++;
}
