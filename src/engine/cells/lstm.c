/* LSTM (Hochreiter & Schmidhuber 1997, with the forget gate of Gers et al. 2000), as torch.nn.LSTM;
 * on request with peepholes (Gers & Schmidhuber 2000). Equations in engine/cells/lstm_pass.h and
 * engine/lstm_gates.h. State: [h; c]. */
#include "engine/cells/lstm_pass.h"

#include "engine/cell.h"
#include "engine/isa.h"

struct lstm_options {
    double forget_bias;
    bool peephole;
};

#define AT(member) .offset = offsetof(struct lstm_options, member)
static const struct field lstm_fields[] = {
    {"forget_bias", FIELD_REAL, AT(forget_bias), .fallback = "0", .min = -100, .max = 100,
     .help = "Added to the forget gate's initial bias; 1 lets early gradients through."},
    {"peephole", FIELD_BOOL, AT(peephole), .fallback = "false",
     .help = "Let the gates see the memory cell, each unit its own."},
    {0},
};
#undef AT

static struct lstm_pass pass_of(const struct cell *cell) {
    const struct lstm_options *options = cell->options;
    return (struct lstm_pass){.has_peepholes = options->peephole};
}

static void declare(struct cell *cell, struct param_list *list) {
    lstm_declare(cell, list, pass_of(cell));
}

static void init(const struct cell *cell, real *params, gsl_rng *rng) {
    const struct lstm_options *options = cell->options;
    lstm_init(cell, params, rng, pass_of(cell), options->forget_bias);
}

static size_t workspace(const struct cell *cell, int steps, int batch, enum phase phase) {
    return lstm_memory(cell, steps, batch) +
           (phase == PHASE_TRAIN ? lstm_backward_scratch(cell, batch) : 0);
}

static void forward(const struct cell *cell, const real *params, const struct sequence *sequence,
                    real *y, real *final, real *memory) {
    lstm_forward(cell, params, sequence, pass_of(cell), y, final, memory);
}

static void backward(const struct cell *cell, const real *params, const struct sequence *sequence,
                     const struct cell_gradient *gradient, real *memory) {
    real *scratch = memory + lstm_memory(cell, sequence->steps, sequence->batch);
    lstm_backward(cell, params, sequence, pass_of(cell), gradient, memory, scratch);
}

const struct cell_type ISA_NAME(cell_lstm) = {
    .name = "lstm",
    .title = "LSTM",
    .citation = "Hochreiter & Schmidhuber, Long Short-Term Memory, Neural Computation 1997",
    .parameters = "4H(I + H + 2)",
    .states = 2,
    .options = lstm_fields,
    .options_size = sizeof(struct lstm_options),
    .streams = true,
    .torch_names = true,
    .declare = declare,
    .init = init,
    .workspace = workspace,
    .forward = forward,
    .backward = backward,
    .flops = lstm_flops,
};
