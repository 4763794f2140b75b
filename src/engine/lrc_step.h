/* One solver step of a liquid-resistance liquid-capacitance unit (Farsang et al. 2024 and 2025),
 * for LANES units at once, forward and backward:
 *
 *   ε = σ(z + k) − σ(z − k)  symmetric;    σ(z)  asymmetric;    1
 *   euler:   v ← v + δ ε (E q − f v)              q = tanh(…), f = σ(…) or a constant leak
 *   fused:   v ← (v + δ ε E q) / (1 + δ ε f)
 *
 * Inline, so that each instruction set compiles its own. */
#ifndef ENGINE_LRC_STEP_H
#define ENGINE_LRC_STEP_H

#include "math/vector.h"

#include <stdbool.h>
#include <stddef.h>

/* From 1, as FIELD_CHOICE counts. */
enum { ELASTANCE_SYMMETRIC = 1, ELASTANCE_ASYMMETRIC, ELASTANCE_NONE };
enum { LRC_EULER = 1, LRC_FUSED };

static inline const char *lrc_solver_name(size_t position) {
    static const char *const names[] = {"euler", "fused", NULL};
    return names[position];
}

/* ε = high − low: its two sigmoids. */
struct elastance {
    vector high, low;
};

static inline struct elastance elastance_of(int kind, vector z, vector k) {
    if (kind == ELASTANCE_NONE)
        return (struct elastance){(vector){0} + 1, (vector){0}};
    if (kind == ELASTANCE_ASYMMETRIC)
        return (struct elastance){vector_sigmoid(z), (vector){0}};
    return (struct elastance){vector_sigmoid(z + k), vector_sigmoid(z - k)};
}

static inline vector lrc_step(bool fused, vector delta, struct elastance elastance, vector e,
                              vector q, vector f, vector v) {
    vector length = delta * (elastance.high - elastance.low), drive = e * q;
    return fused ? (v + length * drive) / (1 + length * f) : v + length * (drive - f * v);
}

struct lrc_gradient {
    vector v;       /* of the state before, but for what goes through q, f and z */
    vector q, f, e; /* of tanh's argument; of f itself */
    vector z, k, delta;
};

/* From dv of the state after. Both solvers step by δ ε p with p = E q − f u, u the state before
 * (euler) or after (fused, all over 1 + δ ε f). */
static inline struct lrc_gradient lrc_step_backward(bool fused, vector delta,
                                                    struct elastance elastance, vector e, vector q,
                                                    vector f, vector v, vector after, vector dv) {
    vector high = elastance.high, low = elastance.low, epsilon = high - low;
    vector u = fused ? after : v, p = e * q - f * u;
    vector r = fused ? dv / (1 + delta * epsilon * f) : dv;
    vector rate = r * delta * epsilon, depsilon = r * delta * p;
    vector dhigh = depsilon * (high - high * high), dlow = depsilon * (low - low * low);
    return (struct lrc_gradient){
        .v = fused ? r : r - rate * f,
        .q = rate * e * (1 - q * q),
        .f = -rate * u,
        .e = rate * q,
        .z = dhigh - dlow,
        .k = dhigh + dlow,
        .delta = r * epsilon * p,
    };
}

/* to [count] += the first of `terms`. */
static inline void vector_add_first(vector terms, real *to, int count) {
    vector_store_first(vector_load_first(to, count) + terms, to, count);
}

#endif
