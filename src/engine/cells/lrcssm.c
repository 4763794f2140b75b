/* LrcSSM (Farsang, Hasani, Rus & Grosu, NeurIPS 2025, eqs. 8-14): an LRC (engine/lrc_step.h) whose N
 * neurons see only themselves and one sigmoid of each of H channels, in a residual block
 * (engine/cells/residual_block.h),
 *
 *   a = σ(γˢ ⊙ (u − μˢ))                     n = σ(γ ⊙ (v − μ))
 *   f = σ(g + Wˢ a + w ⊙ n)                  q = tanh(g + Hˢ a + h ⊙ n)
 *   ε of z = k v + b and the shift s         v ← v + dt Δ ε ⊙ (E ⊙ q − f ⊙ v)
 *
 * The products of a with Wˢ and Hˢ are computed for all steps at once. Outputs: v. State: v, the
 * last output. */
#include "engine/cells/residual_block.h"
#include "engine/initial.h"
#include "engine/linear.h"
#include "engine/lrc_step.h"
#include "math/matmul.h"

enum {
    SENSORY_MU,
    SENSORY_SIGMA,
    SENSORY_W,
    SENSORY_H,
    MU,
    SIGMA,
    W,
    H_WEIGHT,
    GLEAK,
    VLEAK,
    KERNEL,
    BIAS,
    SHIFT,
    TENSORS
};

struct lrcssm_options {
    struct block_options block;
    int states, elastance, solver;
    double dt;
};

static const char *elastance_name(size_t position) {
    static const char *const names[] = {"symmetric", "asymmetric", NULL};
    return names[position];
}

#define AT(member) .offset = offsetof(struct lrcssm_options, member)
static const struct field lrcssm_fields[] = {
    {"state", FIELD_INT, AT(states), .fallback = "64", .min = 1, .max = 65536,
     .help = "Neurons inside."},
    {"elastance", FIELD_CHOICE, AT(elastance), .fallback = "\"asymmetric\"",
     .choices = elastance_name,
     .help = "What the inverse capacitance of a neuron is of its state: one sigmoid, or a "
             "difference of two."},
    {"solver", FIELD_CHOICE, AT(solver), .fallback = "\"euler\"", .choices = lrc_solver_name,
     .help = "ODE solver: explicit steps, or semi-implicit ones, which no gap is too long for."},
    {"dt", FIELD_REAL, AT(dt), .fallback = "1", .min = 1e-9, .max = 1e9,
     .help = "Length of a step, in units of elapsed time."},
    BLOCK_FIELD(struct lrcssm_options, "lrcssm"),
    {0},
};
#undef AT

static const struct lrcssm_options *options_of(const struct cell *cell) {
    return cell->options;
}

static bool has_shift(const struct cell *cell) {
    return options_of(cell)->elastance == ELASTANCE_SYMMETRIC;
}

static void declare(struct cell *cell, struct param_list *list) {
    static const char *const names[] = {"weight_sensory_mu",
                                        "weight_sensory_sigma",
                                        "weight_sensory_w",
                                        "weight_sensory_h",
                                        "weight_mu",
                                        "weight_sigma",
                                        "weight_w",
                                        "weight_h",
                                        "weight_gleak",
                                        "weight_vleak",
                                        "weight_elastance_kernel",
                                        "weight_elastance_bias",
                                        "weight_elastance_shift"};
    int H = cell->inputs, N = options_of(cell)->states;
    for (int tensor = 0; tensor < (has_shift(cell) ? TENSORS : SHIFT); tensor++) {
        bool is_matrix = tensor == SENSORY_W || tensor == SENSORY_H;
        int rows = tensor == SENSORY_MU || tensor == SENSORY_SIGMA ? H : N;
        /* Not decayed: all of them are the dynamics. */
        cell_param_shaped(cell, list, tensor, names[tensor], (int[]){rows, is_matrix ? H : 0, 0},
                          false);
    }
}

