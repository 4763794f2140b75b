/* The pointwise part of an LSTM, forward and backward, for all cells that have one:
 *
 *   c ← σ(f + forget_bias)⊙c + σ(i)⊙tanh(g)        h ← σ(o)⊙tanh(c)
 *
 * With peepholes (Gers & Schmidhuber 2000) i and f see the old c, o the new one: i + p_i⊙c and so
 * on. Inline, so that each instruction set compiles its own. */
#ifndef ENGINE_LSTM_GATES_H
#define ENGINE_LSTM_GATES_H

#include "math/vector.h"

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

/* n units from j on, LANES or fewer. */
static inline __attribute__((always_inline)) void
lstm_activate_part(int j, int n, struct lstm_gates gates, real forget_bias, const real *c_before,
                   real *c) {
    vector i = vector_sigmoid(vector_load_first(gates.i + j, n));
    vector f = vector_sigmoid(vector_load_first(gates.f + j, n) + forget_bias);
    vector g = vector_tanh(vector_load_first(gates.g + j, n));
    vector_store_first(i, gates.i + j, n);
    vector_store_first(f, gates.f + j, n);
    vector_store_first(g, gates.g + j, n);
    vector_store_first(f * vector_load_first(c_before + j, n) + i * g, c + j, n);
}

static inline __attribute__((always_inline)) void
lstm_show_part(int j, int n, struct lstm_gates gates, const real *c, real *h) {
    vector o = vector_sigmoid(vector_load_first(gates.o + j, n));
    vector_store_first(o, gates.o + j, n);
    vector_store_first(o * vector_tanh(vector_load_first(c + j, n)), h + j, n);
}

/* Activates the gates in place and writes the new c and h [H]. Two loops, so that tanh(c) does not
 * wait for the c that was computed just before. */
static inline void lstm_activate(int H, struct lstm_gates gates, real forget_bias,
                                 const real *c_before, real *c, real *h) {
    int j = 0;
    for (; j + LANES <= H; j += LANES)
        lstm_activate_part(j, LANES, gates, forget_bias, c_before, c);
    if (j < H)
        lstm_activate_part(j, H - j, gates, forget_bias, c_before, c);
    for (j = 0; j + LANES <= H; j += LANES)
        lstm_show_part(j, LANES, gates, c, h);
    if (j < H)
        lstm_show_part(j, H - j, gates, c, h);
}

/* tanh(c) is h / o where h [H] is given, which takes half the time. */
static inline __attribute__((always_inline)) void
lstm_activate_part_backward(int j, int n, struct lstm_gates gates, const real *c_before,
                            const real *c, const real *h, const real *dh, real *dc) {
    vector i = vector_load_first(gates.i + j, n), f = vector_load_first(gates.f + j, n);
    vector g = vector_load_first(gates.g + j, n), o = vector_load_first(gates.o + j, n);
    vector tanh_c = h != NULL ? vector_load_first(h + j, n) * vector_reciprocal(o)
                              : vector_tanh(vector_load_first(c + j, n));
    vector open = vector_load_first(dh + j, n) * o;
    vector dc_j = vector_load_first(dc + j, n) + open - open * tanh_c * tanh_c;
    vector from_f = dc_j * f;
    vector_store_first(dc_j * g * (i - i * i), gates.i + j, n);
    vector_store_first(from_f * vector_load_first(c_before + j, n) * (1 - f), gates.f + j, n);
    vector_store_first(dc_j * (i - i * g * g), gates.g + j, n);
    vector_store_first(open * tanh_c * (1 - o), gates.o + j, n);
    vector_store_first(from_f, dc + j, n);
}

static inline __attribute__((always_inline)) void
lstm_activate_all_backward(int H, struct lstm_gates gates, const real *c_before, const real *c,
                           const real *h, const real *dh, real *dc) {
    int j = 0;
    for (; j + LANES <= H; j += LANES)
        lstm_activate_part_backward(j, LANES, gates, c_before, c, h, dh, dc);
    if (j < H)
        lstm_activate_part_backward(j, H - j, gates, c_before, c, h, dh, dc);
}

/* Turns activated gates into the gradients of what came in, given dh; updates dc in place to the
 * gradient of c_before. */
static inline void lstm_activate_backward(int H, struct lstm_gates gates, const real *c_before,
                                          const real *c, const real *dh, real *dc) {
    lstm_activate_all_backward(H, gates, c_before, c, NULL, dh, dc);
}

/* The same from h [H], as lstm_activate() wrote it, instead of c. */
static inline void lstm_activate_backward_shown(int H, struct lstm_gates gates,
                                                const real *c_before, const real *h, const real *dh,
                                                real *dc) {
    lstm_activate_all_backward(H, gates, c_before, NULL, h, dh, dc);
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
