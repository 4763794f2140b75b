/* Linear Recurrent Unit (Orvieto et al., ICML 2023): N complex states that do not see each other
 * between two maps of H channels (engine/cells/complex_maps.h), in a residual block
 * (engine/cells/residual_block.h),
 *
 *   s ← λ^Δ ⊙ s + exp(gamma_log) ⊙ (B u)        λ = exp(−exp(nu_log) + i exp(theta_log))
 *   v = Re(C s) + D ⊙ u
 *
 * The power Δ is an extension: the paper has Δ = 1. State: Re s, Im s, the last output. */
#include "engine/cells/complex_maps.h"
#include "engine/cells/residual_block.h"
#include "engine/initial.h"
#include "math/pointwise.h"

enum { NU, THETA, GAMMA, B_RE, B_IM, C_RE, C_IM, DIRECT };

struct lru_options {
    struct block_options block;
    int states;
    double r_min, r_max, max_phase;
};

#define AT(member) .offset = offsetof(struct lru_options, member)
static const struct field lru_fields[] = {
    {"state", FIELD_INT, AT(states), .fallback = "64", .min = 1, .max = 65536,
     .help = "Complex states."},
    {"r_min", FIELD_REAL, AT(r_min), .fallback = "0", .min = 0, .max = 0.999999,
     .help = "Least initial absolute value of λ."},
    {"r_max", FIELD_REAL, AT(r_max), .fallback = "1", .min = 1e-6, .max = 1,
     .help = "Greatest initial absolute value of λ."},
    {"max_phase", FIELD_REAL, AT(max_phase), .fallback = "6.28", .min = 1e-6, .max = 6.2832,
     .help = "Greatest initial angle of λ."},
    BLOCK_FIELD(struct lru_options, "lru"),
    {0},
};
#undef AT

static const struct lru_options *options_of(const struct cell *cell) {
    return cell->options;
}

static void declare(struct cell *cell, struct param_list *list) {
    int H = cell->inputs, N = options_of(cell)->states;
    cell_param(cell, list, NU, "nu_log", N, 0);
    cell_param(cell, list, THETA, "theta_log", N, 0);
    cell_param(cell, list, GAMMA, "gamma_log", N, 0);
    /* Not decayed: it drives the dynamics. */
    cell_param_shaped(cell, list, B_RE, "B_re", (int[]){N, H, 0}, false);
    cell_param_shaped(cell, list, B_IM, "B_im", (int[]){N, H, 0}, false);
    cell_param(cell, list, C_RE, "C_re", H, N);
    cell_param(cell, list, C_IM, "C_im", H, N);
    cell_param(cell, list, DIRECT, "D", H, 0);
}

static void fill_gaussian(gsl_rng *rng, double deviation, size_t n, real *values) {
    for (size_t i = 0; i < n; i++)
        values[i] = (real)gsl_ran_gaussian(rng, deviation);
}

/* λ uniform in the ring from r_min to r_max; gamma_log makes up for the gain of long memories. */
static void init(const struct cell *cell, real *params, gsl_rng *rng) {
    const struct lru_options *options = options_of(cell);
    const size_t *offset = cell->offset;
    size_t N = (size_t)options->states, H = (size_t)cell->inputs;
    double low = options->r_min * options->r_min, high = options->r_max * options->r_max;
    for (size_t i = 0; i < N; i++) {
        double square = gsl_rng_uniform_pos(rng) * (high - low) + low; /* |λ|² */
        params[offset[NU] + i] = (real)log(-0.5 * log(square));
        params[offset[THETA] + i] = (real)log(options->max_phase * gsl_rng_uniform_pos(rng));
        params[offset[GAMMA] + i] = (real)(0.5 * log1p(-square));
    }
    fill_gaussian(rng, 1 / sqrt(2.0 * (double)H), N * H, params + offset[B_RE]);
    fill_gaussian(rng, 1 / sqrt(2.0 * (double)H), N * H, params + offset[B_IM]);
    fill_gaussian(rng, 1 / sqrt((double)N), N * H, params + offset[C_RE]);
    fill_gaussian(rng, 1 / sqrt((double)N), N * H, params + offset[C_IM]);
    fill_gaussian(rng, 1, H, params + offset[DIRECT]);
}

