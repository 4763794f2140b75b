/* The synapses of a liquid time-constant network (Hasani et al., AAAI 2021, eq. 1 and appendix):
 * every pair of a source j and a neuron i has a sigmoid of its own,
 *
 *   a_ji = w_ji · σ(γ_ji (v_j − μ_ji))      num_i += Σ_j a_ji e_ji      den_i += Σ_j a_ji
 *
 * (an LRC has a weight h_ji of its own in the place of w_ji e_ji).
 *
 * J sources, H neurons, B streams. The sigmoid is recomputed in the backward pass: that is cheaper
 * than keeping B·J·H numbers a step. There is one way where every pair is joined, and another for a
 * sparse wiring, which wants the arrays transposed for several streams. */
#ifndef ENGINE_CELLS_SYNAPSES_H
#define ENGINE_CELLS_SYNAPSES_H

#include "engine/isa.h"
#include "engine/kernels.h"
#include "math/vector.h"

/* Of J·H synapses each, or on a sparse wiring of as many as it has. An LTC has reversal potentials
 * e; an LRC a weight of its own in the numerator, h, in the place of w e. */
struct synapse_values {
    const real *sigma, *mu, *w; /* γ, μ, w */
    const real *erev, *h;       /* one of them is NULL */
};

struct synapse_gradient {
    real *sigma, *mu, *w, *erev, *h; /* += */
};

/* Where every pair is joined. */
struct full_synapses {
    int sources, targets; /* J, H */
    real *packed;
    real *sums;     /* backward only */
    real *dsources; /* backward only: [J][STREAMS_AT_ONCE][LANES] */
};

struct synapses {
    const struct synapse_list *list;
    int transposed; /* 0: arrays are [B][J], [B][H]; else this is P of arrays [J][P], [H][P] */
    struct synapse_values values; /* [J][H] each, or packed [count] */
    struct full_synapses full;    /* where every pair is joined */
    real *packed, *sums;          /* sparse, transposed */
    real *scratch;                /* sparse, not transposed: [2][count] */
};

/* P for a number of streams: whole vectors. */
static inline int padded_streams(int streams) {
    return (streams + LANES - 1) / LANES * LANES;
}

#define synapses_take           ISA_NAME(synapses_take)
#define synapses_take_backward  ISA_NAME(synapses_take_backward)
#define synapses_prepare        ISA_NAME(synapses_prepare)
#define synapses_begin_backward ISA_NAME(synapses_begin_backward)
#define synapses_end_backward   ISA_NAME(synapses_end_backward)
#define synapses_forward        ISA_NAME(synapses_forward)
#define synapses_backward       ISA_NAME(synapses_backward)

/* Gives the synapses their memory, then what only the backward pass needs. */
void synapses_take(struct synapses *synapses, const struct synapse_list *list, int transposed,
                   struct scratch *scratch);

void synapses_take_backward(struct synapses *synapses, struct scratch *scratch);

/* To be called whenever the parameters have changed, before synapses_forward(). */
void synapses_prepare(const struct synapses *synapses);

/* Around all calls of synapses_backward(): the parameters' gradients are whole after the second. */
void synapses_begin_backward(const struct synapses *synapses);

void synapses_end_backward(const struct synapses *synapses,
                           const struct synapse_gradient *gradient);

/* num, den += from the potentials v of the sources. */
void synapses_forward(const struct synapses *synapses, int B, const real *v, real *num, real *den);

/* Adds to dv and the parameters' gradients, given d loss / d num and / d den. */
void synapses_backward(const struct synapses *synapses, int B, const real *v, const real *dnum,
                       const real *dden, real *dv, const struct synapse_gradient *gradient);

#endif
