/* Continuous-time RNN (Funahashi & Nakamura 1993), what the cells ctrnn, node, odelstm
 * and lstmctrnn integrate:
 *
 *   dh/dt = −h/τ + s ⊙ tanh(W x + U h + b)
 *
 * with x held over the elapsed time. Here is the equation for engine/solver.h, given the drive W x +
 * b; engine/cells/ctrnn_layer.h is the layer of ctrnn and node. */
#ifndef ENGINE_CTRNN_H
#define ENGINE_CTRNN_H

#include "engine/activation.h"
#include "engine/linear.h"
#include "engine/solver.h"
#include "math/matmul.h"

/* The equation for one sequence step. */
struct ctrnn_system {
    int batch, hidden;
    const real *weight_hh;     /* [H][H] U */
    const real *transposed_hh; /* [H][H] U transposed */
    const real *scale;         /* [H] s */
    const real *decay;         /* [H] 1/τ; 0: no decay */
    const real *drive;         /* [B][H] W x + b */
    real *dscale, *ddecay;     /* [H] each, += */
};

/* kept [B][H]: tanh(drive + U v). */
static inline void ctrnn_rate(const void *system, const real *v, real *kept, real *k) {
    const struct ctrnn_system *ode = system;
    int B = ode->batch, H = ode->hidden;
    copy((size_t)B * (size_t)H, ode->drive, kept);
    matmul_nn(B, H, H, v, H, ode->transposed_hh, H, kept, H, true);
    activate(TANH, (size_t)B * (size_t)H, kept, kept);
    for (int b = 0; b < B; b++, v += H, kept += H, k += H) {
#pragma omp simd
        for (int j = 0; j < H; j++)
            k[j] = ode->scale[j] * kept[j] - ode->decay[j] * v[j];
    }
}

/* Leaves in kept the gradient of the tanh's argument, which is that of the drive too. */
static inline void ctrnn_rate_backward(const void *system, const real *v, real *kept,
                                       const real *dk, real *dv) {
    const struct ctrnn_system *ode = system;
    int B = ode->batch, H = ode->hidden;
    for (int b = 0; b < B; b++) {
        size_t at = (size_t)b * (size_t)H;
        const real *v_b = v + at, *dk_b = dk + at;
        real *kept_b = kept + at, *dv_b = dv + at;
#pragma omp simd
        for (int j = 0; j < H; j++) {
            ode->dscale[j] += dk_b[j] * kept_b[j];
            ode->ddecay[j] -= dk_b[j] * v_b[j];
            dv_b[j] -= dk_b[j] * ode->decay[j];
            kept_b[j] = dk_b[j] * ode->scale[j] * (1 - kept_b[j] * kept_b[j]);
        }
    }
    matmul_nn(B, H, H, kept, H, ode->weight_hh, H, dv, H, true);
}

static inline struct ode ctrnn_ode(const struct ctrnn_system *system,
                                   const struct ode_options *options) {
    return (struct ode){
        .method = ode_method_at(options->solver),
        .unfolds = options->unfolds,
        .batch = system->batch,
        .width = system->hidden,
        .kept = (size_t)system->batch * (size_t)system->hidden,
        .system = system,
        .rate = ctrnn_rate,
        .rate_backward = ctrnn_rate_backward,
    };
}

/* After ode_step_backward() of sequence step t: the drive's gradient [B][H], the sum over the step's
 * evaluations. */
static inline void ctrnn_drive_gradient(const struct ode *ode, const struct ode_memory *memory,
                                        int t, real *ddrive) {
    const real *kept = ode_kept(ode, memory, t);
    zero(ode->kept, ddrive);
    for (size_t i = 0; i < ode_evaluations_before(ode, 1); i++)
        add(ode->kept, kept + ode->kept * i, ddrive);
}

/* After those of all T steps: dU. */
static inline void ctrnn_weight_gradient(const struct ode *ode, const struct ode_memory *memory,
                                         int T, real *dweight_hh) {
    int rows = (int)ode_evaluations_before(ode, T) * ode->batch, H = ode->width;
    matmul_tn(H, H, rows, memory->kept, H, memory->v, H, dweight_hh, H, true);
}

#endif
