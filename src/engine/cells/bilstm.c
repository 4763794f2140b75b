/* Bidirectional LSTM (Graves & Schmidhuber 2005), as torch.nn.LSTM(bidirectional=True): one pass
 * (engine/cells/lstm_pass.h) from the first step to the last and one from the last to the first, each with
 * weights of its own; y = [h forward; h backward]. It reads ahead, so it does not stream. State:
 * [h; c] of the forward pass, then of the backward one, whose initial state is that at the end. */
#include "engine/cells/lstm_pass.h"

#include "engine/cell.h"
#include "engine/isa.h"

enum { PASSES = 2 };

struct bilstm_options {
    double forget_bias;
};

#define AT(member) .offset = offsetof(struct bilstm_options, member)
static const struct field bilstm_fields[] = {
    {"forget_bias", FIELD_REAL, AT(forget_bias), .fallback = "0", .min = -100, .max = 100,
     .help = "Added to the forget gates' initial bias; 1 lets early gradients through."},
    {0},
};
#undef AT

static bool configure(struct cell *cell, struct error *error) {
    (void)error;
    cell->outputs = PASSES * cell->hidden;
    cell->state = PASSES * 2 * cell->hidden;
    return true;
}

static void declare(struct cell *cell, struct param_list *list) {
    for (int p = 0; p < PASSES; p++)
        lstm_declare(cell, list, (struct lstm_pass){.number = p});
}

static void init(const struct cell *cell, real *params, gsl_rng *rng) {
    const struct bilstm_options *options = cell->options;
    for (int p = 0; p < PASSES; p++)
        lstm_init(cell, params, rng, (struct lstm_pass){.number = p}, options->forget_bias);
}

static size_t workspace(const struct cell *cell, int steps, int batch, enum phase phase) {
    return PASSES * lstm_memory(cell, steps, batch) +
           (phase == PHASE_TRAIN ? lstm_backward_scratch(cell, batch) : 0);
}

static void forward(const struct cell *cell, const real *params, const struct sequence *sequence,
                    real *y, real *final, real *memory) {
    size_t size = lstm_memory(cell, sequence->steps, sequence->batch);
    for (int p = 0; p < PASSES; p++)
        lstm_forward(cell, params, sequence, (struct lstm_pass){.number = p}, y, final,
                     memory + size * (size_t)p);
}

static void backward(const struct cell *cell, const real *params, const struct sequence *sequence,
                     const struct cell_gradient *gradient, real *memory) {
    size_t size = lstm_memory(cell, sequence->steps, sequence->batch);
    for (int p = 0; p < PASSES; p++)
        lstm_backward(cell, params, sequence, (struct lstm_pass){.number = p}, gradient,
                      memory + size * (size_t)p, memory + size * PASSES);
}

static double flops(const struct cell *cell) {
    return PASSES * lstm_flops(cell);
}

const struct cell_type ISA_NAME(cell_bilstm) = {
    .name = "bilstm",
    .title = "BiLSTM",
    .citation = "Graves & Schmidhuber, Framewise phoneme classification with bidirectional LSTM, "
                "Neural Networks 2005",
    .parameters = "8H(I + H + 2)",
    .options = bilstm_fields,
    .options_size = sizeof(struct bilstm_options),
    .torch_names = true,
    .configure = configure,
    CELL_FUNCTIONS,
};
