#include "engine/cells/minimal_rnn.h"

#include "engine/activation.h"
#include "engine/initial.h"
#include "engine/linear.h"

const char *minimal_form_name(size_t position) {
    static const char *const names[] = {"log", "plain", NULL};
    return names[position];
}

struct minimal_workspace {
    real *transposed; /* [I][G·H] */
    real *rows;       /* [T][B][G·H] W x + b; in backward() its gradient */
    real *c, *z;      /* [T][B][H]; in backward() z becomes the gradient of its argument */
    real *h;          /* [T+1][B][H] */
    real *dh;         /* [B][H] */
};

static size_t minimal_lay_out(const struct cell *cell, const struct minimal *minimal, int T, int B,
                              enum phase phase, real *memory, struct minimal_workspace *work) {
    size_t row = (size_t)B * (size_t)cell->hidden, G = (size_t)minimal->blocks, steps = (size_t)T;
    struct scratch scratch = {.memory = memory};
    work->transposed = scratch_take(&scratch, G * (size_t)cell->hidden * (size_t)cell->inputs);
    work->rows = scratch_take(&scratch, G * row * steps);
    work->c = scratch_take(&scratch, row * steps);
    work->z = scratch_take(&scratch, row * steps);
    work->h = scratch_take(&scratch, row * (steps + 1));
    work->dh = scratch_take(&scratch, phase == PHASE_TRAIN ? row : 0);
    return scratch.size;
}

size_t minimal_memory(const struct cell *cell, const struct minimal *minimal, int T, int B,
                      enum phase phase) {
    struct minimal_workspace work;
    return minimal_lay_out(cell, minimal, T, B, phase, NULL, &work);
}

void minimal_declare(struct cell *cell, const struct minimal *minimal, struct param_list *list) {
    cell_param(cell, list, MINIMAL_WEIGHT, minimal->weight, minimal->blocks * cell->hidden,
               cell->inputs);
    if (minimal_options_of(cell)->bias)
        cell_param(cell, list, MINIMAL_BIAS, minimal->bias, minimal->blocks * cell->hidden, 0);
}

void minimal_init(const struct cell *cell, const struct minimal *minimal, real *params,
                  gsl_rng *rng) {
    size_t rows = (size_t)(minimal->blocks * cell->hidden);
    bool bias = minimal_options_of(cell)->bias;
    fill_torch(rng, cell->inputs, rows * ((size_t)cell->inputs + (bias ? 1 : 0)),
               params + cell->offset[MINIMAL_WEIGHT]);
}

/* Steps that a pass works on at once: the rows of a few are still in the cache when their gates open, and
 * when the weights' gradients need them. */
static int steps_at_once(int B) {
    enum { ROWS_AT_ONCE = 128 };
    return B < ROWS_AT_ONCE ? ROWS_AT_ONCE / B : 1;
}

/* c [n][H] from the first columns of rows [n][width]. */
static void minimal_candidates(int n, int H, int width, bool is_log, const real *rows, real *c) {
    for (int row = 0; row < n; row++, rows += width, c += H) {
        if (!is_log) {
            copy((size_t)H, rows, c);
            continue;
        }
        sigmoid_all((size_t)H, rows, c);
#pragma omp simd
        for (int j = 0; j < H; j++)
            c[j] = rows[j] < 0 ? c[j] : rows[j] + REAL(0.5);
    }
}

/* The candidates and the gates of the steps that begin at t. */
static void minimal_gates(const struct cell *cell, const struct minimal *minimal,
                          const real *params, const struct sequence *sequence, int t,
                          const struct minimal_workspace *work) {
    int T = sequence->steps, B = sequence->batch, I = cell->inputs, H = cell->hidden;
    int width = minimal->blocks * H, steps = steps_at_once(B),
        n = B * (T - t < steps ? T - t : steps);
    const struct minimal_options *options = minimal_options_of(cell);
    size_t first = (size_t)t * (size_t)B;
    real *rows = work->rows + first * (size_t)width, *c = work->c + first * (size_t)H;
    if (options->bias)
        linear_bias(n, width, params + cell->offset[MINIMAL_BIAS], NULL, rows, width);
    matmul_nn(n, width, I, sequence->x + first * (size_t)I, I, work->transposed, width, rows, width,
              options->bias);
    minimal_candidates(n, H, width, options->form == MINIMAL_LOG, rows, c);
    minimal->open(n, H, rows, work->z + first * (size_t)H);
}

