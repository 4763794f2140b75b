/* LSTM (Hochreiter & Schmidhuber 1997, with the forget gate of Gers et al. 2000), as torch.nn.LSTM:
 *
 *   [i f g o] = W_ih x + b_ih + W_hh h + b_hh
 *   c ← σ(f)⊙c + σ(i)⊙tanh(g)
 *   h ← σ(o)⊙tanh(c)
 *
 * State per stream: [h; c]. */
#include "math/matmul.h"
#include "math/pointwise.h"
#include "model/cells/table.h"
#include "model/kernels.h"

#include <math.h>

enum { WEIGHT_IH, WEIGHT_HH, BIAS_IH, BIAS_HH };

struct lstm_options {
    double forget_bias;
};

static const struct field lstm_fields[] = {
    {.name = "forget_bias",
     .type = FIELD_REAL,
     .offset = offsetof(struct lstm_options, forget_bias),
     .fallback = "0",
     .least = -100,
     .most = 100,
     .help = "Added to the forget gate's initial bias; 1 lets early gradients through."},
    {0},
};

struct workspace {
    real *gates; /* [T][B][4H] activated gates; in backward() the gradients of their inputs */
    real *h;     /* [T+1][B][H] */
    real *c;     /* [T+1][B][H] */
    real *dh;    /* [B][H] */
    real *dc;    /* [B][H] */
    real *held;  /* [B][H] gradient that passes by absent steps */
};

static struct workspace workspace_of(const struct cell *cell, int steps, int batch, real *memory) {
    size_t row = (size_t)batch * (size_t)cell->hidden;
    struct workspace work = {.gates = memory};
    work.h = work.gates + 4 * row * (size_t)steps;
    work.c = work.h + row * (size_t)(steps + 1);
    work.dh = work.c + row * (size_t)(steps + 1);
    work.dc = work.dh + row;
    work.held = work.dc + row;
    return work;
}

static bool configure(struct cell *cell, struct error *error) {
    (void)error;
    cell->state = 2 * cell->hidden;
    return true;
}

static void declare(struct cell *cell, struct param_list *list) {
    int gates = 4 * cell->hidden;
    cell_param(cell, list, WEIGHT_IH, "weight_ih", gates, cell->inputs);
    cell_param(cell, list, WEIGHT_HH, "weight_hh", gates, cell->hidden);
    cell_param(cell, list, BIAS_IH, "bias_ih", gates, 0);
    cell_param(cell, list, BIAS_HH, "bias_hh", gates, 0);
}

static void init(const struct cell *cell, real *params, gsl_rng *rng) {
    const struct lstm_options *options = cell->options;
    size_t hidden = (size_t)cell->hidden;
    real bound = (real)(1 / sqrt((double)cell->hidden));
    size_t size = 4 * hidden * (size_t)(cell->inputs + cell->hidden + 2); /* all four tensors */
    fill_uniform(rng, -bound, bound, size, params + cell->offset[WEIGHT_IH]);
    for (size_t j = 0; j < hidden; j++)
        params[cell->offset[BIAS_IH] + hidden + j] += (real)options->forget_bias;
}

static size_t workspace(const struct cell *cell, int steps, int batch, enum phase phase) {
    size_t rows = 4 * (size_t)steps + 2 * (size_t)(steps + 1) + (phase == PHASE_TRAIN ? 3 : 0);
    return rows * (size_t)batch * (size_t)cell->hidden;
}

/* Activates one stream's gates [4H] in place and writes the new c and h [H]. */
static void activate(int hidden, real *gates, const real *c_before, real *c, real *h) {
    real *i = gates, *f = gates + hidden, *g = gates + 2 * hidden, *o = gates + 3 * hidden;
#pragma omp simd
    for (int j = 0; j < hidden; j++) {
        i[j] = real_sigmoid(i[j]);
        f[j] = real_sigmoid(f[j]);
        g[j] = real_tanh(g[j]);
        o[j] = real_sigmoid(o[j]);
        c[j] = f[j] * c_before[j] + i[j] * g[j];
        h[j] = o[j] * real_tanh(c[j]);
    }
}

/* Turns activated gates into the gradients of their inputs, given dh; updates dc in place to the
 * gradient of c_before. */
static void activate_backward(int hidden, real *gates, const real *c_before, const real *c,
                              const real *dh, real *dc) {
    real *i = gates, *f = gates + hidden, *g = gates + 2 * hidden, *o = gates + 3 * hidden;
#pragma omp simd
    for (int j = 0; j < hidden; j++) {
        real tanh_c = real_tanh(c[j]);
        real dc_j = dc[j] + dh[j] * o[j] * (1 - tanh_c * tanh_c);
        real di = dc_j * g[j] * i[j] * (1 - i[j]);
        real df = dc_j * c_before[j] * f[j] * (1 - f[j]);
        real dg = dc_j * i[j] * (1 - g[j] * g[j]);
        dc[j] = dc_j * f[j];
        o[j] = dh[j] * tanh_c * o[j] * (1 - o[j]);
        i[j] = di;
        f[j] = df;
        g[j] = dg;
    }
}

