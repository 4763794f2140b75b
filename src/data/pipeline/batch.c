#include "data/pipeline/batch.h"

#include <math.h>
#include <string.h>

struct batch batch_new(const struct dataset *dataset, int size, struct arena *arena) {
    size_t steps = (size_t)dataset->window * (size_t)size;
    return (struct batch){
        .x = ARENA_NEW(arena, real, steps * (size_t)dataset->inputs),
        .y = ARENA_NEW(arena, real, steps * (size_t)dataset->width),
        .elapsed = ARENA_NEW(arena, real, steps),
        .mask = ARENA_NEW(arena, real, steps),
        .source = ARENA_NEW(arena, const struct series *, size),
        .start = ARENA_NEW(arena, int, size),
        .length = ARENA_NEW(arena, int, size),
        .time = ARENA_NEW(arena, double, size),
    };
}

static const struct window *window_at(const struct split *split, const size_t *order, size_t at) {
    return &split->windows[order != NULL ? order[at] : at];
}

/* One window into column b of the batch. */
static void gather(struct batch *batch, const struct dataset *dataset, const struct split *split,
                   const struct window *window, int b) {
    const struct series *series = &split->series[window->series];
    size_t inputs = (size_t)dataset->inputs, width = (size_t)dataset->width;
    double since = 0; /* time since the last present step */
    batch->source[b] = series;
    batch->start[b] = window->start;
    batch->length[b] = window->length;
    for (int t = 0; t < window->length; t++) {
        size_t row = (size_t)(window->start + t);
        size_t to = (size_t)t * (size_t)batch->size + (size_t)b;
        bool present = series->present == NULL || series->present[row] != 0;
        memcpy(batch->x + to * inputs, series->x + row * inputs, inputs * sizeof(real));
        memcpy(batch->y + to * width, series->y + row * width, width * sizeof(real));
        since += t == 0 ? 1 : series->time[row] - series->time[row - 1];
        batch->elapsed[to] = (real)since;
        batch->mask[to] = present;
        if (present)
            since = 0;
        else
            batch->has_absent = true;
        if (dataset->last_only && t < window->length - 1)
            for (size_t k = 0; k < width; k++)
                batch->y[to * width + k] = (real)NAN;
    }
}

static void pad(struct batch *batch, const struct dataset *dataset, int from, int b) {
    size_t inputs = (size_t)dataset->inputs, width = (size_t)dataset->width;
    for (int t = from; t < batch->steps; t++) {
        size_t to = (size_t)t * (size_t)batch->size + (size_t)b;
        memset(batch->x + to * inputs, 0, inputs * sizeof(real));
        for (size_t k = 0; k < width; k++)
            batch->y[to * width + k] = (real)NAN;
        batch->elapsed[to] = 1;
        batch->mask[to] = 0;
        batch->has_absent = true;
    }
}

void batch_fill(struct batch *batch, const struct dataset *dataset, const struct split *split,
                const size_t *order, size_t first, int count) {
    batch->steps = 0;
    batch->size = count;
    batch->has_absent = false;
    for (int b = 0; b < count; b++) {
        const struct window *window = window_at(split, order, first + (size_t)b);
        if (window->length > batch->steps)
            batch->steps = window->length;
    }
    for (int b = 0; b < count; b++) {
        const struct window *window = window_at(split, order, first + (size_t)b);
        gather(batch, dataset, split, window, b);
        pad(batch, dataset, window->length, b);
    }
}

bool batch_asks_for(const struct batch *batch, const struct dataset *dataset, int t) {
    bool asks = !dataset->last_only || batch->length == NULL;
    for (int b = 0; b < batch->size && !asks; b++)
        asks = batch->length[b] == t + 1;
    return asks;
}
