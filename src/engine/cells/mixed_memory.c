#include "engine/cells/mixed_memory.h"

#include "engine/kernels.h"
#include "engine/lstm_gates.h"
#include "math/matmul.h"

#include <gsl/gsl_randist.h>
#include <math.h>

enum { INPUT_WEIGHT, INPUT_BIAS, RECURRENT_WEIGHT };

const struct memory_kind memory_of_ncps = {.forget_bias = 1, .bias_bound = REAL(0.1)};
const struct memory_kind memory_of_hasani2022 = {.feeds_input = true, .forget_bias = REAL(2.1)};

static const struct memory_kind *kind_of(const struct cell *cell) {
    return cell->type->constants;
}

bool memory_configure(struct cell *cell, struct error *error) {
    if (!cell_create_inner(cell, cell->inputs, error))
        return false;
    struct cell *inner = cell->inner;
    cell->wiring = inner->wiring;
    cell->hidden = inner->hidden;
    cell->outputs = inner->outputs;
    cell->state = 2 * inner->hidden;
    if (kind_of(cell)->feeds_input)
        inner->inputs = inner->hidden;
    return true;
}

void memory_declare(struct cell *cell, struct param_list *list) {
    cell->inner->type->declare(cell->inner, list);
    int gates = 4 * cell->hidden;
    cell_param(cell, list, INPUT_WEIGHT, "lstm.input_map.weight", gates, cell->inputs);
    cell_param(cell, list, INPUT_BIAS, "lstm.input_map.bias", gates, 0);
    cell_param(cell, list, RECURRENT_WEIGHT, "lstm.recurrent_map.weight", gates, cell->hidden);
}

/* Normally distributed columns [rows][columns], made orthonormal one after the other (modified
 * Gram-Schmidt); rows >= columns. */
static void fill_orthogonal_gates(gsl_rng *rng, size_t rows, size_t columns, real *values) {
    for (size_t i = 0; i < rows * columns; i++)
        values[i] = (real)gsl_ran_gaussian(rng, 1);
    for (size_t j = 0; j < columns; j++) {
        for (size_t k = 0; k <= j; k++) { /* k = j: the length of what is left */
            double product = 0;
            for (size_t i = 0; i < rows; i++)
                product += (double)values[i * columns + j] * (double)values[i * columns + k];
            double length = sqrt(product);
            for (size_t i = 0; i < rows; i++) {
                real *value = &values[i * columns + j];
                *value = (real)(k < j ? *value - product * (double)values[i * columns + k]
                                      : *value / length);
            }
        }
    }
}

/* As ncps.torch.LSTMCell, and as the Keras layers of the 2022 release. */
void memory_init(const struct cell *cell, real *params, gsl_rng *rng) {
    size_t gates = 4 * (size_t)cell->hidden, inputs = (size_t)cell->inputs;
    real glorot = (real)sqrt(6 / (double)(gates + inputs)), bound = kind_of(cell)->bias_bound;
    cell->inner->type->init(cell->inner, params, rng);
    fill_uniform(rng, -glorot, glorot, gates * inputs, params + cell->offset[INPUT_WEIGHT]);
    fill_uniform(rng, -bound, bound, gates, params + cell->offset[INPUT_BIAS]);
    fill_orthogonal_gates(rng, gates, (size_t)cell->hidden,
                          params + cell->offset[RECURRENT_WEIGHT]);
}

void memory_constrain(const struct cell *cell, real *params) {
    if (cell->inner->type->constrain != NULL)
        cell->inner->type->constrain(cell->inner, params);
}

struct workspace {
    real *transposed; /* [I + H][4H] both weights transposed */
    real *gates;      /* [T][B][4H] activated; in backward() the gradients of their inputs */
    real *h, *c;      /* [T+1][B][H] */
    real *u;          /* [T][B][H] the LSTM's output; of absent streams h */
    real *inner;      /* workspace of the liquid cell */
    real *du;         /* [T][B][H] backward only, as what follows */
    real *dh, *dc;    /* [B][H] */
    real *held;       /* [B][H] */
};

