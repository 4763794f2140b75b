#include "train/optimizer.h"

#include <math.h>

/* g ← g + λθ;  s ← ρs + (1−ρ)g²;  m ← μm + g / (√s + ε);  θ ← θ − ηm */
static void update(const struct train_options *options, double learning_rate, long count, size_t n,
                   const real *decays, real *gradient, real *state, real *parameters) {
    (void)count;
    real rate = (real)learning_rate, rho = (real)options->rho, epsilon = (real)options->epsilon;
    real momentum = (real)options->momentum, decay = (real)options->weight_decay;
    real *square = state, *moment = state + n;
#pragma omp simd
    for (size_t i = 0; i < n; i++) {
        real g = gradient[i] + decay * decays[i] * parameters[i];
        square[i] = rho * square[i] + (1 - rho) * g * g;
        moment[i] = momentum * moment[i] + g / ((real)sqrt(square[i]) + epsilon);
        parameters[i] -= rate * moment[i];
    }
}

const struct optimizer_type optimizer_rmsprop = {
    .name = "rmsprop",
    .title = "RMSprop",
    .citation = "Tieleman & Hinton 2012; as torch.optim.RMSprop",
    .slots = 2,
    .update = update,
};
