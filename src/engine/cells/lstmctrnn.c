/* A coupled LSTM and CT-RNN, the comparison that Lechner & Hasani 2020 and Hasani et al. 2022 call
 * "bidirectional RNN": information flows both ways between the two networks, not both ways in time.
 * Each reads the other's state of the step before, and the output is the sum of theirs:
 *
 *   [i f g o] = W [x; v; Δ] + U h + b
 *   c ← σ(f + 1)⊙c + σ(i)⊙tanh(g)        h' = σ(o)⊙tanh(c)
 *   v' = v(Δ)   where   dv/dt = −v + s⊙tanh(W_o [x; h] + U_o v + b_o),   v(0) = v
 *   h ← h'      v ← v'                    y = h + v
 *
 * with engine/lstm_gates.h and engine/ctrnn.h, as class BidirectionalRNN of the authors' TensorFlow
 * release, where the LSTM also reads the elapsed time as its last input. State: [h; c; v]. */
#include "engine/isa.h"
#include "engine/ode_lstm.h"

static const real forget_bias = 1;

/* Width of [x; v; Δ]. */
static int lstm_inputs(const struct cell *cell) {
    return cell->inputs + cell->hidden + 1;
}

/* Width of [x; h]. */
static int ode_inputs(const struct cell *cell) {
    return cell->inputs + cell->hidden;
}

struct workspace {
    struct transposed_weights transposed;     /* the LSTM's, of 4H rows, reading [x; v; Δ] and h */
    struct transposed_weights ode_transposed; /* of H rows, reading [x; h] and v */
    real *gates;        /* [T][B][4H] activated; in backward() the gradients of their inputs */
    real *h, *c;        /* [T+1][B][H] */
    real *drive;        /* [T][B][H] W_o [x; h] + b_o; in backward() its gradient */
    real *v;            /* [T·evaluations + 1][B][H]; every evaluations-th is a step's v */
    real *kept;         /* [T·evaluations][B][H] */
    real *decay;        /* [H] ones: the ODE's time constant is 1 */
    real *lengths;      /* [B] */
    real *ode_scratch;  /* [B][H] forward, ode_backward_scratch() backward */
    real *dh, *dc, *dv; /* [B][H] */
    real *ddecay;       /* [H], not wanted */
    real *dlengths;     /* [B] */
};

static size_t lay_out(const struct cell *cell, int T, int B, enum phase phase, real *memory,
                      struct workspace *work) {
    size_t H = (size_t)cell->hidden, row = (size_t)B * H, steps = (size_t)T;
    size_t evaluations = steps * (size_t)ode_evaluations(ode_lstm_options_of(cell));
    bool trains = phase == PHASE_TRAIN;
    struct scratch scratch = {.memory = memory};
    work->transposed = transposed_take(&scratch, 4 * cell->hidden, lstm_inputs(cell), cell->hidden);
    work->ode_transposed = transposed_take(&scratch, cell->hidden, ode_inputs(cell), cell->hidden);
    work->gates = scratch_take(&scratch, 4 * row * steps);
    work->h = scratch_take(&scratch, row * (steps + 1));
    work->c = scratch_take(&scratch, row * (steps + 1));
    work->drive = scratch_take(&scratch, row * steps);
    work->v = scratch_take(&scratch, row * (evaluations + 1));
    work->kept = scratch_take(&scratch, row * evaluations);
    work->decay = scratch_take(&scratch, H);
    work->lengths = scratch_take(&scratch, (size_t)B);
    work->ode_scratch =
        scratch_take(&scratch, trains ? ode_backward_scratch(B, cell->hidden) : row);
    work->dh = scratch_take(&scratch, trains ? row : 0);
    work->dc = scratch_take(&scratch, trains ? row : 0);
    work->dv = scratch_take(&scratch, trains ? row : 0);
    work->ddecay = scratch_take(&scratch, trains ? H : 0);
    work->dlengths = scratch_take(&scratch, trains ? (size_t)B : 0);
    return scratch.size;
}

static size_t workspace(const struct cell *cell, int steps, int batch, enum phase phase) {
    struct workspace work;
    return lay_out(cell, steps, batch, phase, NULL, &work);
}

