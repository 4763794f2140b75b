/* GRU with decay (Che et al. 2018): what the state holds fades with time,
 *
 *   γ = exp(−relu(W_γ δ + b_γ))     ĥ = γ⊙h     h ← ĥ + (1−z)⊙(n − ĥ)
 *
 * with r, z, n of engine/cells/gru_gates.h from x̂ and ĥ. Without flags x̂ = x and δ [1] is the elapsed time
 * Δ. With K flags (the last inputs, saying which of the first K were observed) an unobserved input
 * is replaced by its last observed value, faded towards its mean m in training:
 *
 *   δ = age + Δ    [K]                      time since each input was last observed
 *   x̂ = x where observed, else m + exp(−relu(w_x⊙δ + b_x))⊙last
 *   last ← x − m, age ← 0 where observed, else last ← last, age ← δ
 *
 * x̂ and δ depend on the inputs alone: they are computed for all steps before the recurrence. State:
 * [h; last; age]. */
#include "engine/cell.h"
#include "engine/cells/gru_gates.h"
#include "engine/initial.h"
#include "engine/isa.h"
#include "engine/linear.h"

enum {
    WEIGHT_IH,
    WEIGHT_HH,
    BIAS,
    HIDDEN_DECAY_WEIGHT,
    HIDDEN_DECAY_BIAS,
    INPUT_DECAY_WEIGHT,
    INPUT_DECAY_BIAS
};

/* Width of δ. */
static int delays_of(const struct cell *cell) {
    return cell->flags > 0 ? cell->flags : 1;
}

struct workspace {
    struct transposed_weights transposed; /* of 3H rows */
    real *rows;                           /* [T][B][4H] of engine/cells/gru_gates.h */
    real *decay;                          /* [T][B][H] W_γ δ + b_γ; in backward() its gradient */
    real *decayed;                        /* [T][B][H] ĥ */
    real *h;                              /* [T+1][B][H] */
    real *change;                         /* [B][H]; in backward() its gradient */
    real *dh, *ddecayed;                  /* [B][H] */
    real *dq;                             /* [B][H] */
    /* With flags only: */
    real *x;               /* [T][B][I] x̂ */
    real *since;           /* [T][B][K] δ */
    real *last, *age;      /* [T+1][B][K] */
    real *dvalue, *dsince; /* [T][B][K] gradients of x̂'s first K and of δ */
    real *dlast, *dage;    /* [B][K] */
};

static size_t lay_out(const struct cell *cell, int T, int B, enum phase phase, real *memory,
                      struct workspace *work) {
    size_t row = (size_t)B * (size_t)cell->hidden, rows = (size_t)T * (size_t)B;
    size_t K = (size_t)cell->flags, memories = (rows + (size_t)B) * K;
    bool trains = phase == PHASE_TRAIN;
    struct scratch scratch = {.memory = memory};
    work->transposed = transposed_take(&scratch, 3 * cell->hidden, cell->inputs, cell->hidden);
    work->rows = scratch_take(&scratch, 4 * row * (size_t)T);
    work->decay = scratch_take(&scratch, row * (size_t)T);
    work->decayed = scratch_take(&scratch, row * (size_t)T);
    work->h = scratch_take(&scratch, row * (size_t)(T + 1));
    work->change = scratch_take(&scratch, row);
    work->x = scratch_take(&scratch, K > 0 ? rows * (size_t)cell->inputs : 0);
    work->since = scratch_take(&scratch, rows * K);
    work->last = scratch_take(&scratch, memories);
    work->age = scratch_take(&scratch, memories);
    work->dh = scratch_take(&scratch, trains ? row : 0);
    work->ddecayed = scratch_take(&scratch, trains ? row : 0);
    work->dq = scratch_take(&scratch, trains ? row : 0);
    work->dvalue = scratch_take(&scratch, trains ? rows * K : 0);
    work->dsince = scratch_take(&scratch, trains ? rows * K : 0);
    work->dlast = scratch_take(&scratch, trains ? (size_t)B * K : 0);
    work->dage = scratch_take(&scratch, trains ? (size_t)B * K : 0);
    return scratch.size;
}

static size_t workspace(const struct cell *cell, int steps, int batch, enum phase phase) {
    struct workspace work;
    return lay_out(cell, steps, batch, phase, NULL, &work);
}

