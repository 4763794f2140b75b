/* Continuous-time GRU (Mozer et al. 2017): each unit is stored at M time scales, and the gates
 * choose scales to read and to write:
 *
 *   τ_k = 10^(k/2), k = 0..M−1                         h = Σ_k ĥ_k
 *
 *   r_k = softmax_k(−(R_k x + S_k h + b_k − ln τ_k)²)
 *
 *   s_k the same, with weights of its own
 *
 *   q = tanh(W_q x + U_q Σ_k r_k⊙ĥ_k + b_q)
 *
 *   ĥ_k ← ((1−s_k)⊙ĥ_k + s_k⊙q)·exp(−Δ/τ_k)           y = Σ_k ĥ_k
 *
 * The variant "hasani2021" is the one of the LTC authors' release, which made the published numbers of that paper:
 * exp(−Δ/ln τ_k) in place of exp(−Δ/τ_k), so that the first scale keeps nothing.
 *
 * The rows of weight_ih and bias are r (M·H, scale by scale), s (M·H), q (H); those of weight_hh r
 * and s. State: ĥ [M][H]. */
#include "engine/activation.h"
#include "engine/cell.h"
#include "engine/initial.h"
#include "engine/isa.h"
#include "engine/linear.h"

enum { WEIGHT_IH, WEIGHT_HH, WEIGHT_HQ, BIAS };

enum { MAX_SCALES = 32 };

enum ctgru_variant { VARIANT_MOZER2017 = 1, VARIANT_HASANI2021 };

struct ctgru_options {
    int scales;
    int variant; /* enum ctgru_variant */
};

static const char *variant_name(size_t position) {
    static const char *const names[] = {"mozer2017", "hasani2021", NULL};
    return names[position];
}

#define AT(member) .offset = offsetof(struct ctgru_options, member)
static const struct field ctgru_fields[] = {
    {"scales", FIELD_INT, AT(scales), .fallback = "8", .min = 1, .max = MAX_SCALES,
     .help = "Time scales of each unit: 1, 3.2, 10, 32, ... units of elapsed time."},
    {"variant", FIELD_CHOICE, AT(variant), .fallback = "\"mozer2017\"", .choices = variant_name,
     .help = "The paper's decay, exp(-elapsed / scale), or that of the LTC authors' release: "
             "exp(-elapsed / ln(scale))."},
    {0},
};
#undef AT

static int scales_of(const struct cell *cell) {
    return ((const struct ctgru_options *)cell->options)->scales;
}

static real log_scale(int k) {
    return (real)k * REAL(1.1512925464970229); /* ln τ_k = k ln(10) / 2 */
}

/* 1/τ_k, or 1/ln τ_k: for ln 1 = 0 a number that leaves nothing. */
static real decay_speed(const struct cell *cell, int k) {
    const struct ctgru_options *options = cell->options;
    if (options->variant != VARIANT_HASANI2021)
        return real_exp(-log_scale(k));
    return k > 0 ? 1 / log_scale(k) : REAL(1e30);
}

/* Numbers of one stream: M scales of H, and a row of drives (r, s, q). */
static size_t stored_of(const struct cell *cell) {
    return (size_t)scales_of(cell) * (size_t)cell->hidden;
}

static size_t drives_of(const struct cell *cell) {
    return 2 * stored_of(cell) + (size_t)cell->hidden;
}

struct workspace {
    real *transposed_ih; /* [I][2MH+H] */
    real *transposed_hh; /* [H][2MH] */
    real *transposed_hq; /* [H][H] */
    real *drives;  /* [T][B][2MH+H] arguments of both softmaxes, and q; in backward() gradients */
    real *chosen;  /* [T][B][2MH] r, s */
    real *stored;  /* [T+1][B][MH] ĥ */
    real *h;       /* [T][B][H] Σ_k ĥ_k before the step */
    real *found;   /* [T][B][H] Σ_k r_k⊙ĥ_k */
    real *column;  /* [2][H] of one stream */
    real *dstored; /* [B][MH] */
    real *dchosen; /* [B][2MH] */
    real *dh;      /* [B][H] */
    real *dfound;  /* [B][H] */
};

