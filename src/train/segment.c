#include "train/segment.h"

#include <math.h>

int segment_steps(const struct train_options *options, int window) {
    return options->checkpoint ? (int)ceil(sqrt(window)) : window;
}

struct sequence segment_of(const struct batch *batch, int inputs, int first, int most) {
    size_t before = (size_t)first * (size_t)batch->size;
    int left = batch->steps - first;
    return (struct sequence){
        .steps = left < most ? left : most,
        .batch = batch->size,
        .x = batch->x + before * (size_t)inputs,
        .elapsed = batch->elapsed + before,
        .mask = batch->has_absent ? batch->mask + before : NULL,
        .earlier = first,
    };
}
