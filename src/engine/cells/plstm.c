/* Phased LSTM (Neil et al. 2016): an LSTM (engine/lstm_gates.h) whose units change only while their
 * rhythmic gate k is open. With t the time since the series began, period τ, shift s and open ratio
 * r:
 *
 *   φ = (t − s)/τ − floor((t − s)/τ)
 *   k = 2φ/r           where φ < r/2            opening
 *       2 − 2φ/r       where r/2 <= φ < r       closing
 *       0.001 φ        otherwise                closed, leaking
 *   c ← k c̃ + (1−k) c        h ← k h̃ + (1−k) h
 *
 * where c̃ and h̃ are the LSTM's. τ, s and r are softplus of what is stored, one for each unit.
 *
 * The variant "lechner2020" is the one of the ODE-LSTM authors' release, which made the published
 * numbers of irregular Walker2d: τ, s and r are one for the whole layer, the elapsed time Δ of the
 * step stands in place of t, and the opening branch is 2φ r.
 *
 * State: [h; c; t], t a single number. Where the sequence says what time it is, that counts instead
 * of the state's t: a window knows its place in the series, so that training, longer windows and
 * streaming agree, and a double does not lose the phase in a long stream. */
#include "engine/cell.h"
#include "engine/initial.h"
#include "engine/isa.h"
#include "engine/linear.h"
#include "engine/lstm_gates.h"

#define LEAK REAL(0.001)

enum { WEIGHT_IH, WEIGHT_HH, BIAS, RAW_PERIOD, RAW_SHIFT, RAW_OPEN_RATIO };

enum plstm_variant { VARIANT_NEIL2016 = 1, VARIANT_LECHNER2020 };

struct plstm_options {
    double longest_period, open_ratio;
    int variant; /* enum plstm_variant */
};

static const char *variant_name(size_t position) {
    static const char *const names[] = {"neil2016", "lechner2020", NULL};
    return names[position];
}

#define AT(member) .offset = offsetof(struct plstm_options, member)
static const struct field plstm_fields[] = {
    {"longest_period", FIELD_REAL, AT(longest_period), .fallback = "20", .min = 1, .max = 1e6,
     .help = "Periods start between 1 and this many units of elapsed time, log-uniformly."},
    {"open_ratio", FIELD_REAL, AT(open_ratio), .fallback = "0.05", .min = 0.001, .max = 1,
     .help = "Part of its period in which a unit is open, at the start."},
    {"variant", FIELD_CHOICE, AT(variant), .fallback = "\"neil2016\"", .choices = variant_name,
     .help = "The paper's gate on the time of day of each unit, or that of the ODE-LSTM authors' "
             "release: one rhythm for the layer, on the elapsed time of the step, with another "
             "opening branch; it starts at softplus(0)."},
    {0},
};
#undef AT

static bool is_lechner2020(const struct cell *cell) {
    return ((const struct plstm_options *)cell->options)->variant == VARIANT_LECHNER2020;
}

/* How many rhythms there are. */
static int rhythms_of(const struct cell *cell) {
    return is_lechner2020(cell) ? 1 : cell->hidden;
}

struct rhythm {
    real *period, *shift, *open_ratio; /* [H] each */
};

struct workspace {
    struct transposed_weights transposed; /* of 4H rows */
    real *gates;             /* [T][B][4H] activated; in backward() the gradients of their inputs */
    real *h, *c;             /* [T+1][B][H] */
    real *shown, *candidate; /* [T][B][H] h̃, c̃ */
    real *open;              /* [T][B][H] k */
    double *time;            /* [T+1][B] t */
    struct rhythm rhythm;
    real *dh, *dc;             /* [B][H] */
    real *dtime;               /* [B] */
    real *dshown, *dcandidate; /* [H] of one stream */
    struct rhythm drhythm;
};

static struct rhythm take_rhythm(struct scratch *scratch, size_t H) {
    return (struct rhythm){
        .period = scratch_take(scratch, H),
        .shift = scratch_take(scratch, H),
        .open_ratio = scratch_take(scratch, H),
    };
}

/* With one real more than it takes, so that they can begin where a double may. */
static double *take_doubles(struct scratch *scratch, size_t n) {
    enum { REALS = sizeof(double) / sizeof(real) };
    real *part = scratch_take(scratch, n * REALS + 1);
    return (double *)(void *)((uintptr_t)part % sizeof(double) == 0 ? part : part + 1);
}

