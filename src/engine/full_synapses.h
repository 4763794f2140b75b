/* The synapses of engine/synapses.h where every source is joined to every neuron: the hot loop of a
 * liquid network, so it is laid out for vectors by hand.
 *
 * A tile is LANES neurons. For each tile and source the parameters are packed side by side, transposed
 * into what the loop needs, so that a sigmoid's argument is one multiply-add:
 *
 *   packed [tiles][J][4][LANES]:   −γ log₂e,   γ μ log₂e,   w,   w e         (0 beyond neuron H)
 *   a = w / (1 + 2^(packed₀ v + packed₁))
 *
 * Several streams share each load of the parameters. In the backward pass four sums gather over all
 * streams and steps, with p = d loss / d(γ(v − μ)) and s the sigmoid, from which the gradients of
 * the parameters follow once, at the end:
 *
 *   sums [tiles][J][4][LANES]:     Σ p,   Σ p v,   Σ dden s,   Σ dnum s */
#ifndef ENGINE_FULL_SYNAPSES_H
#define ENGINE_FULL_SYNAPSES_H

#include "math/vector.h"

#include <stddef.h>

enum { STREAMS_AT_ONCE = 4 };

/* Of J·H synapses each, or on a sparse wiring of as many as it has. An LTC has reversal potentials
 * e; an LRC a weight of its own in the numerator, h, in the place of w e. */
struct synapse_values {
    const real *sigma, *mu, *w; /* γ, μ, w */
    const real *erev, *h;       /* one of them is NULL */
};

struct synapse_gradient {
    real *sigma, *mu, *w, *erev, *h; /* += */
};

/* What synapse n weighs its sigmoid with in the numerator. */
static inline real synapse_product(const struct synapse_values *values, size_t n) {
    return values->h != NULL ? values->h[n] : values->w[n] * values->erev[n];
}

/* Adds what the sums of synapse n amount to, those of engine/full_synapses.h in their order. */
static inline void synapse_add_gradient(const struct synapse_values *values, size_t n, real p,
                                        real pv, real den, real num,
                                        const struct synapse_gradient *gradient) {
    gradient->sigma[n] += pv - values->mu[n] * p;
    gradient->mu[n] -= values->sigma[n] * p;
    if (values->h != NULL) {
        gradient->w[n] += den;
        gradient->h[n] += num;
    } else {
        gradient->w[n] += den + values->erev[n] * num;
        gradient->erev[n] += values->w[n] * num;
    }
}

struct full_synapses {
    int sources, targets; /* J, H */
    real *packed;
    real *sums;     /* backward only */
    real *dsources; /* backward only: [J][STREAMS_AT_ONCE][LANES] */
};

static inline int tiles_of(int targets) {
    return (targets + LANES - 1) / LANES;
}

static inline size_t full_synapses_packed_size(int J, int H) {
    return (size_t)tiles_of(H) * (size_t)J * 4 * LANES;
}

static inline size_t full_synapses_dsources_size(int J) {
    return (size_t)J * STREAMS_AT_ONCE * LANES;
}

/* Where the packed numbers of source j and neuron i are: first of four, LANES apart. */
static inline size_t packed_position(int J, int j, int i) {
    return ((size_t)(i / LANES) * (size_t)J + (size_t)j) * 4 * LANES + (size_t)(i % LANES);
}

static inline void full_synapses_pack(const struct full_synapses *synapses,
                                      const struct synapse_values *values) {
    int J = synapses->sources, H = synapses->targets;
    memset(synapses->packed, 0, full_synapses_packed_size(J, H) * sizeof(real));
    for (int j = 0; j < J; j++) {
        for (int i = 0; i < H; i++) {
            size_t n = (size_t)j * (size_t)H + (size_t)i;
            real *packed = synapses->packed + packed_position(J, j, i);
            packed[0] = -values->sigma[n] * LOG2_E;
            packed[LANES] = values->sigma[n] * values->mu[n] * LOG2_E;
            packed[2 * LANES] = values->w[n];
            packed[3 * LANES] = synapse_product(values, n);
        }
    }
}

/* Adds the gradients that the sums amount to. */
static inline void full_synapses_unpack(const struct full_synapses *synapses,
                                        const struct synapse_values *values,
                                        const struct synapse_gradient *gradient) {
    int J = synapses->sources, H = synapses->targets;
    for (int j = 0; j < J; j++) {
        for (int i = 0; i < H; i++) {
            size_t n = (size_t)j * (size_t)H + (size_t)i;
            const real *sums = synapses->sums + packed_position(J, j, i);
            synapse_add_gradient(values, n, sums[0], sums[LANES], sums[2 * LANES], sums[3 * LANES],
                                 gradient);
        }
    }
}