static bool configure(struct cell *cell, struct error *error) {
    (void)error;
    cell->state = cell->hidden + 2 * cell->flags;
    return true;
}

static void declare(struct cell *cell, struct param_list *list) {
    int H = cell->hidden, K = cell->flags;
    cell_param(cell, list, WEIGHT_IH, "weight_ih", 3 * H, cell->inputs);
    cell_param(cell, list, WEIGHT_HH, "weight_hh", 3 * H, H);
    cell_param(cell, list, BIAS, "bias", 3 * H, 0);
    cell_param(cell, list, HIDDEN_DECAY_WEIGHT, "hidden_decay.weight", H, delays_of(cell));
    cell_param(cell, list, HIDDEN_DECAY_BIAS, "hidden_decay.bias", H, 0);
    if (K > 0) {
        cell_param(cell, list, INPUT_DECAY_WEIGHT, "input_decay.weight", K, 0);
        cell_param(cell, list, INPUT_DECAY_BIAS, "input_decay.bias", K, 0);
    }
}

/* As the ODE-LSTM authors' release: Keras' dense layers. But the decays' weights are drawn
 * positive: behind the relu a negative one would neither decay nor learn. */
static void init(const struct cell *cell, real *params, gsl_rng *rng) {
    const size_t *offset = cell->offset;
    int H = cell->hidden, K = cell->flags, delays = delays_of(cell);
    real bound = (real)sqrt(6 / ((double)delays + H));
    fill_dense(rng, cell->inputs, H, H, 3 * H, params + offset[WEIGHT_IH],
               params + offset[WEIGHT_HH], params + offset[BIAS]);
    fill_uniform(rng, 0, bound, (size_t)H * (size_t)delays, params + offset[HIDDEN_DECAY_WEIGHT]);
    fill_constant(0, (size_t)H, params + offset[HIDDEN_DECAY_BIAS]);
    if (K > 0) {
        fill_uniform(rng, 0, bound, (size_t)K, params + offset[INPUT_DECAY_WEIGHT]);
        fill_constant(0, (size_t)K, params + offset[INPUT_DECAY_BIAS]);
    }
}

/* exp(−relu(x)). */
static inline real fading(real x) {
    return real_exp(x > 0 ? -x : 0);
}

static inline real fading_slope(real x) {
    return x > 0 ? -real_exp(-x) : 0;
}

/* One stream's x̂ [I], δ, last and age [K] at one step; `last_before` and `age_before` are those
 * before it. */
static void impute(const struct cell *cell, const real *params, const real *x, real elapsed,
                   const real *last_before, const real *age_before, real *imputed, real *since,
                   real *last, real *age) {
    const real *weight = params + cell->offset[INPUT_DECAY_WEIGHT];
    const real *bias = params + cell->offset[INPUT_DECAY_BIAS];
    const real *flags = x + cell->inputs - cell->flags;
    copy((size_t)cell->inputs, x, imputed);
    for (int k = 0; k < cell->flags; k++) {
        bool observed = flags[k] > REAL(0.5);
        real mean = cell->means != NULL ? (real)cell->means[k] : 0;
        since[k] = age_before[k] + elapsed;
        if (!observed)
            imputed[k] = mean + fading(weight[k] * since[k] + bias[k]) * last_before[k];
        last[k] = observed ? x[k] - mean : last_before[k];
        age[k] = observed ? 0 : since[k];
    }
}

/* With flags: fills x, since, last and age of all steps. */
static void impute_all(const struct cell *cell, const real *params, const struct sequence *sequence,
                       struct workspace *work) {
    int T = sequence->steps, B = sequence->batch, H = cell->hidden, K = cell->flags;
    load_state(sequence, cell->state, H, K, work->last);
    load_state(sequence, cell->state, H + K, K, work->age);
    for (int n = 0; n < T * B; n++) {
        size_t at = (size_t)n * (size_t)K, next = at + (size_t)B * (size_t)K;
        size_t at_x = (size_t)n * (size_t)cell->inputs;
        impute(cell, params, sequence->x + at_x, sequence->elapsed[n], work->last + at,
               work->age + at, work->x + at_x, work->since + at, work->last + next,
               work->age + next);
        if (is_absent(sequence, n / B, n % B)) {
            copy((size_t)K, work->last + at, work->last + next);
            copy((size_t)K, work->age + at, work->age + next);
        }
    }
}

