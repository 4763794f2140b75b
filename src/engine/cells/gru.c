/* Gated recurrent unit (Cho et al. 2014), as torch.nn.GRU, whose reset gate acts after the
 * recurrent product:
 *
 *   r = σ(W_ir x + b_ir + W_hr h + b_hr)        z = σ(W_iz x + b_iz + W_hz h + b_hz)
 *   m = W_hn h + b_hn                           n = tanh(W_in x + b_in + r⊙m)
 *   h ← (1−z)⊙n + z⊙h
 *
 * The rows of weight_ih and weight_hh are r, z, n. A workspace row is [n r z m], in which both
 * W_hh h = [r z m] and W_ih x = [r z], [n] are whole columns. State: h. */
#include "engine/cell.h"
#include "engine/initial.h"
#include "engine/isa.h"
#include "engine/linear.h"
#include "math/pointwise.h"

enum { WEIGHT_IH, WEIGHT_HH, BIAS_IH, BIAS_HH };

struct workspace {
    struct transposed_weights transposed; /* of 3H rows */
    real
        *gates; /* [T][B][4H] n r z activated, and m; in backward() the gradients of their inputs */
    real *h;    /* [T+1][B][H] */
    real *dh;   /* [B][H] */
};

static size_t lay_out(const struct cell *cell, int T, int B, enum phase phase, real *memory,
                      struct workspace *work) {
    size_t row = (size_t)B * (size_t)cell->hidden;
    struct scratch scratch = {.memory = memory};
    work->transposed = transposed_take(&scratch, 3 * cell->hidden, cell->inputs, cell->hidden);
    work->gates = scratch_take(&scratch, 4 * row * (size_t)T);
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
    cell_param(cell, list, WEIGHT_IH, "weight_ih", 3 * H, cell->inputs);
    cell_param(cell, list, WEIGHT_HH, "weight_hh", 3 * H, H);
    cell_param(cell, list, BIAS_IH, "bias_ih", 3 * H, 0);
    cell_param(cell, list, BIAS_HH, "bias_hh", 3 * H, 0);
}

static void init(const struct cell *cell, real *params, gsl_rng *rng) {
    size_t size = 3 * (size_t)cell->hidden * (size_t)(cell->inputs + cell->hidden + 2); /* all */
    fill_torch(rng, cell->hidden, size, params + cell->offset[WEIGHT_IH]);
}

/* Activates one stream's row [n r z m] and writes the new h [H]. */
static void gru_activate(int H, real *gates, const real *h_before, real *h) {
    real *n = gates, *r = gates + H, *z = gates + 2 * H, *m = gates + 3 * H;
#pragma omp simd
    for (int j = 0; j < H; j++) {
        r[j] = real_sigmoid(r[j]);
        z[j] = real_sigmoid(z[j]);
        n[j] = real_tanh(n[j] + r[j] * m[j]);
        h[j] = n[j] + z[j] * (h_before[j] - n[j]);
    }
}

/* Turns an activated row into the gradients of what came in, given dh; leaves in dh what of it goes
 * to h_before directly. */
static void gru_activate_backward(int H, real *gates, const real *h_before, real *dh) {
    real *n = gates, *r = gates + H, *z = gates + 2 * H, *m = gates + 3 * H;
#pragma omp simd
    for (int j = 0; j < H; j++) {
        real dn = dh[j] * (1 - z[j]) * (1 - n[j] * n[j]);
        real dz = dh[j] * (h_before[j] - n[j]) * z[j] * (1 - z[j]);
        real dr = dn * m[j] * r[j] * (1 - r[j]);
        dh[j] *= z[j];
        m[j] = dn * r[j];
        n[j] = dn;
        r[j] = dr;
        z[j] = dz;
    }
}

