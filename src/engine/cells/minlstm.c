/* minLSTM (Feng et al. 2024): an LSTM whose gates see the input alone, normalised to add up to 1;
 * the recurrence is that of engine/cells/minimal_rnn.h with
 *
 *   z = σ(i) / (σ(f) + σ(i))         f = W_f x + b_f         i = W_i x + b_i
 *     = σ(k)                         k = ln(1 + e^−f) − ln(1 + e^−i)
 *
 * Rows of the weights: W_h, W_f, W_i. State: h. */
#include "engine/cells/minimal_rnn.h"

#include "engine/kernels.h"
#include "math/pointwise.h"

#define AT(member) .offset = offsetof(struct minimal_options, member)
static const struct field minlstm_fields[] = {
    MINIMAL_FIELDS,
    {"forget_bias", FIELD_REAL, AT(forget_bias), .fallback = "0", .min = -100, .max = 100,
     .help = "Added to the forget gate's initial bias; 1 lets early gradients through."},
    {0},
};
#undef AT

static bool configure(struct cell *cell, struct error *error) {
    const struct minimal_options *options = minimal_options_of(cell);
    if (!options->bias && options->forget_bias != 0)
        return error_set(error, "forget_bias is added to a bias: leave it 0, or set bias to true");
    return true;
}

/* z = (1 + e^−f) / ((1 + e^−f) + (1 + e^−i)) with all terms over e^m, the largest of them: no sum
 * is 0 or infinite, however far below 0 the gates are. */
static void open(int n, int H, const real *rows, real *z) {
    for (int row = 0; row < n; row++, rows += 3 * H, z += H) {
        const real *f = rows + H, *i = rows + 2 * H;
#pragma omp simd
        for (int j = 0; j < H; j++) {
            real m = f[j] < i[j] ? -f[j] : -i[j];
            m = m < 0 ? 0 : m;
            real one = real_exp(-m);
            real from_f = one + real_exp(-f[j] - m), from_i = one + real_exp(-i[j] - m);
            z[j] = from_f / (from_f + from_i);
        }
    }
}

/* ∂k/∂f = −σ(−f), ∂k/∂i = σ(−i). */
static void open_backward(int n, int H, const real *dgate, real *rows) {
    for (int row = 0; row < n; row++, rows += 3 * H, dgate += H) {
        real *f = rows + H, *i = rows + 2 * H;
#pragma omp simd
        for (int j = 0; j < H; j++) {
            f[j] = -dgate[j] * real_sigmoid(-f[j]);
            i[j] = dgate[j] * real_sigmoid(-i[j]);
        }
    }
}

static const struct minimal minimal = {
    .blocks = 3,
    .weight = "to_hidden_and_f_i_gate.weight",
    .bias = "to_hidden_and_f_i_gate.bias",
    .open = open,
    .open_backward = open_backward,
};

MINIMAL_FUNCTIONS

static void init(const struct cell *cell, real *params, gsl_rng *rng) {
    minimal_init(cell, &minimal, params, rng);
    for (int j = 0; j < cell->hidden && minimal_options_of(cell)->bias; j++)
        params[cell->offset[MINIMAL_BIAS] + (size_t)(cell->hidden + j)] +=
            (real)minimal_options_of(cell)->forget_bias;
}

static double flops(const struct cell *cell) {
    double H = cell->hidden, I = cell->inputs;
    return 2 * 3 * H * I + 44 * H;
}

const struct cell_type ISA_NAME(cell_minlstm) = {
    .name = "minlstm",
    .title = "minLSTM",
    .citation = "Feng, Tung, Ahmed, Bengio & Hajimirsadeghi, Were RNNs all we needed?, 2024",
    .parameters = "3H(I + 1)",
    .options = minlstm_fields,
    .options_size = sizeof(struct minimal_options),
    .streams = true,
    .configure = configure,
    CELL_FUNCTIONS,
};
