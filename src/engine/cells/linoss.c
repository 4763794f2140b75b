/* Oscillatory state-space model (Rusch & Rus, ICLR 2025; damped: Boyer, Rusch & Rus 2025): N
 * oscillators y'' = −A y − G y' + B u between two maps of H channels (engine/cells/complex_maps.h), in a
 * residual block (engine/cells/residual_block.h),
 *
 *   δ = σ(steps) Δ        A = relu(A_diag)        G = relu(G_diag)
 *   S = 1 / (1 + δ² A)  im;      1  imex;      1 / (1 + δ G)  damped
 *   z ← S ⊙ (z + δ ⊙ (B u − A ⊙ y))               y ← y + δ ⊙ z        with the new z
 *   v = Re(C y) + D ⊙ u
 *
 * In `damped` A is A_diag clamped to the underdamped range [(2 + δG ∓ 2 √(1 + δG)) / δ²]. z and y
 * are complex only because B is: a lane is a real recurrence. Δ is an extension: the papers have Δ
 * = 1. State: y, z, each real parts, then imaginary ones; the last output. */
#include "engine/cells/complex_maps.h"
#include "engine/cells/residual_block.h"
#include "engine/initial.h"
#include "math/pointwise.h"

enum { A_DIAG, G_DIAG, STEPS, MATRIX_B, MATRIX_C, DIRECT };
enum { IM = 1, IMEX, DAMPED };

struct linoss_options {
    struct block_options block;
    int states, discretization;
};

static const char *discretization_name(size_t position) {
    static const char *const names[] = {"im", "imex", "damped", NULL};
    return names[position];
}

#define AT(member) .offset = offsetof(struct linoss_options, member)
static const struct field linoss_fields[] = {
    {"state", FIELD_INT, AT(states), .fallback = "64", .min = 1, .max = 65536,
     .help = "Oscillators."},
    {"discretization", FIELD_CHOICE, AT(discretization), .fallback = "\"im\"",
     .choices = discretization_name,
     .help = "Implicit, which loses energy and is stable for every gap; implicit-explicit, which "
             "keeps it; or that with learned damping."},
    BLOCK_FIELD(struct linoss_options, "linoss"),
    {0},
};
#undef AT

static const struct linoss_options *options_of(const struct cell *cell) {
    return cell->options;
}

static bool is_damped(const struct cell *cell) {
    return options_of(cell)->discretization == DAMPED;
}

static void declare(struct cell *cell, struct param_list *list) {
    int H = cell->inputs, N = options_of(cell)->states;
    cell_param(cell, list, A_DIAG, "A_diag", N, 0);
    if (is_damped(cell))
        cell_param(cell, list, G_DIAG, "G_diag", N, 0);
    cell_param(cell, list, STEPS, "steps", N, 0);
    /* Not decayed: it drives the dynamics. */
    cell_param_shaped(cell, list, MATRIX_B, "B", (int[]){N, H, 2, 0}, false);
    cell_param_shaped(cell, list, MATRIX_C, "C", (int[]){H, N, 2, 0}, true);
    cell_param(cell, list, DIRECT, "D", H, 0);
}

/* As the releases; damped: eigenvalues r e^±iθ. */
static void init(const struct cell *cell, real *params, gsl_rng *rng) {
    const size_t *offset = cell->offset;
    size_t N = (size_t)options_of(cell)->states, H = (size_t)cell->inputs;
    real *a = params + offset[A_DIAG], *steps = params + offset[STEPS];
    for (size_t i = 0; i < N && !is_damped(cell); i++) {
        a[i] = (real)gsl_rng_uniform_pos(rng);
        steps[i] = (real)gsl_rng_uniform(rng);
    }
    for (size_t i = 0; i < N && is_damped(cell); i++) {
        steps[i] = (real)gsl_ran_gaussian(rng, 0.5);
        double square = 0.81 + 0.19 * gsl_rng_uniform(rng), theta = M_PI * gsl_rng_uniform(rng);
        double delta = 1 / (1 + exp(-(double)steps[i]));
        params[offset[G_DIAG] + i] = (real)((1 - square) / (delta * square));
        a[i] = (real)((1 + square - 2 * sqrt(square) * cos(theta)) / (delta * delta * square));
    }
    fill_torch(rng, cell->inputs, 2 * N * H, params + offset[MATRIX_B]);
    fill_torch(rng, options_of(cell)->states, 2 * N * H, params + offset[MATRIX_C]);
    for (size_t h = 0; h < H; h++)
        params[offset[DIRECT] + h] = (real)gsl_ran_gaussian(rng, 1);
}