static size_t lay_out(const struct cell *cell, int T, int B, enum phase phase, real *memory,
                      struct workspace *work) {
    size_t H = (size_t)cell->hidden, streams = (size_t)B, rows = (size_t)T * streams;
    size_t stored = stored_of(cell);
    bool trains = phase == PHASE_TRAIN;
    struct scratch scratch = {.memory = memory};
    work->transposed_ih = scratch_take(&scratch, drives_of(cell) * (size_t)cell->inputs);
    work->transposed_hh = scratch_take(&scratch, 2 * stored * H);
    work->transposed_hq = scratch_take(&scratch, H * H);
    work->drives = scratch_take(&scratch, rows * drives_of(cell));
    work->chosen = scratch_take(&scratch, rows * 2 * stored);
    work->stored = scratch_take(&scratch, (rows + streams) * stored);
    work->h = scratch_take(&scratch, rows * H);
    work->found = scratch_take(&scratch, rows * H);
    work->column = scratch_take(&scratch, 2 * H);
    work->dstored = scratch_take(&scratch, trains ? streams * stored : 0);
    work->dchosen = scratch_take(&scratch, trains ? streams * 2 * stored : 0);
    work->dh = scratch_take(&scratch, trains ? streams * H : 0);
    work->dfound = scratch_take(&scratch, trains ? streams * H : 0);
    return scratch.size;
}

static size_t workspace(const struct cell *cell, int steps, int batch, enum phase phase) {
    struct workspace work;
    return lay_out(cell, steps, batch, phase, NULL, &work);
}

static bool configure(struct cell *cell, struct error *error) {
    (void)error;
    cell->state = (int)stored_of(cell);
    return true;
}

static void declare(struct cell *cell, struct param_list *list) {
    int H = cell->hidden, stored = (int)stored_of(cell);
    cell_param(cell, list, WEIGHT_IH, "weight_ih", 2 * stored + H, cell->inputs);
    cell_param(cell, list, WEIGHT_HH, "weight_hh", 2 * stored, H);
    cell_param(cell, list, WEIGHT_HQ, "weight_hq", H, H);
    cell_param(cell, list, BIAS, "bias", 2 * stored + H, 0);
}

/* As the ODE-LSTM authors' release: Keras' dense layers. */
static void init(const struct cell *cell, real *params, gsl_rng *rng) {
    const size_t *offset = cell->offset;
    int H = cell->hidden, I = cell->inputs, stored = (int)stored_of(cell);
    size_t q = 2 * (size_t)stored; /* first row of q */
    fill_dense(rng, I, H, stored, 2 * stored, params + offset[WEIGHT_IH],
               params + offset[WEIGHT_HH], params + offset[BIAS]);
    fill_dense(rng, I, H, H, H, params + offset[WEIGHT_IH] + q * (size_t)I,
               params + offset[WEIGHT_HQ], params + offset[BIAS] + q);
}

/* sum [H] = Σ_k values_k [M][H] */
static void sum_scales(int M, int H, const real *values, real *sum) {
    copy((size_t)H, values, sum);
    for (int k = 1; k < M; k++)
        add((size_t)H, values + (size_t)k * (size_t)H, sum);
}

