/* What the two cells of an LSTM and an ODE share: parameters, options and the ODE's system
 * (Lechner & Hasani 2020). They differ in what each part reads. */
#ifndef ENGINE_ODE_LSTM_H
#define ENGINE_ODE_LSTM_H

#include "engine/cell.h"
#include "engine/ctrnn.h"
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

/* transposed_hh [H][H]; decay [H] ones, as the ODE's time constant is 1. */
static inline struct ctrnn_system ode_lstm_system(const struct cell *cell, const real *params,
                                                  const struct sequence *sequence,
                                                  const real *transposed_hh, const real *decay) {
    return (struct ctrnn_system){
        .batch = sequence->batch,
        .hidden = cell->hidden,
        .weight_hh = params + cell->offset[ODE_WEIGHT_HH],
        .transposed_hh = transposed_hh,
        .scale = params + cell->offset[ODE_SCALE],
        .decay = decay,
    };
}

#endif
