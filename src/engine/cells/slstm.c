/* sLSTM, the scalar memory of xLSTM (Beck et al., NeurIPS 2024, eqs. 8-17): exponential gates, kept
 * in range by a running maximum m of their logarithms,
 *
 *   [i f z o] = W x + R y + b                K heads of D = H/K units: R joins units of a head only
 *   l = m + ln σ(f)
 *   m' = i where n = 0, else max(i, l)
 *   i' = exp(i − m')        f' = min(exp(l − m'), 1)
 *   c ← f' ⊙ c + i' ⊙ tanh(z)                n ← f' ⊙ n + i'                m ← m'
 *   y ← σ(o) ⊙ c / n
 *
 * The larger of i' and f' is 1, so that n >= 1 from the first step on. y does not depend on how m
 * is chosen; the backward pass follows m all the same, because a loss may depend on the final c, n
 * and m. State: y, c, n, m. */
#include "engine/cell.h"
#include "engine/initial.h"
#include "engine/isa.h"
#include "engine/linear.h"
#include "math/pointwise.h"

enum { WEIGHT, RECURRENT, BIAS };
enum { PART_Y, PART_C, PART_N, PART_M, PARTS };
enum { BIAS_POWERLAW = 1, BIAS_SMALL };
enum { RECURRENT_ZERO = 1, RECURRENT_STANDARD };

struct slstm_options {
    int heads, bias_init, recurrent_init;
};

static const char *bias_init_name(size_t position) {
    static const char *const names[] = {"powerlaw", "small", NULL};
    return names[position];
}

static const char *recurrent_init_name(size_t position) {
    static const char *const names[] = {"zero", "standard", NULL};
    return names[position];
}

#define AT(member) .offset = offsetof(struct slstm_options, member)
static const struct field slstm_fields[] = {
    {"heads", FIELD_INT, AT(heads), .fallback = "1", .min = 1, .max = 65536,
     .help = "Groups of units; recurrent weights join units of the same group only."},
    {"bias_init", FIELD_CHOICE, AT(bias_init), .fallback = "\"powerlaw\"",
     .choices = bias_init_name,
     .help = "The forget gates' initial biases: from 5 down to -7 by a power law, or from 3 to 6."},
    {"recurrent_init", FIELD_CHOICE, AT(recurrent_init), .fallback = "\"zero\"",
     .choices = recurrent_init_name,
     .help = "Initial recurrent weights: 0, or uniform as PyTorch's LSTM has them."},
    {0},
};
#undef AT

static const struct slstm_options *options_of(const struct cell *cell) {
    return cell->options;
}

/* D */
static int head_size(const struct cell *cell) {
    return cell->hidden / options_of(cell)->heads;
}

static bool configure(struct cell *cell, struct error *error) {
    int heads = options_of(cell)->heads;
    if (cell->hidden % heads != 0)
        return error_set(error,
                         "%d heads cannot share %d hidden units equally: hidden must be a "
                         "multiple of heads",
                         heads, cell->hidden);
    cell->state = PARTS * cell->hidden;
    return true;
}

static void declare(struct cell *cell, struct param_list *list) {
    int H = cell->hidden, D = head_size(cell);
    cell_param(cell, list, WEIGHT, "weight_ih", 4 * H, cell->inputs);
    cell_param_shaped(cell, list, RECURRENT, "_recurrent_kernel_",
                      (int[]){options_of(cell)->heads, 4 * D, D, 0}, true);
    cell_param(cell, list, BIAS, "_bias_", 4 * H, 0);
}

/* Bias of the forget gate of unit k of its head, "powerlaw", where r is the depth from 0 to 1. */
static double powerlaw_bias(int k, int D, double r) {
    return D == 1 ? 5 : 5 - 12 * pow((double)k / (D - 1), 0.3 + 1.3 * r);
}

