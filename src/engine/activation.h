/* Activations of the layers inside a cell, by name, with their derivatives. Inline, so that each
 * instruction set compiles its own. */
#ifndef ENGINE_ACTIVATION_H
#define ENGINE_ACTIVATION_H

#include "math/vector.h"

#include <stdbool.h>
#include <stddef.h>

/* From 1, as FIELD_CHOICE counts. */
enum activation { LECUN_TANH = 1, TANH, RELU, SILU, GELU, GELU_TANH };

static inline const char *activation_name(size_t position) {
    static const char *const names[] = {"lecun_tanh", "tanh",      "relu", "silu",
                                        "gelu",       "gelu_tanh", NULL};
    return names[position];
}

/* LeCun et al. 1998: 1.7159 tanh(0.666 x), as ncps has it. */
#define LECUN_SCALE REAL(1.7159)
#define LECUN_SLOPE REAL(0.666)

/* Of the tanh form of gelu, whose g(x) = √(2/π) (x + 0.044715 x³): 2 √(2/π), and the cubic term. */
#define GELU_SCALE REAL(1.5957691216057308)
#define GELU_CUBIC REAL(0.044715)

/* to [n] = scale · tanh(slope · x [n]). */
static inline void tanh_all(size_t n, real scale, real slope, const real *x, real *to) {
    for (; n >= LANES; n -= LANES, x += LANES, to += LANES)
        vector_store(scale * vector_tanh(slope * vector_load(x)), to);
    if (n > 0)
        vector_store_first(scale * vector_tanh(slope * vector_load_first(x, (int)n)), to, (int)n);
}

static inline void sigmoid_all(size_t n, const real *x, real *to) {
    for (; n >= LANES; n -= LANES, x += LANES, to += LANES)
        vector_store(vector_sigmoid(vector_load(x)), to);
    if (n > 0)
        vector_store_first(vector_sigmoid(vector_load_first(x, (int)n)), to, (int)n);
}

/* to [n] = activation(x [n]); in place is allowed. */
static inline void activate(enum activation activation, size_t n, const real *x, real *to) {
    switch (activation) {
    case LECUN_TANH:
        tanh_all(n, LECUN_SCALE, LECUN_SLOPE, x, to);
        return;
    case TANH:
        tanh_all(n, 1, 1, x, to);
        return;
    case RELU:
#pragma omp simd
        for (size_t i = 0; i < n; i++)
            to[i] = x[i] < 0 ? 0 : x[i]; /* NaN stays NaN */
        return;
    case SILU:
#pragma omp simd
        for (size_t i = 0; i < n; i++)
            to[i] = x[i] * real_sigmoid(x[i]);
        return;
    case GELU: /* x Φ(x), Hendrycks & Gimpel 2016 */
#pragma omp simd
        for (size_t i = 0; i < n; i++)
            to[i] = x[i] * real_normal_cdf(x[i]);
        return;
    case GELU_TANH: /* its approximation x σ(2 g(x)) = x/2 (1 + tanh g(x)) */
#pragma omp simd
        for (size_t i = 0; i < n; i++)
            to[i] = x[i] * real_sigmoid(GELU_SCALE * x[i] * (1 + GELU_CUBIC * x[i] * x[i]));
        return;
    }
}

/* d [n] ⊙= activation'(x [n]). */
static inline void activate_backward(enum activation activation, size_t n, const real *x, real *d) {
    switch (activation) {
    case LECUN_TANH:
#pragma omp simd
        for (size_t i = 0; i < n; i++) {
            real tanh_x = real_tanh(LECUN_SLOPE * x[i]);
            d[i] *= LECUN_SCALE * LECUN_SLOPE * (1 - tanh_x * tanh_x);
        }
        return;
    case TANH:
#pragma omp simd
        for (size_t i = 0; i < n; i++) {
            real tanh_x = real_tanh(x[i]);
            d[i] *= 1 - tanh_x * tanh_x;
        }
        return;
    case RELU:
#pragma omp simd
        for (size_t i = 0; i < n; i++)
            d[i] = x[i] > 0 ? d[i] : 0;
        return;
    case SILU:
#pragma omp simd
        for (size_t i = 0; i < n; i++) {
            real s = real_sigmoid(x[i]);
            d[i] *= s * (1 + x[i] * (1 - s));
        }
        return;
    case GELU:
#pragma omp simd
        for (size_t i = 0; i < n; i++) {
            real density = REAL(0.39894228040143268) * real_exp(-x[i] * x[i] / 2);
            d[i] *= real_normal_cdf(x[i]) + x[i] * density;
        }
        return;
    case GELU_TANH:
#pragma omp simd
        for (size_t i = 0; i < n; i++) {
            real square = GELU_CUBIC * x[i] * x[i];
            real s = real_sigmoid(GELU_SCALE * x[i] * (1 + square));
            d[i] *= s + x[i] * s * (1 - s) * GELU_SCALE * (1 + 3 * square);
        }
        return;
    }
}

/* Whether y = activation(x) alone tells activation'(x). */
static inline bool activation_shows_slope(enum activation activation) {
    return activation == LECUN_TANH || activation == TANH || activation == RELU;
}

/* d [n] ⊙= activation'(x), for one that shows it in y [n]. */
static inline void activate_backward_shown(enum activation activation, size_t n, const real *y,
                                           real *d) {
    if (activation == RELU) {
#pragma omp simd
        for (size_t i = 0; i < n; i++)
            d[i] = y[i] > 0 ? d[i] : 0;
        return;
    }
    real scale = activation == TANH ? 1 : LECUN_SCALE, slope = activation == TANH ? 1 : LECUN_SLOPE;
    real max = slope * scale, bend = slope / scale;
#pragma omp simd
    for (size_t i = 0; i < n; i++)
        d[i] *= max - bend * y[i] * y[i];
}

#endif