static bool configure(struct cell *cell, struct error *error) {
    (void)error;
    cell->state = 3 * cell->hidden;
    return true;
}

static void declare(struct cell *cell, struct param_list *list) {
    ode_lstm_declare(cell, list, lstm_inputs(cell), ode_inputs(cell));
}

static void init(const struct cell *cell, real *params, gsl_rng *rng) {
    ode_lstm_init(cell, params, rng, lstm_inputs(cell), ode_inputs(cell));
}

/* Of a weight of `rows` rows transposed, what reads its inputs from number `from` on. */
static const real *reading(const real *transposed, int rows, int from) {
    return transposed + (size_t)rows * (size_t)from;
}

/* What gates and drive get from x and Δ, for all steps at once. */
static void read_inputs(const struct cell *cell, const real *params,
                        const struct sequence *sequence, const struct workspace *work) {
    int rows = sequence->steps * sequence->batch, I = cell->inputs, H = cell->hidden;
    const size_t *offset = cell->offset;
    transposed_fill(sequence, 4 * H, lstm_inputs(cell), H, params + offset[WEIGHT_IH],
                    params + offset[WEIGHT_HH], work->transposed);
    transposed_fill(sequence, H, ode_inputs(cell), H, params + offset[ODE_WEIGHT_IH],
                    params + offset[ODE_WEIGHT_HH], work->ode_transposed);
    linear_transposed(rows, I, 4 * H, sequence->x, work->transposed.ih, params + offset[BIAS], NULL,
                      work->gates, 4 * H);
    matmul_nn(rows, 4 * H, 1, sequence->elapsed, 1, reading(work->transposed.ih, 4 * H, I + H),
              4 * H, work->gates, 4 * H, true);
    linear_transposed(rows, I, H, sequence->x, work->ode_transposed.ih, params + offset[ODE_BIAS],
                      NULL, work->drive, H);
}

/* Gates [B][4H] and the new h and c [B][H] of step t, from those before it and v. */
static void gated_forward(const struct cell *cell, const struct sequence *sequence, int t,
                          const real *v, const struct workspace *work) {
    int B = sequence->batch, I = cell->inputs, H = cell->hidden;
    size_t row = (size_t)B * (size_t)H, at = row * (size_t)t;
    real *gates = work->gates + 4 * at, *h = work->h + at, *c = work->c + at;
    matmul_nn(B, 4 * H, H, h, H, work->transposed.hh, 4 * H, gates, 4 * H, true);
    matmul_nn(B, 4 * H, H, v, H, reading(work->transposed.ih, 4 * H, I), 4 * H, gates, 4 * H, true);
    for (int b = 0; b < B; b++)
        lstm_activate(H, lstm_gates_at(H, gates + 4 * H * b), forget_bias, c + H * b,
                      c + row + H * b, h + row + H * b);
    hold_absent(sequence, t, H, h, h + row);
    hold_absent(sequence, t, H, c, c + row);
}

static void forward(const struct cell *cell, const real *params, const struct sequence *sequence,
                    real *y, real *final, real *memory) {
    int T = sequence->steps, B = sequence->batch, I = cell->inputs, H = cell->hidden;
    size_t row = (size_t)B * (size_t)H,
           evaluations = (size_t)ode_evaluations(ode_lstm_options_of(cell));
    struct workspace work;
    lay_out(cell, T, B, PHASE_EVALUATE, memory, &work);
    struct ctrnn_system system =
        ode_lstm_system(cell, params, sequence, work.ode_transposed.hh, work.decay);
    struct ode ode = ctrnn_ode(&system, ode_lstm_options_of(cell));

    fill_constant(1, (size_t)H, work.decay);
    load_state(sequence, 3 * H, 0, H, work.h);
    load_state(sequence, 3 * H, H, H, work.c);
    load_state(sequence, 3 * H, 2 * H, H, work.v);
    read_inputs(cell, params, sequence, &work);
    for (int t = 0; t < T; t++) {
        size_t at = row * (size_t)t, at_v = at * evaluations;
        real *drive = work.drive + at, *v = work.v + at_v;
        gated_forward(cell, sequence, t, v, &work);
        matmul_nn(B, H, H, work.h + at, H, reading(work.ode_transposed.ih, H, I), H, drive, H,
                  true);
        system.drive = drive;
        ode_step_lengths(sequence, t, 1 / (real)ode.unfolds, work.lengths);
        ode_forward(&ode, work.lengths, v, work.kept + at_v, work.ode_scratch);
        copy(row, work.h + at + row, y + at);
        add(row, v + row * evaluations, y + at);
    }
    store_state(B, 3 * H, 0, H, work.h + row * (size_t)T, final);
    store_state(B, 3 * H, H, H, work.c + row * (size_t)T, final);
    store_state(B, 3 * H, 2 * H, H, work.v + row * evaluations * (size_t)T, final);
}

