/* The layer that the cells ctrnn and node share: engine/ctrnn.h over a whole sequence; node has no
 * −h/τ. State: h. */
#ifndef ENGINE_CELLS_CTRNN_LAYER_H
#define ENGINE_CELLS_CTRNN_LAYER_H

#include "engine/cell.h"
#include "engine/ctrnn.h"
#include "engine/isa.h"

struct ctrnn_options {
    struct ode_options ode;
    double tau;     /* 0: no −h/τ */
    bool learn_tau; /* then `tau` is where it starts */
};

#define ctrnn_workspace ISA_NAME(ctrnn_workspace)
#define ctrnn_declare   ISA_NAME(ctrnn_declare)
#define ctrnn_init      ISA_NAME(ctrnn_init)
#define ctrnn_forward   ISA_NAME(ctrnn_forward)
#define ctrnn_backward  ISA_NAME(ctrnn_backward)
#define ctrnn_flops     ISA_NAME(ctrnn_flops)

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

#endif
