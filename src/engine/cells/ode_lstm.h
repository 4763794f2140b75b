/* What the two cells of an LSTM and an ODE share: parameters, options, memory, the gates and the ODE's
 * system (Lechner & Hasani 2020). They differ in what each part reads. */
#ifndef ENGINE_CELLS_ODE_LSTM_H
#define ENGINE_CELLS_ODE_LSTM_H

#include "engine/cells/ctrnn_layer.h"

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

static inline const struct ode_options *ode_lstm_options_of(const struct cell *cell) {
    return &((const struct ode_lstm_options *)cell->options)->ode;
}

extern const struct field ISA_NAME(ode_lstm_fields)[];
#define ode_lstm_fields            ISA_NAME(ode_lstm_fields)
#define ode_lstm_declare           ISA_NAME(ode_lstm_declare)
#define ode_lstm_init              ISA_NAME(ode_lstm_init)
#define ode_lstm_take              ISA_NAME(ode_lstm_take)
#define ode_lstm_system            ISA_NAME(ode_lstm_system)
#define ode_lstm_begin             ISA_NAME(ode_lstm_begin)
#define ode_lstm_activate          ISA_NAME(ode_lstm_activate)
#define ode_lstm_activate_backward ISA_NAME(ode_lstm_activate_backward)

/* The LSTM reads `lstm_inputs` numbers beside h, the ODE `ode_inputs` beside its state. */
void ode_lstm_declare(struct cell *cell, struct param_list *list, int lstm_inputs, int ode_inputs);

/* As the authors' release: Keras' weights in both parts, s = 1. */
void ode_lstm_init(const struct cell *cell, real *params, gsl_rng *rng, int lstm_inputs,
                   int ode_inputs);

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

struct ode_lstm_memory ode_lstm_take(struct scratch *scratch, const struct cell *cell,
                                     int lstm_inputs, int ode_inputs, int T, int B,
                                     enum phase phase);

/* Its gradients go to `gradient` [parameters], NULL in a forward pass. */
struct ctrnn_system ode_lstm_system(const struct cell *cell, const real *params, int batch,
                                    const struct ode_lstm_memory *memory, real *gradient);

/* Transposes the weights and lets gates and drive start with what the LSTM reads of x, for all
 * steps at once. */
void ode_lstm_begin(const struct cell *cell, const real *params, const struct sequence *sequence,
                    int lstm_inputs, int ode_inputs, const struct ode_lstm_memory *memory);

/* Activates the gates of step t and writes the new c; the LSTM's output [B][H], which means nothing
 * for absent streams. */
void ode_lstm_activate(const struct sequence *sequence, int H, int t, real forget_bias,
                       const struct ode_lstm_memory *memory, real *output);

/* Back through it, given doutput [B][H], which becomes 0 where a stream is present: the gradients of
 * the gates' inputs and of the old c. */
void ode_lstm_activate_backward(const struct sequence *sequence, int H, int t,
                                const struct ode_lstm_memory *memory, real *doutput);

#endif
