/* One residual block of a temporal convolutional network (Bai, Kolter & Koltun 2018): two dilated
 * causal convolutions over time with kernel k and dilation d = 2^layer,
 *
 *   conv(x)_t = Σ_{j<k} W_j x_(t − (k−1−j) d) + b            W = g v / ‖v‖ for each output channel
 *   y = relu(r + drop(relu(conv2(drop(relu(conv1(x)))))))    r = x, or W x + b where I ≠ H
 *
 * Before the first step is the state: what each convolution read in the last P = (k−1) d steps,
 * oldest first, zeros at the start as in the paper. An absent step is no step of the convolution:
 * the steps of each stream that are present are moved together, in arrays [P + T][B][·] whose first
 * P rows are the state, and the outputs are moved back. State: x [P][I], conv1's outputs [P][H], y
 * [H]. */
#include "engine/cell.h"
#include "engine/dropout.h"
#include "engine/initial.h"
#include "engine/isa.h"
#include "engine/linear.h"
#include "math/matmul.h"

/* Each convolution has three tensors. */
enum { CONV_1, CONV_2 = 3, DOWN_WEIGHT = 6, DOWN_BIAS };
enum { WEIGHT_G, WEIGHT_V, BIAS };

struct tcn_options {
    int kernel;
    double dropout;
    bool weight_norm;
};

#define AT(member) .offset = offsetof(struct tcn_options, member)
static const struct field tcn_fields[] = {
    {"kernel", FIELD_INT, AT(kernel), .fallback = "3", .min = 1, .max = 1024,
     .help = "Steps that a convolution reads."},
    {"dropout", FIELD_REAL, AT(dropout), .fallback = "0", .min = 0, .max = 0.99,
     .help = "Share of the numbers dropped in training, after each convolution."},
    {"weight_norm", FIELD_BOOL, AT(weight_norm), .fallback = "true",
     .help = "Learn the length and the direction of each channel's weights apart."},
    {0},
};
#undef AT

static const struct tcn_options *options_of(const struct cell *cell) {
    return cell->options;
}

static bool has_down(const struct cell *cell) {
    return cell->inputs != cell->hidden;
}

static int dilation_of(const struct cell *cell) {
    return 1 << cell->layer;
}

/* P */
static int reach_of(const struct cell *cell) {
    return (options_of(cell)->kernel - 1) * dilation_of(cell);
}

static bool configure(struct cell *cell, struct error *error) {
    enum { MAX_LAYER = 16 };
    if (cell->layer > MAX_LAYER)
        return error_set(error, "a tcn has at most %d layers: the last one looks back 2^%d steps",
                         MAX_LAYER + 1, MAX_LAYER);
    cell->state = reach_of(cell) * (cell->inputs + cell->hidden) + cell->hidden;
    return true;
}

/* --- parameters ------------------------------------------------------------------------------- */

/* Channels that a convolution reads. */
static int channels_of(const struct cell *cell, int conv) {
    return conv == CONV_1 ? cell->inputs : cell->hidden;
}

static void declare(struct cell *cell, struct param_list *list) {
    static const char *const names[] = {"conv1.weight_g", "conv1.weight_v", "conv1.bias",
                                        "conv2.weight_g", "conv2.weight_v", "conv2.bias"};
    int H = cell->hidden, kernel = options_of(cell)->kernel;
    bool norm = options_of(cell)->weight_norm;
    for (int conv = CONV_1; conv <= CONV_2; conv += CONV_2 - CONV_1) {
        const char *plain = conv == CONV_1 ? "conv1.weight" : "conv2.weight";
        if (norm)
            cell_param_shaped(cell, list, conv + WEIGHT_G, names[conv + WEIGHT_G],
                              (int[]){H, 1, 1, 0}, false);
        cell_param_shaped(cell, list, conv + WEIGHT_V, norm ? names[conv + WEIGHT_V] : plain,
                          (int[]){H, channels_of(cell, conv), kernel, 0}, true);
        cell_param(cell, list, conv + BIAS, names[conv + BIAS], H, 0);
    }
    if (has_down(cell)) {
        cell_param_shaped(cell, list, DOWN_WEIGHT, "downsample.weight",
                          (int[]){H, cell->inputs, 1, 0}, true);
        cell_param(cell, list, DOWN_BIAS, "downsample.bias", H, 0);
    }
}