static void init(const struct cell *cell, real *params, gsl_rng *rng) {
    size_t H = (size_t)cell->inputs, N = (size_t)options_of(cell)->states;
    size_t size = 2 * H + 2 * N * H + (size_t)(has_shift(cell) ? 9 : 8) * N; /* all of them */
    fill_torch(rng, (int)N, size, params + cell->offset[SENSORY_MU]);
}

struct workspace {
    real *a;     /* [T][B][H] */
    real *q, *f; /* [T][B][N] activated; in backward() the gradients of their arguments */
    real *v;     /* [T+1][B][N] */
    real *dv;    /* [B][N] backward only, as what follows */
    real *da;    /* [T][B][H] */
};

static size_t lay_out(const struct cell *cell, int T, int B, enum phase phase, real *memory,
                      struct workspace *work) {
    size_t n = (size_t)T * (size_t)B, N = (size_t)options_of(cell)->states;
    size_t H = (size_t)cell->inputs;
    struct scratch scratch = {.memory = memory};
    work->a = scratch_take(&scratch, n * H);
    work->q = scratch_take(&scratch, n * N);
    work->f = scratch_take(&scratch, n * N);
    work->v = scratch_take(&scratch, (n + (size_t)B) * N);
    work->dv = scratch_take(&scratch, phase == PHASE_TRAIN ? (size_t)B * N : 0);
    work->da = scratch_take(&scratch, phase == PHASE_TRAIN ? n * H : 0);
    return scratch.size;
}

static size_t workspace(const struct cell *cell, int steps, int batch, enum phase phase) {
    struct workspace work;
    return lay_out(cell, steps, batch, phase, NULL, &work);
}

/* One stream of one step, [N] each; q and f hold what the channels contribute before forward(). */
struct lrcssm_step {
    real delta;
    real *q, *f, *v, *after, *dv;
};

static struct lrcssm_step step_at(const struct cell *cell, const struct sequence *sequence,
                                  const struct workspace *work, int t, int b) {
    size_t N = (size_t)options_of(cell)->states, row = (size_t)(t * sequence->batch + b) * N;
    return (struct lrcssm_step){
        .delta = (real)options_of(cell)->dt * sequence->elapsed[t * sequence->batch + b],
        .q = work->q + row,
        .f = work->f + row,
        .v = work->v + row,
        .after = work->v + row + (size_t)sequence->batch * N,
        .dv = work->dv + (size_t)b * N,
    };
}

/* LANES neurons from i on, or the last ones. */
struct lanes {
    int count;
    vector n, k, shift, v;
    struct elastance elastance;
};

static inline struct lanes part_at(const struct cell *cell, const real *params,
                                   const struct lrcssm_step *step, int i) {
    const size_t *offset = cell->offset;
    int kind = options_of(cell)->elastance, count = options_of(cell)->states - i;
    struct lanes part = {.count = count, .v = vector_load_first(step->v + i, count)};
    vector mu = vector_load_first(params + offset[MU] + i, count);
    part.n = vector_sigmoid(vector_load_first(params + offset[SIGMA] + i, count) * (part.v - mu));
    part.k = vector_load_first(params + offset[KERNEL] + i, count);
    if (kind == ELASTANCE_SYMMETRIC)
        part.shift = vector_load_first(params + offset[SHIFT] + i, count);
    part.elastance = elastance_of(
        kind, part.k * part.v + vector_load_first(params + offset[BIAS] + i, count), part.shift);
    return part;
}

static void advance(const struct cell *cell, const real *params, const struct lrcssm_step *step) {
    const size_t *offset = cell->offset;
    for (int i = 0; i < options_of(cell)->states; i += LANES) {
        struct lanes part = part_at(cell, params, step, i);
        int count = part.count;
        vector g = vector_load_first(params + offset[GLEAK] + i, count);
        vector w = vector_load_first(params + offset[W] + i, count);
        vector h = vector_load_first(params + offset[H_WEIGHT] + i, count);
        vector q = vector_tanh(vector_load_first(step->q + i, count) + g + h * part.n);
        vector f = vector_sigmoid(vector_load_first(step->f + i, count) + g + w * part.n);
        vector e = vector_load_first(params + offset[VLEAK] + i, count);
        vector_store_first(q, step->q + i, count);
        vector_store_first(f, step->f + i, count);
        vector_store_first(lrc_step(options_of(cell)->solver == LRC_FUSED,
                                    (vector){0} + step->delta, part.elastance, e, q, f, part.v),
                           step->after + i, count);
    }
}

