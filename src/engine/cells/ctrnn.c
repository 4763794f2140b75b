/* Continuous-time RNN; its equations are those of ctrnn_layer.h, which node shares. */
#include "engine/cells/ctrnn_layer.h"

#define AT(member) .offset = offsetof(struct ctrnn_options, member)
static const struct field ctrnn_fields[] = {
    ODE_FIELDS(struct ctrnn_options, "euler", 6),
    {"tau", FIELD_REAL, AT(tau), .fallback = "1", .min = 1e-6, .max = 1e6,
     .help = "Time constant of the decay, in units of elapsed time."},
    {"learn_tau", FIELD_BOOL, AT(learn_tau), .fallback = "false",
     .help = "Learn each unit's time constant, starting from tau."},
    {0},
};
#undef AT

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
    CTRNN_FUNCTIONS,
};