struct workspace {
    struct complex_maps maps;
    real *drive; /* [T][B][2N] B u; in backward() its gradient */
    real *s;     /* [T+1][B][2N] */
    real *power; /* [2N] λ^Δ */
    real *gain;  /* [N] exp(gamma_log) */
    real *ds;    /* [B][2N] backward only, as what follows */
    real *dfrom; /* [T][B][2N] what v sends to s */
};

static size_t lay_out(const struct cell *cell, int T, int B, enum phase phase, real *memory,
                      struct workspace *work) {
    const size_t *offset = cell->offset;
    size_t N = (size_t)options_of(cell)->states, row = 2 * N * (size_t)B;
    struct scratch scratch = {.memory = memory};
    work->drive = scratch_take(&scratch, row * (size_t)T);
    work->s = scratch_take(&scratch, row * (size_t)(T + 1));
    work->power = scratch_take(&scratch, 2 * N);
    work->gain = scratch_take(&scratch, N);
    work->maps = (struct complex_maps){
        .channels = cell->inputs,
        .states = (int)N,
        .b = {offset[B_RE], offset[B_IM], 1},
        .c = {offset[C_RE], offset[C_IM], 1},
        .direct = offset[DIRECT],
    };
    complex_maps_take(&work->maps, phase, &scratch);
    work->ds = scratch_take(&scratch, phase == PHASE_TRAIN ? row : 0);
    work->dfrom = scratch_take(&scratch, phase == PHASE_TRAIN ? row * (size_t)T : 0);
    return scratch.size;
}

static size_t workspace(const struct cell *cell, int steps, int batch, enum phase phase) {
    struct workspace work;
    return lay_out(cell, steps, batch, phase, NULL, &work);
}

/* λ^Δ [2N], unless it is there already from the step before. */
static void raise(const struct cell *cell, const real *params, real elapsed, real *known,
                  real *power) {
    int N = options_of(cell)->states;
    const real *nu = params + cell->offset[NU], *theta = params + cell->offset[THETA];
    if (elapsed == *known)
        return;
    *known = elapsed;
#pragma omp simd
    for (int i = 0; i < N; i++) {
        real size = real_exp(-real_exp(nu[i]) * elapsed), angle = real_exp(theta[i]) * elapsed;
        power[i] = size * real_cos(angle);
        power[N + i] = size * real_sin(angle);
    }
}

static void advance(int N, const real *power, const real *gain, const real *drive, const real *s,
                    real *next) {
#pragma omp simd
    for (int i = 0; i < N; i++) {
        next[i] = power[i] * s[i] - power[N + i] * s[N + i] + gain[i] * drive[i];
        next[N + i] = power[N + i] * s[i] + power[i] * s[N + i] + gain[i] * drive[N + i];
    }
}

static void forward(const struct cell *cell, const real *params, const struct sequence *sequence,
                    real *v, real *final, real *memory) {
    int T = sequence->steps, B = sequence->batch, N = options_of(cell)->states;
    size_t row = 2 * (size_t)N * (size_t)B;
    real known = (real)NAN;
    struct workspace work;
    lay_out(cell, T, B, sequence->phase, memory, &work);
    load_state(sequence, cell->state, 0, 2 * N, work.s);
    if (!sequence->is_prepared) {
        complex_maps_prepare(&work.maps, params);
        for (int i = 0; i < N; i++)
            work.gain[i] = real_exp(params[cell->offset[GAMMA] + (size_t)i]);
    }
    complex_drive(&work.maps, T * B, sequence->x, work.drive);
    for (int t = 0; t < T; t++) {
        real *s = work.s + row * (size_t)t;
        for (int b = 0; b < B; b++) {
            size_t at = 2 * (size_t)N * (size_t)b;
            raise(cell, params, sequence->elapsed[t * B + b], &known, work.power);
            advance(N, work.power, work.gain, work.drive + row * (size_t)t + at, s + at,
                    s + row + at);
        }
        hold_absent(sequence, t, 2 * N, s, s + row);
    }
    complex_read_out(&work.maps, params, T * B, work.s + row, sequence->x, v);
    store_state(B, cell->state, 0, 2 * N, work.s + row * (size_t)T, final);
}

/* Of one stream of one step. */
struct lru_step {
    const real *power, *gain, *s;
    real *drive; /* becomes its gradient */
    real *ds;    /* of the state after, becomes that of the one before */
    real elapsed;
};