/* What a step of length Δ works with, [N] each, and what follows from its gradients. */
struct coefficients {
    real elapsed;
    real *delta, *a, *shrink; /* δ, A, S */
};

struct workspace {
    struct complex_maps maps;
    struct coefficients with;
    real *drive;                 /* [T][B][2N] B u; in backward() its gradient */
    real *y, *z;                 /* [T+1][B][2N] */
    real *dy, *dz;               /* [B][2N] backward only, as what follows */
    real *dfrom;                 /* [T][B][2N] what v sends to y */
    real *ddelta, *da, *dshrink; /* [N] of one step */
};

static size_t lay_out(const struct cell *cell, int T, int B, enum phase phase, real *memory,
                      struct workspace *work) {
    size_t N = (size_t)options_of(cell)->states, row = 2 * N * (size_t)B, steps = (size_t)T;
    struct scratch scratch = {.memory = memory};
    work->drive = scratch_take(&scratch, row * steps);
    work->y = scratch_take(&scratch, row * (steps + 1));
    work->z = scratch_take(&scratch, row * (steps + 1));
    work->with.elapsed = (real)NAN;
    work->with.delta = scratch_take(&scratch, N);
    work->with.a = scratch_take(&scratch, N);
    work->with.shrink = scratch_take(&scratch, N);
    work->maps = (struct complex_maps){
        .channels = cell->inputs,
        .states = (int)N,
        .b = {cell->offset[MATRIX_B], cell->offset[MATRIX_B] + 1, 2},
        .c = {cell->offset[MATRIX_C], cell->offset[MATRIX_C] + 1, 2},
        .direct = cell->offset[DIRECT],
    };
    complex_maps_take(&work->maps, phase, &scratch);
    if (phase != PHASE_TRAIN)
        return scratch.size;
    work->dy = scratch_take(&scratch, row);
    work->dz = scratch_take(&scratch, row);
    work->dfrom = scratch_take(&scratch, row * steps);
    work->ddelta = scratch_take(&scratch, N);
    work->da = scratch_take(&scratch, N);
    work->dshrink = scratch_take(&scratch, N);
    return scratch.size;
}

static size_t workspace(const struct cell *cell, int steps, int batch, enum phase phase) {
    struct workspace work;
    return lay_out(cell, steps, batch, phase, NULL, &work);
}

/* The ends of the underdamped range of A. */
static inline real min_a(real delta, real g) {
    return (2 + delta * g - 2 * (real)sqrt((double)(1 + delta * g))) / (delta * delta);
}

static inline real max_a(real delta, real g) {
    return (2 + delta * g + 2 * (real)sqrt((double)(1 + delta * g))) / (delta * delta);
}

static inline real relu(real x) {
    return x < 0 ? 0 : x; /* NaN stays NaN */
}

/* The coefficients of a step, unless they are there already from the step before. */
static void discretise(const struct cell *cell, const real *params, real elapsed,
                       struct coefficients *with) {
    int N = options_of(cell)->states, kind = options_of(cell)->discretization;
    const real *steps = params + cell->offset[STEPS], *a_diag = params + cell->offset[A_DIAG];
    const real *g_diag = kind == DAMPED ? params + cell->offset[G_DIAG] : a_diag;
    if (elapsed == with->elapsed)
        return;
    with->elapsed = elapsed;
    for (int i = 0; i < N; i++) {
        real delta = real_sigmoid(steps[i]) * elapsed, a = relu(a_diag[i]), g = relu(g_diag[i]);
        if (kind == DAMPED && delta > 0) {
            real min = min_a(delta, g), max = max_a(delta, g);
            a = a_diag[i] < min ? min : a_diag[i] > max ? max : a_diag[i];
        }
        with->delta[i] = delta;
        with->a[i] = a;
        with->shrink[i] = kind == IM       ? 1 / (1 + delta * delta * a)
                          : kind == DAMPED ? 1 / (1 + delta * g)
                                           : 1;
    }
}

