#include "engine/cells/synapses.h"

enum { STREAMS_AT_ONCE = 4, SPARSE_PACKED = 5, SPARSE_SUMS = 4, VECTORS_AT_ONCE = 4 };

/* What synapse n weighs its sigmoid with in the numerator. */
static real synapse_product(const struct synapse_values *values, size_t n) {
    return values->h != NULL ? values->h[n] : values->w[n] * values->erev[n];
}

/* Adds what the sums of synapse n amount to, in the order in which they stand below. */
static void synapse_add_gradient(const struct synapse_values *values, size_t n, real p, real pv,
                                 real den, real num, const struct synapse_gradient *gradient) {
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

/* --- every pair joined ------------------------------------------------------------------------ */

/* The hot loop of a liquid network, so it is laid out for vectors by hand.
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

static int tiles_of(int targets) {
    return (targets + LANES - 1) / LANES;
}

static size_t full_synapses_packed_size(int J, int H) {
    return (size_t)tiles_of(H) * (size_t)J * 4 * LANES;
}

static size_t full_synapses_dsources_size(int J) {
    return (size_t)J * STREAMS_AT_ONCE * LANES;
}

/* Where the packed numbers of source j and neuron i are: first of four, LANES apart. */
static size_t packed_position(int J, int j, int i) {
    return ((size_t)(i / LANES) * (size_t)J + (size_t)j) * 4 * LANES + (size_t)(i % LANES);
}

static void full_synapses_pack(const struct full_synapses *synapses,
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
static void full_synapses_unpack(const struct full_synapses *synapses,
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
static void full_synapses_forward(const struct full_synapses *synapses, int B, const real *v,
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
static void full_synapses_backward(const struct full_synapses *synapses, int B, const real *v,
                                   const real *dnum, const real *dden, real *dv) {
    int J = synapses->sources, H = synapses->targets, b = 0;
    for (; b + STREAMS_AT_ONCE <= B; b += STREAMS_AT_ONCE)
        full_synapses_backward_block(synapses, STREAMS_AT_ONCE, v + b * J, dnum + b * H,
                                     dden + b * H, dv + b * J);
    for (; b < B; b++)
        full_synapses_backward_block(synapses, 1, v + b * J, dnum + b * H, dden + b * H,
                                     dv + b * J);
}

/* --- a sparse wiring -------------------------------------------------------------------------- */

/* Work in proportion to the number of synapses.
 *
 * One stream: all synapses side by side, then summed by target. Several streams: streams side by
 * side, one synapse after the other, with the arrays transposed, [J][P] and [H][P], where P is
 * the number of streams rounded up to whole vectors (what is beyond the last stream is computed
 * too and means nothing). The parameters are then packed as the loop needs them,
 *
 *   packed [count][5]:           −γ log₂e,   γ μ log₂e,   w,   w e,   γ
 *   a = w / (1 + 2^(packed₀ v + packed₁))
 *
 * and four sums of each synapse gather over all streams and steps in the backward pass, as
 * above. */

/* num, den [H] += from v [J]; scratch [2][count]. */
static void stream_synapses_forward(const struct synapse_list *list,
                                    const struct synapse_values *values, const real *v, real *num,
                                    real *den, real *scratch) {
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
static void stream_synapses_backward(const struct synapse_list *list,
                                     const struct synapse_values *values, const real *v,
                                     const real *dnum, const real *dden, real *dv,
                                     const struct synapse_gradient *gradient, real *scratch) {
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

static void streams_synapses_pack(const struct synapse_list *list,
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
static void streams_synapses_unpack(const struct synapse_list *list,
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
static void streams_synapses_forward(const struct synapse_list *list, const real *packed, int P,
                                     const real *v, real *num, real *den) {
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
static void streams_synapses_backward(const struct synapse_list *list, const real *packed, int P,
                                      const real *v, const real *dnum, const real *dden, real *dv,
                                      real *sums) {
    int b = 0;
    for (; b + VECTORS_AT_ONCE * LANES <= P; b += VECTORS_AT_ONCE * LANES)
        streams_synapses_backward_block(list, packed, VECTORS_AT_ONCE, P, v + b, dnum + b, dden + b,
                                        dv + b, sums);
    for (; b < P; b += LANES)
        streams_synapses_backward_block(list, packed, 1, P, v + b, dnum + b, dden + b, dv + b,
                                        sums);
}

/* --- either ----------------------------------------------------------------------------------- */

void synapses_take(struct synapses *synapses, const struct synapse_list *list, int transposed,
                   struct scratch *scratch) {
    int J = list->sources, H = list->targets;
    synapses->list = list;
    synapses->transposed = transposed;
    synapses->full = (struct full_synapses){.sources = J, .targets = H};
    if (synapses_are_full(list))
        synapses->full.packed = scratch_take(scratch, full_synapses_packed_size(J, H));
    else if (transposed > 0)
        synapses->packed = scratch_take(scratch, (size_t)list->count * SPARSE_PACKED);
    else
        synapses->scratch = scratch_take(scratch, 2 * (size_t)list->count);
}

void synapses_take_backward(struct synapses *synapses, struct scratch *scratch) {
    const struct synapse_list *list = synapses->list;
    if (synapses_are_full(list)) {
        synapses->full.sums =
            scratch_take(scratch, full_synapses_packed_size(list->sources, list->targets));
        synapses->full.dsources = scratch_take(scratch, full_synapses_dsources_size(list->sources));
    } else if (synapses->transposed > 0) {
        synapses->sums = scratch_take(scratch, (size_t)list->count * SPARSE_SUMS * LANES);
    }
}

void synapses_prepare(const struct synapses *synapses) {
    if (synapses_are_full(synapses->list))
        full_synapses_pack(&synapses->full, &synapses->values);
    else if (synapses->transposed > 0)
        streams_synapses_pack(synapses->list, &synapses->values, synapses->packed);
}

void synapses_begin_backward(const struct synapses *synapses) {
    const struct synapse_list *list = synapses->list;
    if (synapses_are_full(list))
        zero(full_synapses_packed_size(list->sources, list->targets), synapses->full.sums);
    else if (synapses->transposed > 0)
        zero((size_t)list->count * SPARSE_SUMS * LANES, synapses->sums);
}

void synapses_end_backward(const struct synapses *synapses,
                           const struct synapse_gradient *gradient) {
    if (synapses_are_full(synapses->list))
        full_synapses_unpack(&synapses->full, &synapses->values, gradient);
    else if (synapses->transposed > 0)
        streams_synapses_unpack(synapses->list, &synapses->values, synapses->sums, gradient);
}

void synapses_forward(const struct synapses *synapses, int B, const real *v, real *num, real *den) {
    const struct synapse_list *list = synapses->list;
    if (synapses_are_full(list))
        full_synapses_forward(&synapses->full, B, v, num, den);
    else if (synapses->transposed > 0)
        streams_synapses_forward(list, synapses->packed, synapses->transposed, v, num, den);
    else
        for (int b = 0; b < B; b++)
            stream_synapses_forward(list, &synapses->values, v + b * list->sources,
                                    num + b * list->targets, den + b * list->targets,
                                    synapses->scratch);
}

void synapses_backward(const struct synapses *synapses, int B, const real *v, const real *dnum,
                       const real *dden, real *dv, const struct synapse_gradient *gradient) {
    const struct synapse_list *list = synapses->list;
    if (synapses_are_full(list))
        full_synapses_backward(&synapses->full, B, v, dnum, dden, dv);
    else if (synapses->transposed > 0)
        streams_synapses_backward(list, synapses->packed, synapses->transposed, v, dnum, dden, dv,
                                  synapses->sums);
    else
        for (int b = 0; b < B; b++)
            stream_synapses_backward(list, &synapses->values, v + b * list->sources,
                                     dnum + b * list->targets, dden + b * list->targets,
                                     dv + b * list->sources, gradient, synapses->scratch);
}
