#include "train/segment.h"

#include <math.h>

int segment_steps(const struct train_options *options, int window) {
    return options->checkpoint ? (int)ceil(sqrt(window)) : window;
}

/* Since the series began; a stream counts 1 at its first row. */
static void set_time(const struct batch *batch, int first) {
    for (int b = 0; b < batch->size; b++) {
        const struct series *series = batch->source[b];
        int row = batch->start[b] + first;
        double elapsed = (double)batch->elapsed[first * batch->size + b];
        batch->time[b] = row < series->rows ? series->time[row] + 1 - elapsed : 0; /* or padding */
    }
}

struct sequence segment_of(const struct batch *batch, int inputs, int first, int max) {
    size_t before = (size_t)first * (size_t)batch->size;
    int left = batch->steps - first;
    set_time(batch, first);
    return (struct sequence){
        .steps = left < max ? left : max,
        .batch = batch->size,
        .x = batch->x + before * (size_t)inputs,
        .elapsed = batch->elapsed + before,
        .time = batch->time,
        .mask = batch->has_absent ? batch->mask + before : NULL,
        .earlier = first,
    };
}