/* One stream of one step; both parts alike. */
static void advance(int N, const struct coefficients *with, const real *drive, const real *y,
                    const real *z, real *y_after, real *z_after) {
    const real *delta = with->delta, *a = with->a, *shrink = with->shrink;
    for (int part = 0; part < 2; part++, drive += N, y += N, z += N, y_after += N, z_after += N) {
#pragma omp simd
        for (int i = 0; i < N; i++) {
            z_after[i] = shrink[i] * (z[i] + delta[i] * (drive[i] - a[i] * y[i]));
            y_after[i] = y[i] + delta[i] * z_after[i];
        }
    }
}

static void forward(const struct cell *cell, const real *params, const struct sequence *sequence,
                    real *v, real *final, real *memory) {
    int T = sequence->steps, B = sequence->batch, N = options_of(cell)->states;
    size_t row = 2 * (size_t)N * (size_t)B;
    struct workspace work;
    lay_out(cell, T, B, sequence->phase, memory, &work);
    load_state(sequence, cell->state, 0, 2 * N, work.y);
    load_state(sequence, cell->state, 2 * N, 2 * N, work.z);
    if (!sequence->is_prepared)
        complex_maps_prepare(&work.maps, params);
    complex_drive(&work.maps, T * B, sequence->x, work.drive);
    for (int t = 0; t < T; t++) {
        real *y = work.y + row * (size_t)t, *z = work.z + row * (size_t)t;
        for (int b = 0; b < B; b++) {
            size_t at = 2 * (size_t)N * (size_t)b;
            discretise(cell, params, sequence->elapsed[t * B + b], &work.with);
            advance(N, &work.with, work.drive + row * (size_t)t + at, y + at, z + at, y + row + at,
                    z + row + at);
        }
        hold_absent(sequence, t, 2 * N, y, y + row);
        hold_absent(sequence, t, 2 * N, z, z + row);
    }
    complex_read_out(&work.maps, params, T * B, work.y + row, sequence->x, v);
    store_state(B, cell->state, 0, 2 * N, work.y + row * (size_t)T, final);
    store_state(B, cell->state, 2 * N, 2 * N, work.z + row * (size_t)T, final);
}

/* One stream of one step: drive becomes its gradient, dy and dz of the state after those of the one
 * before. ddelta, da and dshrink [N] =. */
static void advance_backward(int N, const struct workspace *work, size_t at, size_t after,
                             real *drive, real *dy, real *dz) {
    const real *delta = work->with.delta, *a = work->with.a, *shrink = work->with.shrink;
    real *ddelta = work->ddelta, *da = work->da, *dshrink = work->dshrink;
    zero((size_t)N, ddelta);
    zero((size_t)N, da);
    zero((size_t)N, dshrink);
    for (int part = 0; part < 2; part++, drive += N, dy += N, dz += N, at += (size_t)N) {
        const real *y = work->y + at, *z = work->z + at, *z_after = work->z + after + at;
#pragma omp simd
        for (int i = 0; i < N; i++) {
            real force = drive[i] - a[i] * y[i], from_z = dz[i] + delta[i] * dy[i];
            real inner = shrink[i] * from_z;
            ddelta[i] += dy[i] * z_after[i] + inner * force;
            dshrink[i] += from_z * (z[i] + delta[i] * force);
            da[i] -= inner * delta[i] * y[i];
            drive[i] = delta[i] * inner;
            dy[i] -= inner * delta[i] * a[i];
            dz[i] = inner;
        }
    }
}

