/* Passes of a network over batches: the loss, and its gradient.
 *
 * A batch of more than train.slice windows is cut into 2, 4, 8 or 16 slices, which threads share out.
 * Where the cuts are follows from the batch alone, every slice has a gradient of its own, and these are
 * added up in order: the bits are the same for every number of threads. A slice is small enough for
 * one thread's caches, and what a pass keeps for the backward pass is kept for one slice a thread.
 *
 * With train.checkpoint the T steps of a window are cut into about sqrt(T) segments of as many
 * steps. A first pass keeps nothing but the states between segments; then each segment, from the
 * last one, runs forward again and back (Chen et al. 2016, Training deep nets with sublinear memory
 * cost). Memory grows with sqrt(T), beside the data itself. */
#ifndef TRAIN_PASSES_H
#define TRAIN_PASSES_H

#include "base/thread_pool.h"
#include "data/pipeline/batch.h"
#include "evaluate/cost.h"
#include "model/network.h"
#include "train/adversary.h"
#include "train/loss.h"
#include "train/network_predictor.h"
#include "train/train_options.h"

enum { PASSES_MAX_SLICES = 16 };

/* A thread's own memory, for one slice of b windows and one segment of s steps. */
struct pass_memory {
    struct batch batch;                    /* all T steps */
    real *out, *out_gradient;              /* [s][b][outputs] */
    real *states;                          /* [segments][b][network.state] before each one */
    real *final_gradient, *state_gradient; /* [b][network.state] */
    real *workspace;
    real *x,
        *x_gradient; /* with an adversary: the inputs as they are [T][b][I], and the gradient of
                             the loss [T][b][inputs of the first cell] */
};

struct slice {
    uint64_t dropout; /* seed; 0: none */
    uint64_t attack;  /* seed of where the adversary begins */
    real *gradient;   /* [parameters] of the sum of losses */
    struct loss_sum loss;
};

struct passes {
    const struct network *network;
    const struct dataset *dataset;
    const struct loss_type *loss;
    int slice;   /* train.slice */
    int width;   /* windows of a slice, at most */
    int segment; /* steps; without checkpointing all of them */
    struct adversary adversary;
    struct thread_pool *pool;
    struct pass_memory *memory; /* [threads] */
    struct slice slices[PASSES_MAX_SLICES];
    /* What the pass under way is about. */
    const real *params;
    const struct split *split;
    const size_t *order;
    size_t first;
    int count, slice_count;
    enum phase phase;
};

/* Threads that can share in a batch, of those that the options allow. */
int passes_threads(const struct train_options *options, int batch);

/* Everything lives in the arena; its size is added to memory->gradients and ->activations. */
struct passes passes_begin(const struct network *network, const struct dataset *dataset, int batch,
                           const struct train_options *options, struct memory_cost *memory,
                           struct arena *arena);

/* The loss of `count` windows of the split, from order[first] on (NULL order: windows first, ...).
 */
struct loss_sum passes_loss(struct passes *passes, const real *params, const struct split *split,
                            const size_t *order, size_t first, int count);

/* The same in training, and the gradient of the mean loss: passes_gradient(). Draws seeds from
 * `dropout`. When the loss is not finite or nothing was scored, the gradient is of no use. */
struct loss_sum passes_train(struct passes *passes, const real *params, const struct split *split,
                             const size_t *order, size_t first, int count, gsl_rng *dropout);

/* [parameters] of the latest passes_train(); may be overwritten. */
real *passes_gradient(const struct passes *passes);

/* Predicts `width` windows at a time in the memory of the passes, between two of them. */
struct network_predictor passes_predictor(const struct passes *passes, const real *params);

/* Ends the threads. */
void passes_end(struct passes *passes);

#endif