static void forward(const struct cell *cell, const real *params, const struct sequence *sequence,
                    real *y, real *final, real *memory) {
    int T = sequence->steps, B = sequence->batch, I = cell->inputs, H = cell->hidden;
    const real *bias_ih = params + cell->offset[BIAS_IH], *bias_hh = params + cell->offset[BIAS_HH];
    size_t row = (size_t)B * (size_t)H;
    struct workspace work;
    lay_out(cell, T, B, sequence->phase, memory, &work);

    load_state(sequence, H, 0, H, work.h);
    transposed_fill(sequence, 3 * H, I, H, params + cell->offset[WEIGHT_IH],
                    params + cell->offset[WEIGHT_HH], work.transposed);
    linear_bias(T * B, 2 * H, bias_ih, bias_hh, work.gates + H, 4 * H);
    linear_bias(T * B, H, bias_ih + 2 * H, NULL, work.gates, 4 * H);
    linear_bias(T * B, H, bias_hh + 2 * H, NULL, work.gates + 3 * H, 4 * H);
    matmul_nn(T * B, 2 * H, I, sequence->x, I, work.transposed.ih, 3 * H, work.gates + H, 4 * H,
              true);
    matmul_nn(T * B, H, I, sequence->x, I, work.transposed.ih + 2 * H, 3 * H, work.gates, 4 * H,
              true);
    for (int t = 0; t < T; t++) {
        real *gates = work.gates + 4 * row * (size_t)t, *h = work.h + row * (size_t)t;
        matmul_nn(B, 3 * H, H, h, H, work.transposed.hh, 3 * H, gates + H, 4 * H, true);
        for (int b = 0; b < B; b++)
            gru_activate(H, gates + 4 * H * b, h + H * b, h + row + H * b);
        hold_absent(sequence, t, H, h, h + row);
    }
    copy(row * (size_t)T, work.h + row, y);
    store_state(B, H, 0, H, work.h + row * (size_t)T, final);
}

static void backward(const struct cell *cell, const real *params, const struct sequence *sequence,
                     const struct cell_gradient *gradient, real *memory) {
    int T = sequence->steps, B = sequence->batch, I = cell->inputs, H = cell->hidden;
    const real *weight_ih = params + cell->offset[WEIGHT_IH];
    real *dweight_ih = gradient->params + cell->offset[WEIGHT_IH];
    real *dbias_ih = gradient->params + cell->offset[BIAS_IH];
    size_t row = (size_t)B * (size_t)H;
    struct workspace work;
    lay_out(cell, T, B, PHASE_TRAIN, memory, &work);

    load_final_gradient(gradient, B, H, 0, H, work.dh);
    for (int t = T; t-- > 0;) {
        real *dgates = work.gates + 4 * row * (size_t)t;
        const real *h = work.h + row * (size_t)t;
        add(row, gradient->y + row * (size_t)t, work.dh);
        for (int b = 0; b < B; b++) {
            if (is_absent(sequence, t, b))
                zero(4 * (size_t)H, dgates + 4 * H * b);
            else
                gru_activate_backward(H, dgates + 4 * H * b, h + H * b, work.dh + H * b);
        }
        matmul_nn(B, H, 3 * H, dgates + H, 4 * H, params + cell->offset[WEIGHT_HH], H, work.dh, H,
                  true);
    }

    linear_backward(T * B, I, 2 * H, sequence->x, weight_ih, work.gates + H, 4 * H, dweight_ih,
                    dbias_ih, gradient->x, false);
    linear_backward(T * B, I, H, sequence->x, weight_ih + 2 * H * I, work.gates, 4 * H,
                    dweight_ih + 2 * H * I, dbias_ih + 2 * H, gradient->x, true);
    linear_backward(T * B, H, 3 * H, work.h, NULL, work.gates + H, 4 * H,
                    gradient->params + cell->offset[WEIGHT_HH],
                    gradient->params + cell->offset[BIAS_HH], NULL, false);
    add_state(B, H, 0, H, work.dh, gradient->state);
}

static double flops(const struct cell *cell) {
    double H = cell->hidden, I = cell->inputs;
    return 2 * 3 * H * (I + H) + 35 * H;
}

const struct cell_type ISA_NAME(cell_gru) = {
    .name = "gru",
    .title = "GRU",
    .citation = "Cho et al., Learning phrase representations using RNN encoder-decoder for "
                "statistical machine translation, EMNLP 2014",
    .parameters = "3H(I + H + 2)",
    .streams = true,
    .torch_names = true,
    .declare = declare,
    .init = init,
    .workspace = workspace,
    .forward = forward,
    .backward = backward,
    .flops = flops,
};