static size_t lay_out(const struct cell *cell, int T, int B, enum phase phase, real *memory,
                      struct workspace *work) {
    size_t H = (size_t)cell->hidden, row = (size_t)B * H, steps = (size_t)T;
    struct scratch scratch = {.memory = memory};
    work->transposed = transposed_take(&scratch, 4 * cell->hidden, cell->inputs, cell->hidden);
    work->gates = scratch_take(&scratch, 4 * row * steps);
    work->h = scratch_take(&scratch, row * (steps + 1));
    work->c = scratch_take(&scratch, row * (steps + 1));
    work->shown = scratch_take(&scratch, row * steps);
    work->candidate = scratch_take(&scratch, row * steps);
    work->open = scratch_take(&scratch, row * steps);
    work->time = take_doubles(&scratch, (steps + 1) * (size_t)B);
    work->rhythm = take_rhythm(&scratch, H);
    if (phase == PHASE_TRAIN) {
        work->dh = scratch_take(&scratch, row);
        work->dc = scratch_take(&scratch, row);
        work->dtime = scratch_take(&scratch, (size_t)B);
        work->dshown = scratch_take(&scratch, H);
        work->dcandidate = scratch_take(&scratch, H);
        work->drhythm = take_rhythm(&scratch, H);
    }
    return scratch.size;
}

static size_t workspace(const struct cell *cell, int steps, int batch, enum phase phase) {
    struct workspace work;
    return lay_out(cell, steps, batch, phase, NULL, &work);
}

static bool configure(struct cell *cell, struct error *error) {
    (void)error;
    cell->state = 2 * cell->hidden + 1;
    return true;
}

static void declare(struct cell *cell, struct param_list *list) {
    int H = cell->hidden;
    cell_param(cell, list, WEIGHT_IH, "weight_ih", 4 * H, cell->inputs);
    cell_param(cell, list, WEIGHT_HH, "weight_hh", 4 * H, H);
    cell_param(cell, list, BIAS, "bias", 4 * H, 0);
    int rhythms = rhythms_of(cell);
    cell_param(cell, list, RAW_PERIOD, "raw_period", rhythms, 0);
    cell_param(cell, list, RAW_SHIFT, "raw_shift", rhythms, 0);
    cell_param(cell, list, RAW_OPEN_RATIO, "raw_open_ratio", rhythms, 0);
}

/* What softplus makes `value` of. */
static real softplus_inverse(double value) {
    return (real)(value > 20 ? value : log(expm1(value)));
}

/* Rhythms as Neil et al.: periods exp(U(0, 3)), shifts within a period, open 5 % of the time.
 * Weights as Keras; the forget bias is the 1 that the ODE-LSTM authors' release adds. */
static void init(const struct cell *cell, real *params, gsl_rng *rng) {
    const struct plstm_options *options = cell->options;
    const size_t *offset = cell->offset;
    size_t H = (size_t)cell->hidden;
    fill_keras(rng, 4, cell->inputs, cell->hidden, params + offset[WEIGHT_IH],
               params + offset[WEIGHT_HH], params + offset[BIAS]);
    fill_constant(1, H, params + offset[BIAS] + H);
    if (is_lechner2020(cell)) {
        for (int part = RAW_PERIOD; part <= RAW_OPEN_RATIO; part++)
            params[offset[part]] = 0;
        return;
    }
    for (size_t j = 0; j < H; j++) {
        double period = exp(log(options->longest_period) * gsl_rng_uniform(rng));
        params[offset[RAW_PERIOD] + j] = softplus_inverse(period);
        params[offset[RAW_SHIFT] + j] = softplus_inverse(period * gsl_rng_uniform_pos(rng));
        params[offset[RAW_OPEN_RATIO] + j] = softplus_inverse(options->open_ratio);
    }
}

static void fill_rhythm(const struct cell *cell, const real *params, struct rhythm rhythm) {
    const size_t *offset = cell->offset;
    size_t rhythms = (size_t)rhythms_of(cell);
    for (size_t j = 0; j < (size_t)cell->hidden; j++) {
        size_t at = j % rhythms;
        rhythm.period[j] = (real)real_softplus(params[offset[RAW_PERIOD] + at]);
        rhythm.shift[j] = (real)real_softplus(params[offset[RAW_SHIFT] + at]);
        rhythm.open_ratio[j] = (real)real_softplus(params[offset[RAW_OPEN_RATIO] + at]);
    }
}

/* (t − s)/τ, in double: after many periods a float would not know the phase. */
static inline double cycles_at(double time, real shift, real period) {
    return (time - (double)shift) / (double)period;
}

/* φ from (t − s)/τ. */
static inline real fraction(double cycles) {
    return (real)(cycles - floor(cycles));
}

