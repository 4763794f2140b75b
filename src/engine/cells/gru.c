/* Gated recurrent unit (Cho et al. 2014), as torch.nn.GRU, whose reset gate acts after the
 * recurrent product:
 *
 *   r = σ(W_ir x + b_ir + W_hr h + b_hr)        z = σ(W_iz x + b_iz + W_hz h + b_hz)
 *   m = W_hn h + b_hn                           n = tanh(W_in x + b_in + r⊙m)
 *   h ← (1−z)⊙n + z⊙h
 *
 * The rows of weight_ih and weight_hh are r, z, n. A row [x | 1 | h] makes the inputs of r and z one
 * product, biases included; its first I + 1 numbers make W_in x + b_in, its last 1 + H make m. State: h. */
#include "engine/cell.h"
#include "engine/initial.h"
#include "engine/isa.h"
#include "engine/kernels.h"
#include "math/weight_panels.h"

enum { WEIGHT_IH, WEIGHT_HH, BIAS_IH, BIAS_HH };

/* The weights and biases transposed, in panels; or their gradients. K = I + 1 + H. */
struct gru_weights {
    real *rz; /* [K][2H] */
    real *n;  /* [I+1][H] */
    real *m;  /* [1+H][H] */
};

struct workspace {
    struct gru_weights weights;
    real
        *gates; /* [T][B][4H] n r z activated, and m; in backward() the gradients of their inputs */
    real *rows; /* [T+1][B][K] [x | 1 | h] before each step; of the last one, h alone */
    /* Backward only. */
    real *dh; /* [B][H] */
    struct gru_weights dweights;
    real *rows_of_dweight; /* [2H][K] or less: a part of dweights, transposed back */
    real *room;            /* for the panels of W_h [3H][H] */
};

static int row_width(const struct cell *cell) {
    return cell->inputs + 1 + cell->hidden;
}

static struct gru_weights take_weights(const struct cell *cell, struct scratch *scratch) {
    size_t H = (size_t)cell->hidden, I = (size_t)cell->inputs;
    return (struct gru_weights){
        .rz = scratch_take(scratch, (I + 1 + H) * 2 * H),
        .n = scratch_take(scratch, (I + 1) * H),
        .m = scratch_take(scratch, (1 + H) * H),
    };
}

