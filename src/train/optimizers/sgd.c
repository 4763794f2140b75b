#include "train/optimizer.h"

/* g ← g + λθ;  m ← μm + g;  θ ← θ − ηm */
static void update(const struct train_options *options, double learning_rate, long count, size_t n,
                   const real *decays, real *gradient, real *state, real *parameters) {
    (void)count;
    real rate = (real)learning_rate, momentum = (real)options->momentum;
    real decay = (real)options->weight_decay;
#pragma omp simd
    for (size_t i = 0; i < n; i++) {
        state[i] = momentum * state[i] + gradient[i] + decay * decays[i] * parameters[i];
        parameters[i] -= rate * state[i];
    }
}

const struct optimizer_type optimizer_sgd = {
    .name = "sgd",
    .title = "SGD with momentum",
    .citation = "Polyak 1964; as torch.optim.SGD",
    .slots = 1,
    .update = update,
};