/* Numbers of one channel's weights. */
static size_t fan_in(const struct cell *cell, int conv) {
    return (size_t)channels_of(cell, conv) * (size_t)options_of(cell)->kernel;
}

static real length_of(size_t n, const real *values) {
    double square = 0;
    for (size_t i = 0; i < n; i++)
        square += (double)values[i] * (double)values[i];
    return (real)sqrt(square);
}

/* As torch.nn.Conv1d; of the release's own values the norm leaves only those of `downsample`. */
static void init(const struct cell *cell, real *params, gsl_rng *rng) {
    size_t H = (size_t)cell->hidden;
    const size_t *offset = cell->offset;
    for (int conv = CONV_1; conv <= CONV_2; conv += CONV_2 - CONV_1) {
        size_t n = fan_in(cell, conv);
        real *v = params + offset[conv + WEIGHT_V];
        fill_torch(rng, (int)n, H * n, v);
        fill_torch(rng, (int)n, H, params + offset[conv + BIAS]);
        for (size_t o = 0; o < H && options_of(cell)->weight_norm; o++)
            params[offset[conv + WEIGHT_G] + o] = length_of(n, v + o * n);
    }
    for (size_t i = 0; has_down(cell) && i < H * (size_t)cell->inputs; i++)
        params[offset[DOWN_WEIGHT] + i] = (real)gsl_ran_gaussian(rng, 0.01);
    if (has_down(cell))
        fill_torch(rng, cell->inputs, H, params + offset[DOWN_BIAS]);
}

/* --- a convolution over n = T·B rows ------------------------------------------------------------
 */

struct dilated_convolution {
    int channels, hidden, kernel; /* C, H, k */
    int reach, dilation, batch;   /* P, d, B */
    real *taps;                   /* [k][C][H] W_j transposed */
    real *dtaps;                  /* backward only */
};

/* The rows that tap j reads, of x [P + T][B][C]. */
static size_t first_row(const struct dilated_convolution *conv, int j) {
    return (size_t)(conv->reach - (conv->kernel - 1 - j) * conv->dilation) * (size_t)conv->batch;
}

static real *tap(const struct dilated_convolution *conv, real *taps, int j) {
    return taps + (size_t)j * (size_t)conv->channels * (size_t)conv->hidden;
}

/* out [n][H] from x [P + T][B][C]. */
static void convolve(const struct dilated_convolution *conv, int n, const real *x, const real *bias,
                     real *out) {
    int C = conv->channels, H = conv->hidden;
    fill_rows((size_t)n, H, bias, out);
    for (int j = 0; j < conv->kernel; j++)
        matmul_nn(n, H, C, x + first_row(conv, j) * (size_t)C, C, tap(conv, conv->taps, j), H, out,
                  H, true);
}

/* dx [P + T][B][C] +=, dtaps =, dbias += from dout [n][H]. */
static void convolve_backward(const struct dilated_convolution *conv, int n, const real *x,
                              const real *dout, real *dx, real *dbias) {
    int C = conv->channels, H = conv->hidden;
    add_column_sums((size_t)n, H, dout, dbias);
    for (int j = 0; j < conv->kernel; j++) {
        size_t first = first_row(conv, j) * (size_t)C;
        matmul_tn(C, H, n, x + first, C, dout, H, tap(conv, conv->dtaps, j), H, false);
        matmul_nt(n, C, H, dout, H, tap(conv, conv->taps, j), H, dx + first, C, true);
    }
}

/* What a channel's v is multiplied by: g / ‖v‖. */
static real factor_of(const struct cell *cell, const real *params, int conv, int o) {
    size_t n = fan_in(cell, conv);
    if (!options_of(cell)->weight_norm)
        return 1;
    return params[cell->offset[conv + WEIGHT_G] + (size_t)o] /
           length_of(n, params + cell->offset[conv + WEIGHT_V] + (size_t)o * n);
}

