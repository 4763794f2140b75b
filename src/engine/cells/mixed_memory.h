/* Mixed memory: an LSTM's memory cell around a liquid cell (Lechner & Hasani 2020; CfC-mmRNN of
 * Hasani et al. 2022). h is the liquid cell's state and takes the place of the LSTM's own:
 *
 *   [g i f o] = W x + V h + b
 *   c ← σ(f + forget_bias)⊙c + σ(i)⊙tanh(g)        u = σ(o)⊙tanh(c)
 *
 * and then, with u in place of the state, as ncps does:       h ← liquid(x, u, Δ)
 * or in place of the input, as the 2022 release does:         h ← liquid(u, h, Δ)
 *
 * State per stream: [h; c]. A liquid cell that computes parts of a sequence (forward_steps()) offers
 * it by a cell_type of its name and options, which its choose() gives:
 *
 *   {LTC_TYPE, MEMORY_FUNCTIONS, .inner = &ltc, .constants = &memory_of_ncps} */
#ifndef ENGINE_CELLS_MIXED_MEMORY_H
#define ENGINE_CELLS_MIXED_MEMORY_H

#include "engine/cell.h"
#include "engine/isa.h"

/* type->constants. */
struct memory_kind {
    bool feeds_input; /* u is the liquid cell's input, not the state it starts from */
    real forget_bias;
    real bias_bound; /* initial b: uniform within ± bias_bound */
};

extern const struct memory_kind ISA_NAME(memory_of_ncps), ISA_NAME(memory_of_hasani2022);
#define memory_of_ncps       ISA_NAME(memory_of_ncps)
#define memory_of_hasani2022 ISA_NAME(memory_of_hasani2022)

#define memory_configure ISA_NAME(memory_configure)
#define memory_declare   ISA_NAME(memory_declare)
#define memory_init      ISA_NAME(memory_init)
#define memory_workspace ISA_NAME(memory_workspace)
#define memory_forward   ISA_NAME(memory_forward)
#define memory_backward  ISA_NAME(memory_backward)
#define memory_constrain ISA_NAME(memory_constrain)
#define memory_flops     ISA_NAME(memory_flops)

bool memory_configure(struct cell *cell, struct error *error);
void memory_declare(struct cell *cell, struct param_list *list);
void memory_init(const struct cell *cell, real *params, gsl_rng *rng);
size_t memory_workspace(const struct cell *cell, int steps, int batch, enum phase phase);
void memory_forward(const struct cell *cell, const real *params, const struct sequence *sequence,
                    real *y, real *final, real *workspace);
void memory_backward(const struct cell *cell, const real *params, const struct sequence *sequence,
                     const struct cell_gradient *gradient, real *workspace);
void memory_constrain(const struct cell *cell, real *params);
double memory_flops(const struct cell *cell);

#define MEMORY_FUNCTIONS                                                                           \
    .configure = memory_configure, .declare = memory_declare, .init = memory_init,                 \
    .workspace = memory_workspace, .forward = memory_forward, .backward = memory_backward,         \
    .constrain = memory_constrain, .flops = memory_flops

#endif