/* `streams` (constant where this is inlined) rows of v [J], num and den [H]. */
static inline __attribute__((always_inline)) void
full_synapses_forward_block(const struct full_synapses *synapses, int streams, const real *v,
                            real *num, real *den) {
    int J = synapses->sources, H = synapses->targets;
    for (int first = 0; first < H; first += LANES) {
        const real *packed = synapses->packed + packed_position(J, 0, first);
        vector num_b[STREAMS_AT_ONCE], den_b[STREAMS_AT_ONCE];
        for (int b = 0; b < streams; b++) {
            num_b[b] = vector_load_first(num + b * H + first, H - first);
            den_b[b] = vector_load_first(den + b * H + first, H - first);
        }
        for (int j = 0; j < J; j++, packed += 4 * LANES) {
            vector slope = vector_load(packed), offset = vector_load(packed + LANES);
            vector w = vector_load(packed + 2 * LANES), we = vector_load(packed + 3 * LANES);
#pragma GCC unroll 4
            for (int b = 0; b < streams; b++) {
                vector s = vector_sigmoid2(slope * v[b * J + j] + offset);
                num_b[b] += we * s;
                den_b[b] += w * s;
            }
        }
        for (int b = 0; b < streams; b++) {
            vector_store_first(num_b[b], num + b * H + first, H - first);
            vector_store_first(den_b[b], den + b * H + first, H - first);
        }
    }
}

/* num, den [B][H] += from v [B][J]. */
static inline void full_synapses_forward(const struct full_synapses *synapses, int B, const real *v,
                                         real *num, real *den) {
    int J = synapses->sources, H = synapses->targets, b = 0;
    for (; b + STREAMS_AT_ONCE <= B; b += STREAMS_AT_ONCE)
        full_synapses_forward_block(synapses, STREAMS_AT_ONCE, v + b * J, num + b * H, den + b * H);
    for (; b < B; b++)
        full_synapses_forward_block(synapses, 1, v + b * J, num + b * H, den + b * H);
}

static inline __attribute__((always_inline)) void
full_synapses_backward_block(const struct full_synapses *synapses, int streams, const real *v,
                             const real *dnum, const real *dden, real *dv) {
    int J = synapses->sources, H = synapses->targets;
    for (int first = 0; first < H; first += LANES) {
        size_t at = packed_position(J, 0, first);
        const real *packed = synapses->packed + at;
        real *sums = synapses->sums + at, *dsource = synapses->dsources;
        vector dnum_b[STREAMS_AT_ONCE], dden_b[STREAMS_AT_ONCE];
        for (int b = 0; b < streams; b++) {
            dnum_b[b] = vector_load_first(dnum + b * H + first, H - first);
            dden_b[b] = vector_load_first(dden + b * H + first, H - first);
        }
        for (int j = 0; j < J; j++, packed += 4 * LANES, sums += 4 * LANES) {
            vector slope = vector_load(packed), offset = vector_load(packed + LANES);
            vector w = vector_load(packed + 2 * LANES), we = vector_load(packed + 3 * LANES);
            vector sum_p = vector_load(sums), sum_pv = vector_load(sums + LANES);
            vector sum_den = vector_load(sums + 2 * LANES), sum_num = vector_load(sums + 3 * LANES);
#pragma GCC unroll 4
            for (int b = 0; b < streams; b++, dsource += LANES) {
                real v_j = v[b * J + j];
                vector s = vector_sigmoid2(slope * v_j + offset);
                vector p = (dnum_b[b] * we + dden_b[b] * w) * (s - s * s);
                sum_p += p;
                sum_pv += p * v_j;
                sum_den += dden_b[b] * s;
                sum_num += dnum_b[b] * s;
                vector before = first > 0 ? vector_load(dsource) : (vector){0};
                vector_store(before + p * slope, dsource);
            }
            vector_store(sum_p, sums);
            vector_store(sum_pv, sums + LANES);
            vector_store(sum_den, sums + 2 * LANES);
            vector_store(sum_num, sums + 3 * LANES);
        }
    }
    const real *dsource = synapses->dsources;
    for (int j = 0; j < J; j++)
        for (int b = 0; b < streams; b++, dsource += LANES)
            dv[b * J + j] -= vector_sum(vector_load(dsource)) / LOG2_E;
}

/* dv [B][J] and the sums += given d loss / d num and / d den [B][H]. */
static inline void full_synapses_backward(const struct full_synapses *synapses, int B,
                                          const real *v, const real *dnum, const real *dden,
                                          real *dv) {
    int J = synapses->sources, H = synapses->targets, b = 0;
    for (; b + STREAMS_AT_ONCE <= B; b += STREAMS_AT_ONCE)
        full_synapses_backward_block(synapses, STREAMS_AT_ONCE, v + b * J, dnum + b * H,
                                     dden + b * H, dv + b * J);
    for (; b < B; b++)
        full_synapses_backward_block(synapses, 1, v + b * J, dnum + b * H, dden + b * H,
                                     dv + b * J);
}

#endif