/* Back through gated_forward() but for its products: the gates' gradients, dc of the old c, and of
 * dh what absent streams hold. */
static void gated_backward(const struct cell *cell, const struct sequence *sequence, int t,
                           const struct workspace *work) {
    int B = sequence->batch, H = cell->hidden;
    size_t row = (size_t)B * (size_t)H, at = row * (size_t)t;
    real *dgates = work->gates + 4 * at;
    const real *c = work->c + at;
    for (int b = 0; b < B; b++) {
        if (is_absent(sequence, t, b)) {
            zero(4 * (size_t)H, dgates + 4 * H * b);
        } else {
            lstm_activate_backward(H, lstm_gates_at(H, dgates + 4 * H * b), c + H * b,
                                   c + row + H * b, work->dh + H * b, work->dc + H * b);
            zero((size_t)H, work->dh + H * b);
        }
    }
}

/* The weights' and inputs' gradients, over all steps at once: W's and W_o's part by part. */
static void inputs_backward(const struct cell *cell, const real *params,
                            const struct sequence *sequence, const struct workspace *work,
                            const struct cell_gradient *gradient) {
    int rows = sequence->steps * sequence->batch, I = cell->inputs, H = cell->hidden;
    int lstm_width = lstm_inputs(cell), ode_width = ode_inputs(cell);
    const size_t *offset = cell->offset;
    const real *weight_ih = params + offset[WEIGHT_IH], *dgates = work->gates;
    const real *ode_weight_ih = params + offset[ODE_WEIGHT_IH], *ddrive = work->drive;
    real *dweight_ih = gradient->params + offset[WEIGHT_IH];
    real *dode_weight_ih = gradient->params + offset[ODE_WEIGHT_IH];

    matmul_tn(4 * H, I, rows, dgates, 4 * H, sequence->x, I, dweight_ih, lstm_width, true);
    matmul_tn(4 * H, H, rows, dgates, 4 * H, work->v, H, dweight_ih + I, lstm_width, true);
    matmul_tn(4 * H, 1, rows, dgates, 4 * H, sequence->elapsed, 1, dweight_ih + I + H, lstm_width,
              true);
    linear_backward(rows, H, 4 * H, work->h, NULL, dgates, 4 * H,
                    gradient->params + offset[WEIGHT_HH], gradient->params + offset[BIAS], NULL,
                    false);
    matmul_tn(H, I, rows, ddrive, H, sequence->x, I, dode_weight_ih, ode_width, true);
    matmul_tn(H, H, rows, ddrive, H, work->h, H, dode_weight_ih + I, ode_width, true);
    linear_bias_backward(rows, H, ddrive, H, gradient->params + offset[ODE_BIAS]);
    if (gradient->x != NULL) {
        matmul_nn(rows, I, 4 * H, dgates, 4 * H, weight_ih, lstm_width, gradient->x, I, false);
        matmul_nn(rows, I, H, ddrive, H, ode_weight_ih, ode_width, gradient->x, I, true);
    }
    if (gradient->elapsed != NULL)
        matmul_nn(rows, 1, 4 * H, dgates, 4 * H, weight_ih + I + H, lstm_width, gradient->elapsed,
                  1, true);
}

static void weights_backward(const struct cell *cell, const real *params,
                             const struct sequence *sequence, const struct workspace *work,
                             const struct cell_gradient *gradient) {
    int T = sequence->steps, B = sequence->batch, H = cell->hidden;
    int evaluations = ode_evaluations(ode_lstm_options_of(cell));
    size_t row = (size_t)B * (size_t)H;
    ctrnn_weight_gradient(T * evaluations, B, H, work->v, work->kept,
                          gradient->params + cell->offset[ODE_WEIGHT_HH]);
    /* v has served: what the LSTM read of it at each step moves together for one product. */
    for (size_t t = 1; evaluations > 1 && t < (size_t)T; t++)
        copy(row, work->v + row * (size_t)evaluations * t, work->v + row * t);
    inputs_backward(cell, params, sequence, work, gradient);
}

