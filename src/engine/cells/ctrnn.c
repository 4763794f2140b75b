/* Continuous-time RNN; equations and code in engine/ctrnn.h and ctrnn_layer.h, which node shares. */
#include "engine/cells/ctrnn_layer.h"

static const struct field ctrnn_fields[] = {
    ODE_FIELDS(struct ctrnn_options, "euler", 6),
    {.name = "tau",
     .type = FIELD_REAL,
     .offset = offsetof(struct ctrnn_options, tau),
     .fallback = "1",
     .min = 1e-6,
     .max = 1e6,
     .help = "Time constant of the decay, in units of elapsed time."},
    {.name = "learn_tau",
     .type = FIELD_BOOL,
     .offset = offsetof(struct ctrnn_options, learn_tau),
     .fallback = "false",
     .help = "Learn each unit's time constant, starting from tau."},
    {0},
};

const struct cell_type ISA_NAME(cell_ctrnn) = {
    .name = "ctrnn",
    .title = "CT-RNN",
    .citation = "Funahashi & Nakamura, Approximation of dynamical systems by continuous time "
                "recurrent neural networks, Neural Networks 1993",
    .parameters = "H(I + H + 2)",
    .options = ctrnn_fields,
    .options_size = sizeof(struct ctrnn_options),
    .takes_time = true,
    .streams = true,
    .declare = ctrnn_declare,
    .init = ctrnn_init,
    .workspace = ctrnn_workspace,
    .forward = ctrnn_forward,
    .backward = ctrnn_backward,
    .flops = ctrnn_flops,
};