static void forward(const struct cell *cell, const real *params, const struct sequence *sequence,
                    real *y, real *final, real *memory) {
    int T = sequence->steps, B = sequence->batch, I = cell->inputs, H = cell->hidden;
    struct workspace work = workspace_of(cell, T, B, memory);
    const real *bias_ih = params + cell->offset[BIAS_IH], *bias_hh = params + cell->offset[BIAS_HH];
    size_t row = (size_t)B * (size_t)H;

    load_state(sequence, 2 * H, 0, H, work.h);
    load_state(sequence, 2 * H, H, H, work.c);
    fill_rows((size_t)T * (size_t)B, 4 * H, bias_ih, work.gates);
    matmul_nt(T * B, 4 * H, I, sequence->x, I, params + cell->offset[WEIGHT_IH], I, work.gates,
              4 * H, true);
    for (int t = 0; t < T; t++) {
        real *gates = work.gates + 4 * row * (size_t)t;
        real *h = work.h + row * (size_t)t, *c = work.c + row * (size_t)t;
        for (int b = 0; b < B; b++)
            add((size_t)(4 * H), bias_hh, gates + 4 * (size_t)H * (size_t)b);
        matmul_nt(B, 4 * H, H, h, H, params + cell->offset[WEIGHT_HH], H, gates, 4 * H, true);
        for (int b = 0; b < B; b++) {
            size_t at = (size_t)b * (size_t)H;
            if (is_absent(sequence, t, b)) {
                copy((size_t)H, h + at, h + row + at);
                copy((size_t)H, c + at, c + row + at);
            } else {
                activate(H, gates + 4 * at, c + at, c + row + at, h + row + at);
            }
        }
    }
    copy(row * (size_t)T, work.h + row, y);
    store_state(B, 2 * H, 0, H, work.h + row * (size_t)T, final);
    store_state(B, 2 * H, H, H, work.c + row * (size_t)T, final);
}

static void backward(const struct cell *cell, const real *params, const struct sequence *sequence,
                     const struct cell_gradient *gradient, real *memory) {
    int T = sequence->steps, B = sequence->batch, I = cell->inputs, H = cell->hidden;
    struct workspace work = workspace_of(cell, T, B, memory);
    size_t row = (size_t)B * (size_t)H;

    load_final_gradient(gradient, B, 2 * H, 0, H, work.dh);
    load_final_gradient(gradient, B, 2 * H, H, H, work.dc);
    for (int t = T; t-- > 0;) {
        real *dgates = work.gates + 4 * row * (size_t)t;
        const real *c = work.c + row * (size_t)t;
        add(row, gradient->y + row * (size_t)t, work.dh);
        zero(row, work.held);
        for (int b = 0; b < B; b++) {
            size_t at = (size_t)b * (size_t)H;
            if (is_absent(sequence, t, b)) {
                copy((size_t)H, work.dh + at, work.held + at);
                zero(4 * (size_t)H, dgates + 4 * at);
            } else {
                activate_backward(H, dgates + 4 * at, c + at, c + row + at, work.dh + at,
                                  work.dc + at);
            }
        }
        copy(row, work.held, work.dh);
        matmul_nn(B, H, 4 * H, dgates, 4 * H, params + cell->offset[WEIGHT_HH], H, work.dh, H,
                  true);
    }

    matmul_tn(4 * H, I, T * B, work.gates, 4 * H, sequence->x, I,
              gradient->params + cell->offset[WEIGHT_IH], I, true);
    matmul_tn(4 * H, H, T * B, work.gates, 4 * H, work.h, H,
              gradient->params + cell->offset[WEIGHT_HH], H, true);
    add_column_sums((size_t)T * (size_t)B, 4 * H, work.gates,
                    gradient->params + cell->offset[BIAS_IH]);
    add_column_sums((size_t)T * (size_t)B, 4 * H, work.gates,
                    gradient->params + cell->offset[BIAS_HH]);
    if (gradient->x != NULL)
        matmul_nn(T * B, I, 4 * H, work.gates, 4 * H, params + cell->offset[WEIGHT_IH], I,
                  gradient->x, I, false);
    add_state(B, 2 * H, 0, H, work.dh, gradient->state);
    add_state(B, 2 * H, H, H, work.dc, gradient->state);
}

static double flops(const struct cell *cell) {
    double H = cell->hidden, I = cell->inputs;
    return 2 * 4 * H * (I + H) + 40 * H;
}

const struct cell_type ISA_NAME(lstm_cell) = {
    .name = "lstm",
    .title = "LSTM",
    .citation = "Hochreiter & Schmidhuber, Long Short-Term Memory, Neural Computation 1997",
    .options = lstm_fields,
    .options_size = sizeof(struct lstm_options),
    .streams = true,
    .torch_names = true,
    .configure = configure,
    .declare = declare,
    .init = init,
    .workspace = workspace,
    .forward = forward,
    .backward = backward,
    .flops = flops,
};