/* chosen [M][H] = softmax_k(−(drives_k − ln τ_k)²); largest and total [H] are scratch. */
static void choose(int M, int H, const real *drives, real *chosen, real *largest, real *total) {
    for (int k = 0; k < M; k++) {
        const real *drive = drives + (size_t)k * (size_t)H;
        real *score = chosen + (size_t)k * (size_t)H;
#pragma omp simd
        for (int j = 0; j < H; j++) {
            real distance = drive[j] - log_scale(k);
            score[j] = -distance * distance;
            largest[j] = k == 0 || score[j] > largest[j] ? score[j] : largest[j];
        }
    }
    zero((size_t)H, total);
    for (int k = 0; k < M; k++) {
        real *score = chosen + (size_t)k * (size_t)H;
#pragma omp simd
        for (int j = 0; j < H; j++) {
            score[j] = real_exp(score[j] - largest[j]);
            total[j] += score[j];
        }
    }
    for (int k = 0; k < M; k++) {
        real *score = chosen + (size_t)k * (size_t)H;
#pragma omp simd
        for (int j = 0; j < H; j++)
            score[j] /= total[j];
    }
}

/* drives [M][H] become their gradients, given dchosen; mean [H] is scratch. */
static void choose_backward(int M, int H, const real *chosen, const real *dchosen, real *drives,
                            real *mean) {
    zero((size_t)H, mean);
    for (int i = 0; i < M * H; i += H) {
#pragma omp simd
        for (int j = 0; j < H; j++)
            mean[j] += chosen[i + j] * dchosen[i + j];
    }
    for (int k = 0; k < M; k++) {
        size_t at = (size_t)k * (size_t)H;
#pragma omp simd
        for (int j = 0; j < H; j++) {
            real dscore = chosen[at + (size_t)j] * (dchosen[at + (size_t)j] - mean[j]);
            drives[at + (size_t)j] = -2 * (drives[at + (size_t)j] - log_scale(k)) * dscore;
        }
    }
}

/* found [H] = Σ_k r_k⊙ĥ_k */
static void read_scales(int M, int H, const real *read, const real *stored, real *found) {
    zero((size_t)H, found);
    for (int i = 0; i < M * H; i += H) {
#pragma omp simd
        for (int j = 0; j < H; j++)
            found[j] += read[i + j] * stored[i + j];
    }
}

/* dread [M][H] = , dstored [M][H] += */
static void read_scales_backward(int M, int H, const real *dfound, const real *read,
                                 const real *stored, real *dread, real *dstored) {
    for (int i = 0; i < M * H; i += H) {
#pragma omp simd
        for (int j = 0; j < H; j++) {
            dread[i + j] = dfound[j] * stored[i + j];
            dstored[i + j] += dfound[j] * read[i + j];
        }
    }
}

/* Writes q [H] where s [M][H] says, and lets time pass. */
static void write_scales(const struct cell *cell, real elapsed, const real *q, const real *write,
                         const real *before, real *after) {
    int M = scales_of(cell), H = cell->hidden;
    for (int k = 0; k < M; k++) {
        size_t at = (size_t)k * (size_t)H;
        real left = real_exp(-elapsed * decay_speed(cell, k));
#pragma omp simd
        for (int j = 0; j < H; j++) {
            size_t i = at + (size_t)j;
            after[i] = (before[i] + write[i] * (q[j] - before[i])) * left;
        }
    }
}

/* dstored [M][H] comes in as after the step and leaves as before it, but for what goes through the
 * gates; dwrite and dq are written. Returns d elapsed. */
static real write_scales_backward(const struct cell *cell, real elapsed, const real *q,
                                  const real *write, const real *before, const real *after,
                                  real *dstored, real *dwrite, real *dq) {
    int M = scales_of(cell), H = cell->hidden;
    real delapsed = 0;
    zero((size_t)H, dq);
    for (int k = 0; k < M; k++) {
        size_t at = (size_t)k * (size_t)H;
        real speed = decay_speed(cell, k), left = real_exp(-elapsed * speed), dexponent = 0;
#pragma omp simd reduction(+ : dexponent)
        for (int j = 0; j < H; j++) {
            size_t i = at + (size_t)j;
            real dmixed = dstored[i] * left;
            dexponent += dstored[i] * after[i];
            dwrite[i] = dmixed * (q[j] - before[i]);
            dq[j] += dmixed * write[i];
            dstored[i] = dmixed * (1 - write[i]);
        }
        delapsed -= dexponent * speed;
    }
    return delapsed;
}

