/* Windows cut in time, for networks that carry a state from one part to the next. */
#ifndef TRAIN_SEGMENT_H
#define TRAIN_SEGMENT_H

#include "data/pipeline/batch.h"
#include "model/network.h"
#include "train/train_options.h"

/* Steps of a segment: with train.checkpoint about the square root of a window's, else all. */
int segment_steps(const struct train_options *options, int window);

/* `most` steps of the batch from step `first` on, or as many as are left, with the time before them
 * in batch->time. The state is the caller's to set. */
struct sequence segment_of(const struct batch *batch, int inputs, int first, int max);

#endif
