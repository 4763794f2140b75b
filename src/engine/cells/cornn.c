/* Coupled oscillatory RNN (Rusch & Mishra, ICLR 2021, eq. 3): units are damped oscillators that
 * their inputs and each other drive,
 *
 *   z ← z + dt (tanh(W [x; z; y] + b) − γ y − ε z)        with the old z and y
 *   y ← y + dt z                                          with the new z
 *
 * dt Δ takes the place of dt, an extension. Without the tanh, a step is stable while
 * dt² γ + 2 dt ε < 4 (which says dt ε < 2 as well): a longer gap counts as the longest step that
 * is. W's columns are x, z, y. State: z, y. */
#include "engine/activation.h"
#include "engine/cell.h"
#include "engine/initial.h"
#include "engine/isa.h"
#include "engine/linear.h"

enum { WEIGHT, BIAS };

struct cornn_options {
    double dt, gamma, epsilon;
};

#define AT(member) .offset = offsetof(struct cornn_options, member)
static const struct field cornn_fields[] = {
    {"dt", FIELD_REAL, AT(dt), .fallback = "0.1", .min = 1e-9, .max = 1e3,
     .help = "Time step, in units of elapsed time."},
    {"gamma", FIELD_REAL, AT(gamma), .fallback = "0.2", .min = 0, .max = 1e9,
     .help = "Frequency of the oscillators, squared."},
    {"epsilon", FIELD_REAL, AT(epsilon), .fallback = "6.4", .min = 0, .exclusive_min = true,
     .max = 1e9, .help = "Damping of the oscillators."},
    {0},
};
#undef AT

static const struct cornn_options *options_of(const struct cell *cell) {
    return cell->options;
}

/* The longest stable step, the root of dt² γ + 2 dt ε = 4. */
static double longest_step(const struct cornn_options *options) {
    double epsilon = options->epsilon;
    return 4 / (epsilon + sqrt(epsilon * epsilon + 4 * options->gamma));
}

static bool configure(struct cell *cell, struct error *error) {
    const struct cornn_options *options = options_of(cell);
    if (!(options->dt < longest_step(options)))
        return error_set(error,
                         "dt %g makes the oscillators unstable: with gamma %g and epsilon %g it "
                         "must be below %g",
                         options->dt, options->gamma, options->epsilon, longest_step(options));
    return true;
}

static void declare(struct cell *cell, struct param_list *list) {
    cell_param(cell, list, WEIGHT, "i2h.weight", cell->hidden, cell->inputs + 2 * cell->hidden);
    cell_param(cell, list, BIAS, "i2h.bias", cell->hidden, 0);
}

/* As torch.nn.Linear. */
static void init(const struct cell *cell, real *params, gsl_rng *rng) {
    int reads = cell->inputs + 2 * cell->hidden;
    fill_torch(rng, reads, (size_t)cell->hidden * (size_t)(reads + 1),
               params + cell->offset[WEIGHT]);
}

struct workspace {
    real *transposed; /* [I + 2H][H] */
    real *drive;      /* [T][B][H] the tanh; in backward() the gradient of its argument */
    real *s;          /* [T+1][B][2H] z, y */
    real *ds;         /* [B][2H] */
};

static size_t lay_out(const struct cell *cell, int T, int B, enum phase phase, real *memory,
                      struct workspace *work) {
    size_t H = (size_t)cell->hidden, row = (size_t)B * H;
    struct scratch scratch = {.memory = memory};
    work->transposed = scratch_take(&scratch, H * ((size_t)cell->inputs + 2 * H));
    work->drive = scratch_take(&scratch, row * (size_t)T);
    work->s = scratch_take(&scratch, 2 * row * (size_t)(T + 1));
    work->ds = scratch_take(&scratch, phase == PHASE_TRAIN ? 2 * row : 0);
    return scratch.size;
}

static size_t workspace(const struct cell *cell, int steps, int batch, enum phase phase) {
    struct workspace work;
    return lay_out(cell, steps, batch, phase, NULL, &work);
}

/* A stream's dt Δ at step t. */
static real step_length(const struct cell *cell, const struct sequence *sequence, int t, int b) {
    real longest = (real)longest_step(options_of(cell));
    real length = (real)options_of(cell)->dt * sequence->elapsed[t * sequence->batch + b];
    return length > longest ? longest : length;
}

/* One stream: drive [H] becomes its tanh, next [2H] the new z and y. */
static void oscillate(int H, const struct cornn_options *options, real dt, real *drive,
                      const real *s, real *next) {
    real gamma = (real)options->gamma, epsilon = (real)options->epsilon;
    const real *z = s, *y = s + H;
    activate(TANH, (size_t)H, drive, drive);
#pragma omp simd
    for (int j = 0; j < H; j++) {
        next[j] = z[j] + dt * (drive[j] - gamma * y[j] - epsilon * z[j]);
        next[H + j] = y[j] + dt * next[j];
    }
}

