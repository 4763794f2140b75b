/* The pointwise part of an LSTM, forward and backward, for all cells that have one:
 *
 *   c ← σ(f + forget_bias)⊙c + σ(i)⊙tanh(g)        h ← σ(o)⊙tanh(c)
 *
 * With peepholes (Gers & Schmidhuber 2000) i and f see the old c, o the new one: i + p_i⊙c and so
 * on. Inline, so that each instruction set compiles its own. */
#ifndef MODEL_LSTM_GATES_H
#define MODEL_LSTM_GATES_H

#include "math/pointwise.h"

#include <stdbool.h>
#include <stddef.h>

/* One stream's gates, [H] each. */
struct lstm_gates {
    real *i, *f, *g, *o;
};

struct lstm_peepholes {
    const real *i, *f, *o; /* [H] each */
};

struct lstm_peephole_gradient {
    real *i, *f, *o; /* [H] each, += */
};

/* In PyTorch's order, gates [4H]. */
static inline struct lstm_gates lstm_gates_at(int H, real *gates) {
    return (struct lstm_gates){gates, gates + H, gates + 2 * H, gates + 3 * H};
}

/* Activates the gates in place and writes the new c and h [H]. */
static inline void lstm_activate(int H, struct lstm_gates gates, real forget_bias,
                                 const real *c_before, real *c, real *h) {
    real *i = gates.i, *f = gates.f, *g = gates.g, *o = gates.o;
#pragma omp simd
    for (int j = 0; j < H; j++) {
        i[j] = real_sigmoid(i[j]);
        f[j] = real_sigmoid(f[j] + forget_bias);
        g[j] = real_tanh(g[j]);
        o[j] = real_sigmoid(o[j]);
        c[j] = f[j] * c_before[j] + i[j] * g[j];
        h[j] = o[j] * real_tanh(c[j]);
    }
}

/* Turns activated gates into the gradients of what came in, given dh; updates dc in place to the
 * gradient of c_before. */
static inline void lstm_activate_backward(int H, struct lstm_gates gates, const real *c_before,
                                          const real *c, const real *dh, real *dc) {
    real *i = gates.i, *f = gates.f, *g = gates.g, *o = gates.o;
#pragma omp simd
    for (int j = 0; j < H; j++) {
        real tanh_c = real_tanh(c[j]);
        real dc_j = dc[j] + dh[j] * o[j] * (1 - tanh_c * tanh_c);
        real di = dc_j * g[j] * i[j] * (1 - i[j]);
        real df = dc_j * c_before[j] * f[j] * (1 - f[j]);
        real dg = dc_j * i[j] * (1 - g[j] * g[j]);
        dc[j] = dc_j * f[j];
        o[j] = dh[j] * tanh_c * o[j] * (1 - o[j]);
        i[j] = di;
        f[j] = df;
        g[j] = dg;
    }
}

/* The same with peepholes. */
static inline void lstm_peephole_activate(int H, struct lstm_gates gates,
                                          struct lstm_peepholes peepholes, const real *c_before,
                                          real *c, real *h) {
    real *i = gates.i, *f = gates.f, *g = gates.g, *o = gates.o;
#pragma omp simd
    for (int j = 0; j < H; j++) {
        i[j] = real_sigmoid(i[j] + peepholes.i[j] * c_before[j]);
        f[j] = real_sigmoid(f[j] + peepholes.f[j] * c_before[j]);
        g[j] = real_tanh(g[j]);
        c[j] = f[j] * c_before[j] + i[j] * g[j];
        o[j] = real_sigmoid(o[j] + peepholes.o[j] * c[j]);
        h[j] = o[j] * real_tanh(c[j]);
    }
}

static inline void lstm_peephole_activate_backward(int H, struct lstm_gates gates,
                                                   struct lstm_peepholes peepholes,
                                                   const real *c_before, const real *c,
                                                   const real *dh, real *dc,
                                                   struct lstm_peephole_gradient gradient) {
    /* o is the one gate that reads the new c: what it sends back joins dc first. */
#pragma omp simd
    for (int j = 0; j < H; j++) {
        real dinput = dh[j] * real_tanh(c[j]) * gates.o[j] * (1 - gates.o[j]);
        dc[j] += dinput * peepholes.o[j];
        gradient.o[j] += dinput * c[j];
    }
    lstm_activate_backward(H, gates, c_before, c, dh, dc);
#pragma omp simd
    for (int j = 0; j < H; j++) {
        dc[j] += gates.i[j] * peepholes.i[j] + gates.f[j] * peepholes.f[j];
        gradient.i[j] += gates.i[j] * c_before[j];
        gradient.f[j] += gates.f[j] * c_before[j];
    }
}

#endif
