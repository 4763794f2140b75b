/* The update that Adam and AdamW share (Kingma & Ba 2015, algorithm 1):
 *
 *   m ← β₁m + (1−β₁)g;  s ← β₂s + (1−β₂)g²
 *   θ ← θ − η · m/(1−β₁ᵗ) / (√(s/(1−β₂ᵗ)) + ε) */
#ifndef TRAIN_OPTIMIZERS_ADAM_STEP_H
#define TRAIN_OPTIMIZERS_ADAM_STEP_H

#include "train/optimizer.h"

#include <math.h>

static inline void adam_step(const struct train_options *options, double learning_rate, long count,
                             size_t n, const real *gradient, real *state, real *parameters) {
    real beta1 = (real)options->beta1, beta2 = (real)options->beta2;
    real rate = (real)(learning_rate / (1 - pow(options->beta1, (double)count)));
    real unbias = (real)(1 / (1 - pow(options->beta2, (double)count)));
    real epsilon = (real)options->epsilon;
    real *mean = state, *square = state + n;
#pragma omp simd
    for (size_t i = 0; i < n; i++) {
        real g = gradient[i];
        mean[i] = beta1 * mean[i] + (1 - beta1) * g;
        square[i] = beta2 * square[i] + (1 - beta2) * g * g;
        parameters[i] -= rate * mean[i] / ((real)sqrt(square[i] * unbias) + epsilon);
    }
}

#endif
