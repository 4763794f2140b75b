/* What the two cells of an LSTM and an ODE share: parameters, options, memory, the gates and the ODE's
 * system (Lechner & Hasani 2020). They differ in what each part reads. */
#ifndef ENGINE_ODE_LSTM_H
#define ENGINE_ODE_LSTM_H

#include "engine/cell.h"
#include "engine/ctrnn.h"
#include "engine/initial.h"
#include "engine/lstm_gates.h"

enum {
    WEIGHT_IH,
    WEIGHT_HH,
    BIAS,
    ODE_WEIGHT_IH,
    ODE_WEIGHT_HH,
    ODE_BIAS,
    ODE_SCALE,
};

struct ode_lstm_options {
    struct ode_options ode;
};

static const struct field ode_lstm_fields[] = {
    ODE_FIELDS(struct ode_lstm_options, "euler", 4),
    {0},
};

static inline const struct ode_options *ode_lstm_options_of(const struct cell *cell) {
    return &((const struct ode_lstm_options *)cell->options)->ode;
}

/* The LSTM reads `lstm_inputs` numbers beside h, the ODE `ode_inputs` beside its state. */
static inline void ode_lstm_declare(struct cell *cell, struct param_list *list, int lstm_inputs,
                                    int ode_inputs) {
    int H = cell->hidden;
    cell_param(cell, list, WEIGHT_IH, "weight_ih", 4 * H, lstm_inputs);
    cell_param(cell, list, WEIGHT_HH, "weight_hh", 4 * H, H);
    cell_param(cell, list, BIAS, "bias", 4 * H, 0);
    cell_param(cell, list, ODE_WEIGHT_IH, "ode.weight_ih", H, ode_inputs);
    cell_param(cell, list, ODE_WEIGHT_HH, "ode.weight_hh", H, H);
    cell_param(cell, list, ODE_BIAS, "ode.bias", H, 0);
    cell_param(cell, list, ODE_SCALE, "ode.scale", H, 0);
}

/* As the authors' release: Keras' weights in both parts, s = 1. */
static inline void ode_lstm_init(const struct cell *cell, real *params, gsl_rng *rng,
                                 int lstm_inputs, int ode_inputs) {
    const size_t *offset = cell->offset;
    int H = cell->hidden;
    fill_keras(rng, 4, lstm_inputs, H, params + offset[WEIGHT_IH], params + offset[WEIGHT_HH],
               params + offset[BIAS]);
    fill_keras(rng, 1, ode_inputs, H, params + offset[ODE_WEIGHT_IH],
               params + offset[ODE_WEIGHT_HH], params + offset[ODE_BIAS]);
    fill_constant(1, (size_t)H, params + offset[ODE_SCALE]);
}

struct ode_lstm_memory {
    struct transposed_weights transposed;     /* the LSTM's, of 4H rows */
    struct transposed_weights ode_transposed; /* the ODE's, of H rows */
    real *gates; /* [T][B][4H] activated; in backward() the gradients of their inputs */
    real *c;     /* [T+1][B][H] */
    real *drive; /* [T][B][H] what the ODE reads, weighted; in backward() its gradient */
    real *decay; /* [H] ones: the ODE's time constant is 1 */
    struct ode_memory ode;
    real *dc;     /* [B][H] backward only, as what follows */
    real *ddecay; /* [H], not wanted */
};

static inline struct ode_lstm_memory ode_lstm_take(struct scratch *scratch, const struct cell *cell,
                                                   int lstm_inputs, int ode_inputs, int T, int B,
                                                   enum phase phase) {
    size_t H = (size_t)cell->hidden, row = (size_t)B * H, steps = (size_t)T;
    bool trains = phase == PHASE_TRAIN;
    struct ode_lstm_memory memory;
    memory.transposed = transposed_take(scratch, 4 * cell->hidden, lstm_inputs, cell->hidden);
    memory.ode_transposed = transposed_take(scratch, cell->hidden, ode_inputs, cell->hidden);
    memory.gates = scratch_take(scratch, 4 * row * steps);
    memory.c = scratch_take(scratch, row * (steps + 1));
    memory.drive = scratch_take(scratch, row * steps);
    memory.decay = scratch_take(scratch, H);
    memory.ode = ode_take(scratch, ode_lstm_options_of(cell), T, B, cell->hidden, row, phase);
    memory.dc = scratch_take(scratch, trains ? row : 0);
    memory.ddecay = scratch_take(scratch, trains ? H : 0);
    return memory;
}

