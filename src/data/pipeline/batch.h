/* Batches: windows gathered time-major for a network. */
#ifndef DATA_PIPELINE_BATCH_H
#define DATA_PIPELINE_BATCH_H

#include "data/pipeline/dataset.h"

struct batch {
    int steps, size; /* T (the longest window in it) and B */
    real *x;         /* [T][B][I]; 0 beyond a window's end */
    real *y;         /* [T][B][Y]; NaN: not scored */
    real *elapsed;   /* [T][B] time units since the last present step; 1 at a window's first step */
    real *mask;      /* [T][B] 1 where the observation is present, 0 where missing or padding */
    bool has_absent; /* some mask is 0 */
    const struct series **source; /* [B] the series that each window is cut from, */
    int *start;                   /* [B] and the window's first row there */
    int *length;                  /* [B] rows of each window; NULL: not known */
    double *time; /* [B] room for what time it is before a part of the batch (train/segment.h) */
};

/* Room for batches of up to `size` windows of the data set. */
struct batch batch_new(const struct dataset *dataset, int size, struct arena *arena);

/* Fills it with `count` windows of the split: order[first], order[first+1], ... (NULL order: the
 * windows first, first+1, ...). Rows are laid out for a batch of this `count`. */
void batch_fill(struct batch *batch, const struct dataset *dataset, const struct split *split,
                const size_t *order, size_t first, int count);

/* Whether the task asks for step t of some window: every step, or the last of each alone. */
bool batch_asks_for(const struct batch *batch, const struct dataset *dataset, int t);

#endif