static void fill_taps(const struct cell *cell, const real *params, int conv, real *taps) {
    int C = channels_of(cell, conv), H = cell->hidden, kernel = options_of(cell)->kernel;
    const real *v = params + cell->offset[conv + WEIGHT_V];
    for (int o = 0; o < H; o++) {
        real factor = factor_of(cell, params, conv, o);
        for (int c = 0; c < C; c++)
            for (int j = 0; j < kernel; j++)
                taps[(j * C + c) * H + o] = factor * *v++;
    }
}

/* From the gradient of the weights W = g v / ‖v‖: dg = dW·v / ‖v‖ and
 * dv = g / ‖v‖ (dW − dg v / ‖v‖). */
static void taps_backward(const struct cell *cell, const real *params, int conv, const real *dtaps,
                          real *gradient) {
    int C = channels_of(cell, conv), H = cell->hidden, kernel = options_of(cell)->kernel;
    size_t n = fan_in(cell, conv);
    for (int o = 0; o < H; o++) {
        const real *v = params + cell->offset[conv + WEIGHT_V] + (size_t)o * n;
        real *dv = gradient + cell->offset[conv + WEIGHT_V] + (size_t)o * n;
        real factor = factor_of(cell, params, conv, o), share = 0;
        if (options_of(cell)->weight_norm) {
            real length = length_of(n, v), dg = 0;
            for (int i = 0; i < C * kernel; i++)
                dg += dtaps[(i % kernel * C + i / kernel) * H + o] * v[i] / length;
            gradient[cell->offset[conv + WEIGHT_G] + (size_t)o] += dg;
            share = dg / length;
        }
        for (int i = 0; i < C * kernel; i++)
            dv[i] += factor * (dtaps[(i % kernel * C + i / kernel) * H + o] - share * v[i]);
    }
}

/* --- a pass ------------------------------------------------------------------------------------
 */

struct workspace {
    struct dilated_convolution conv_1, conv_2;
    real *x;      /* [P + T][B][I] the steps that are present, moved together */
    real *middle; /* [P + T][B][H] what conv2 reads */
    real *second; /* [T][B][H] conv2's output, activated */
    real *y;      /* [T][B][H] */
    real *down;   /* [I][H] transposed */
    /* backward only */
    real *dx, *dmiddle, *dy, *dsecond;
};

static struct dilated_convolution dilated_convolution_take(const struct cell *cell, int conv, int B,
                                                           struct scratch *scratch) {
    size_t size = fan_in(cell, conv) * (size_t)cell->hidden;
    struct dilated_convolution convolution = {
        .channels = channels_of(cell, conv),
        .hidden = cell->hidden,
        .kernel = options_of(cell)->kernel,
        .reach = reach_of(cell),
        .dilation = dilation_of(cell),
        .batch = B,
    };
    convolution.taps = scratch_take(scratch, size);
    return convolution;
}

static size_t lay_out(const struct cell *cell, int T, int B, enum phase phase, real *memory,
                      struct workspace *work) {
    size_t H = (size_t)cell->hidden, I = (size_t)cell->inputs, n = (size_t)T * (size_t)B;
    size_t whole = n + (size_t)reach_of(cell) * (size_t)B;
    struct scratch scratch = {.memory = memory};
    work->conv_1 = dilated_convolution_take(cell, CONV_1, B, &scratch);
    work->conv_2 = dilated_convolution_take(cell, CONV_2, B, &scratch);
    work->down = scratch_take(&scratch, has_down(cell) ? I * H : 0);
    work->x = scratch_take(&scratch, whole * I);
    work->middle = scratch_take(&scratch, whole * H);
    work->second = scratch_take(&scratch, n * H);
    work->y = scratch_take(&scratch, n * H);
    if (phase != PHASE_TRAIN)
        return scratch.size;
    work->conv_1.dtaps = scratch_take(&scratch, fan_in(cell, CONV_1) * H);
    work->conv_2.dtaps = scratch_take(&scratch, fan_in(cell, CONV_2) * H);
    work->dx = scratch_take(&scratch, whole * I);
    work->dmiddle = scratch_take(&scratch, whole * H);
    work->dy = scratch_take(&scratch, n * H);
    work->dsecond = scratch_take(&scratch, n * H);
    return scratch.size;
}

