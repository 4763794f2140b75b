/* Layer normalisation (Ba, Kiros & Hinton 2016) of n rows of H numbers,
 *
 *   x̂ = (x − mean) / √(biased variance + ε)        y = scale ⊙ x̂ + shift
 *
 * without scale and shift where they are NULL. Inline, so that the compiler knows what the fields are:
 * from a file of its own the backward pass is so much slower that an LRU trains 6 to 10 % slower. */
#ifndef ENGINE_LAYER_NORM_H
#define ENGINE_LAYER_NORM_H

#include "math/real.h"

#include <math.h>
#include <stddef.h>

struct layer_norm {
    int n, H;
    real epsilon;
    const real *scale, *shift; /* [H] or NULL */
    real *normed;              /* [n][H] x̂ */
    real *inverse;             /* [n] 1 / √(variance + ε) */
};

/* y [n][H] from x [n][H]; y may be x, or normed where there is no scale. */
static inline void layer_norm_forward(const struct layer_norm *norm, const real *x, real *y) {
    int H = norm->H;
    for (int row = 0; row < norm->n; row++, x += H, y += H) {
        real *normed = norm->normed + (size_t)row * (size_t)H, mean = 0, variance = 0;
#pragma omp simd reduction(+ : mean)
        for (int j = 0; j < H; j++)
            mean += x[j];
        mean /= (real)H;
#pragma omp simd reduction(+ : variance)
        for (int j = 0; j < H; j++)
            variance += (x[j] - mean) * (x[j] - mean);
        real inverse = 1 / (real)sqrt((double)(variance / (real)H + norm->epsilon));
        norm->inverse[row] = inverse;
        for (int j = 0; j < H; j++) {
            normed[j] = (x[j] - mean) * inverse;
            y[j] = norm->scale != NULL ? normed[j] * norm->scale[j] + norm->shift[j] : normed[j];
        }
    }
}

/* dx [n][H] from dy [n][H], may be the same; dscale, dshift [H] += where there is a scale. */
static inline void layer_norm_backward(const struct layer_norm *norm, const real *dy, real *dx,
                                       real *dscale, real *dshift) {
    int H = norm->H;
    for (int row = 0; row < norm->n; row++, dy += H, dx += H) {
        const real *normed = norm->normed + (size_t)row * (size_t)H;
        real sum = 0, product = 0;
        for (int j = 0; j < H; j++) {
            real dnormed = norm->scale != NULL ? dy[j] * norm->scale[j] : dy[j];
            if (norm->scale != NULL) {
                dscale[j] += dy[j] * normed[j];
                dshift[j] += dy[j];
            }
            sum += dnormed;
            product += dnormed * normed[j];
            dx[j] = dnormed;
        }
        sum /= (real)H;
        product /= (real)H;
#pragma omp simd
        for (int j = 0; j < H; j++)
            dx[j] = norm->inverse[row] * (dx[j] - sum - normed[j] * product);
    }
}

#endif