/* With λ^Δ = e^(ρ + iφ), ρ = −Δ e^nu_log, φ = Δ e^theta_log. Returns d loss / d Δ. */
static real advance_backward(const struct cell *cell, const real *params,
                             const struct lru_step *step, real *gradient) {
    int N = options_of(cell)->states;
    const size_t *offset = cell->offset;
    const real *nu = params + offset[NU], *theta = params + offset[THETA], *power = step->power;
    const real *s = step->s, *gain = step->gain;
    real *dnu = gradient + offset[NU], *dtheta = gradient + offset[THETA];
    real *dgamma = gradient + offset[GAMMA], *drive = step->drive, *ds = step->ds, delapsed = 0;
#pragma omp simd reduction(+ : delapsed)
    for (int i = 0; i < N; i++) {
        real re = ds[i], im = ds[N + i];
        real dpower_re = re * s[i] + im * s[N + i], dpower_im = im * s[i] - re * s[N + i];
        real drho = dpower_re * power[i] + dpower_im * power[N + i];
        real dphi = dpower_im * power[i] - dpower_re * power[N + i];
        real rate = -real_exp(nu[i]), turn = real_exp(theta[i]);
        dnu[i] += drho * rate * step->elapsed;
        dtheta[i] += dphi * turn * step->elapsed;
        delapsed += drho * rate + dphi * turn;
        dgamma[i] += gain[i] * (re * drive[i] + im * drive[N + i]);
        drive[i] = gain[i] * re;
        drive[N + i] = gain[i] * im;
        ds[i] = power[i] * re + power[N + i] * im;
        ds[N + i] = power[i] * im - power[N + i] * re;
    }
    return delapsed;
}

static void backward(const struct cell *cell, const real *params, const struct sequence *sequence,
                     const struct cell_gradient *gradient, real *memory) {
    int T = sequence->steps, B = sequence->batch, N = options_of(cell)->states;
    size_t row = 2 * (size_t)N * (size_t)B;
    real known = (real)NAN;
    struct workspace work;
    lay_out(cell, T, B, PHASE_TRAIN, memory, &work);
    complex_read_out_backward(&work.maps, params, T * B, work.s + row, sequence->x, gradient->y,
                              work.dfrom, gradient->x, gradient->params);
    load_final_gradient(gradient, B, cell->state, 0, 2 * N, work.ds);
    for (int t = T; t-- > 0;) {
        add(row, work.dfrom + row * (size_t)t, work.ds);
        for (int b = 0; b < B; b++) {
            size_t at = 2 * (size_t)N * (size_t)b;
            struct lru_step step = {.power = work.power,
                                    .gain = work.gain,
                                    .s = work.s + row * (size_t)t + at,
                                    .drive = work.drive + row * (size_t)t + at,
                                    .ds = work.ds + at,
                                    .elapsed = sequence->elapsed[t * B + b]};
            if (is_absent(sequence, t, b)) {
                zero(2 * (size_t)N, step.drive);
                continue;
            }
            raise(cell, params, step.elapsed, &known, work.power);
            real delapsed = advance_backward(cell, params, &step, gradient->params);
            if (gradient->elapsed != NULL)
                gradient->elapsed[t * B + b] += delapsed;
        }
    }
    complex_drive_backward(&work.maps, T * B, sequence->x, work.drive, gradient->x,
                           gradient->params);
    add_state(B, cell->state, 0, 2 * N, work.ds, gradient->state);
}

static double flops(const struct cell *cell) {
    double N = options_of(cell)->states;
    return complex_maps_flops(cell->inputs, N) + 10 * N;
}

static bool configure(struct cell *cell, struct error *error) {
    const struct lru_options *options = options_of(cell);
    if (options->r_min >= options->r_max)
        return error_set(error, "r_min is %g, not less than r_max, %g", options->r_min,
                         options->r_max);
    cell->state = 2 * options->states;
    return true;
}

#define LRU_TYPE                                                                                   \
    .name = "lru", .title = "LRU",                                                                 \
    .citation = "Orvieto, Smith, Gu, Fernando, Gulcehre, Pascanu & De, Resurrecting Recurrent "    \
                "Neural Networks for Long Sequences, ICML 2023",                                   \
    .parameters = "N(4H + 3) + H + H(I + 1) + 2H(H + 2), N = state", .options = lru_fields,        \
    .options_size = sizeof(struct lru_options), .takes_time = true, .streams = true

static const struct cell_type layer = {
    LRU_TYPE,
    .configure = configure,
    CELL_FUNCTIONS,
};

const struct cell_type ISA_NAME(cell_lru) = {LRU_TYPE, BLOCK_FUNCTIONS, .inner = &layer};
