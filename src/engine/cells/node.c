/* Neural ODE, driven by the input as in an ODE-RNN (Chen et al. 2018; Rubanova et al. 2019): ctrnn
 * (ctrnn_layer.h) without the decay,
 *
 *   dh/dt = s ⊙ tanh(W x + U h + b)
 *
 * as in the LTC and ODE-LSTM authors' releases. State: h. */
#include "engine/cells/ctrnn_layer.h"

/* `tau` and `learn_tau` stay zero: no decay. */
static const struct field node_fields[] = {
    ODE_FIELDS(struct ctrnn_options, "rk4", 6),
    {0},
};

const struct cell_type ISA_NAME(cell_node) = {
    .name = "node",
    .title = "Neural ODE",
    .citation = "Chen et al., Neural Ordinary Differential Equations, NeurIPS 2018; Rubanova et "
                "al., Latent ODEs for Irregularly-Sampled Time Series, NeurIPS 2019",
    .parameters = "H(I + H + 2)",
    .options = node_fields,
    .options_size = sizeof(struct ctrnn_options),
    .takes_time = true,
    .streams = true,
    CTRNN_FUNCTIONS,
};