void minimal_forward(const struct cell *cell, const struct minimal *minimal, const real *params,
                     const struct sequence *sequence, real *y, real *final, real *memory) {
    int T = sequence->steps, B = sequence->batch, I = cell->inputs, H = cell->hidden;
    int width = minimal->blocks * H;
    size_t row = (size_t)B * (size_t)H;
    struct minimal_workspace work;
    minimal_lay_out(cell, minimal, T, B, sequence->phase, memory, &work);

    load_state(sequence, H, 0, H, work.h);
    if (!sequence->is_prepared)
        matrix_transpose(width, I, params + cell->offset[MINIMAL_WEIGHT], I, work.transposed);
    for (int t = 0; t < T; t++) {
        const real *c = work.c + row * (size_t)t, *z = work.z + row * (size_t)t;
        if (t % steps_at_once(B) == 0)
            minimal_gates(cell, minimal, params, sequence, t, &work);
        const real *h = work.h + row * (size_t)t;
        real *next = work.h + row * (size_t)(t + 1);
#pragma omp simd
        for (size_t i = 0; i < row; i++)
            next[i] = h[i] + z[i] * (c[i] - h[i]);
        hold_absent(sequence, t, H, h, next);
    }
    copy(row * (size_t)T, work.h + row, y);
    store_state(B, H, 0, H, work.h + row * (size_t)T, final);
}

/* One stream of one step: dh [H] of the new state becomes that of the old one, dc [H] =, z [H]
 * becomes the gradient of its argument. */
static void minimal_step_backward(int H, bool is_log, const real *c, const real *h, real *dh,
                                  real *dc, real *z) {
#pragma omp simd
    for (int j = 0; j < H; j++) {
        real slope = is_log && c[j] < REAL(0.5) ? c[j] * (1 - c[j]) : 1; /* of g */
        dc[j] = dh[j] * z[j] * slope;
        real dz = dh[j] * (c[j] - h[j]);
        dh[j] *= 1 - z[j];
        z[j] = dz * z[j] * (1 - z[j]);
    }
}

void minimal_backward(const struct cell *cell, const struct minimal *minimal, const real *params,
                      const struct sequence *sequence, const struct cell_gradient *gradient,
                      real *memory) {
    int T = sequence->steps, B = sequence->batch, I = cell->inputs, H = cell->hidden;
    int width = minimal->blocks * H;
    const struct minimal_options *options = minimal_options_of(cell);
    const size_t *offset = cell->offset;
    size_t row = (size_t)B * (size_t)H;
    struct minimal_workspace work;
    minimal_lay_out(cell, minimal, T, B, PHASE_TRAIN, memory, &work);

    load_final_gradient(gradient, B, H, 0, H, work.dh);
    int end = T; /* behind the steps whose weights' gradients wait */
    for (int t = T; t-- > 0;) {
        add(row, gradient->y + row * (size_t)t, work.dh);
        for (int b = 0; b < B; b++) {
            size_t stream = (size_t)t * (size_t)B + (size_t)b, at = stream * (size_t)H;
            real *dc = work.rows + stream * (size_t)width;
            if (is_absent(sequence, t, b)) {
                zero((size_t)H, dc);
                zero((size_t)H, work.z + at);
            } else {
                minimal_step_backward(H, options->form == MINIMAL_LOG, work.c + at, work.h + at,
                                      work.dh + (size_t)b * (size_t)H, dc, work.z + at);
            }
        }
        if (t % steps_at_once(B) > 0)
            continue;
        size_t first = (size_t)t * (size_t)B;
        real *rows = work.rows + first * (size_t)width;
        int n = (end - t) * B;
        minimal->open_backward(n, H, work.z + first * (size_t)H, rows);
        matmul_tn(width, I, n, rows, width, sequence->x + first * (size_t)I, I,
                  gradient->params + offset[MINIMAL_WEIGHT], I, true);
        if (options->bias)
            linear_bias_backward(n, width, rows, width, gradient->params + offset[MINIMAL_BIAS]);
        end = t;
    }
    if (gradient->x != NULL)
        matmul_nn(T * B, I, width, work.rows, width, params + offset[MINIMAL_WEIGHT], I,
                  gradient->x, I, false);
    add_state(B, H, 0, H, work.dh, gradient->state);
}
