/* What state-space layers have around them: a map of the inputs to H channels, and a residual block
 * (Orvieto et al. 2023; Rusch & Rus 2025; Farsang et al. 2025). With v the layer inside, which
 * reads H channels and writes M, and x the block's input after the encoder:
 *
 *   u = linear_encoder x       layer 0, and any other whose I ≠ H
 *
 *   none:     y = v(x)
 *   glu:      y = x + drop(GLU(drop(gelu(v(norm(x))))))      GLU(a) = (W₁ a + b₁) ⊙ σ(W₂ a + b₂)
 *             y = norm(x + drop(GLU(drop(gelu(v(x))))))      placed behind ("post")
 *   mlp:      r = norm(x)     y = norm(v(r) + r)    y ← y + M(y)       where M = H
 *                             y = norm(M(v(r)) + r)                    where M ≠ H
 *             M(a) = W₂ relu(W₁ a + b₁) + b₂
 *
 * gelu is its tanh form. An absent step holds the state inside and repeats the output. State: that
 * of the layer inside, then the last y. */
#ifndef ENGINE_CELLS_RESIDUAL_BLOCK_H
#define ENGINE_CELLS_RESIDUAL_BLOCK_H

#include "engine/cell.h"
#include "engine/isa.h"

#include <stddef.h>

/* As a config says it: a preset, and what differs from it; 0 (dropout: −1): as the preset. The first
 * member of the cell's options. */
struct block_options {
    int type, norm, place, gate;
    bool skip;
    double dropout;
};

extern const struct field ISA_NAME(block_fields)[];
#define block_fields ISA_NAME(block_fields)

/* The line for the cell's field table; `options` is that struct, and the member called `block`. */
#define BLOCK_FIELD(options, preset)                                                               \
    {                                                                                              \
        .name = "block", .type = FIELD_OBJECT, .offset = offsetof(options, block),                 \
        .fallback = "\"" preset "\"", .fields = block_fields, .has_short_form = true,              \
        .help = "The residual block around the layer: a preset's name, or an object that says "    \
                "what differs from a preset."                                                      \
    }

#define block_is_wanted ISA_NAME(block_is_wanted)
#define block_configure ISA_NAME(block_configure)
#define block_declare   ISA_NAME(block_declare)
#define block_init      ISA_NAME(block_init)
#define block_workspace ISA_NAME(block_workspace)
#define block_forward   ISA_NAME(block_forward)
#define block_backward  ISA_NAME(block_backward)
#define block_flops     ISA_NAME(block_flops)

bool block_is_wanted(const struct block_options *options);

bool block_configure(struct cell *cell, struct error *error);
void block_declare(struct cell *cell, struct param_list *list);
void block_init(const struct cell *cell, real *params, gsl_rng *rng);
size_t block_workspace(const struct cell *cell, int steps, int batch, enum phase phase);
void block_forward(const struct cell *cell, const real *params, const struct sequence *sequence,
                   real *y, real *final, real *memory);
void block_backward(const struct cell *cell, const real *params, const struct sequence *sequence,
                    const struct cell_gradient *gradient, real *memory);
double block_flops(const struct cell *cell);

/* Of a type whose .inner is the layer inside, which reads H channels. */
#define BLOCK_FUNCTIONS                                                                            \
    .configure = block_configure, .declare = block_declare, .init = block_init,                    \
    .workspace = block_workspace, .forward = block_forward, .backward = block_backward,            \
    .flops = block_flops

#endif
