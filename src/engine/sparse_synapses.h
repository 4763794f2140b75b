/* The synapses of engine/synapses.h that a sparse wiring has: work in proportion to their number.
 *
 * One stream: all synapses side by side, then summed by target. Several streams: streams side by
 * side, one synapse after the other, with the arrays transposed, [J][P] and [H][P], where P is
 * the number of streams rounded up to whole vectors (what is beyond the last stream is computed
 * too and means nothing). The parameters are then packed as the loop needs them,
 *
 *   packed [count][5]:           −γ log₂e,   γ μ log₂e,   w,   w e,   γ
 *   a = w / (1 + 2^(packed₀ v + packed₁))
 *
 * and four sums of each synapse gather over all streams and steps in the backward pass, as in
 * engine/full_synapses.h. */
#ifndef ENGINE_SPARSE_SYNAPSES_H
#define ENGINE_SPARSE_SYNAPSES_H

#include "engine/full_synapses.h"
#include "engine/wiring.h"
#include "math/vector.h"

#include <stddef.h>

enum { SPARSE_PACKED = 5, SPARSE_SUMS = 4, VECTORS_AT_ONCE = 4 };

/* --- one stream ------------------------------------------------------------------------------- */

/* num, den [H] += from v [J]; scratch [2][count]. */
static inline void stream_synapses_forward(const struct synapse_list *list,
                                           const struct synapse_values *values, const real *v,
                                           real *num, real *den, real *scratch) {
    const int *source = list->source, *first = list->first;
    const real *sigma = values->sigma, *mu = values->mu, *w = values->w;
    const real *erev = values->erev, *h = values->h;
    real *a = scratch, *ae = scratch + list->count;
    if (h == NULL) {
#pragma omp simd
        for (int s = 0; s < list->count; s++) {
            a[s] = w[s] * real_sigmoid(sigma[s] * (v[source[s]] - mu[s]));
            ae[s] = a[s] * erev[s];
        }
    } else {
#pragma omp simd
        for (int s = 0; s < list->count; s++) {
            real y = real_sigmoid(sigma[s] * (v[source[s]] - mu[s]));
            a[s] = y * w[s];
            ae[s] = y * h[s];
        }
    }
    for (int i = 0; i < list->targets; i++) {
        real num_i = 0, den_i = 0;
        for (int s = first[i]; s < first[i + 1]; s++) {
            num_i += ae[s];
            den_i += a[s];
        }
        num[i] += num_i;
        den[i] += den_i;
    }
}

/* dv [J] and the gradients += ; scratch [count]. */
static inline void stream_synapses_backward(const struct synapse_list *list,
                                            const struct synapse_values *values, const real *v,
                                            const real *dnum, const real *dden, real *dv,
                                            const struct synapse_gradient *gradient,
                                            real *scratch) {
    const int *source = list->source, *target = list->target;
    const real *sigma = values->sigma, *mu = values->mu, *w = values->w;
    const real *erev = values->erev, *h = values->h;
    real *dsigma = gradient->sigma, *dmu = gradient->mu, *dw = gradient->w;
    real *derev = gradient->erev, *dh = gradient->h;
    /* dinput: of γ (v − μ) */
    if (h == NULL) {
#pragma omp simd
        for (int s = 0; s < list->count; s++) {
            real above = v[source[s]] - mu[s], y = real_sigmoid(sigma[s] * above);
            real dnum_s = dnum[target[s]], da = dnum_s * erev[s] + dden[target[s]];
            real dinput = da * w[s] * y * (1 - y);
            dw[s] += da * y;
            derev[s] += dnum_s * w[s] * y;
            dsigma[s] += dinput * above;
            scratch[s] = dinput * sigma[s];
            dmu[s] -= scratch[s];
        }
    } else {
#pragma omp simd
        for (int s = 0; s < list->count; s++) {
            real above = v[source[s]] - mu[s], y = real_sigmoid(sigma[s] * above);
            real dnum_s = dnum[target[s]], dden_s = dden[target[s]];
            real dinput = (dnum_s * h[s] + dden_s * w[s]) * y * (1 - y);
            dw[s] += dden_s * y;
            dh[s] += dnum_s * y;
            dsigma[s] += dinput * above;
            scratch[s] = dinput * sigma[s];
            dmu[s] -= scratch[s];
        }
    }
    for (int s = 0; s < list->count; s++)
        dv[source[s]] += scratch[s];
}

/* --- several streams -------------------------------------------------------------------------- */

static inline int padded_streams(int streams) {
    return (streams + LANES - 1) / LANES * LANES;
}

static inline void streams_synapses_pack(const struct synapse_list *list,
                                         const struct synapse_values *values, real *packed) {
    for (int s = 0; s < list->count; s++, packed += SPARSE_PACKED) {
        packed[0] = -values->sigma[s] * LOG2_E;
        packed[1] = values->sigma[s] * values->mu[s] * LOG2_E;
        packed[2] = values->w[s];
        packed[3] = synapse_product(values, (size_t)s);
        packed[4] = values->sigma[s];
    }
}