static size_t workspace(const struct cell *cell, int steps, int batch, enum phase phase) {
    struct workspace work;
    return lay_out(cell, steps, batch, phase, NULL, &work);
}

/* Rows [T][B][width] of the present steps moved together, and rows of 0 behind them. */
static void gather(const struct sequence *sequence, int width, const real *from, real *to) {
    int T = sequence->steps, B = sequence->batch;
    for (int b = 0; b < B; b++) {
        int row = 0;
        for (int t = 0; t < T; t++)
            if (!is_absent(sequence, t, b))
                copy((size_t)width, from + (size_t)(t * B + b) * (size_t)width,
                     to + (size_t)(row++ * B + b) * (size_t)width);
        for (; row < T; row++)
            zero((size_t)width, to + (size_t)(row * B + b) * (size_t)width);
    }
}

static int present_steps(const struct sequence *sequence, int b) {
    int count = 0;
    for (int t = 0; t < sequence->steps; t++)
        count += !is_absent(sequence, t, b);
    return count;
}

/* Part [offset, offset + P·width) of a state to the first rows of an array [P + T][B][width]; the
 * reverse, from the rows before the one that would come next; and both for gradients. */
static void load_history(const struct cell *cell, const struct sequence *sequence, int offset,
                         int width, real *rows) {
    int B = sequence->batch;
    for (int b = 0; b < B; b++)
        for (int p = 0; p < reach_of(cell); p++) {
            real *row = rows + (size_t)(p * B + b) * (size_t)width;
            zero((size_t)width, row);
            if (sequence->state != NULL)
                copy((size_t)width,
                     sequence->state + (size_t)b * (size_t)cell->state + offset + p * width, row);
        }
}

static void store_history(const struct cell *cell, const struct sequence *sequence, int offset,
                          int width, const real *rows, real *state) {
    int B = sequence->batch;
    for (int b = 0; state != NULL && b < B; b++)
        for (int p = 0, first = present_steps(sequence, b); p < reach_of(cell); p++)
            copy((size_t)width, rows + (size_t)((first + p) * B + b) * (size_t)width,
                 state + (size_t)b * (size_t)cell->state + offset + p * width);
}

static void load_history_gradient(const struct cell *cell, const struct sequence *sequence,
                                  int offset, int width, const real *final, real *drows) {
    int B = sequence->batch;
    zero((size_t)(reach_of(cell) + sequence->steps) * (size_t)(B * width), drows);
    for (int b = 0; final != NULL && b < B; b++)
        for (int p = 0, first = present_steps(sequence, b); p < reach_of(cell); p++)
            copy((size_t)width, final + (size_t)b * (size_t)cell->state + offset + p * width,
                 drows + (size_t)((first + p) * B + b) * (size_t)width);
}

static void add_history_gradient(const struct cell *cell, const struct sequence *sequence,
                                 int offset, int width, const real *drows, real *state) {
    int B = sequence->batch;
    for (int b = 0; state != NULL && b < B; b++)
        for (int p = 0; p < reach_of(cell); p++)
            add((size_t)width, drows + (size_t)(p * B + b) * (size_t)width,
                state + (size_t)b * (size_t)cell->state + offset + p * width);
}

/* Drops numbers of rows [n][H], after convolution `conv`, forward or backward alike; which ones
 * follows from where the row's step is in the sequence. */
static void drop(const struct cell *cell, const struct sequence *sequence, int conv, real *rows) {
    size_t B = (size_t)sequence->batch, H = (size_t)cell->hidden;
    real probability = (real)options_of(cell)->dropout;
    for (size_t b = 0; b < B && probability > 0; b++)
        for (int t = 0, row = 0; t < sequence->steps; t++) {
            size_t before = 2 * (size_t)(sequence->earlier + t) + (conv == CONV_2 ? 1 : 0);
            if (!is_absent(sequence, t, (int)b))
                dropout(sequence->dropout, (before * B + b) * H, probability, H,
                        rows + ((size_t)row++ * B + b) * H);
        }
}

