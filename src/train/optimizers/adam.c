#include "train/optimizers/adam_step.h"

/* g ← g + λθ, then Adam's step. */
static void update(const struct train_options *options, double learning_rate, long count, size_t n,
                   const real *decays, real *gradient, real *state, real *parameters) {
    real decay = (real)options->weight_decay;
    for (size_t i = 0; decay != 0 && i < n; i++)
        gradient[i] += decay * decays[i] * parameters[i];
    adam_step(options, learning_rate, count, n, gradient, state, parameters);
}

const struct optimizer_type optimizer_adam = {
    .name = "adam",
    .title = "Adam",
    .citation = "Kingma & Ba, ICLR 2015; weight decay as an L2 term of the loss",
    .slots = 2,
    .update = update,
};
