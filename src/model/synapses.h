/* The synapses of a liquid time-constant network (Hasani et al., AAAI 2021, eq. 1 and appendix):
 * every pair of a source j and a neuron i has a sigmoid of its own,
 *
 *   a_ji = w_ji · σ(γ_ji (v_j − μ_ji))      num_i += Σ_j a_ji e_ji      den_i += Σ_j a_ji
 *
 * Inline, so that each instruction set compiles its own. J sources, H neurons, B streams. The
 * sigmoid is computed again in the backward pass: that is cheaper than keeping B·J·H numbers a
 * step.
 *
 * Where every pair is joined, model/full_synapses.h does the work. A sparse wiring's synapses are
 * packed (model/wiring.h), and the work is in proportion to their number: each stream's synapses
 * are computed side by side, then summed by target. */
#ifndef MODEL_SYNAPSES_H
#define MODEL_SYNAPSES_H

#include "math/pointwise.h"
#include "model/full_synapses.h"
#include "model/kernels.h"
#include "model/wiring.h"

#include <stddef.h>

struct synapses {
    const struct synapse_list *list;
    const real *sigma, *mu, *w, *erev; /* γ, μ, w, e: [J][H] each, or packed [count] */
    struct full_synapses full;         /* where every pair is joined */
    real *scratch;                     /* sparse: [2][count] */
};

struct synapse_gradient {
    real *sigma, *mu, *w, *erev; /* [J][H] each, or packed [count], += */
};

/* Gives the synapses their memory, and what only the way back needs. */
static inline void synapses_take(struct synapses *synapses, const struct synapse_list *list,
                                 struct scratch *scratch) {
    int J = list->sources, H = list->targets;
    synapses->list = list;
    synapses->full = (struct full_synapses){.sources = J, .targets = H};
    if (synapses_are_full(list))
        synapses->full.packed = scratch_take(scratch, full_synapses_packed_size(J, H));
    else
        synapses->scratch = scratch_take(scratch, 2 * (size_t)list->count);
}

static inline void synapses_take_backward(struct synapses *synapses, struct scratch *scratch) {
    int J = synapses->list->sources, H = synapses->list->targets;
    if (!synapses_are_full(synapses->list))
        return;
    synapses->full.sums = scratch_take(scratch, full_synapses_packed_size(J, H));
    synapses->full.dsources = scratch_take(scratch, full_synapses_dsources_size(J));
}

/* To be called whenever the parameters have changed, before synapses_forward(). */
static inline void synapses_prepare(const struct synapses *synapses) {
    if (synapses_are_full(synapses->list))
        full_synapses_pack(&synapses->full, synapses->sigma, synapses->mu, synapses->w,
                           synapses->erev);
}

/* Around all calls of synapses_backward(): the parameters' gradients are whole after the second. */
static inline void synapses_begin_backward(const struct synapses *synapses) {
    if (synapses_are_full(synapses->list))
        zero(full_synapses_packed_size(synapses->list->sources, synapses->list->targets),
             synapses->full.sums);
}

static inline void synapses_end_backward(const struct synapses *synapses,
                                         const struct synapse_gradient *gradient) {
    if (synapses_are_full(synapses->list))
        full_synapses_unpack(&synapses->full, synapses->sigma, synapses->mu, synapses->w,
                             synapses->erev, gradient->sigma, gradient->mu, gradient->w,
                             gradient->erev);
}

static inline void sparse_synapses_forward(const struct synapses *synapses, int B, const real *v,
                                           real *num, real *den) {
    const struct synapse_list *list = synapses->list;
    const int *source = list->source, *first = list->first;
    const real *sigma = synapses->sigma, *mu = synapses->mu, *w = synapses->w;
    const real *erev = synapses->erev;
    real *a = synapses->scratch, *ae = a + list->count;
    for (int b = 0; b < B; b++, v += list->sources, num += list->targets, den += list->targets) {
#pragma omp simd
        for (int s = 0; s < list->count; s++) {
            a[s] = w[s] * real_sigmoid(sigma[s] * (v[source[s]] - mu[s]));
            ae[s] = a[s] * erev[s];
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
}

static inline void sparse_synapses_backward(const struct synapses *synapses, int B, const real *v,
                                            const real *dnum, const real *dden, real *dv,
                                            const struct synapse_gradient *gradient) {
    const struct synapse_list *list = synapses->list;
    const int *source = list->source, *target = list->target;
    const real *sigma = synapses->sigma, *mu = synapses->mu, *w = synapses->w;
    const real *erev = synapses->erev;
    real *dsigma = gradient->sigma, *dmu = gradient->mu, *dw = gradient->w, *derev = gradient->erev;
    real *dsource = synapses->scratch;
    for (int b = 0; b < B; b++) {
#pragma omp simd
        for (int s = 0; s < list->count; s++) {
            real above = v[source[s]] - mu[s], y = real_sigmoid(sigma[s] * above);
            real dnum_s = dnum[target[s]], da = dnum_s * erev[s] + dden[target[s]];
            real dinput = da * w[s] * y * (1 - y); /* of γ (v − μ) */
            dw[s] += da * y;
            derev[s] += dnum_s * w[s] * y;
            dsigma[s] += dinput * above;
            dsource[s] = dinput * sigma[s];
            dmu[s] -= dsource[s];
        }
        for (int s = 0; s < list->count; s++)
            dv[source[s]] += dsource[s];
        v += list->sources;
        dv += list->sources;
        dnum += list->targets;
        dden += list->targets;
    }
}

/* num, den [B][H] += from the potentials v [B][J] of the sources. */
static inline void synapses_forward(const struct synapses *synapses, int B, const real *v,
                                    real *num, real *den) {
    if (synapses_are_full(synapses->list))
        full_synapses_forward(&synapses->full, B, v, num, den);
    else
        sparse_synapses_forward(synapses, B, v, num, den);
}

/* Adds to dv [B][J] and the parameters' gradients, given d loss / d num and / d den [B][H]. */
static inline void synapses_backward(const struct synapses *synapses, int B, const real *v,
                                     const real *dnum, const real *dden, real *dv,
                                     const struct synapse_gradient *gradient) {
    if (synapses_are_full(synapses->list))
        full_synapses_backward(&synapses->full, B, v, dnum, dden, dv);
    else
        sparse_synapses_backward(synapses, B, v, dnum, dden, dv, gradient);
}

#endif