static void forward(const struct cell *cell, const real *params, const struct sequence *sequence,
                    real *y, real *final, real *memory) {
    int T = sequence->steps, B = sequence->batch, H = cell->hidden, M = scales_of(cell);
    int MH = M * H, drives_width = (int)drives_of(cell);
    const size_t *offset = cell->offset;
    size_t row = (size_t)B * (size_t)H;
    struct workspace work;
    lay_out(cell, T, B, sequence->phase, memory, &work);

    load_state(sequence, MH, 0, MH, work.stored);
    if (!sequence->is_prepared) {
        matrix_transpose(drives_width, cell->inputs, params + offset[WEIGHT_IH], cell->inputs,
                         work.transposed_ih);
        matrix_transpose(2 * MH, H, params + offset[WEIGHT_HH], H, work.transposed_hh);
        matrix_transpose(H, H, params + offset[WEIGHT_HQ], H, work.transposed_hq);
    }
    linear_transposed(T * B, cell->inputs, drives_width, sequence->x, work.transposed_ih,
                      params + offset[BIAS], NULL, work.drives, drives_width);
    for (int t = 0; t < T; t++) {
        real *drives = work.drives + (size_t)(t * B) * (size_t)drives_width;
        real *chosen = work.chosen + (size_t)(t * B) * (size_t)(2 * MH);
        real *stored = work.stored + row * (size_t)(t * M), *next = stored + row * (size_t)M;
        real *h = work.h + row * (size_t)t, *found = work.found + row * (size_t)t;
        for (int b = 0; b < B; b++)
            sum_scales(M, H, stored + MH * b, h + H * b);
        matmul_nn(B, 2 * MH, H, h, H, work.transposed_hh, 2 * MH, drives, drives_width, true);
        for (int b = 0; b < B; b++) {
            real *drives_b = drives + drives_width * b, *chosen_b = chosen + 2 * MH * b;
            choose(M, H, drives_b, chosen_b, work.column, work.column + H);
            choose(M, H, drives_b + MH, chosen_b + MH, work.column, work.column + H);
            read_scales(M, H, chosen_b, stored + MH * b, found + H * b);
        }
        matmul_nn(B, H, H, found, H, work.transposed_hq, H, drives + 2 * MH, drives_width, true);
        for (int b = 0; b < B; b++) {
            real *q = drives + drives_width * b + 2 * MH;
            activate(TANH, (size_t)H, q, q);
            write_scales(cell, sequence->elapsed[t * B + b], q, chosen + 2 * MH * b + MH,
                         stored + MH * b, next + MH * b);
        }
        hold_absent(sequence, t, MH, stored, next);
        for (int b = 0; b < B; b++)
            sum_scales(M, H, next + MH * b, y + row * (size_t)t + H * b);
    }
    store_state(B, MH, 0, MH, work.stored + row * (size_t)(T * M), final);
}