static void forward(const struct cell *cell, const real *params, const struct sequence *sequence,
                    real *y, real *final, real *memory) {
    int T = sequence->steps, B = sequence->batch, H = cell->inputs, N = options_of(cell)->states;
    const real *mu = params + cell->offset[SENSORY_MU];
    const real *sigma = params + cell->offset[SENSORY_SIGMA], *u = sequence->x;
    size_t row = (size_t)B * (size_t)N;
    struct workspace work;
    lay_out(cell, T, B, sequence->phase, memory, &work);
    load_state(sequence, cell->state, 0, N, work.v);
    for (int n = 0; n < T * B; n++) {
#pragma omp simd
        for (int j = 0; j < H; j++)
            work.a[n * H + j] = real_sigmoid(sigma[j] * (u[n * H + j] - mu[j]));
    }
    matmul_nt(T * B, N, H, work.a, H, params + cell->offset[SENSORY_W], H, work.f, N, false);
    matmul_nt(T * B, N, H, work.a, H, params + cell->offset[SENSORY_H], H, work.q, N, false);
    for (int t = 0; t < T; t++) {
        for (int b = 0; b < B; b++) {
            struct lrcssm_step step = step_at(cell, sequence, &work, t, b);
            advance(cell, params, &step);
        }
        hold_absent(sequence, t, N, work.v + row * (size_t)t, work.v + row * (size_t)(t + 1));
    }
    copy(row * (size_t)T, work.v + row, y);
    store_state(B, cell->state, 0, N, work.v + row * (size_t)T, final);
}

/* q and f become the gradients of their arguments, dv of the state after that of the one before.
 * Returns d loss / d δ. */
static real advance_backward(const struct cell *cell, const real *params,
                             const struct lrcssm_step *step, real *gradient) {
    const size_t *offset = cell->offset;
    vector ddelta = {0};
    for (int i = 0; i < options_of(cell)->states; i += LANES) {
        struct lanes part = part_at(cell, params, step, i);
        int count = part.count;
        vector q = vector_load_first(step->q + i, count), f = vector_load_first(step->f + i, count);
        vector w = vector_load_first(params + offset[W] + i, count);
        vector h = vector_load_first(params + offset[H_WEIGHT] + i, count);
        vector sigma = vector_load_first(params + offset[SIGMA] + i, count);
        vector mu = vector_load_first(params + offset[MU] + i, count);
        struct lrc_gradient d = lrc_step_backward(
            options_of(cell)->solver == LRC_FUSED, (vector){0} + step->delta, part.elastance,
            vector_load_first(params + offset[VLEAK] + i, count), q, f, part.v,
            vector_load_first(step->after + i, count), vector_load_first(step->dv + i, count));
        vector df = d.f * (f - f * f);
        vector dinput = (df * w + d.q * h) * (part.n - part.n * part.n); /* of γ (v − μ) */
        vector_add_first(d.q + df, gradient + offset[GLEAK] + i, count);
        vector_add_first(df * part.n, gradient + offset[W] + i, count);
        vector_add_first(d.q * part.n, gradient + offset[H_WEIGHT] + i, count);
        vector_add_first(dinput * (part.v - mu), gradient + offset[SIGMA] + i, count);
        vector_add_first(-dinput * sigma, gradient + offset[MU] + i, count);
        vector_add_first(d.e, gradient + offset[VLEAK] + i, count);
        vector_add_first(d.z * part.v, gradient + offset[KERNEL] + i, count);
        vector_add_first(d.z, gradient + offset[BIAS] + i, count);
        if (has_shift(cell))
            vector_add_first(d.k, gradient + offset[SHIFT] + i, count);
        vector_store_first(d.q, step->q + i, count);
        vector_store_first(df, step->f + i, count);
        vector_store_first(d.v + dinput * sigma + d.z * part.k, step->dv + i, count);
        ddelta += d.delta;
    }
    return vector_sum(ddelta);
}