/* From the gradients of δ, A and S of one step to those of the parameters. Returns d loss / d Δ. */
static real discretise_backward(const struct cell *cell, const real *params,
                                const struct workspace *work, real *gradient) {
    int N = options_of(cell)->states, kind = options_of(cell)->discretization;
    const real *steps = params + cell->offset[STEPS], *a_diag = params + cell->offset[A_DIAG];
    const real *g_diag = kind == DAMPED ? params + cell->offset[G_DIAG] : a_diag;
    real *dsteps = gradient + cell->offset[STEPS], *da_diag = gradient + cell->offset[A_DIAG];
    real *dg_diag = kind == DAMPED ? gradient + cell->offset[G_DIAG] : NULL, delapsed = 0;
    for (int i = 0; i < N; i++) {
        real delta = work->with.delta[i], a = work->with.a[i], shrink = work->with.shrink[i];
        real ddelta = work->ddelta[i], da = work->da[i];
        real dinverse = -work->dshrink[i] * shrink * shrink; /* of 1 / S */
        if (kind == IM) {
            ddelta += dinverse * 2 * delta * a;
            da += dinverse * delta * delta;
        }
        if (kind == DAMPED) {
            real g = relu(g_diag[i]), dg = dinverse * delta;
            ddelta += dinverse * g;
            bool is_below = delta > 0 && a_diag[i] < min_a(delta, g);
            if (is_below || (delta > 0 && a_diag[i] > max_a(delta, g))) { /* A is the end */
                real root = (real)sqrt((double)(1 + delta * g)), sign = is_below ? -1 : 1;
                real slope = (1 + sign / root) / delta;
                dg += da * slope;
                ddelta += da * (g * slope / delta - 2 * a / delta);
                da = 0;
            }
            dg_diag[i] += g_diag[i] > 0 ? dg : 0;
            da_diag[i] += da;
        } else {
            da_diag[i] += a_diag[i] > 0 ? da : 0;
        }
        real s = real_sigmoid(steps[i]);
        dsteps[i] += ddelta * work->with.elapsed * s * (1 - s);
        delapsed += ddelta * s;
    }
    return delapsed;
}

static void backward(const struct cell *cell, const real *params, const struct sequence *sequence,
                     const struct cell_gradient *gradient, real *memory) {
    int T = sequence->steps, B = sequence->batch, N = options_of(cell)->states;
    size_t row = 2 * (size_t)N * (size_t)B;
    struct workspace work;
    lay_out(cell, T, B, PHASE_TRAIN, memory, &work);
    complex_read_out_backward(&work.maps, params, T * B, work.y + row, sequence->x, gradient->y,
                              work.dfrom, gradient->x, gradient->params);
    load_final_gradient(gradient, B, cell->state, 0, 2 * N, work.dy);
    load_final_gradient(gradient, B, cell->state, 2 * N, 2 * N, work.dz);
    for (int t = T; t-- > 0;) {
        add(row, work.dfrom + row * (size_t)t, work.dy);
        for (int b = 0; b < B; b++) {
            size_t at = 2 * (size_t)N * (size_t)b, before = row * (size_t)t + at;
            if (is_absent(sequence, t, b)) {
                zero(2 * (size_t)N, work.drive + before);
                continue;
            }
            discretise(cell, params, sequence->elapsed[t * B + b], &work.with);
            advance_backward(N, &work, before, row, work.drive + before, work.dy + at,
                             work.dz + at);
            real delapsed = discretise_backward(cell, params, &work, gradient->params);
            if (gradient->elapsed != NULL)
                gradient->elapsed[t * B + b] += delapsed;
        }
    }
    complex_drive_backward(&work.maps, T * B, sequence->x, work.drive, gradient->x,
                           gradient->params);
    add_state(B, cell->state, 0, 2 * N, work.dy, gradient->state);
    add_state(B, cell->state, 2 * N, 2 * N, work.dz, gradient->state);
}

static double flops(const struct cell *cell) {
    double N = options_of(cell)->states;
    return complex_maps_flops(cell->inputs, N) + 14 * N;
}

static bool configure(struct cell *cell, struct error *error) {
    (void)error;
    cell->state = 4 * options_of(cell)->states;
    return true;
}

#define LINOSS_TYPE                                                                                \
    .name = "linoss", .title = "LinOSS",                                                           \
    .citation = "Rusch & Rus, Oscillatory State-Space Models, ICLR 2025",                          \
    .parameters = "N(4H + 2) + H + H(I + 1) + 2H(H + 1), N = state, damped N more",                \
    .options = linoss_fields, .options_size = sizeof(struct linoss_options), .takes_time = true,   \
    .streams = true

static const struct cell_type layer = {
    LINOSS_TYPE,
    .configure = configure,
    CELL_FUNCTIONS,
};

const struct cell_type ISA_NAME(cell_linoss) = {LINOSS_TYPE, BLOCK_FUNCTIONS, .inner = &layer};
