/* Long expressive memory (Rusch, Mishra, Erichson & Mahoney, ICLR 2022, eq. 3):
 *
 *   [a_y; a_z; b_y; b_z] = W_i x + b_i                    [c_y; c_z; d_z] = W_h y + b_h
 *   δ_y = dt σ(a_y + c_y)                                 δ_z = dt σ(a_z + c_z)
 *   z ← (1 − δ_z) ⊙ z + δ_z ⊙ tanh(b_z + d_z)
 *   y ← (1 − δ_y) ⊙ y + δ_y ⊙ tanh(W_z z + b + b_y)       with the new z
 *
 * With use_elapsed, min(1, dt Δ) takes the place of dt: a long gap cannot overshoot. That is an
 * extension; at Δ = 1 it is the paper's cell.
 *
 * A workspace row is [σ(a_y + c_y), σ(a_z + c_z), tanh of z, tanh of y], so that W_h y adds to
 * whole columns. State: y, z. */
#include "engine/activation.h"
#include "engine/cell.h"
#include "engine/initial.h"
#include "engine/isa.h"
#include "engine/linear.h"

enum { INPUT_WEIGHT, INPUT_BIAS, HIDDEN_WEIGHT, HIDDEN_BIAS, Z_WEIGHT, Z_BIAS };

struct lem_options {
    double dt;
    bool use_elapsed;
};

#define AT(member) .offset = offsetof(struct lem_options, member)
static const struct field lem_fields[] = {
    {"dt", FIELD_REAL, AT(dt), .fallback = "1", .min = 1e-9, .max = 1,
     .help = "Longest time step of a unit; shorter ones remember longer."},
    {"use_elapsed", FIELD_BOOL, AT(use_elapsed), .fallback = "false",
     .help = "Multiply dt by the elapsed time, up to 1."},
    {0},
};
#undef AT

static const struct lem_options *options_of(const struct cell *cell) {
    return cell->options;
}

static void declare(struct cell *cell, struct param_list *list) {
    int H = cell->hidden;
    cell_param(cell, list, INPUT_WEIGHT, "inp2hid.weight", 4 * H, cell->inputs);
    cell_param(cell, list, INPUT_BIAS, "inp2hid.bias", 4 * H, 0);
    cell_param(cell, list, HIDDEN_WEIGHT, "hid2hid.weight", 3 * H, H);
    cell_param(cell, list, HIDDEN_BIAS, "hid2hid.bias", 3 * H, 0);
    cell_param(cell, list, Z_WEIGHT, "transform_z.weight", H, H);
    cell_param(cell, list, Z_BIAS, "transform_z.bias", H, 0);
}

static void init(const struct cell *cell, real *params, gsl_rng *rng) {
    size_t size = 4 * (size_t)cell->hidden * (size_t)(cell->inputs + cell->hidden + 2); /* all */
    fill_torch(rng, cell->hidden, size, params + cell->offset[INPUT_WEIGHT]);
}

struct workspace {
    struct transposed_weights transposed; /* W_i of 4H rows, W_h of 3H */
    real *transposed_z;                   /* [H][H] */
    real *gates;   /* [T][B][4H] as above; in backward() the gradients of their arguments */
    real *y, *z;   /* [T+1][B][H] */
    real *dy, *dz; /* [B][H] */
};

static size_t lay_out(const struct cell *cell, int T, int B, enum phase phase, real *memory,
                      struct workspace *work) {
    size_t H = (size_t)cell->hidden, row = (size_t)B * H;
    bool trains = phase == PHASE_TRAIN;
    struct scratch scratch = {.memory = memory};
    work->transposed.ih = scratch_take(&scratch, 4 * H * (size_t)cell->inputs);
    work->transposed.hh = scratch_take(&scratch, 3 * H * H);
    work->transposed_z = scratch_take(&scratch, H * H);
    work->gates = scratch_take(&scratch, 4 * row * (size_t)T);
    work->y = scratch_take(&scratch, row * (size_t)(T + 1));
    work->z = scratch_take(&scratch, row * (size_t)(T + 1));
    work->dy = scratch_take(&scratch, trains ? row : 0);
    work->dz = scratch_take(&scratch, trains ? row : 0);
    return scratch.size;
}

static size_t workspace(const struct cell *cell, int steps, int batch, enum phase phase) {
    struct workspace work;
    return lay_out(cell, steps, batch, phase, NULL, &work);
}

/* dt of one step of one stream. */
static real step_length(const struct cell *cell, const struct sequence *sequence, int t, int b) {
    real dt = (real)options_of(cell)->dt;
    if (!options_of(cell)->use_elapsed)
        return dt;
    real length = dt * sequence->elapsed[t * sequence->batch + b];
    return length > 1 ? 1 : length;
}