/* One stream's c and h after the step, and k, all [H]. `time` is t, or Δ. */
static void blend(int H, bool is_lechner, double time, struct rhythm rhythm, const real *h_before,
                  const real *c_before, const real *shown, const real *candidate, real *open,
                  real *h, real *c) {
#pragma omp simd
    for (int j = 0; j < H; j++) {
        real phase = fraction(cycles_at(time, rhythm.shift[j], rhythm.period[j]));
        real ratio = rhythm.open_ratio[j];
        real half = 2 * phase / ratio;
        real opening = is_lechner ? 2 * phase * ratio : half;
        real k = half < 1 ? opening : phase < ratio ? 2 - half : LEAK * phase;
        open[j] = k;
        h[j] = h_before[j] + k * (shown[j] - h_before[j]);
        c[j] = c_before[j] + k * (candidate[j] - c_before[j]);
    }
}

/* From dh and dc after the step to dshown, dcandidate, the rhythm's gradients and, in place, what
 * of dh and dc passes by the LSTM; returns d time. */
static real blend_backward(int H, bool is_lechner, double time, struct rhythm rhythm,
                           const real *h_before, const real *c_before, const real *shown,
                           const real *candidate, const real *open, real *dh, real *dc,
                           real *dshown, real *dcandidate, struct rhythm drhythm) {
    real dtime = 0;
#pragma omp simd reduction(+ : dtime)
    for (int j = 0; j < H; j++) {
        real period = rhythm.period[j], ratio = rhythm.open_ratio[j], k = open[j];
        double cycles = cycles_at(time, rhythm.shift[j], period);
        real phase = fraction(cycles);
        real half = 2 * phase / ratio;
        real dk = dh[j] * (shown[j] - h_before[j]) + dc[j] * (candidate[j] - c_before[j]);
        real opening = is_lechner ? 2 * ratio : 2 / ratio; /* d k / d φ while it opens */
        real dopening = is_lechner ? 2 * phase : -half / ratio;
        real slope = half < 1 ? opening : phase < ratio ? -2 / ratio : LEAK;
        real dratio = half < 1 ? dopening : phase < ratio ? half / ratio : 0;
        real dcycles = dk * slope;
        drhythm.open_ratio[j] += dk * dratio;
        drhythm.shift[j] -= dcycles / period;
        drhythm.period[j] -= dcycles * (real)cycles / period;
        dtime += dcycles / period;
        dshown[j] = dh[j] * k;
        dcandidate[j] = dc[j] * k;
        dh[j] *= 1 - k;
        dc[j] *= 1 - k;
    }
    return dtime;
}

static void forward(const struct cell *cell, const real *params, const struct sequence *sequence,
                    real *y, real *final, real *memory) {
    int T = sequence->steps, B = sequence->batch, H = cell->hidden, S = cell->state;
    const size_t *offset = cell->offset;
    size_t row = (size_t)B * (size_t)H;
    bool is_lechner = is_lechner2020(cell);
    struct workspace work;
    lay_out(cell, T, B, sequence->phase, memory, &work);

    if (!sequence->is_prepared)
        fill_rhythm(cell, params, work.rhythm);
    load_state(sequence, S, 0, H, work.h);
    load_state(sequence, S, H, H, work.c);
    for (int b = 0; b < B; b++)
        work.time[b] = sequence->time != NULL    ? sequence->time[b]
                       : sequence->state != NULL ? (double)sequence->state[b * S + 2 * H]
                                                 : 0;
    transposed_fill(sequence, 4 * H, cell->inputs, H, params + offset[WEIGHT_IH],
                    params + offset[WEIGHT_HH], work.transposed);
    linear_transposed(T * B, cell->inputs, 4 * H, sequence->x, work.transposed.ih,
                      params + offset[BIAS], NULL, work.gates, 4 * H);
    for (int t = 0; t < T; t++) {
        real *gates = work.gates + 4 * row * (size_t)t;
        double *time = work.time + (size_t)t * (size_t)B;
        matmul_nn(B, 4 * H, H, work.h + row * (size_t)t, H, work.transposed.hh, 4 * H, gates, 4 * H,
                  true);
        for (int b = 0; b < B; b++) {
            size_t at = row * (size_t)t + (size_t)(H * b), next = at + row;
            if (is_absent(sequence, t, b)) {
                time[B + b] = time[b];
                copy((size_t)H, work.h + at, work.h + next);
                copy((size_t)H, work.c + at, work.c + next);
                continue;
            }
            time[B + b] = time[b] + (double)sequence->elapsed[t * B + b];
            lstm_activate(H, lstm_gates_at(H, gates + 4 * H * b), 0, work.c + at,
                          work.candidate + at, work.shown + at);
            double now = is_lechner ? (double)sequence->elapsed[t * B + b] : time[B + b];
            blend(H, is_lechner, now, work.rhythm, work.h + at, work.c + at, work.shown + at,
                  work.candidate + at, work.open + at, work.h + next, work.c + next);
        }
    }
    copy(row * (size_t)T, work.h + row, y);
    store_state(B, S, 0, H, work.h + row * (size_t)T, final);
    store_state(B, S, H, H, work.c + row * (size_t)T, final);
    for (int b = 0; b < B && final != NULL; b++)
        final[b * S + 2 * H] = (real)work.time[T * B + b];
}

