#include "train/optimizers/adam_step.h"

/* θ ← θ − ηλθ, then Adam's step. */
static void update(const struct train_options *options, double learning_rate, long count, size_t n,
                   const real *decays, real *gradient, real *state, real *parameters) {
    real decay = (real)(learning_rate * options->weight_decay);
    for (size_t i = 0; decay != 0 && i < n; i++)
        parameters[i] -= decay * decays[i] * parameters[i];
    adam_step(options, learning_rate, count, n, gradient, state, parameters);
}

const struct optimizer_type optimizer_adamw = {
    .name = "adamw",
    .title = "AdamW",
    .citation = "Loshchilov & Hutter, ICLR 2019: weight decay apart from the gradient",
    .slots = 2,
    .update = update,
};