/* As xlstm. */
static void init(const struct cell *cell, real *params, gsl_rng *rng) {
    const struct slstm_options *options = options_of(cell);
    int H = cell->hidden, D = head_size(cell);
    double r = cell->layers > 1 ? (double)cell->layer / (cell->layers - 1) : 0;
    double deviation = sqrt(2.0 / (5 * cell->inputs));
    size_t inputs = 4 * (size_t)H * (size_t)cell->inputs, recurrent = 4 * (size_t)H * (size_t)D;
    for (size_t i = 0; i < inputs; i++)
        params[cell->offset[WEIGHT] + i] = (real)gsl_ran_gaussian(rng, deviation);
    if (options->recurrent_init == RECURRENT_STANDARD)
        fill_torch(rng, H, recurrent, params + cell->offset[RECURRENT]);
    else
        zero(recurrent, params + cell->offset[RECURRENT]);
    real *bias = params + cell->offset[BIAS];
    zero(4 * (size_t)H, bias);
    for (int j = 0; j < H; j++) {
        double small = H == 1 ? 3 : 3 + 3.0 * j / (H - 1);
        bias[H + j] = (real)(options->bias_init == BIAS_SMALL ? small : powerlaw_bias(j % D, D, r));
    }
}

struct workspace {
    real *transposed;           /* [I][4H] */
    real *transposed_recurrent; /* [K][D][4D] */
    real *gates;     /* [T][B][4H] i', f', tanh z, σ(o); in backward() gradients of i, f, z, o */
    real *closed;    /* [T][B][H] 1 − σ(f) */
    real *s[PARTS];  /* [T+1][B][H] y, c, n, m */
    real *ds[PARTS]; /* [B][H] */
};

static size_t lay_out(const struct cell *cell, int T, int B, enum phase phase, real *memory,
                      struct workspace *work) {
    size_t H = (size_t)cell->hidden, row = (size_t)B * H, steps = (size_t)T;
    struct scratch scratch = {.memory = memory};
    work->transposed = scratch_take(&scratch, 4 * H * (size_t)cell->inputs);
    work->transposed_recurrent = scratch_take(&scratch, 4 * H * (size_t)head_size(cell));
    work->gates = scratch_take(&scratch, 4 * row * steps);
    work->closed = scratch_take(&scratch, row * steps);
    for (int part = 0; part < PARTS; part++)
        work->s[part] = scratch_take(&scratch, row * (steps + 1));
    for (int part = 0; part < PARTS; part++)
        work->ds[part] = scratch_take(&scratch, phase == PHASE_TRAIN ? row : 0);
    return scratch.size;
}

static size_t workspace(const struct cell *cell, int steps, int batch, enum phase phase) {
    struct workspace work;
    return lay_out(cell, steps, batch, phase, NULL, &work);
}

/* A product of one head's units with rows of its weights: which columns of y [B][H] it reads, which
 * of the gates [B][4H] it adds to, and the first of the weights. One head has all four gates side
 * by side; several have one product a gate. */
struct head_product {
    int width, from, to;
    size_t weight, transposed; /* in [K][4D][D] and [K][D][4D] */
};

static int head_products(const struct cell *cell) {
    return options_of(cell)->heads == 1 ? 1 : 4 * options_of(cell)->heads;
}

static struct head_product head_product_at(const struct cell *cell, int number) {
    int D = head_size(cell), head = number / 4, gate = number % 4;
    if (options_of(cell)->heads == 1)
        return (struct head_product){.width = 4 * D};
    size_t before = 4 * (size_t)head * (size_t)D * (size_t)D;
    return (struct head_product){
        .width = D,
        .from = head * D,
        .to = gate * cell->hidden + head * D,
        .weight = before + (size_t)gate * (size_t)D * (size_t)D,
        .transposed = before + (size_t)(gate * D),
    };
}

static void transpose_weights(const struct cell *cell, const real *params,
                              const struct workspace *work) {
    int H = cell->hidden, D = head_size(cell);
    matrix_transpose(4 * H, cell->inputs, params + cell->offset[WEIGHT], cell->inputs,
                     work->transposed);
    for (int head = 0; head < options_of(cell)->heads; head++) {
        size_t at = 4 * (size_t)head * (size_t)D * (size_t)D;
        matrix_transpose(4 * D, D, params + cell->offset[RECURRENT] + at, D,
                         work->transposed_recurrent + at);
    }
}