/* Back through one stream's step t: its gates become their gradients, dh and dc those before the
 * step but for what goes through the gates' recurrent product. */
static void step_backward(const struct cell *cell, const struct sequence *sequence, int t, int b,
                          const struct cell_gradient *gradient, struct workspace *work) {
    int B = sequence->batch, H = cell->hidden;
    size_t at = (size_t)(t * B + b) * (size_t)H, stream = (size_t)b * (size_t)H;
    real *gates = work->gates + 4 * at, *dc = work->dc + stream;
    if (is_absent(sequence, t, b)) {
        zero(4 * (size_t)H, gates);
        return;
    }
    bool is_lechner = is_lechner2020(cell);
    double now = is_lechner ? (double)sequence->elapsed[t * B + b] : work->time[(t + 1) * B + b];
    real dnow =
        blend_backward(H, is_lechner, now, work->rhythm, work->h + at, work->c + at,
                       work->shown + at, work->candidate + at, work->open + at, work->dh + stream,
                       dc, work->dshown, work->dcandidate, work->drhythm);
    if (!is_lechner) /* t is the sum of all Δ so far */
        work->dtime[b] += dnow;
    lstm_activate_backward(H, lstm_gates_at(H, gates), work->c + at, work->candidate + at,
                           work->dshown, work->dcandidate);
    add((size_t)H, work->dcandidate, dc);
    if (gradient->elapsed != NULL)
        gradient->elapsed[t * B + b] += work->dtime[b] + (is_lechner ? dnow : 0);
}

/* d softplus(x) / dx = σ(x). */
static void rhythm_backward(const struct cell *cell, const real *params, struct rhythm drhythm,
                            real *gradient) {
    const real *const parts[] = {drhythm.period, drhythm.shift, drhythm.open_ratio};
    for (int part = 0; part < 3; part++)
        for (int j = 0; j < cell->hidden; j++) {
            size_t at = cell->offset[RAW_PERIOD + part] + (size_t)(j % rhythms_of(cell));
            gradient[at] += parts[part][j] * real_sigmoid(params[at]);
        }
}

static void backward(const struct cell *cell, const real *params, const struct sequence *sequence,
                     const struct cell_gradient *gradient, real *memory) {
    int T = sequence->steps, B = sequence->batch, H = cell->hidden, S = cell->state;
    const size_t *offset = cell->offset;
    size_t row = (size_t)B * (size_t)H;
    struct workspace work;
    lay_out(cell, T, B, PHASE_TRAIN, memory, &work);

    load_final_gradient(gradient, B, S, 0, H, work.dh);
    load_final_gradient(gradient, B, S, H, H, work.dc);
    load_final_gradient(gradient, B, S, 2 * H, 1, work.dtime);
    zero((size_t)H, work.drhythm.period);
    zero((size_t)H, work.drhythm.shift);
    zero((size_t)H, work.drhythm.open_ratio);
    for (int t = T; t-- > 0;) {
        add(row, gradient->y + row * (size_t)t, work.dh);
        for (int b = 0; b < B; b++)
            step_backward(cell, sequence, t, b, gradient, &work);
        matmul_nn(B, H, 4 * H, work.gates + 4 * row * (size_t)t, 4 * H, params + offset[WEIGHT_HH],
                  H, work.dh, H, true);
    }
    rhythm_backward(cell, params, work.drhythm, gradient->params);
    linear_backward(T * B, cell->inputs, 4 * H, sequence->x, params + offset[WEIGHT_IH], work.gates,
                    4 * H, gradient->params + offset[WEIGHT_IH], gradient->params + offset[BIAS],
                    gradient->x, false);
    matmul_tn(4 * H, H, T * B, work.gates, 4 * H, work.h, H, gradient->params + offset[WEIGHT_HH],
              H, true);
    add_state(B, S, 0, H, work.dh, gradient->state);
    add_state(B, S, H, H, work.dc, gradient->state);
    add_state(B, S, 2 * H, 1, work.dtime, gradient->state);
}

static double flops(const struct cell *cell) {
    double H = cell->hidden, I = cell->inputs;
    return 2 * 4 * H * (I + H) + 56 * H;
}

const struct cell_type ISA_NAME(cell_plstm) = {
    .name = "plstm",
    .title = "Phased LSTM",
    .citation = "Neil et al., Phased LSTM: accelerating recurrent network training for long or "
                "event-based sequences, NeurIPS 2016",
    .parameters = "4H(I + H + 1) + 3H",
    .options = plstm_fields,
    .options_size = sizeof(struct plstm_options),
    .takes_time = true,
    .streams = true,
    .configure = configure,
    CELL_FUNCTIONS,
};