static void relu(size_t n, real *values) {
#pragma omp simd
    for (size_t i = 0; i < n; i++)
        values[i] = values[i] < 0 ? 0 : values[i]; /* NaN stays NaN */
}

/* d [n] where relu's output is 0: 0. */
static void relu_backward(size_t n, const real *output, real *d) {
#pragma omp simd
    for (size_t i = 0; i < n; i++)
        d[i] = output[i] > 0 ? d[i] : 0;
}

static void prepare(const struct cell *cell, const real *params, const struct workspace *work) {
    fill_taps(cell, params, CONV_1, work->conv_1.taps);
    fill_taps(cell, params, CONV_2, work->conv_2.taps);
    if (has_down(cell))
        matrix_transpose(cell->hidden, cell->inputs, params + cell->offset[DOWN_WEIGHT],
                         cell->inputs, work->down);
}

/* out [T][B][H]: y moved back, and repeated at absent steps. */
static void scatter(const struct cell *cell, const struct sequence *sequence, const real *y,
                    real *out, real *final) {
    int B = sequence->batch, H = cell->hidden, offset = cell->state - H;
    for (int b = 0; b < B; b++) {
        const real *held =
            sequence->state == NULL ? NULL : sequence->state + b * cell->state + offset;
        for (int t = 0, row = 0; t < sequence->steps; t++) {
            real *own = out + (size_t)(t * B + b) * (size_t)H;
            if (!is_absent(sequence, t, b))
                held = y + (size_t)(row++ * B + b) * (size_t)H;
            if (held != NULL)
                copy((size_t)H, held, own);
            else
                zero((size_t)H, own);
        }
    }
    store_state(B, cell->state, offset, H, out + (size_t)((sequence->steps - 1) * B * H), final);
}

static void forward(const struct cell *cell, const real *params, const struct sequence *sequence,
                    real *out, real *final, real *memory) {
    int B = sequence->batch, I = cell->inputs, H = cell->hidden, n = sequence->steps * B;
    const size_t *offset = cell->offset;
    size_t size = (size_t)n * (size_t)H, before = (size_t)reach_of(cell) * (size_t)B;
    struct workspace work;
    lay_out(cell, sequence->steps, B, sequence->phase, memory, &work);
    real *x = work.x + before * (size_t)I, *middle = work.middle + before * (size_t)H;
    if (!sequence->is_prepared)
        prepare(cell, params, &work);
    load_history(cell, sequence, 0, I, work.x);
    load_history(cell, sequence, reach_of(cell) * I, H, work.middle);
    gather(sequence, I, sequence->x, x);
    convolve(&work.conv_1, n, work.x, params + offset[CONV_1 + BIAS], middle);
    relu(size, middle);
    drop(cell, sequence, CONV_1, middle);
    convolve(&work.conv_2, n, work.middle, params + offset[CONV_2 + BIAS], work.second);
    relu(size, work.second);
    drop(cell, sequence, CONV_2, work.second);
    if (has_down(cell))
        linear_transposed(n, I, H, x, work.down, params + offset[DOWN_BIAS], NULL, work.y, H);
    else
        copy(size, x, work.y);
    add(size, work.second, work.y);
    relu(size, work.y);
    scatter(cell, sequence, work.y, out, final);
    store_history(cell, sequence, 0, I, work.x, final);
    store_history(cell, sequence, reach_of(cell) * I, H, work.middle, final);
}

/* dy [T][B][H] of the steps moved together, from those of all outputs and of the final state. */
static void gather_gradient(const struct cell *cell, const struct sequence *sequence,
                            const struct cell_gradient *gradient, real *dy) {
    int T = sequence->steps, B = sequence->batch, H = cell->hidden, offset = cell->state - H;
    zero((size_t)(T * B) * (size_t)H, dy);
    for (int b = 0; b < B; b++) {
        int row = -1; /* of the output that is held; −1: the state's */
        for (int t = 0; t <= T; t++) {
            bool is_final = t == T;
            const real *from = is_final ? gradient->final : gradient->y;
            if (!is_final && !is_absent(sequence, t, b))
                row++;
            real *to = row >= 0                  ? dy + (size_t)(row * B + b) * (size_t)H
                       : gradient->state != NULL ? gradient->state + b * cell->state + offset
                                                 : NULL;
            if (from != NULL && to != NULL)
                add((size_t)H,
                    from + (is_final ? (size_t)(b * cell->state + offset)
                                     : (size_t)(t * B + b) * (size_t)H),
                    to);
        }
    }
}