/* One stream of one step: pointers to its H numbers of each part, before and after. */
struct slstm_stream {
    real *gates, *closed;
    const real *before[PARTS];
    real *after[PARTS];
};

static struct slstm_stream stream_at(const struct workspace *work, int B, int H, int t, int b) {
    size_t at = ((size_t)t * (size_t)B + (size_t)b) * (size_t)H, row = (size_t)B * (size_t)H;
    struct slstm_stream stream = {.gates = work->gates + 4 * at, .closed = work->closed + at};
    for (int part = 0; part < PARTS; part++) {
        stream.before[part] = work->s[part] + at;
        stream.after[part] = work->s[part] + row + at;
    }
    return stream;
}

static void slstm_activate(int H, const struct slstm_stream *stream) {
    real *i = stream->gates, *f = i + H, *z = i + 2 * H, *o = i + 3 * H, *closed = stream->closed;
    const real *c = stream->before[PART_C], *n = stream->before[PART_N];
    const real *m = stream->before[PART_M];
    real *y_after = stream->after[PART_Y], *c_after = stream->after[PART_C];
    real *n_after = stream->after[PART_N], *m_after = stream->after[PART_M];
#pragma omp simd
    for (int j = 0; j < H; j++) {
        real l = m[j] + real_log_sigmoid(f[j]);
        real max = i[j] < l ? l : i[j];
        real m_j = n[j] == 0 ? i[j] : max, above = l - m_j;
        closed[j] = real_sigmoid(-f[j]);
        i[j] = real_exp(i[j] - m_j);
        f[j] = real_exp(above > 0 ? 0 : above);
        z[j] = real_tanh(z[j]);
        o[j] = real_sigmoid(o[j]);
        c_after[j] = f[j] * c[j] + i[j] * z[j];
        n_after[j] = f[j] * n[j] + i[j];
        m_after[j] = m_j;
        y_after[j] = o[j] * c_after[j] / n_after[j];
    }
}

static void forward(const struct cell *cell, const real *params, const struct sequence *sequence,
                    real *y, real *final, real *memory) {
    int T = sequence->steps, B = sequence->batch, H = cell->hidden, D = head_size(cell);
    size_t row = (size_t)B * (size_t)H;
    struct workspace work;
    lay_out(cell, T, B, sequence->phase, memory, &work);

    for (int part = 0; part < PARTS; part++)
        load_state(sequence, PARTS * H, part * H, H, work.s[part]);
    if (!sequence->is_prepared)
        transpose_weights(cell, params, &work);
    linear_transposed(T * B, cell->inputs, 4 * H, sequence->x, work.transposed,
                      params + cell->offset[BIAS], NULL, work.gates, 4 * H);
    for (int t = 0; t < T; t++) {
        real *gates = work.gates + 4 * row * (size_t)t;
        const real *before = work.s[PART_Y] + row * (size_t)t;
        for (int p = 0; p < head_products(cell); p++) {
            struct head_product product = head_product_at(cell, p);
            matmul_nn(B, product.width, D, before + product.from, H,
                      work.transposed_recurrent + product.transposed, 4 * D, gates + product.to,
                      4 * H, true);
        }
        for (int b = 0; b < B; b++) {
            struct slstm_stream stream = stream_at(&work, B, H, t, b);
            slstm_activate(H, &stream);
        }
        for (int part = 0; part < PARTS; part++)
            hold_absent(sequence, t, H, work.s[part] + row * (size_t)t,
                        work.s[part] + row * (size_t)(t + 1));
    }
    copy(row * (size_t)T, work.s[PART_Y] + row, y);
    for (int part = 0; part < PARTS; part++)
        store_state(B, PARTS * H, part * H, H, work.s[part] + row * (size_t)T, final);
}

/* Back through slstm_activate(): ds [H] of each part come in for the state after and leave for the one
 * before but for what the recurrent weights send; the gates become their arguments' gradients.
 * Where i' = 1, m' was i, else l. */
