/* The synapses of a liquid time-constant network (Hasani et al., AAAI 2021, eq. 1 and appendix):
 * every pair of a source j and a neuron i has a sigmoid of its own,
 *
 *   a_ji = w_ji · σ(γ_ji (v_j − μ_ji))      num_i += Σ_j a_ji e_ji      den_i += Σ_j a_ji
 *
 * Inline, so that each instruction set compiles its own. J sources, H neurons, B streams. The
 * sigmoid is computed again in the backward pass: that is cheaper than keeping B·J·H numbers a
 * step. */
#ifndef MODEL_SYNAPSES_H
#define MODEL_SYNAPSES_H

#include "math/pointwise.h"

#include <stddef.h>

struct synapses {
    const real *sigma, *mu, *w, *erev; /* γ, μ, w, e: [J][H] each */
};

struct synapse_gradient {
    real *sigma, *mu, *w, *erev; /* [J][H] each, += */
};

/* num, den [B][H] += from the potentials v [B][J] of the sources. */
static inline void synapses_forward(const struct synapses *synapses, int B, int J, int H,
                                    const real *v, real *num, real *den) {
    for (int j = 0; j < J; j++) {
        size_t at = (size_t)j * (size_t)H;
        const real *sigma = synapses->sigma + at, *mu = synapses->mu + at;
        const real *w = synapses->w + at, *erev = synapses->erev + at;
        for (int b = 0; b < B; b++) {
            real v_j = v[(size_t)b * (size_t)J + (size_t)j];
            real *num_b = num + (size_t)b * (size_t)H, *den_b = den + (size_t)b * (size_t)H;
#pragma omp simd
            for (int i = 0; i < H; i++) {
                real a = w[i] * real_sigmoid(sigma[i] * (v_j - mu[i]));
                num_b[i] += a * erev[i];
                den_b[i] += a;
            }
        }
    }
}

/* Adds to dv [B][J] and the parameters' gradients, given d loss / d num and / d den [B][H]. */
static inline void synapses_backward(const struct synapses *synapses, int B, int J, int H,
                                     const real *v, const real *dnum, const real *dden, real *dv,
                                     const struct synapse_gradient *gradient) {
    for (int j = 0; j < J; j++) {
        size_t at = (size_t)j * (size_t)H;
        const real *sigma = synapses->sigma + at, *mu = synapses->mu + at;
        const real *w = synapses->w + at, *erev = synapses->erev + at;
        real *dsigma = gradient->sigma + at, *dmu = gradient->mu + at;
        real *dw = gradient->w + at, *derev = gradient->erev + at;
        for (int b = 0; b < B; b++) {
            real v_j = v[(size_t)b * (size_t)J + (size_t)j], dv_j = 0;
            const real *dnum_b = dnum + (size_t)b * (size_t)H;
            const real *dden_b = dden + (size_t)b * (size_t)H;
#pragma omp simd reduction(+ : dv_j)
            for (int i = 0; i < H; i++) {
                real s = real_sigmoid(sigma[i] * (v_j - mu[i]));
                real da = dnum_b[i] * erev[i] + dden_b[i];
                real dinput = da * w[i] * s * (1 - s); /* of γ (v − μ) */
                dw[i] += da * s;
                derev[i] += dnum_b[i] * w[i] * s;
                dsigma[i] += dinput * (v_j - mu[i]);
                dmu[i] -= dinput * sigma[i];
                dv_j += dinput * sigma[i];
            }
            dv[(size_t)b * (size_t)J + (size_t)j] += dv_j;
        }
    }
}

#endif