/* Its gradients go to `gradient` [parameters], NULL in a forward pass. */
static inline struct ctrnn_system ode_lstm_system(const struct cell *cell, const real *params,
                                                  int batch, const struct ode_lstm_memory *memory,
                                                  real *gradient) {
    return (struct ctrnn_system){
        .batch = batch,
        .hidden = cell->hidden,
        .weight_hh = params + cell->offset[ODE_WEIGHT_HH],
        .transposed_hh = memory->ode_transposed.hh,
        .scale = params + cell->offset[ODE_SCALE],
        .decay = memory->decay,
        .dscale = gradient != NULL ? gradient + cell->offset[ODE_SCALE] : NULL,
        .ddecay = memory->ddecay,
    };
}

/* Transposes the weights and lets gates and drive start with what the LSTM reads of x, for all
 * steps at once. */
static inline void ode_lstm_begin(const struct cell *cell, const real *params,
                                  const struct sequence *sequence, int lstm_inputs, int ode_inputs,
                                  const struct ode_lstm_memory *memory) {
    int rows = sequence->steps * sequence->batch, H = cell->hidden;
    const size_t *offset = cell->offset;
    fill_constant(1, (size_t)H, memory->decay);
    transposed_fill(sequence, 4 * H, lstm_inputs, H, params + offset[WEIGHT_IH],
                    params + offset[WEIGHT_HH], memory->transposed);
    transposed_fill(sequence, H, ode_inputs, H, params + offset[ODE_WEIGHT_IH],
                    params + offset[ODE_WEIGHT_HH], memory->ode_transposed);
    linear_transposed(rows, cell->inputs, 4 * H, sequence->x, memory->transposed.ih,
                      params + offset[BIAS], NULL, memory->gates, 4 * H);
}

/* Activates the gates of step t and writes the new c; the LSTM's output [B][H], which means nothing
 * for absent streams. */
static inline void ode_lstm_activate(const struct sequence *sequence, int H, int t,
                                     real forget_bias, const struct ode_lstm_memory *memory,
                                     real *output) {
    size_t row = (size_t)sequence->batch * (size_t)H;
    real *gates = memory->gates + 4 * row * (size_t)t, *c = memory->c + row * (size_t)t;
    for (int b = 0; b < sequence->batch; b++)
        lstm_activate(H, lstm_gates_at(H, gates + 4 * H * b), forget_bias, c + H * b,
                      c + row + H * b, output + H * b);
    hold_absent(sequence, t, H, c, c + row);
}

/* Back through it, given doutput [B][H], which becomes 0 where a stream is present: the gradients of
 * the gates' inputs and of the old c. */
static inline void ode_lstm_activate_backward(const struct sequence *sequence, int H, int t,
                                              const struct ode_lstm_memory *memory, real *doutput) {
    size_t row = (size_t)sequence->batch * (size_t)H;
    real *dgates = memory->gates + 4 * row * (size_t)t;
    const real *c = memory->c + row * (size_t)t;
    for (int b = 0; b < sequence->batch; b++) {
        if (is_absent(sequence, t, b)) {
            zero(4 * (size_t)H, dgates + 4 * H * b);
        } else {
            lstm_activate_backward(H, lstm_gates_at(H, dgates + 4 * H * b), c + H * b,
                                   c + row + H * b, doutput + H * b, memory->dc + H * b);
            zero((size_t)H, doutput + H * b);
        }
    }
}

#endif
