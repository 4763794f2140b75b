#include "engine/cells/ode_lstm.h"

#include "engine/initial.h"
#include "engine/lstm_gates.h"

const struct field ode_lstm_fields[] = {
    ODE_FIELDS(struct ode_lstm_options, "euler", 4),
    {0},
};

void ode_lstm_declare(struct cell *cell, struct param_list *list, int lstm_inputs, int ode_inputs) {
    int H = cell->hidden;
    cell_param(cell, list, WEIGHT_IH, "weight_ih", 4 * H, lstm_inputs);
    cell_param(cell, list, WEIGHT_HH, "weight_hh", 4 * H, H);
    cell_param(cell, list, BIAS, "bias", 4 * H, 0);
    cell_param(cell, list, ODE_WEIGHT_IH, "ode.weight_ih", H, ode_inputs);
    cell_param(cell, list, ODE_WEIGHT_HH, "ode.weight_hh", H, H);
    cell_param(cell, list, ODE_BIAS, "ode.bias", H, 0);
    cell_param(cell, list, ODE_SCALE, "ode.scale", H, 0);
}

void ode_lstm_init(const struct cell *cell, real *params, gsl_rng *rng, int lstm_inputs,
                   int ode_inputs) {
    const size_t *offset = cell->offset;
    int H = cell->hidden;
    fill_keras(rng, 4, lstm_inputs, H, params + offset[WEIGHT_IH], params + offset[WEIGHT_HH],
               params + offset[BIAS]);
    fill_keras(rng, 1, ode_inputs, H, params + offset[ODE_WEIGHT_IH],
               params + offset[ODE_WEIGHT_HH], params + offset[ODE_BIAS]);
    fill_constant(1, (size_t)H, params + offset[ODE_SCALE]);
}

struct ode_lstm_memory ode_lstm_take(struct scratch *scratch, const struct cell *cell,
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

struct ctrnn_system ode_lstm_system(const struct cell *cell, const real *params, int batch,
                                    const struct ode_lstm_memory *memory, real *gradient) {
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

void ode_lstm_begin(const struct cell *cell, const real *params, const struct sequence *sequence,
                    int lstm_inputs, int ode_inputs, const struct ode_lstm_memory *memory) {
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

void ode_lstm_activate(const struct sequence *sequence, int H, int t, real forget_bias,
                       const struct ode_lstm_memory *memory, real *output) {
    size_t row = (size_t)sequence->batch * (size_t)H;
    real *gates = memory->gates + 4 * row * (size_t)t, *c = memory->c + row * (size_t)t;
    for (int b = 0; b < sequence->batch; b++)
        lstm_activate(H, lstm_gates_at(H, gates + 4 * H * b), forget_bias, c + H * b,
                      c + row + H * b, output + H * b);
    hold_absent(sequence, t, H, c, c + row);
}

void ode_lstm_activate_backward(const struct sequence *sequence, int H, int t,
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