/* From the gradients of q and f to those of the channels and their parameters. */
static void sense_backward(const struct cell *cell, const real *params,
                           const struct sequence *sequence, const struct cell_gradient *gradient,
                           const struct workspace *work) {
    int n = sequence->steps * sequence->batch, H = cell->inputs, N = options_of(cell)->states;
    const size_t *offset = cell->offset;
    const real *mu = params + offset[SENSORY_MU], *sigma = params + offset[SENSORY_SIGMA];
    real *dmu = gradient->params + offset[SENSORY_MU];
    real *dsigma = gradient->params + offset[SENSORY_SIGMA], *du = gradient->x;
    matmul_tn(N, H, n, work->f, N, work->a, H, gradient->params + offset[SENSORY_W], H, true);
    matmul_tn(N, H, n, work->q, N, work->a, H, gradient->params + offset[SENSORY_H], H, true);
    matmul_nn(n, H, N, work->f, N, params + offset[SENSORY_W], H, work->da, H, false);
    matmul_nn(n, H, N, work->q, N, params + offset[SENSORY_H], H, work->da, H, true);
    for (int row = 0; row < n; row++, du += H) {
        const real *a = work->a + row * H, *da = work->da + row * H, *u = sequence->x + row * H;
#pragma omp simd
        for (int j = 0; j < H; j++) {
            real dinput = da[j] * a[j] * (1 - a[j]);
            dsigma[j] += dinput * (u[j] - mu[j]);
            du[j] = dinput * sigma[j];
            dmu[j] -= du[j];
        }
    }
}

static void backward(const struct cell *cell, const real *params, const struct sequence *sequence,
                     const struct cell_gradient *gradient, real *memory) {
    int T = sequence->steps, B = sequence->batch, N = options_of(cell)->states;
    size_t row = (size_t)B * (size_t)N;
    struct workspace work;
    lay_out(cell, T, B, PHASE_TRAIN, memory, &work);
    load_final_gradient(gradient, B, cell->state, 0, N, work.dv);
    for (int t = T; t-- > 0;) {
        add(row, gradient->y + row * (size_t)t, work.dv);
        for (int b = 0; b < B; b++) {
            struct lrcssm_step step = step_at(cell, sequence, &work, t, b);
            if (is_absent(sequence, t, b)) {
                zero((size_t)N, step.q);
                zero((size_t)N, step.f);
                continue;
            }
            real ddelta = advance_backward(cell, params, &step, gradient->params);
            if (gradient->elapsed != NULL)
                gradient->elapsed[t * B + b] += (real)options_of(cell)->dt * ddelta;
        }
    }
    sense_backward(cell, params, sequence, gradient, &work);
    add_state(B, cell->state, 0, N, work.dv, gradient->state);
}

static double flops(const struct cell *cell) {
    double H = cell->inputs, N = options_of(cell)->states;
    return 2 * 2 * H * N + 20 * H + 80 * N;
}

static bool configure(struct cell *cell, struct error *error) {
    (void)error;
    cell->state = cell->outputs = options_of(cell)->states;
    return true;
}

#define LRCSSM_TYPE                                                                                \
    .name = "lrcssm", .title = "LrcSSM",                                                           \
    .citation = "Farsang, Hasani, Rus & Grosu, Parallelization of Non-linear State-Space Models: " \
                "Scaling Up Liquid-Resistance Liquid-Capacitance Networks for Efficient Sequence " \
                "Modeling, NeurIPS 2025",                                                          \
    .parameters = "N(2H + 8) + 2H + H(I + 1) + H(N + H + 2), N = state, symmetric N more",         \
    .options = lrcssm_fields, .options_size = sizeof(struct lrcssm_options), .takes_time = true,   \
    .streams = true

static const struct cell_type layer = {
    LRCSSM_TYPE,
    .configure = configure,
    CELL_FUNCTIONS,
};

const struct cell_type ISA_NAME(cell_lrcssm) = {LRCSSM_TYPE, BLOCK_FUNCTIONS, .inner = &layer};