/* Step t: from dstored after it to dstored before it; the drives become their gradients. */
static void step_backward(const struct cell *cell, const real *params,
                          const struct sequence *sequence, int t,
                          const struct cell_gradient *gradient, struct workspace *work) {
    int B = sequence->batch, H = cell->hidden, M = scales_of(cell);
    int MH = M * H, drives_width = (int)drives_of(cell);
    size_t row = (size_t)B * (size_t)H;
    real *ddrives = work->drives + (size_t)(t * B) * (size_t)drives_width;
    const real *chosen = work->chosen + (size_t)(t * B) * (size_t)(2 * MH);
    const real *stored = work->stored + row * (size_t)(t * M), *next = stored + row * (size_t)M;
    for (int b = 0; b < B; b++) {
        real *q = ddrives + drives_width * b + 2 * MH, *dq = work->column;
        if (is_absent(sequence, t, b)) {
            zero((size_t)drives_width, ddrives + drives_width * b);
            continue;
        }
        real delapsed = write_scales_backward(
            cell, sequence->elapsed[t * B + b], q, chosen + 2 * MH * b + MH, stored + MH * b,
            next + MH * b, work->dstored + MH * b, work->dchosen + 2 * MH * b + MH, dq);
        if (gradient->elapsed != NULL)
            gradient->elapsed[t * B + b] += delapsed;
        for (int j = 0; j < H; j++)
            q[j] = dq[j] * (1 - q[j] * q[j]);
    }
    matmul_nn(B, H, H, ddrives + 2 * MH, drives_width, params + cell->offset[WEIGHT_HQ], H,
              work->dfound, H, false);
    for (int b = 0; b < B; b++) {
        real *ddrives_b = ddrives + drives_width * b, *dchosen_b = work->dchosen + 2 * MH * b;
        const real *chosen_b = chosen + 2 * MH * b;
        if (is_absent(sequence, t, b))
            continue;
        read_scales_backward(M, H, work->dfound + H * b, chosen_b, stored + MH * b, dchosen_b,
                             work->dstored + MH * b);
        choose_backward(M, H, chosen_b, dchosen_b, ddrives_b, work->column);
        choose_backward(M, H, chosen_b + MH, dchosen_b + MH, ddrives_b + MH, work->column);
    }
    matmul_nn(B, H, 2 * MH, ddrives, drives_width, params + cell->offset[WEIGHT_HH], H, work->dh, H,
              false);
    for (int b = 0; b < B; b++)
        for (int k = 0; k < M; k++)
            add((size_t)H, work->dh + H * b, work->dstored + MH * b + H * k);
}

static void backward(const struct cell *cell, const real *params, const struct sequence *sequence,
                     const struct cell_gradient *gradient, real *memory) {
    int T = sequence->steps, B = sequence->batch, H = cell->hidden, M = scales_of(cell);
    int MH = M * H, drives_width = (int)drives_of(cell);
    const size_t *offset = cell->offset;
    struct workspace work;
    lay_out(cell, T, B, PHASE_TRAIN, memory, &work);

    load_final_gradient(gradient, B, MH, 0, MH, work.dstored);
    for (int t = T; t-- > 0;) {
        const real *dy = gradient->y + (size_t)(t * B) * (size_t)H;
        for (int b = 0; b < B; b++)
            for (int k = 0; k < M; k++)
                add((size_t)H, dy + H * b, work.dstored + MH * b + H * k);
        step_backward(cell, params, sequence, t, gradient, &work);
    }
    linear_backward(T * B, cell->inputs, drives_width, sequence->x, params + offset[WEIGHT_IH],
                    work.drives, drives_width, gradient->params + offset[WEIGHT_IH],
                    gradient->params + offset[BIAS], gradient->x, false);
    matmul_tn(2 * MH, H, T * B, work.drives, drives_width, work.h, H,
              gradient->params + offset[WEIGHT_HH], H, true);
    matmul_tn(H, H, T * B, work.drives + 2 * MH, drives_width, work.found, H,
              gradient->params + offset[WEIGHT_HQ], H, true);
    add_state(B, MH, 0, MH, work.dstored, gradient->state);
}

static double flops(const struct cell *cell) {
    double H = cell->hidden, I = cell->inputs, M = scales_of(cell);
    return 2 * (2 * M + 1) * H * (I + H) + (40 * M + 15) * H;
}

const struct cell_type ISA_NAME(cell_ctgru) = {
    .name = "ctgru",
    .title = "CT-GRU",
    .citation = "Mozer et al., Discrete event, continuous time RNNs, 2017",
    .parameters = "H(I + H + 1)(2M + 1), M = scales",
    .options = ctgru_fields,
    .options_size = sizeof(struct ctgru_options),
    .takes_time = true,
    .streams = true,
    .configure = configure,
    CELL_FUNCTIONS,
};
