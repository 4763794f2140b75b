/* The synapses of a liquid time-constant network (Hasani et al., AAAI 2021, eq. 1 and appendix):
 * every pair of a source j and a neuron i has a sigmoid of its own,
 *
 *   a_ji = w_ji · σ(γ_ji (v_j − μ_ji))      num_i += Σ_j a_ji e_ji      den_i += Σ_j a_ji
 *
 * (an LRC has a weight h_ji of its own in the place of w_ji e_ji).
 *
 * Inline, so that each instruction set compiles its own. J sources, H neurons, B streams. The
 * sigmoid is recomputed in the backward pass: that is cheaper than keeping B·J·H numbers a
 * step.
 *
 * Where every pair is joined, engine/full_synapses.h does the work, on a sparse wiring
 * engine/sparse_synapses.h, which wants the arrays transposed for several streams. */
#ifndef ENGINE_SYNAPSES_H
#define ENGINE_SYNAPSES_H

#include "engine/full_synapses.h"
#include "engine/kernels.h"
#include "engine/sparse_synapses.h"

struct synapses {
    const struct synapse_list *list;
    int transposed; /* 0: arrays are [B][J], [B][H]; else this is P of arrays [J][P], [H][P] */
    struct synapse_values values; /* [J][H] each, or packed [count] */
    struct full_synapses full;    /* where every pair is joined */
    real *packed, *sums;          /* sparse, transposed */
    real *scratch;                /* sparse, not transposed: [2][count] */
};

/* Gives the synapses their memory, then what only the backward pass needs. */
static inline void synapses_take(struct synapses *synapses, const struct synapse_list *list,
                                 int transposed, struct scratch *scratch) {
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

static inline void synapses_take_backward(struct synapses *synapses, struct scratch *scratch) {
    const struct synapse_list *list = synapses->list;
    if (synapses_are_full(list)) {
        synapses->full.sums =
            scratch_take(scratch, full_synapses_packed_size(list->sources, list->targets));
        synapses->full.dsources = scratch_take(scratch, full_synapses_dsources_size(list->sources));
    } else if (synapses->transposed > 0) {
        synapses->sums = scratch_take(scratch, (size_t)list->count * SPARSE_SUMS * LANES);
    }
}

/* To be called whenever the parameters have changed, before synapses_forward(). */
static inline void synapses_prepare(const struct synapses *synapses) {
    if (synapses_are_full(synapses->list))
        full_synapses_pack(&synapses->full, &synapses->values);
    else if (synapses->transposed > 0)
        streams_synapses_pack(synapses->list, &synapses->values, synapses->packed);
}

/* Around all calls of synapses_backward(): the parameters' gradients are whole after the second. */
static inline void synapses_begin_backward(const struct synapses *synapses) {
    const struct synapse_list *list = synapses->list;
    if (synapses_are_full(list))
        zero(full_synapses_packed_size(list->sources, list->targets), synapses->full.sums);
    else if (synapses->transposed > 0)
        zero((size_t)list->count * SPARSE_SUMS * LANES, synapses->sums);
}

static inline void synapses_end_backward(const struct synapses *synapses,
                                         const struct synapse_gradient *gradient) {
    if (synapses_are_full(synapses->list))
        full_synapses_unpack(&synapses->full, &synapses->values, gradient);
    else if (synapses->transposed > 0)
        streams_synapses_unpack(synapses->list, &synapses->values, synapses->sums, gradient);
}

/* num, den += from the potentials v of the sources. */
static inline void synapses_forward(const struct synapses *synapses, int B, const real *v,
                                    real *num, real *den) {
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

/* Adds to dv and the parameters' gradients, given d loss / d num and / d den. */
static inline void synapses_backward(const struct synapses *synapses, int B, const real *v,
                                     const real *dnum, const real *dden, real *dv,
                                     const struct synapse_gradient *gradient) {
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

#endif