/* dx [T][B][I] of the network from that of the steps moved together. */
static void scatter_gradient(const struct sequence *sequence, int width, const real *from,
                             real *to) {
    int B = sequence->batch;
    for (int b = 0; b < B; b++)
        for (int t = 0, row = 0; t < sequence->steps; t++) {
            real *own = to + (size_t)(t * B + b) * (size_t)width;
            if (is_absent(sequence, t, b))
                zero((size_t)width, own);
            else
                copy((size_t)width, from + (size_t)(row++ * B + b) * (size_t)width, own);
        }
}

static void backward(const struct cell *cell, const real *params, const struct sequence *sequence,
                     const struct cell_gradient *gradient, real *memory) {
    int B = sequence->batch, I = cell->inputs, H = cell->hidden, n = sequence->steps * B;
    const size_t *offset = cell->offset;
    size_t size = (size_t)n * (size_t)H, before = (size_t)reach_of(cell) * (size_t)B;
    real *dparams = gradient->params;
    struct workspace work;
    lay_out(cell, sequence->steps, B, PHASE_TRAIN, memory, &work);
    real *dx = work.dx + before * (size_t)I, *dmiddle = work.dmiddle + before * (size_t)H;
    gather_gradient(cell, sequence, gradient, work.dy);
    load_history_gradient(cell, sequence, 0, I, gradient->final, work.dx);
    load_history_gradient(cell, sequence, reach_of(cell) * I, H, gradient->final, work.dmiddle);
    relu_backward(size, work.y, work.dy);
    copy(size, work.dy, work.dsecond);
    drop(cell, sequence, CONV_2, work.dsecond);
    relu_backward(size, work.second, work.dsecond);
    convolve_backward(&work.conv_2, n, work.middle, work.dsecond, work.dmiddle,
                      dparams + offset[CONV_2 + BIAS]);
    /* The first rows are the state's, past the activation. */
    drop(cell, sequence, CONV_1, dmiddle);
    relu_backward(size, work.middle + before * (size_t)H, dmiddle);
    convolve_backward(&work.conv_1, n, work.x, dmiddle, work.dx, dparams + offset[CONV_1 + BIAS]);
    if (has_down(cell))
        linear_backward(n, I, H, work.x + before * (size_t)I, params + offset[DOWN_WEIGHT], work.dy,
                        H, dparams + offset[DOWN_WEIGHT], dparams + offset[DOWN_BIAS], dx, true);
    else
        add(size, work.dy, dx);
    taps_backward(cell, params, CONV_1, work.conv_1.dtaps, dparams);
    taps_backward(cell, params, CONV_2, work.conv_2.dtaps, dparams);
    add_history_gradient(cell, sequence, 0, I, work.dx, gradient->state);
    add_history_gradient(cell, sequence, reach_of(cell) * I, H, work.dmiddle, gradient->state);
    if (gradient->x != NULL)
        scatter_gradient(sequence, I, dx, gradient->x);
}

static double flops(const struct cell *cell) {
    double H = cell->hidden, I = cell->inputs, kernel = options_of(cell)->kernel;
    return 2 * kernel * H * (I + H) + (has_down(cell) ? 2 * H * I : 0) + 8 * H;
}

const struct cell_type ISA_NAME(cell_tcn) = {
    .name = "tcn",
    .title = "TCN",
    .citation = "Bai, Kolter & Koltun, An Empirical Evaluation of Generic Convolutional and "
                "Recurrent Networks for Sequence Modeling, 2018",
    .parameters = "HK(I + H) + 4H + H(I + 1), K = kernel, H(I + 1) less where I = H",
    .options = tcn_fields,
    .options_size = sizeof(struct tcn_options),
    .streams = true,
    .configure = configure,
    CELL_FUNCTIONS,
};