static void forward(const struct cell *cell, const real *params, const struct sequence *sequence,
                    real *y, real *final, real *memory) {
    int T = sequence->steps, B = sequence->batch, H = cell->hidden, K = cell->flags;
    const size_t *offset = cell->offset;
    size_t row = (size_t)B * (size_t)H, last_row = (size_t)T * (size_t)B * (size_t)K;
    struct workspace work;
    lay_out(cell, T, B, sequence->phase, memory, &work);

    load_state(sequence, cell->state, 0, H, work.h);
    if (K > 0)
        impute_all(cell, params, sequence, &work);
    transposed_fill(sequence, 3 * H, cell->inputs, H, params + offset[WEIGHT_IH],
                    params + offset[WEIGHT_HH], work.transposed);
    linear_transposed(T * B, cell->inputs, 3 * H, K > 0 ? work.x : sequence->x, work.transposed.ih,
                      params + offset[BIAS], NULL, work.rows, 4 * H);
    linear(T * B, delays_of(cell), H, K > 0 ? work.since : sequence->elapsed,
           params + offset[HIDDEN_DECAY_WEIGHT], params + offset[HIDDEN_DECAY_BIAS], NULL,
           work.decay, H);
    for (int t = 0; t < T; t++) {
        real *h = work.h + row * (size_t)t, *next = h + row;
        real *decay = work.decay + row * (size_t)t, *decayed = work.decayed + row * (size_t)t;
#pragma omp simd
        for (size_t i = 0; i < row; i++)
            decayed[i] = fading(decay[i]) * h[i];
        gru_gates(B, H, work.transposed.hh, decayed, work.rows + 4 * row * (size_t)t, work.change);
#pragma omp simd
        for (size_t i = 0; i < row; i++)
            next[i] = decayed[i] + work.change[i];
        hold_absent(sequence, t, H, h, next);
    }
    copy(row * (size_t)T, work.h + row, y);
    store_state(B, cell->state, 0, H, work.h + row * (size_t)T, final);
    store_state(B, cell->state, H, K, work.last + last_row, final);
    store_state(B, cell->state, H + K, K, work.age + last_row, final);
}

/* Back through impute() of one stream at one step. dvalue [K] is the gradient of x̂'s first K, since
 * that of δ without what age adds; dlast and dage come in as after the step and leave as before it.
 * dvalue leaves as the gradient of x's first K; returns d elapsed. */
static real impute_backward(const struct cell *cell, const real *params, const real *x,
                            const real *last_before, const real *since, real *dvalue,
                            const real *dsince, real *dlast, real *dage, real *gradient) {
    const real *weight = params + cell->offset[INPUT_DECAY_WEIGHT];
    const real *bias = params + cell->offset[INPUT_DECAY_BIAS];
    real *dweight = gradient + cell->offset[INPUT_DECAY_WEIGHT];
    real *dbias = gradient + cell->offset[INPUT_DECAY_BIAS];
    const real *flags = x + cell->inputs - cell->flags;
    real delapsed = 0;
    for (int k = 0; k < cell->flags; k++) {
        real dsince_k = dsince[k];
        if (flags[k] > REAL(0.5)) {
            dvalue[k] += dlast[k];
            dlast[k] = 0;
        } else {
            real decay = weight[k] * since[k] + bias[k];
            real ddecay = dvalue[k] * last_before[k] * fading_slope(decay);
            dweight[k] += ddecay * since[k];
            dbias[k] += ddecay;
            dlast[k] += dvalue[k] * fading(decay);
            dvalue[k] = 0;
            dsince_k += dage[k] + ddecay * weight[k];
        }
        dage[k] = dsince_k;
        delapsed += dsince_k;
    }
    return delapsed;
}

