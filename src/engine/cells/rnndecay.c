/* RNN with decay, a baseline of Lechner & Hasani 2020: a two-layer update from which every unit
 * drifts at a rate of its own,
 *
 *   n = tanh(W x + U h + b)        h ← W_o n + b_o − Δ a
 *
 * State: h. */
#include "engine/activation.h"
#include "engine/cell.h"
#include "engine/initial.h"
#include "engine/isa.h"
#include "engine/linear.h"

enum { WEIGHT_IH, WEIGHT_HH, BIAS, WEIGHT_OUT, BIAS_OUT, DECAY };

struct workspace {
    struct transposed_weights transposed; /* of H rows */
    real *transposed_out;                 /* [H][H] */
    real *inner;                          /* [T][B][H] n */
    real *h;                              /* [T+1][B][H] */
    real *dsum;                           /* [T][B][H] gradient of the tanh's argument */
    real *dout;                           /* [T][B][H] gradient of W_o n; 0 for absent steps */
    real *dh;                             /* [B][H] */
};

static size_t lay_out(const struct cell *cell, int T, int B, enum phase phase, real *memory,
                      struct workspace *work) {
    size_t row = (size_t)B * (size_t)cell->hidden;
    bool trains = phase == PHASE_TRAIN;
    struct scratch scratch = {.memory = memory};
    work->transposed = transposed_take(&scratch, cell->hidden, cell->inputs, cell->hidden);
    work->transposed_out = scratch_take(&scratch, (size_t)cell->hidden * (size_t)cell->hidden);
    work->inner = scratch_take(&scratch, row * (size_t)T);
    work->h = scratch_take(&scratch, row * (size_t)(T + 1));
    work->dsum = scratch_take(&scratch, trains ? row * (size_t)T : 0);
    work->dout = scratch_take(&scratch, trains ? row * (size_t)T : 0);
    work->dh = scratch_take(&scratch, trains ? row : 0);
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
    cell_param(cell, list, BIAS, "bias", H, 0);
    cell_param(cell, list, WEIGHT_OUT, "weight_out", H, H);
    cell_param(cell, list, BIAS_OUT, "bias_out", H, 0);
    cell_param(cell, list, DECAY, "decay", H, 0);
}

/* As the authors' release: Keras' dense layers, decay 0.1. */
static void init(const struct cell *cell, real *params, gsl_rng *rng) {
    const size_t *offset = cell->offset;
    int H = cell->hidden;
    fill_dense(rng, cell->inputs, H, H, H, params + offset[WEIGHT_IH], params + offset[WEIGHT_HH],
               params + offset[BIAS]);
    fill_glorot(rng, H, H, (size_t)H * (size_t)H, params + offset[WEIGHT_OUT]);
    fill_constant(0, (size_t)H, params + offset[BIAS_OUT]);
    fill_constant(REAL(0.1), (size_t)H, params + offset[DECAY]);
}

static void forward(const struct cell *cell, const real *params, const struct sequence *sequence,
                    real *y, real *final, real *memory) {
    int T = sequence->steps, B = sequence->batch, H = cell->hidden;
    const size_t *offset = cell->offset;
    const real *decay = params + offset[DECAY];
    size_t row = (size_t)B * (size_t)H;
    struct workspace work;
    lay_out(cell, T, B, sequence->phase, memory, &work);

    load_state(sequence, H, 0, H, work.h);
    transposed_fill(sequence, H, cell->inputs, H, params + offset[WEIGHT_IH],
                    params + offset[WEIGHT_HH], work.transposed);
    if (!sequence->is_prepared)
        matrix_transpose(H, H, params + offset[WEIGHT_OUT], H, work.transposed_out);
    linear_transposed(T * B, cell->inputs, H, sequence->x, work.transposed.ih,
                      params + offset[BIAS], NULL, work.inner, H);
    for (int t = 0; t < T; t++) {
        real *inner = work.inner + row * (size_t)t, *h = work.h + row * (size_t)t, *next = h + row;
        matmul_nn(B, H, H, h, H, work.transposed.hh, H, inner, H, true);
        activate(TANH, row, inner, inner);
        linear_transposed(B, H, H, inner, work.transposed_out, params + offset[BIAS_OUT], NULL,
                          next, H);
        for (int b = 0; b < B; b++)
            for (int j = 0; j < H; j++)
                next[b * H + j] -= sequence->elapsed[t * B + b] * decay[j];
        hold_absent(sequence, t, H, h, next);
    }
    copy(row * (size_t)T, work.h + row, y);
    store_state(B, H, 0, H, work.h + row * (size_t)T, final);
}

/* One stream's gradients through −Δ a; returns d elapsed. */
static real decay_backward(int H, real elapsed, const real *decay, const real *dh, real *ddecay) {
    real delapsed = 0;
#pragma omp simd reduction(- : delapsed)
    for (int j = 0; j < H; j++) {
        ddecay[j] -= dh[j] * elapsed;
        delapsed -= dh[j] * decay[j];
    }
    return delapsed;
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
        const real *inner = work.inner + row * (size_t)t;
        real *dout = work.dout + row * (size_t)t, *dsum = work.dsum + row * (size_t)t;
        add(row, gradient->y + row * (size_t)t, work.dh);
        for (int b = 0; b < B; b++) {
            real *dh = work.dh + H * b;
            if (is_absent(sequence, t, b)) {
                zero((size_t)H, dout + H * b);
                continue;
            }
            real delapsed = decay_backward(H, sequence->elapsed[t * B + b], params + offset[DECAY],
                                           dh, gradient->params + offset[DECAY]);
            if (gradient->elapsed != NULL)
                gradient->elapsed[t * B + b] += delapsed;
            copy((size_t)H, dh, dout + H * b);
            zero((size_t)H, dh);
        }
        matmul_nn(B, H, H, dout, H, params + offset[WEIGHT_OUT], H, dsum, H, false);
#pragma omp simd
        for (size_t i = 0; i < row; i++)
            dsum[i] *= 1 - inner[i] * inner[i];
        matmul_nn(B, H, H, dsum, H, params + offset[WEIGHT_HH], H, work.dh, H, true);
    }

    linear_backward(T * B, H, H, work.inner, NULL, work.dout, H,
                    gradient->params + offset[WEIGHT_OUT], gradient->params + offset[BIAS_OUT],
                    NULL, false);
    linear_backward(T * B, cell->inputs, H, sequence->x, params + offset[WEIGHT_IH], work.dsum, H,
                    gradient->params + offset[WEIGHT_IH], gradient->params + offset[BIAS],
                    gradient->x, false);
    matmul_tn(H, H, T * B, work.dsum, H, work.h, H, gradient->params + offset[WEIGHT_HH], H, true);
    add_state(B, H, 0, H, work.dh, gradient->state);
}

static double flops(const struct cell *cell) {
    double H = cell->hidden, I = cell->inputs;
    return 2 * H * (I + 2 * H) + 18 * H;
}

const struct cell_type ISA_NAME(cell_rnndecay) = {
    .name = "rnndecay",
    .title = "RNN-decay",
    .citation = "Lechner & Hasani, Learning Long-Term Dependencies in Irregularly-Sampled Time "
                "Series, 2020",
    .parameters = "H(I + H + 1) + H(H + 2)",
    .takes_time = true,
    .streams = true,
    CELL_FUNCTIONS,
};