/* Gives the workspace its memory, or counts it. */
static size_t lay_out(const struct cell *cell, int steps, int batch, enum phase phase, real *memory,
                      struct workspace *work) {
    const struct cell *inner = cell->inner;
    size_t H = (size_t)cell->hidden, row = (size_t)batch * H, T = (size_t)steps;
    struct scratch scratch = {.memory = memory};
    work->transposed = scratch_take(&scratch, ((size_t)cell->inputs + H) * 4 * H);
    work->gates = scratch_take(&scratch, T * 4 * row);
    work->h = scratch_take(&scratch, (T + 1) * row);
    work->c = scratch_take(&scratch, (T + 1) * row);
    work->u = scratch_take(&scratch, T * row);
    work->inner = scratch_take(&scratch, inner->type->workspace(inner, steps, batch, phase));
    if (phase != PHASE_TRAIN)
        return scratch.size;
    work->du = scratch_take(&scratch, T * row);
    work->dh = scratch_take(&scratch, row);
    work->dc = scratch_take(&scratch, row);
    work->held = scratch_take(&scratch, row);
    return scratch.size;
}

size_t memory_workspace(const struct cell *cell, int steps, int batch, enum phase phase) {
    struct workspace work;
    return lay_out(cell, steps, batch, phase, NULL, &work);
}

/* Gates [4H] in ncps' order. */
static struct lstm_gates gates_at(int H, real *gates) {
    return (struct lstm_gates){.g = gates, .i = gates + H, .f = gates + 2 * H, .o = gates + 3 * H};
}

/* The sequence as the cell inside sees it at step t. */
static struct sequence inner_sequence(const struct cell *cell, const struct sequence *sequence,
                                      int t, const struct workspace *work) {
    size_t before = (size_t)sequence->batch * (size_t)cell->hidden * (size_t)t;
    struct sequence own = *sequence;
    own.state = work->u + before;
    if (kind_of(cell)->feeds_input) {
        own.x = work->u;
        own.state = work->h + before;
    }
    return own;
}

void memory_forward(const struct cell *cell, const real *params, const struct sequence *sequence,
                    real *y, real *final, real *memory) {
    int T = sequence->steps, B = sequence->batch, I = cell->inputs, H = cell->hidden;
    struct workspace work;
    lay_out(cell, T, B, sequence->phase, memory, &work);
    size_t row = (size_t)B * (size_t)H;
    real *transposed_hh = work.transposed + (size_t)I * 4 * (size_t)H;

    if (!sequence->is_prepared) {
        matrix_transpose(4 * H, I, params + cell->offset[INPUT_WEIGHT], I, work.transposed);
        matrix_transpose(4 * H, H, params + cell->offset[RECURRENT_WEIGHT], H, transposed_hh);
    }
    load_state(sequence, 2 * H, 0, H, work.h);
    load_state(sequence, 2 * H, H, H, work.c);
    fill_rows((size_t)T * (size_t)B, 4 * H, params + cell->offset[INPUT_BIAS], work.gates);
    matmul_nn(T * B, 4 * H, I, sequence->x, I, work.transposed, 4 * H, work.gates, 4 * H, true);
    for (int t = 0; t < T; t++) {
        real *gates = work.gates + 4 * row * (size_t)t, *u = work.u + row * (size_t)t;
        real *h = work.h + row * (size_t)t, *c = work.c + row * (size_t)t;
        matmul_nn(B, 4 * H, H, h, H, transposed_hh, 4 * H, gates, 4 * H, true);
        for (int b = 0; b < B; b++) {
            size_t at = (size_t)b * (size_t)H;
            if (is_absent(sequence, t, b)) {
                copy((size_t)H, h + at, u + at);
                copy((size_t)H, c + at, c + row + at);
            } else {
                lstm_activate(H, gates_at(H, gates + 4 * at), kind_of(cell)->forget_bias, c + at,
                              c + row + at, u + at);
            }
        }
        struct sequence own = inner_sequence(cell, sequence, t, &work);
        cell->inner->type->forward_steps(cell->inner, params, &own, t, t + 1, y, h + row,
                                         work.inner);
    }
    store_state(B, 2 * H, 0, H, work.h + row * (size_t)T, final);
    store_state(B, 2 * H, H, H, work.c + row * (size_t)T, final);
}

