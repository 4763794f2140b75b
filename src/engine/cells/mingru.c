/* minGRU (Feng et al. 2024): a GRU whose gate sees the input alone, without a reset gate; the
 * recurrence is that of engine/cells/minimal_rnn.h with
 *
 *   z = σ(W_z x + b_z)
 *
 * State: h. */
#include "engine/cells/minimal_rnn.h"

#include "engine/activation.h"
#include "engine/kernels.h"

static const struct field mingru_fields[] = {MINIMAL_FIELDS, {0}};

static void open(int n, int H, const real *rows, real *z) {
    for (int row = 0; row < n; row++, rows += 2 * H, z += H)
        sigmoid_all((size_t)H, rows + H, z);
}

static void open_backward(int n, int H, const real *dgate, real *rows) {
    for (int row = 0; row < n; row++)
        copy((size_t)H, dgate + (size_t)row * (size_t)H, rows + (size_t)(2 * row + 1) * (size_t)H);
}

static const struct minimal minimal = {
    .blocks = 2,
    .weight = "to_hidden_and_gate.weight",
    .bias = "to_hidden_and_gate.bias",
    .open = open,
    .open_backward = open_backward,
};

MINIMAL_FUNCTIONS

static void init(const struct cell *cell, real *params, gsl_rng *rng) {
    minimal_init(cell, &minimal, params, rng);
}

static double flops(const struct cell *cell) {
    double H = cell->hidden, I = cell->inputs;
    return 2 * 2 * H * I + 24 * H;
}

const struct cell_type ISA_NAME(cell_mingru) = {
    .name = "mingru",
    .title = "minGRU",
    .citation = "Feng, Tung, Ahmed, Bengio & Hajimirsadeghi, Were RNNs all we needed?, 2024",
    .parameters = "2H(I + 1)",
    .options = mingru_fields,
    .options_size = sizeof(struct minimal_options),
    .streams = true,
    CELL_FUNCTIONS,
};