/* gates [T][B][4H] = what the inputs contribute, with both biases. */
static void sense(const struct cell *cell, const real *params, const struct sequence *sequence,
                  const struct workspace *work) {
    int n = sequence->steps * sequence->batch, I = cell->inputs, H = cell->hidden;
    const size_t *offset = cell->offset;
    const real *input = params + offset[INPUT_BIAS], *hidden = params + offset[HIDDEN_BIAS];
    if (!sequence->is_prepared) {
        matrix_transpose(4 * H, I, params + offset[INPUT_WEIGHT], I, work->transposed.ih);
        matrix_transpose(3 * H, H, params + offset[HIDDEN_WEIGHT], H, work->transposed.hh);
        matrix_transpose(H, H, params + offset[Z_WEIGHT], H, work->transposed_z);
    }
    linear_bias(n, 2 * H, input, hidden, work->gates, 4 * H);
    linear_bias(n, H, input + 3 * H, hidden + 2 * H, work->gates + 2 * H, 4 * H);
    linear_bias(n, H, input + 2 * H, params + offset[Z_BIAS], work->gates + 3 * H, 4 * H);
    const real *transposed = work->transposed.ih, *x = sequence->x;
    matmul_nn(n, 2 * H, I, x, I, transposed, 4 * H, work->gates, 4 * H, true);
    matmul_nn(n, H, I, x, I, transposed + 3 * H, 4 * H, work->gates + 2 * H, 4 * H, true);
    matmul_nn(n, H, I, x, I, transposed + 2 * H, 4 * H, work->gates + 3 * H, 4 * H, true);
}

/* One stream: its row's first three parts, and the new z [H]. */
static void move_z(int H, real dt, real *gates, const real *z, real *next) {
    real *open_y = gates, *open_z = gates + H, *candidate = gates + 2 * H;
    sigmoid_all(2 * (size_t)H, open_y, open_y); /* and open_z, which follows */
    activate(TANH, (size_t)H, candidate, candidate);
#pragma omp simd
    for (int j = 0; j < H; j++) {
        next[j] = z[j] + dt * open_z[j] * (candidate[j] - z[j]);
    }
}

static void move_y(int H, real dt, real *gates, const real *y, real *next) {
    const real *open = gates;
    real *candidate = gates + 3 * H;
    activate(TANH, (size_t)H, candidate, candidate);
#pragma omp simd
    for (int j = 0; j < H; j++) {
        next[j] = y[j] + dt * open[j] * (candidate[j] - y[j]);
    }
}

static void forward(const struct cell *cell, const real *params, const struct sequence *sequence,
                    real *out, real *final, real *memory) {
    int T = sequence->steps, B = sequence->batch, H = cell->hidden;
    size_t row = (size_t)B * (size_t)H;
    struct workspace work;
    lay_out(cell, T, B, sequence->phase, memory, &work);

    load_state(sequence, 2 * H, 0, H, work.y);
    load_state(sequence, 2 * H, H, H, work.z);
    sense(cell, params, sequence, &work);
    for (int t = 0; t < T; t++) {
        real *gates = work.gates + 4 * row * (size_t)t;
        real *y = work.y + row * (size_t)t, *z = work.z + row * (size_t)t;
        matmul_nn(B, 3 * H, H, y, H, work.transposed.hh, 3 * H, gates, 4 * H, true);
        for (int b = 0; b < B; b++)
            move_z(H, step_length(cell, sequence, t, b), gates + 4 * H * b, z + H * b,
                   z + row + H * b);
        hold_absent(sequence, t, H, z, z + row);
        matmul_nn(B, H, H, z + row, H, work.transposed_z, H, gates + 3 * H, 4 * H, true);
        for (int b = 0; b < B; b++)
            move_y(H, step_length(cell, sequence, t, b), gates + 4 * H * b, y + H * b,
                   y + row + H * b);
        hold_absent(sequence, t, H, y, y + row);
    }
    copy(row * (size_t)T, work.y + row, out);
    store_state(B, 2 * H, 0, H, work.y + row * (size_t)T, final);
    store_state(B, 2 * H, H, H, work.z + row * (size_t)T, final);
}

/* Back through s' = s + dt open (candidate − s) of one stream, [H] each: open and candidate become
 * the gradients of their arguments, ds that of s. Returns d loss / d dt. */
static real move_backward(int H, real dt, real *open, real *candidate, const real *s, real *ds) {
    real ddt = 0;
#pragma omp simd reduction(+ : ddt)
    for (int j = 0; j < H; j++) {
        real dlength = ds[j] * (candidate[j] - s[j]), length = dt * open[j];
        ddt += dlength * open[j];
        candidate[j] = ds[j] * length * (1 - candidate[j] * candidate[j]);
        open[j] = dlength * length * (1 - open[j]);
        ds[j] -= ds[j] * length;
    }
    return ddt;
}

