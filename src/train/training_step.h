/* What every update of parameters has in common, in training, online and when it is timed. */
#ifndef TRAIN_TRAINING_STEP_H
#define TRAIN_TRAINING_STEP_H

#include "evaluate/cost.h"
#include "train/passes.h"

/* Parameters and what the optimizer keeps beside them. */
struct updater {
    const struct network *network;
    const struct train_options *options;
    const struct optimizer_type *optimizer;
    real *params; /* zeros at first; network_init() them */
    real *state;  /* [optimizer->slots][parameters] */
    real *decays; /* [parameters] 1 where weight decay applies, 0 elsewhere */
    long updates; /* done */
};

/* Everything lives in the arena; its size is added to memory->parameters and ->optimizer. */
struct updater updater_begin(const struct network *network, const struct train_options *options,
                             struct memory_cost *memory, struct arena *arena);

/* Clips the gradient [parameters] to options->clip_norm and ->clip_each, updates the parameters and constrains
 * them. Returns the gradient's norm before clipping. */
double updater_apply(struct updater *updater, double learning_rate, real *gradient);

/* A training step by batches of windows. */
struct training_step {
    struct updater updater;
    struct passes passes;
    gsl_rng *dropout;
    gsl_rng *weights;       /* of weight noise; NULL: none */
    real *noisy;            /* [parameters] with it */
    long updates_per_epoch; /* by which the schedule counts */
};

/* One update from `count` windows of the split, from order[first] on, as passes_train() takes
 * them. Nothing is updated when nothing was scored or the loss is not finite; otherwise *norm is
 * the gradient's norm before clipping. */
struct loss_sum training_step_run(struct training_step *step, const struct split *split,
                                  const size_t *order, size_t first, int count, double *norm);

void training_step_end(struct training_step *step);

#endif