/* The gradients that sums [count][4][LANES] amount to. */
static inline void streams_synapses_unpack(const struct synapse_list *list,
                                           const struct synapse_values *values, const real *sums,
                                           const struct synapse_gradient *gradient) {
    for (int s = 0; s < list->count; s++, sums += SPARSE_SUMS * LANES) {
        real p = vector_sum(vector_load(sums)), pv = vector_sum(vector_load(sums + LANES));
        real den = vector_sum(vector_load(sums + 2 * LANES));
        real num = vector_sum(vector_load(sums + 3 * LANES));
        synapse_add_gradient(values, (size_t)s, p, pv, den, num, gradient);
    }
}

/* `vectors` (constant where this is inlined) times LANES streams of arrays whose rows are P apart.
 */
static inline __attribute__((always_inline)) void
streams_synapses_forward_block(const struct synapse_list *list, const real *packed, int vectors,
                               int P, const real *v, real *num, real *den) {
    for (int i = 0; i < list->targets; i++) {
        int end = list->first[i + 1];
        if (list->first[i] == end)
            continue;
        real *num_i = num + (size_t)i * (size_t)P, *den_i = den + (size_t)i * (size_t)P;
        vector num_k[VECTORS_AT_ONCE], den_k[VECTORS_AT_ONCE];
        for (int k = 0; k < vectors; k++) {
            num_k[k] = vector_load(num_i + k * LANES);
            den_k[k] = vector_load(den_i + k * LANES);
        }
        for (int s = list->first[i]; s < end; s++) {
            const real *own = packed + (size_t)s * SPARSE_PACKED;
            const real *v_j = v + (size_t)list->source[s] * (size_t)P;
#pragma GCC unroll 4
            for (int k = 0; k < vectors; k++) {
                vector y = vector_sigmoid2(vector_load(v_j + k * LANES) * own[0] + own[1]);
                den_k[k] += y * own[2];
                num_k[k] += y * own[3];
            }
        }
        for (int k = 0; k < vectors; k++) {
            vector_store(num_k[k], num_i + k * LANES);
            vector_store(den_k[k], den_i + k * LANES);
        }
    }
}

/* num, den [H][P] += from v [J][P]. */
static inline void streams_synapses_forward(const struct synapse_list *list, const real *packed,
                                            int P, const real *v, real *num, real *den) {
    int b = 0;
    for (; b + VECTORS_AT_ONCE * LANES <= P; b += VECTORS_AT_ONCE * LANES)
        streams_synapses_forward_block(list, packed, VECTORS_AT_ONCE, P, v + b, num + b, den + b);
    for (; b < P; b += LANES)
        streams_synapses_forward_block(list, packed, 1, P, v + b, num + b, den + b);
}

static inline __attribute__((always_inline)) void
streams_synapses_backward_block(const struct synapse_list *list, const real *packed, int vectors,
                                int P, const real *v, const real *dnum, const real *dden, real *dv,
                                real *sums) {
    for (int i = 0; i < list->targets; i++) {
        int end = list->first[i + 1];
        if (list->first[i] == end)
            continue;
        vector dnum_k[VECTORS_AT_ONCE], dden_k[VECTORS_AT_ONCE];
        for (int k = 0; k < vectors; k++) {
            dnum_k[k] = vector_load(dnum + (size_t)i * (size_t)P + k * LANES);
            dden_k[k] = vector_load(dden + (size_t)i * (size_t)P + k * LANES);
        }
        for (int s = list->first[i]; s < end; s++) {
            const real *own = packed + (size_t)s * SPARSE_PACKED;
            size_t at = (size_t)list->source[s] * (size_t)P;
            real *sums_s = sums + (size_t)s * SPARSE_SUMS * LANES;
            vector sum_p = {0}, sum_pv = {0}, sum_den = {0}, sum_num = {0};
#pragma GCC unroll 4
            for (int k = 0; k < vectors; k++) {
                vector v_j = vector_load(v + at + k * LANES);
                vector y = vector_sigmoid2(v_j * own[0] + own[1]);
                vector p = (dnum_k[k] * own[3] + dden_k[k] * own[2]) * (y - y * y);
                sum_p += p;
                sum_pv += p * v_j;
                sum_den += dden_k[k] * y;
                sum_num += dnum_k[k] * y;
                real *dv_j = dv + at + k * LANES;
                vector_store(vector_load(dv_j) + p * own[4], dv_j);
            }
            vector_store(vector_load(sums_s) + sum_p, sums_s);
            vector_store(vector_load(sums_s + LANES) + sum_pv, sums_s + LANES);
            vector_store(vector_load(sums_s + 2 * LANES) + sum_den, sums_s + 2 * LANES);
            vector_store(vector_load(sums_s + 3 * LANES) + sum_num, sums_s + 3 * LANES);
        }
    }
}

/* dv [J][P] and sums [count][4][LANES] += given d loss / d num and / d den [H][P]. */
static inline void streams_synapses_backward(const struct synapse_list *list, const real *packed,
                                             int P, const real *v, const real *dnum,
                                             const real *dden, real *dv, real *sums) {
    int b = 0;
    for (; b + VECTORS_AT_ONCE * LANES <= P; b += VECTORS_AT_ONCE * LANES)
        streams_synapses_backward_block(list, packed, VECTORS_AT_ONCE, P, v + b, dnum + b, dden + b,
                                        dv + b, sums);
    for (; b < P; b += LANES)
        streams_synapses_backward_block(list, packed, 1, P, v + b, dnum + b, dden + b, dv + b,
                                        sums);
}

#endif