/* Back through the step of y (part 0 of the row) or z (part 1), whose tanh is part `candidate`. */
static void streams_backward(const struct cell *cell, const struct sequence *sequence, int t,
                             int part, int candidate, real *gates, const real *s, real *ds,
                             real *delapsed) {
    int B = sequence->batch, H = cell->hidden;
    const struct lem_options *options = options_of(cell);
    for (int b = 0; b < B; b++, gates += 4 * H, s += H, ds += H) {
        real *open = gates + part * H, dt = step_length(cell, sequence, t, b);
        if (is_absent(sequence, t, b)) {
            zero((size_t)H, open);
            zero((size_t)H, gates + candidate * H);
            continue;
        }
        real ddt = move_backward(H, dt, open, gates + candidate * H, s, ds);
        if (delapsed != NULL && options->use_elapsed && dt < 1)
            delapsed[t * B + b] += (real)options->dt * ddt;
    }
}

/* The weights' gradients, from those of all gates. */
static void collect(const struct cell *cell, const real *params, const struct sequence *sequence,
                    const struct cell_gradient *gradient, const struct workspace *work) {
    int n = sequence->steps * sequence->batch, I = cell->inputs, H = cell->hidden;
    const size_t *offset = cell->offset;
    size_t row = (size_t)sequence->batch * (size_t)H;
    const real *weight = params + offset[INPUT_WEIGHT], *x = sequence->x, *gates = work->gates;
    real *dweight = gradient->params + offset[INPUT_WEIGHT];
    real *dbias = gradient->params + offset[INPUT_BIAS], *dx = gradient->x;
    linear_backward(n, I, 2 * H, x, weight, gates, 4 * H, dweight, dbias, dx, false);
    linear_backward(n, I, H, x, weight + 3 * H * I, gates + 2 * H, 4 * H, dweight + 3 * H * I,
                    dbias + 3 * H, dx, true);
    linear_backward(n, I, H, x, weight + 2 * H * I, gates + 3 * H, 4 * H, dweight + 2 * H * I,
                    dbias + 2 * H, dx, true);
    linear_backward(n, H, 3 * H, work->y, NULL, gates, 4 * H,
                    gradient->params + offset[HIDDEN_WEIGHT],
                    gradient->params + offset[HIDDEN_BIAS], NULL, false);
    linear_backward(n, H, H, work->z + row, NULL, gates + 3 * H, 4 * H,
                    gradient->params + offset[Z_WEIGHT], gradient->params + offset[Z_BIAS], NULL,
                    false);
}

static void backward(const struct cell *cell, const real *params, const struct sequence *sequence,
                     const struct cell_gradient *gradient, real *memory) {
    int T = sequence->steps, B = sequence->batch, H = cell->hidden;
    size_t row = (size_t)B * (size_t)H;
    struct workspace work;
    lay_out(cell, T, B, PHASE_TRAIN, memory, &work);

    load_final_gradient(gradient, B, 2 * H, 0, H, work.dy);
    load_final_gradient(gradient, B, 2 * H, H, H, work.dz);
    for (int t = T; t-- > 0;) {
        real *gates = work.gates + 4 * row * (size_t)t;
        add(row, gradient->y + row * (size_t)t, work.dy);
        streams_backward(cell, sequence, t, 0, 3, gates, work.y + row * (size_t)t, work.dy,
                         gradient->elapsed);
        matmul_nn(B, H, H, gates + 3 * H, 4 * H, params + cell->offset[Z_WEIGHT], H, work.dz, H,
                  true);
        streams_backward(cell, sequence, t, 1, 2, gates, work.z + row * (size_t)t, work.dz,
                         gradient->elapsed);
        matmul_nn(B, H, 3 * H, gates, 4 * H, params + cell->offset[HIDDEN_WEIGHT], H, work.dy, H,
                  true);
    }
    collect(cell, params, sequence, gradient, &work);
    add_state(B, 2 * H, 0, H, work.dy, gradient->state);
    add_state(B, 2 * H, H, H, work.dz, gradient->state);
}

static double flops(const struct cell *cell) {
    double H = cell->hidden, I = cell->inputs;
    return 2 * 4 * H * (I + H) + 50 * H;
}

const struct cell_type ISA_NAME(cell_lem) = {
    .name = "lem",
    .title = "LEM",
    .citation = "Rusch, Mishra, Erichson & Mahoney, Long Expressive Memory for Sequence Modeling, "
                "ICLR 2022",
    .parameters = "4H(I + H + 2)",
    .states = 2,
    .options = lem_fields,
    .options_size = sizeof(struct lem_options),
    .takes_time = true,
    .streams = true,
    CELL_FUNCTIONS,
};