/* Back through the cell inside at step t: from dh after the step to du, and `held`, what of dh goes
 * to the state before the step other than through the LSTM. */
static void inner_backward(const struct cell *cell, const real *params,
                           const struct sequence *sequence, int t,
                           const struct cell_gradient *gradient, struct workspace *work) {
    size_t row = (size_t)sequence->batch * (size_t)cell->hidden;
    real *du = work->du + row * (size_t)t;
    bool feeds_input = kind_of(cell)->feeds_input;
    struct sequence own = inner_sequence(cell, sequence, t, work);
    struct cell_gradient flow = *gradient;
    flow.final = work->dh;
    flow.x = feeds_input ? work->du : gradient->x;
    flow.state = feeds_input ? work->held : du;
    zero(row, du);
    zero(row, work->held);
    cell->inner->type->backward_steps(cell->inner, params, &own, t, t + 1, &flow, work->inner);
}

static void weights_backward(const struct cell *cell, const real *params,
                             const struct sequence *sequence, const struct workspace *work,
                             const struct cell_gradient *gradient) {
    int rows = sequence->steps * sequence->batch, I = cell->inputs, H = cell->hidden;
    matmul_tn(4 * H, I, rows, work->gates, 4 * H, sequence->x, I,
              gradient->params + cell->offset[INPUT_WEIGHT], I, true);
    matmul_tn(4 * H, H, rows, work->gates, 4 * H, work->h, H,
              gradient->params + cell->offset[RECURRENT_WEIGHT], H, true);
    add_column_sums((size_t)rows, 4 * H, work->gates, gradient->params + cell->offset[INPUT_BIAS]);
    if (gradient->x != NULL) /* ncps's liquid cell has left there what it reads of x itself */
        matmul_nn(rows, I, 4 * H, work->gates, 4 * H, params + cell->offset[INPUT_WEIGHT], I,
                  gradient->x, I, !kind_of(cell)->feeds_input);
}

void memory_backward(const struct cell *cell, const real *params, const struct sequence *sequence,
                     const struct cell_gradient *gradient, real *memory) {
    int T = sequence->steps, B = sequence->batch, H = cell->hidden;
    struct workspace work;
    lay_out(cell, T, B, PHASE_TRAIN, memory, &work);
    size_t row = (size_t)B * (size_t)H;

    load_final_gradient(gradient, B, 2 * H, 0, H, work.dh);
    load_final_gradient(gradient, B, 2 * H, H, H, work.dc);
    for (int t = T; t-- > 0;) {
        real *dgates = work.gates + 4 * row * (size_t)t, *du = work.du + row * (size_t)t;
        const real *c = work.c + row * (size_t)t;
        inner_backward(cell, params, sequence, t, gradient, &work);
        for (int b = 0; b < B; b++) {
            size_t at = (size_t)b * (size_t)H;
            if (is_absent(sequence, t, b)) {
                zero(4 * (size_t)H, dgates + 4 * at);
                if (!kind_of(cell)->feeds_input)
                    copy((size_t)H, du + at, work.held + at);
            } else {
                lstm_activate_backward(H, gates_at(H, dgates + 4 * at), c + at, c + row + at,
                                       du + at, work.dc + at);
            }
        }
        copy(row, work.held, work.dh);
        matmul_nn(B, H, 4 * H, dgates, 4 * H, params + cell->offset[RECURRENT_WEIGHT], H, work.dh,
                  H, true);
    }
    weights_backward(cell, params, sequence, &work, gradient);
    add_state(B, 2 * H, 0, H, work.dh, gradient->state);
    add_state(B, 2 * H, H, H, work.dc, gradient->state);
}

double memory_flops(const struct cell *cell) {
    double H = cell->hidden, I = cell->inputs;
    return cell->inner->type->flops(cell->inner) + 2 * 4 * H * (I + H) + 40 * H;
}