static void forward(const struct cell *cell, const real *params, const struct sequence *sequence,
                    real *out, real *final, real *memory) {
    int T = sequence->steps, B = sequence->batch, I = cell->inputs, H = cell->hidden;
    size_t row = (size_t)B * (size_t)H;
    struct workspace work;
    lay_out(cell, T, B, sequence->phase, memory, &work);

    load_state(sequence, 2 * H, 0, 2 * H, work.s);
    if (!sequence->is_prepared)
        matrix_transpose(H, I + 2 * H, params + cell->offset[WEIGHT], I + 2 * H, work.transposed);
    linear_transposed(T * B, I, H, sequence->x, work.transposed, params + cell->offset[BIAS], NULL,
                      work.drive, H);
    for (int t = 0; t < T; t++) {
        real *drive = work.drive + row * (size_t)t, *s = work.s + 2 * row * (size_t)t;
        matmul_nn(B, H, 2 * H, s, 2 * H, work.transposed + I * H, H, drive, H, true);
        for (int b = 0; b < B; b++)
            oscillate(H, options_of(cell), step_length(cell, sequence, t, b), drive + H * b,
                      s + 2 * H * b, s + 2 * row + 2 * H * b);
        hold_absent(sequence, t, 2 * H, s, s + 2 * row);
        for (int b = 0; b < B; b++)
            copy((size_t)H, s + 2 * row + 2 * H * b + H, out + row * (size_t)t + H * b);
    }
    store_state(B, 2 * H, 0, 2 * H, work.s + 2 * row * (size_t)T, final);
}

/* One stream: drive [H] becomes the gradient of the tanh's argument, ds [2H] that of the old z and
 * y but for what goes through it. Returns d loss / d dt. */
static real oscillate_backward(int H, const struct cornn_options *options, real dt, real *drive,
                               const real *s, const real *next, real *ds) {
    real gamma = (real)options->gamma, epsilon = (real)options->epsilon, ddt = 0;
    const real *z = s, *y = s + H;
#pragma omp simd reduction(+ : ddt)
    for (int j = 0; j < H; j++) {
        real dy = ds[H + j], dz = ds[j] + dt * dy;
        ddt += dy * next[j] + dz * (drive[j] - gamma * y[j] - epsilon * z[j]);
        drive[j] = dt * dz * (1 - drive[j] * drive[j]);
        ds[j] = dz - dt * epsilon * dz;
        ds[H + j] = dy - dt * gamma * dz;
    }
    return ddt;
}

static void backward(const struct cell *cell, const real *params, const struct sequence *sequence,
                     const struct cell_gradient *gradient, real *memory) {
    int T = sequence->steps, B = sequence->batch, I = cell->inputs, H = cell->hidden;
    int reads = I + 2 * H;
    const struct cornn_options *options = options_of(cell);
    const real *weight = params + cell->offset[WEIGHT];
    real *dweight = gradient->params + cell->offset[WEIGHT];
    size_t row = (size_t)B * (size_t)H;
    struct workspace work;
    lay_out(cell, T, B, PHASE_TRAIN, memory, &work);

    load_final_gradient(gradient, B, 2 * H, 0, 2 * H, work.ds);
    for (int t = T; t-- > 0;) {
        real *drive = work.drive + row * (size_t)t;
        const real *s = work.s + 2 * row * (size_t)t;
        for (int b = 0; b < B; b++) {
            real *ds = work.ds + 2 * H * b, dt = step_length(cell, sequence, t, b);
            add((size_t)H, gradient->y + row * (size_t)t + H * b, ds + H);
            if (is_absent(sequence, t, b)) {
                zero((size_t)H, drive + H * b);
                continue;
            }
            real ddt = oscillate_backward(H, options, dt, drive + H * b, s + 2 * H * b,
                                          s + 2 * row + 2 * H * b, ds);
            if (gradient->elapsed != NULL && dt < (real)longest_step(options))
                gradient->elapsed[t * B + b] += (real)options->dt * ddt;
        }
        matmul_nn(B, 2 * H, H, drive, H, weight + I, reads, work.ds, 2 * H, true);
    }
    matmul_tn(H, I, T * B, work.drive, H, sequence->x, I, dweight, reads, true);
    matmul_tn(H, 2 * H, T * B, work.drive, H, work.s, 2 * H, dweight + I, reads, true);
    linear_bias_backward(T * B, H, work.drive, H, gradient->params + cell->offset[BIAS]);
    if (gradient->x != NULL)
        matmul_nn(T * B, I, H, work.drive, H, weight, reads, gradient->x, I, false);
    add_state(B, 2 * H, 0, 2 * H, work.ds, gradient->state);
}

static double flops(const struct cell *cell) {
    double H = cell->hidden, I = cell->inputs;
    return 2 * H * (I + 2 * H) + 24 * H;
}

const struct cell_type ISA_NAME(cell_cornn) = {
    .name = "cornn",
    .title = "coRNN",
    .citation = "Rusch & Mishra, Coupled Oscillatory Recurrent Neural Network, ICLR 2021",
    .parameters = "H(I + 2H + 1)",
    .states = 2,
    .options = cornn_fields,
    .options_size = sizeof(struct cornn_options),
    .takes_time = true,
    .streams = true,
    .configure = configure,
    CELL_FUNCTIONS,
};