/* With flags: from the gradients of x̂ and δ to those of everything they came from. */
static void impute_all_backward(const struct cell *cell, const real *params,
                                const struct sequence *sequence,
                                const struct cell_gradient *gradient, struct workspace *work) {
    int T = sequence->steps, B = sequence->batch, I = cell->inputs, H = cell->hidden;
    size_t K = (size_t)cell->flags;
    matmul_nn(T * B, cell->flags, 3 * H, work->rows, 4 * H, params + cell->offset[WEIGHT_IH], I,
              work->dvalue, cell->flags, false);
    load_final_gradient(gradient, B, cell->state, H, cell->flags, work->dlast);
    load_final_gradient(gradient, B, cell->state, H + cell->flags, cell->flags, work->dage);
    for (int n = T * B; n-- > 0;) {
        size_t at = (size_t)n * K, stream = (size_t)(n % B) * K;
        if (is_absent(sequence, n / B, n % B))
            continue;
        real delapsed =
            impute_backward(cell, params, sequence->x + (size_t)n * (size_t)I, work->last + at,
                            work->since + at, work->dvalue + at, work->dsince + at,
                            work->dlast + stream, work->dage + stream, gradient->params);
        if (gradient->elapsed != NULL)
            gradient->elapsed[n] += delapsed;
        if (gradient->x != NULL)
            copy(K, work->dvalue + at, gradient->x + (size_t)n * (size_t)I);
    }
    add_state(B, cell->state, H, cell->flags, work->dlast, gradient->state);
    add_state(B, cell->state, H + cell->flags, cell->flags, work->dage, gradient->state);
}

/* One stream's backward pass through ĥ = γ⊙h: the decay becomes its gradient, dh that of h. */
static void decay_backward(int H, const real *h, const real *ddecayed, real *decay, real *dh) {
#pragma omp simd
    for (int j = 0; j < H; j++) {
        dh[j] = ddecayed[j] * fading(decay[j]);
        decay[j] = ddecayed[j] * h[j] * fading_slope(decay[j]);
    }
}

static void backward(const struct cell *cell, const real *params, const struct sequence *sequence,
                     const struct cell_gradient *gradient, real *memory) {
    int T = sequence->steps, B = sequence->batch, H = cell->hidden, K = cell->flags;
    const size_t *offset = cell->offset;
    size_t row = (size_t)B * (size_t)H;
    struct workspace work;
    lay_out(cell, T, B, PHASE_TRAIN, memory, &work);

    load_final_gradient(gradient, B, cell->state, 0, H, work.dh);
    for (int t = T; t-- > 0;) {
        size_t at = row * (size_t)t;
        add(row, gradient->y + at, work.dh);
        copy(row, work.dh, work.change);
        for (int b = 0; b < B; b++)
            if (is_absent(sequence, t, b))
                zero((size_t)H, work.change + H * b);
        copy(row, work.change, work.ddecayed);
        gru_gates_backward(B, H, params + offset[WEIGHT_HH], work.decayed + at, work.change,
                           work.rows + 4 * at, work.ddecayed, work.dq);
        for (int b = 0; b < B; b++) {
            if (is_absent(sequence, t, b))
                zero((size_t)H, work.decay + at + H * b);
            else
                decay_backward(H, work.h + at + H * b, work.ddecayed + H * b,
                               work.decay + at + H * b, work.dh + H * b);
        }
    }
    gru_gates_collect(T * B, H, work.rows, work.decayed, gradient->params + offset[WEIGHT_HH]);
    linear_backward(T * B, cell->inputs, 3 * H, K > 0 ? work.x : sequence->x,
                    params + offset[WEIGHT_IH], work.rows, 4 * H,
                    gradient->params + offset[WEIGHT_IH], gradient->params + offset[BIAS],
                    gradient->x, false);
    linear_backward(T * B, delays_of(cell), H, K > 0 ? work.since : sequence->elapsed,
                    params + offset[HIDDEN_DECAY_WEIGHT], work.decay, H,
                    gradient->params + offset[HIDDEN_DECAY_WEIGHT],
                    gradient->params + offset[HIDDEN_DECAY_BIAS],
                    K > 0 ? work.dsince : gradient->elapsed, K == 0);
    if (K > 0)
        impute_all_backward(cell, params, sequence, gradient, &work);
    add_state(B, cell->state, 0, H, work.dh, gradient->state);
}

static double flops(const struct cell *cell) {
    double H = cell->hidden, I = cell->inputs;
    return 2 * 3 * H * (I + H) + 2 * H * delays_of(cell) + 55 * H + 15.0 * cell->flags;
}

const struct cell_type ISA_NAME(cell_grud) = {
    .name = "grud",
    .title = "GRU-D",
    .citation = "Che et al., Recurrent neural networks for multivariate time series with missing "
                "values, Scientific Reports 2018",
    .parameters = "3H(I + H + 1) + 2H",
    .takes_time = true,
    .streams = true,
    .configure = configure,
    CELL_FUNCTIONS,
};