static size_t lay_out(const struct cell *cell, int T, int B, enum phase phase, real *memory,
                      struct workspace *work) {
    size_t state = (size_t)B * (size_t)cell->hidden, width = (size_t)row_width(cell);
    struct scratch scratch = {.memory = memory};
    work->weights = take_weights(cell, &scratch);
    work->gates = scratch_take(&scratch, 4 * state * (size_t)T);
    work->rows = scratch_take(&scratch, (size_t)B * width * (size_t)(T + 1));
    if (phase != PHASE_TRAIN)
        return scratch.size;
    work->dh = scratch_take(&scratch, state);
    work->dweights = take_weights(cell, &scratch);
    work->rows_of_dweight = scratch_take(&scratch, 2 * (size_t)cell->hidden * width);
    work->room = scratch_take(&scratch, panels_room(cell->hidden, 3 * cell->hidden));
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

static void transpose_weights(const struct cell *cell, const real *params,
                              const struct gru_weights *weights) {
    int H = cell->hidden, I = cell->inputs, K = row_width(cell);
    size_t gates = 2 * (size_t)H; /* rows of the weights before the candidate's */
    const real *weight_ih = params + cell->offset[WEIGHT_IH];
    const real *weight_hh = params + cell->offset[WEIGHT_HH];
    const real *bias_ih = params + cell->offset[BIAS_IH], *bias_hh = params + cell->offset[BIAS_HH];
    panels_set_transposed(2 * H, K, 0, I, weight_ih, I, weights->rz);
    panels_set_row(2 * H, K, I, bias_ih, bias_hh, weights->rz);
    panels_set_transposed(2 * H, K, I + 1, H, weight_hh, H, weights->rz);
    panels_set_transposed(H, I + 1, 0, I, weight_ih + gates * (size_t)I, I, weights->n);
    panels_set_row(H, I + 1, I, bias_ih + gates, NULL, weights->n);
    panels_set_row(H, 1 + H, 0, bias_hh + gates, NULL, weights->m);
    panels_set_transposed(H, 1 + H, 1, H, weight_hh + gates * (size_t)H, H, weights->m);
}

/* Fills in rows [T+1][B][K]: inputs, ones and the first h. */
static void fill_inputs(const struct cell *cell, const struct sequence *sequence, real *rows) {
    int T = sequence->steps, B = sequence->batch, I = cell->inputs, H = cell->hidden;
    size_t width = (size_t)row_width(cell);
    const real *x = sequence->x, *state = sequence->state;
    real *row = rows;
    for (int n = 0; n < T * B; n++, row += width, x += I) {
        copy((size_t)I, x, row);
        row[I] = 1;
    }
    real *h = rows + I + 1;
    for (int b = 0; b < B; b++, h += width) {
        if (state == NULL)
            zero((size_t)H, h);
        else
            copy((size_t)H, state + (size_t)b * (size_t)cell->state, h);
    }
}

/* n units from j on, LANES or fewer, of one stream's row [n r z m]; writes the new h, twice. */
static inline __attribute__((always_inline)) void
activate_part(int H, int j, int count, real *gates, const real *h_before, real *h, real *y) {
    real *n_j = gates + j, *r_j = n_j + H, *z_j = r_j + H, *m_j = z_j + H;
    vector r = vector_sigmoid(vector_load_first(r_j, count));
    vector z = vector_sigmoid(vector_load_first(z_j, count));
    vector n = vector_tanh(vector_load_first(n_j, count) + r * vector_load_first(m_j, count));
    vector h_j = n + z * (vector_load_first(h_before + j, count) - n);
    vector_store_first(r, r_j, count);
    vector_store_first(z, z_j, count);
    vector_store_first(n, n_j, count);
    vector_store_first(h_j, h + j, count);
    vector_store_first(h_j, y + j, count);
}

static void gru_activate(int H, real *gates, const real *h_before, real *h, real *y) {
    int j = 0;
    for (; j + LANES <= H; j += LANES)
        activate_part(H, j, LANES, gates, h_before, h, y);
    if (j < H)
        activate_part(H, j, H - j, gates, h_before, h, y);
}

/* Turns activated gates into the gradients of what came in, given dh, to which dy is added; leaves in
 * dh what of it goes to h_before directly. */
static inline __attribute__((always_inline)) void activate_part_backward(int H, int j, int count,
                                                                         real *gates,
                                                                         const real *h_before,
                                                                         const real *dy, real *dh) {
    real *n_j = gates + j, *r_j = n_j + H, *z_j = r_j + H, *m_j = z_j + H;
    vector n = vector_load_first(n_j, count), r = vector_load_first(r_j, count);
    vector z = vector_load_first(z_j, count), m = vector_load_first(m_j, count);
    vector dh_j = vector_load_first(dh + j, count) + vector_load_first(dy + j, count);
    vector kept = dh_j * z, open = dh_j - kept, dn = open - open * n * n;
    vector_store_first(dn, n_j, count);
    vector_store_first(dn * m * (r - r * r), r_j, count);
    vector_store_first(open * z * (vector_load_first(h_before + j, count) - n), z_j, count);
    vector_store_first(dn * r, m_j, count);
    vector_store_first(kept, dh + j, count);
}

static void gru_activate_backward(int H, real *gates, const real *h_before, const real *dy,
                                  real *dh) {
    int j = 0;
    for (; j + LANES <= H; j += LANES)
        activate_part_backward(H, j, LANES, gates, h_before, dy, dh);
    if (j < H)
        activate_part_backward(H, j, H - j, gates, h_before, dy, dh);
}

static void forward(const struct cell *cell, const real *params, const struct sequence *sequence,
                    real *y, real *final, real *memory) {
    int T = sequence->steps, B = sequence->batch, I = cell->inputs, H = cell->hidden;
    int K = row_width(cell);
    size_t row = (size_t)B * (size_t)K;
    struct workspace work;
    lay_out(cell, T, B, sequence->phase, memory, &work);
    const struct gru_weights *weights = &work.weights;

    if (!sequence->is_prepared)
        transpose_weights(cell, params, weights);
    fill_inputs(cell, sequence, work.rows);
    real *gates = work.gates, *rows = work.rows;
    for (int t = 0; t < T; t++) {
        matmul_panels(B, 2 * H, K, rows, K, weights->rz, gates + H, 4 * H, false);
        matmul_panels(B, H, I + 1, rows, K, weights->n, gates, 4 * H, false);
        matmul_panels(B, H, 1 + H, rows + I, K, weights->m, gates + 3 * H, 4 * H, false);
        for (int b = 0; b < B; b++, rows += K, gates += 4 * H, y += H) {
            const real *h = rows + I + 1;
            real *h_after = rows + row + I + 1;
            if (is_absent(sequence, t, b)) {
                copy((size_t)H, h, h_after);
                copy((size_t)H, h, y);
            } else {
                gru_activate(H, gates, h, h_after, y);
            }
        }
    }
    for (int b = 0; final != NULL && b < B; b++)
        copy((size_t)H, rows + (size_t)b * (size_t)K + I + 1, final + (size_t)b * (size_t)H);
}

/* Adds the gradients of the transposed weights to those of the parameters. */
static void add_weights(const struct cell *cell, const struct workspace *work, real *dparams) {
    size_t H = (size_t)cell->hidden, I = (size_t)cell->inputs, K = I + 1 + H;
    real *dweight_ih = dparams + cell->offset[WEIGHT_IH];
    real *dweight_hh = dparams + cell->offset[WEIGHT_HH];
    real *dbias_ih = dparams + cell->offset[BIAS_IH], *dbias_hh = dparams + cell->offset[BIAS_HH];
    const real *dweights = work->rows_of_dweight;
    matrix_transpose((int)K, (int)(2 * H), work->dweights.rz, (int)(2 * H), work->rows_of_dweight);
    for (size_t j = 0; j < 2 * H; j++, dweights += K) {
        add(I, dweights, dweight_ih + j * I);
        dbias_ih[j] += dweights[I];
        dbias_hh[j] += dweights[I];
        add(H, dweights + I + 1, dweight_hh + j * H);
    }
    dweights = work->rows_of_dweight;
    matrix_transpose((int)I + 1, (int)H, work->dweights.n, (int)H, work->rows_of_dweight);
    for (size_t j = 2 * H; j < 3 * H; j++, dweights += I + 1) {
        add(I, dweights, dweight_ih + j * I);
        dbias_ih[j] += dweights[I];
    }
    dweights = work->rows_of_dweight;
    matrix_transpose((int)H + 1, (int)H, work->dweights.m, (int)H, work->rows_of_dweight);
    for (size_t j = 2 * H; j < 3 * H; j++, dweights += 1 + H) {
        dbias_hh[j] += dweights[0];
        add(H, dweights + 1, dweight_hh + j * H);
    }
}

static void backward(const struct cell *cell, const real *params, const struct sequence *sequence,
                     const struct cell_gradient *gradient, real *memory) {
    enum { ROWS_AT_ONCE = 256 }; /* of the weights' gradients, while they are in the cache */
    int T = sequence->steps, B = sequence->batch, I = cell->inputs, H = cell->hidden;
    int K = row_width(cell), waiting = 0;
    const real *weight_ih = params + cell->offset[WEIGHT_IH];
    size_t row = (size_t)B * (size_t)H;
    struct workspace work;
    lay_out(cell, T, B, PHASE_TRAIN, memory, &work);

    const real *weight_hh = panels_of(H, 3 * H, params + cell->offset[WEIGHT_HH], work.room);
    load_final_gradient(gradient, B, H, 0, H, work.dh);
    zero((size_t)K * 2 * (size_t)H, work.dweights.rz);
    zero((size_t)(I + 1) * (size_t)H, work.dweights.n);
    zero((size_t)(1 + H) * (size_t)H, work.dweights.m);
    for (int t = T; t-- > 0;) {
        real *dgates = work.gates + 4 * row * (size_t)t;
        const real *rows = work.rows + (size_t)(t * B) * (size_t)K;
        const real *dy = gradient->y + row * (size_t)t;
        for (int b = 0; b < B; b++, dy += H) {
            real *dgates_b = dgates + 4 * H * b, *dh = work.dh + H * b;
            if (is_absent(sequence, t, b)) {
                zero(4 * (size_t)H, dgates_b);
                add((size_t)H, dy, dh);
            } else {
                gru_activate_backward(H, dgates_b, rows + K * b + I + 1, dy, dh);
            }
        }
        matmul_panels(B, H, 3 * H, dgates + H, 4 * H, weight_hh, work.dh, H, true);
        waiting++;
        if (waiting * B < ROWS_AT_ONCE && t > 0)
            continue;
        int n = waiting * B;
        matmul_tn(K, 2 * H, n, rows, K, dgates + H, 4 * H, work.dweights.rz, 2 * H, true);
        matmul_tn(I + 1, H, n, rows, K, dgates, 4 * H, work.dweights.n, H, true);
        matmul_tn(1 + H, H, n, rows + I, K, dgates + 3 * H, 4 * H, work.dweights.m, H, true);
        waiting = 0;
    }
    add_weights(cell, &work, gradient->params);
    if (gradient->x != NULL) {
        matmul_nn(T * B, I, 2 * H, work.gates + H, 4 * H, weight_ih, I, gradient->x, I, false);
        matmul_nn(T * B, I, H, work.gates, 4 * H, weight_ih + 2 * H * I, I, gradient->x, I, true);
    }
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
    CELL_FUNCTIONS,
};
