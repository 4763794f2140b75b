/* Continuous-time RNN (Funahashi & Nakamura 1993), what the cells ctrnn, node, odelstm and lstmctrnn
 * integrate:
 *
 *   dh/dt = −h/τ + s ⊙ tanh(W x + U h + b)
 *
 * with x held over the elapsed time. First the layer of ctrnn and node, whose state is h and which in
 * node has no −h/τ; then the equation for solver.h, given the drive W x + b. */
#ifndef ENGINE_CELLS_CTRNN_LAYER_H
#define ENGINE_CELLS_CTRNN_LAYER_H

#include "engine/cells/solver.h"
#include "engine/linear.h"

struct ctrnn_options {
    struct ode_options ode;
    double tau;     /* 0: no −h/τ */
    bool learn_tau; /* then `tau` is where it starts */
};

#define ctrnn_workspace       ISA_NAME(ctrnn_workspace)
#define ctrnn_declare         ISA_NAME(ctrnn_declare)
#define ctrnn_init            ISA_NAME(ctrnn_init)
#define ctrnn_forward         ISA_NAME(ctrnn_forward)
#define ctrnn_backward        ISA_NAME(ctrnn_backward)
#define ctrnn_flops           ISA_NAME(ctrnn_flops)
#define ctrnn_ode             ISA_NAME(ctrnn_ode)
#define ctrnn_drive_gradient  ISA_NAME(ctrnn_drive_gradient)
#define ctrnn_weight_gradient ISA_NAME(ctrnn_weight_gradient)

/* The functions of struct cell_type. */
void ctrnn_declare(struct cell *cell, struct param_list *list);
/* As the ODE-LSTM release (Lechner & Hasani 2020): Keras' weights, s = 1. */
void ctrnn_init(const struct cell *cell, real *params, gsl_rng *rng);
size_t ctrnn_workspace(const struct cell *cell, int T, int B, enum phase phase);
void ctrnn_forward(const struct cell *cell, const real *params, const struct sequence *sequence,
                   real *y, real *final, real *memory);
void ctrnn_backward(const struct cell *cell, const real *params, const struct sequence *sequence,
                    const struct cell_gradient *gradient, real *memory);
double ctrnn_flops(const struct cell *cell);

#define CTRNN_FUNCTIONS                                                                            \
    .declare = ctrnn_declare, .init = ctrnn_init, .workspace = ctrnn_workspace,                    \
    .forward = ctrnn_forward, .backward = ctrnn_backward, .flops = ctrnn_flops

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

struct ode ctrnn_ode(const struct ctrnn_system *system, const struct ode_options *options);

/* After ode_step_backward() of sequence step t: the drive's gradient [B][H], the sum over the step's
 * evaluations. */
void ctrnn_drive_gradient(const struct ode *ode, const struct ode_memory *memory, int t,
                          real *ddrive);

/* After those of all T steps: dU. */
void ctrnn_weight_gradient(const struct ode *ode, const struct ode_memory *memory, int T,
                           real *dweight_hh);

#endif