static void slstm_activate_backward(int H, const struct slstm_stream *stream,
                                    real *const ds[PARTS]) {
    real *i = stream->gates, *f = i + H, *z = i + 2 * H, *o = i + 3 * H;
    const real *closed = stream->closed, *c = stream->before[PART_C], *n = stream->before[PART_N];
    const real *c_after = stream->after[PART_C], *n_after = stream->after[PART_N];
    real *dy = ds[PART_Y], *dc = ds[PART_C], *dn = ds[PART_N], *dm = ds[PART_M];
#pragma omp simd
    for (int j = 0; j < H; j++) {
        real ratio = c_after[j] / n_after[j], shown = dy[j] * o[j] / n_after[j];
        real dc_j = dc[j] + shown, dn_j = dn[j] - shown * ratio;
        real from_i = (dc_j * z[j] + dn_j) * i[j], from_f = (dc_j * c[j] + dn_j * n[j]) * f[j];
        bool is_i = i[j] == 1;
        real di = is_i ? dm[j] - from_f : from_i, dl = is_i ? from_f : dm[j] - from_i;
        o[j] = dy[j] * ratio * o[j] * (1 - o[j]);
        z[j] = dc_j * i[j] * (1 - z[j] * z[j]);
        dc[j] = dc_j * f[j];
        dn[j] = dn_j * f[j];
        dm[j] = dl;
        dy[j] = 0;
        i[j] = di;
        f[j] = dl * closed[j];
    }
}

static void backward(const struct cell *cell, const real *params, const struct sequence *sequence,
                     const struct cell_gradient *gradient, real *memory) {
    int T = sequence->steps, B = sequence->batch, H = cell->hidden, D = head_size(cell);
    const real *recurrent = params + cell->offset[RECURRENT];
    size_t row = (size_t)B * (size_t)H;
    struct workspace work;
    lay_out(cell, T, B, PHASE_TRAIN, memory, &work);

    for (int part = 0; part < PARTS; part++)
        load_final_gradient(gradient, B, PARTS * H, part * H, H, work.ds[part]);
    for (int t = T; t-- > 0;) {
        real *dgates = work.gates + 4 * row * (size_t)t;
        add(row, gradient->y + row * (size_t)t, work.ds[PART_Y]);
        for (int b = 0; b < B; b++) {
            struct slstm_stream stream = stream_at(&work, B, H, t, b);
            real *ds[PARTS];
            for (int part = 0; part < PARTS; part++)
                ds[part] = work.ds[part] + H * b;
            if (is_absent(sequence, t, b))
                zero(4 * (size_t)H, stream.gates);
            else
                slstm_activate_backward(H, &stream, ds);
        }
        for (int p = 0; p < head_products(cell); p++) {
            struct head_product product = head_product_at(cell, p);
            matmul_nn(B, D, product.width, dgates + product.to, 4 * H, recurrent + product.weight,
                      D, work.ds[PART_Y] + product.from, H, true);
        }
    }

    linear_backward(T * B, cell->inputs, 4 * H, sequence->x, params + cell->offset[WEIGHT],
                    work.gates, 4 * H, gradient->params + cell->offset[WEIGHT],
                    gradient->params + cell->offset[BIAS], gradient->x, false);
    for (int p = 0; p < head_products(cell); p++) {
        struct head_product product = head_product_at(cell, p);
        matmul_tn(product.width, D, T * B, work.gates + product.to, 4 * H,
                  work.s[PART_Y] + product.from, H,
                  gradient->params + cell->offset[RECURRENT] + product.weight, D, true);
    }
    for (int part = 0; part < PARTS; part++)
        add_state(B, PARTS * H, part * H, H, work.ds[part], gradient->state);
}

static double flops(const struct cell *cell) {
    double H = cell->hidden, I = cell->inputs;
    return 2 * 4 * H * (I + head_size(cell)) + 90 * H;
}

const struct cell_type ISA_NAME(cell_slstm) = {
    .name = "slstm",
    .title = "sLSTM",
    .citation = "Beck et al., xLSTM: Extended Long Short-Term Memory, NeurIPS 2024",
    .parameters = "4H(I + H + 1), with K heads 4H(I + H/K + 1)",
    .options = slstm_fields,
    .options_size = sizeof(struct slstm_options),
    .streams = true,
    .configure = configure,
    CELL_FUNCTIONS,
};