static void backward(const struct cell *cell, const real *params, const struct sequence *sequence,
                     const struct cell_gradient *gradient, real *memory) {
    int T = sequence->steps, B = sequence->batch, I = cell->inputs, H = cell->hidden;
    int evaluations = ode_evaluations(ode_lstm_options_of(cell));
    const size_t *offset = cell->offset;
    size_t row = (size_t)B * (size_t)H;
    struct workspace work;
    lay_out(cell, T, B, PHASE_TRAIN, memory, &work);
    struct ctrnn_system system =
        ode_lstm_system(cell, params, sequence, work.ode_transposed.hh, work.decay);
    system.dscale = gradient->params + offset[ODE_SCALE];
    system.ddecay = work.ddecay;
    struct ode ode = ctrnn_ode(&system, ode_lstm_options_of(cell));
    real fraction = 1 / (real)ode.unfolds;

    zero((size_t)H, work.ddecay);
    load_final_gradient(gradient, B, 3 * H, 0, H, work.dh);
    load_final_gradient(gradient, B, 3 * H, H, H, work.dc);
    load_final_gradient(gradient, B, 3 * H, 2 * H, H, work.dv);
    for (int t = T; t-- > 0;) {
        size_t at = row * (size_t)t, at_v = at * (size_t)evaluations;
        real *drive = work.drive + at, *dgates = work.gates + 4 * at;
        add(row, gradient->y + at, work.dh);
        add(row, gradient->y + at, work.dv);
        gated_backward(cell, sequence, t, &work);
        system.drive = drive;
        ode_step_lengths(sequence, t, fraction, work.lengths);
        zero((size_t)B, work.dlengths);
        ode_backward(&ode, work.lengths, work.v + at_v, work.kept + at_v, work.dv,
                     gradient->elapsed != NULL ? work.dlengths : NULL, work.ode_scratch);
        ode_add_elapsed_gradient(sequence, t, fraction, work.dlengths, gradient->elapsed);
        ctrnn_drive_gradient(B, H, evaluations, work.kept + at_v, drive);
        matmul_nn(B, H, 4 * H, dgates, 4 * H, params + offset[WEIGHT_HH], H, work.dh, H, true);
        matmul_nn(B, H, H, drive, H, params + offset[ODE_WEIGHT_IH] + I, ode_inputs(cell), work.dh,
                  H, true);
        matmul_nn(B, H, 4 * H, dgates, 4 * H, params + offset[WEIGHT_IH] + I, lstm_inputs(cell),
                  work.dv, H, true);
    }
    weights_backward(cell, params, sequence, &work, gradient);
    add_state(B, 3 * H, 0, H, work.dh, gradient->state);
    add_state(B, 3 * H, H, H, work.dc, gradient->state);
    add_state(B, 3 * H, 2 * H, H, work.dv, gradient->state);
}

static double flops(const struct cell *cell) {
    double H = cell->hidden, I = cell->inputs;
    return 2 * 4 * H * (I + 2 * H + 1) + 40 * H + 2 * H * (I + H) +
           ode_evaluations(ode_lstm_options_of(cell)) * (2 * H * H + 25 * H);
}

const struct cell_type ISA_NAME(cell_lstmctrnn) = {
    .name = "lstmctrnn",
    .title = "Coupled LSTM and CT-RNN",
    .citation = "Lechner & Hasani, Learning Long-Term Dependencies in Irregularly-Sampled Time "
                "Series, 2020 (\"bidirectional RNN\")",
    .parameters = "5H(I + 2H + 2)",
    .options = ode_lstm_fields,
    .options_size = sizeof(struct ode_lstm_options),
    .takes_time = true,
    .streams = true,
    .configure = configure,
    .declare = declare,
    .init = init,
    .workspace = workspace,
    .forward = forward,
    .backward = backward,
    .flops = flops,
};
