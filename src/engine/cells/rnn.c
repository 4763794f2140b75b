/* Simple recurrent network (Elman 1990), as torch.nn.RNN:
 *
 *   h ← tanh(W_ih x + b_ih + W_hh h + b_hh)
 *
 * State: h. */
#include "engine/activation.h"
#include "engine/cell.h"
#include "engine/initial.h"
#include "engine/isa.h"
#include "engine/linear.h"

enum { WEIGHT_IH, WEIGHT_HH, BIAS_IH, BIAS_HH };

struct workspace {
    struct transposed_weights transposed; /* of H rows */
    real *sum; /* [T][B][H] the tanh's argument; in backward() its gradient */
    real *h;   /* [T+1][B][H] */
    real *dh;  /* [B][H] */
};

static size_t lay_out(const struct cell *cell, int T, int B, enum phase phase, real *memory,
                      struct workspace *work) {
    size_t row = (size_t)B * (size_t)cell->hidden;
    struct scratch scratch = {.memory = memory};
    work->transposed = transposed_take(&scratch, cell->hidden, cell->inputs, cell->hidden);
    work->sum = scratch_take(&scratch, row * (size_t)T);
    work->h = scratch_take(&scratch, row * (size_t)(T + 1));
    work->dh = scratch_take(&scratch, phase == PHASE_TRAIN ? row : 0);
    return scratch.size;
}

static size_t workspace(const struct cell *cell, int steps, int batch, enum phase phase) {
    struct workspace work;
    return lay_out(cell, steps, batch, phase, NULL, &work);
}

static void declare(struct cell *cell, struct param_list *list) {
    int H = cell->hidden;
    cell_param(cell, list, WEIGHT_IH, "weight_ih", H, cell->inputs);
    cell_param(cell, list, WEIGHT_HH, "weight_hh", H, H);
    cell_param(cell, list, BIAS_IH, "bias_ih", H, 0);
    cell_param(cell, list, BIAS_HH, "bias_hh", H, 0);
}

static void init(const struct cell *cell, real *params, gsl_rng *rng) {
    size_t size = (size_t)cell->hidden * (size_t)(cell->inputs + cell->hidden + 2); /* all four */
    fill_torch(rng, cell->hidden, size, params + cell->offset[WEIGHT_IH]);
}

static void forward(const struct cell *cell, const real *params, const struct sequence *sequence,
                    real *y, real *final, real *memory) {
    int T = sequence->steps, B = sequence->batch, H = cell->hidden;
    const size_t *offset = cell->offset;
    size_t row = (size_t)B * (size_t)H;
    struct workspace work;
    lay_out(cell, T, B, sequence->phase, memory, &work);

    load_state(sequence, H, 0, H, work.h);
    transposed_fill(sequence, H, cell->inputs, H, params + offset[WEIGHT_IH],
                    params + offset[WEIGHT_HH], work.transposed);
    linear_transposed(T * B, cell->inputs, H, sequence->x, work.transposed.ih,
                      params + offset[BIAS_IH], params + offset[BIAS_HH], work.sum, H);
    for (int t = 0; t < T; t++) {
        real *sum = work.sum + row * (size_t)t, *h = work.h + row * (size_t)t, *next = h + row;
        matmul_nn(B, H, H, h, H, work.transposed.hh, H, sum, H, true);
        activate(TANH, row, sum, next);
        hold_absent(sequence, t, H, h, next);
    }
    copy(row * (size_t)T, work.h + row, y);
    store_state(B, H, 0, H, work.h + row * (size_t)T, final);
}

/* dsum [H] from dh [H] and the new h. */
static void tanh_backward(int H, const real *h, const real *dh, real *dsum) {
#pragma omp simd
    for (int j = 0; j < H; j++)
        dsum[j] = dh[j] * (1 - h[j] * h[j]);
}

static void backward(const struct cell *cell, const real *params, const struct sequence *sequence,
                     const struct cell_gradient *gradient, real *memory) {
    int T = sequence->steps, B = sequence->batch, H = cell->hidden;
    const size_t *offset = cell->offset;
    size_t row = (size_t)B * (size_t)H;
    struct workspace work;
    lay_out(cell, T, B, PHASE_TRAIN, memory, &work);

    load_final_gradient(gradient, B, H, 0, H, work.dh);
    for (int t = T; t-- > 0;) {
        real *dsum = work.sum + row * (size_t)t;
        const real *next = work.h + row * (size_t)(t + 1);
        add(row, gradient->y + row * (size_t)t, work.dh);
        for (int b = 0; b < B; b++) {
            size_t at = (size_t)b * (size_t)H;
            if (is_absent(sequence, t, b)) {
                zero((size_t)H, dsum + at);
            } else {
                tanh_backward(H, next + at, work.dh + at, dsum + at);
                zero((size_t)H, work.dh + at);
            }
        }
        matmul_nn(B, H, H, dsum, H, params + offset[WEIGHT_HH], H, work.dh, H, true);
    }

    linear_backward(T * B, cell->inputs, H, sequence->x, params + offset[WEIGHT_IH], work.sum, H,
                    gradient->params + offset[WEIGHT_IH], gradient->params + offset[BIAS_IH],
                    gradient->x, false);
    linear_backward(T * B, H, H, work.h, NULL, work.sum, H, gradient->params + offset[WEIGHT_HH],
                    gradient->params + offset[BIAS_HH], NULL, false);
    add_state(B, H, 0, H, work.dh, gradient->state);
}

static double flops(const struct cell *cell) {
    double H = cell->hidden, I = cell->inputs;
    return 2 * H * (I + H) + 16 * H;
}

const struct cell_type ISA_NAME(cell_rnn) = {
    .name = "rnn",
    .title = "RNN",
    .citation = "Elman, Finding structure in time, Cognitive Science 1990",
    .parameters = "H(I + H + 2)",
    .streams = true,
    .torch_names = true,
    CELL_FUNCTIONS,
};
