/* A coupled LSTM and CT-RNN, the comparison that Lechner & Hasani 2020 and Hasani et al. 2022 call
 * "bidirectional RNN": information flows both ways between the two networks, not both ways in time.
 * Each reads the other's state of the step before, and the output is the sum of theirs:
 *
 *   [i f g o] = W [x; v; Δ] + U h + b
 *   c ← σ(f + 1)⊙c + σ(i)⊙tanh(g)        h' = σ(o)⊙tanh(c)
 *   v' = v(Δ)   where   dv/dt = −v + s⊙tanh(W_o [x; h] + U_o v + b_o),   v(0) = v
 *   h ← h'      v ← v'                    y = h + v
 *
 * with engine/lstm_gates.h and ctrnn_layer.h, as class BidirectionalRNN of the authors' TensorFlow
 * release, where the LSTM also reads the elapsed time as its last input. State: [h; c; v]. */
#include "engine/cells/ode_lstm.h"

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
    struct ode_lstm_memory shared; /* the ODE's states are the vs */
    real *h;                       /* [T+1][B][H] */
    real *dh, *dv;                 /* [B][H] */
};

static size_t lay_out(const struct cell *cell, int T, int B, enum phase phase, real *memory,
                      struct workspace *work) {
    size_t row = (size_t)B * (size_t)cell->hidden;
    bool trains = phase == PHASE_TRAIN;
    struct scratch scratch = {.memory = memory};
    work->h = scratch_take(&scratch, row * (size_t)(T + 1));
    work->shared = ode_lstm_take(&scratch, cell, lstm_inputs(cell), ode_inputs(cell), T, B, phase);
    work->dh = scratch_take(&scratch, trains ? row : 0);
    work->dv = scratch_take(&scratch, trains ? row : 0);
    return scratch.size;
}

static size_t workspace(const struct cell *cell, int steps, int batch, enum phase phase) {
    struct workspace work;
    return lay_out(cell, steps, batch, phase, NULL, &work);
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
                        const struct sequence *sequence, const struct ode_lstm_memory *shared) {
    int rows = sequence->steps * sequence->batch, I = cell->inputs, H = cell->hidden;
    ode_lstm_begin(cell, params, sequence, lstm_inputs(cell), ode_inputs(cell), shared);
    matmul_nn(rows, 4 * H, 1, sequence->elapsed, 1, reading(shared->transposed.ih, 4 * H, I + H),
              4 * H, shared->gates, 4 * H, true);
    linear_transposed(rows, I, H, sequence->x, shared->ode_transposed.ih,
                      params + cell->offset[ODE_BIAS], NULL, shared->drive, H);
}

static void forward(const struct cell *cell, const real *params, const struct sequence *sequence,
                    real *y, real *final, real *memory) {
    int T = sequence->steps, B = sequence->batch, I = cell->inputs, H = cell->hidden;
    size_t row = (size_t)B * (size_t)H;
    struct workspace work;
    lay_out(cell, T, B, sequence->phase, memory, &work);
    const struct ode_lstm_memory *shared = &work.shared;
    struct ctrnn_system system = ode_lstm_system(cell, params, B, shared, NULL);
    struct ode ode = ctrnn_ode(&system, ode_lstm_options_of(cell));

    load_state(sequence, 3 * H, 0, H, work.h);
    load_state(sequence, 3 * H, H, H, shared->c);
    load_state(sequence, 3 * H, 2 * H, H, shared->ode.v);
    read_inputs(cell, params, sequence, shared);
    for (int t = 0; t < T; t++) {
        size_t at = row * (size_t)t;
        real *drive = shared->drive + at, *gates = shared->gates + 4 * at, *h = work.h + at;
        const real *v = ode_state(&ode, &shared->ode, t);
        matmul_nn(B, 4 * H, H, h, H, shared->transposed.hh, 4 * H, gates, 4 * H, true);
        matmul_nn(B, 4 * H, H, v, H, reading(shared->transposed.ih, 4 * H, I), 4 * H, gates, 4 * H,
                  true);
        ode_lstm_activate(sequence, H, t, forget_bias, shared, h + row);
        hold_absent(sequence, t, H, h, h + row);
        matmul_nn(B, H, H, h, H, reading(shared->ode_transposed.ih, H, I), H, drive, H, true);
        system.drive = drive;
        ode_step(&ode, &shared->ode, sequence, t);
        copy(row, h + row, y + at);
        add(row, ode_state(&ode, &shared->ode, t + 1), y + at);
    }
    store_state(B, 3 * H, 0, H, work.h + row * (size_t)T, final);
    store_state(B, 3 * H, H, H, shared->c + row * (size_t)T, final);
    store_state(B, 3 * H, 2 * H, H, ode_state(&ode, &shared->ode, T), final);
}

/* The gradients of x and of the weights but U_o, over all steps at once: W's and W_o's part by part. */
static void inputs_backward(const struct cell *cell, const real *params,
                            const struct sequence *sequence, const struct workspace *work,
                            const struct cell_gradient *gradient) {
    const struct ode_lstm_memory *shared = &work->shared;
    int rows = sequence->steps * sequence->batch, I = cell->inputs, H = cell->hidden;
    int lstm_width = lstm_inputs(cell), ode_width = ode_inputs(cell);
    const size_t *offset = cell->offset;
    const real *weight_ih = params + offset[WEIGHT_IH], *dgates = shared->gates;
    const real *ode_weight_ih = params + offset[ODE_WEIGHT_IH], *ddrive = shared->drive;
    real *dweight_ih = gradient->params + offset[WEIGHT_IH];
    real *dode_weight_ih = gradient->params + offset[ODE_WEIGHT_IH];

    matmul_tn(4 * H, I, rows, dgates, 4 * H, sequence->x, I, dweight_ih, lstm_width, true);
    matmul_tn(4 * H, H, rows, dgates, 4 * H, shared->ode.v, H, dweight_ih + I, lstm_width, true);
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

static void backward(const struct cell *cell, const real *params, const struct sequence *sequence,
                     const struct cell_gradient *gradient, real *memory) {
    int T = sequence->steps, B = sequence->batch, I = cell->inputs, H = cell->hidden;
    const size_t *offset = cell->offset;
    size_t row = (size_t)B * (size_t)H;
    struct workspace work;
    lay_out(cell, T, B, PHASE_TRAIN, memory, &work);
    const struct ode_lstm_memory *shared = &work.shared;
    struct ctrnn_system system = ode_lstm_system(cell, params, B, shared, gradient->params);
    struct ode ode = ctrnn_ode(&system, ode_lstm_options_of(cell));

    zero((size_t)H, shared->ddecay);
    load_final_gradient(gradient, B, 3 * H, 0, H, work.dh);
    load_final_gradient(gradient, B, 3 * H, H, H, shared->dc);
    load_final_gradient(gradient, B, 3 * H, 2 * H, H, work.dv);
    for (int t = T; t-- > 0;) {
        size_t at = row * (size_t)t;
        real *drive = shared->drive + at, *dgates = shared->gates + 4 * at;
        add(row, gradient->y + at, work.dh);
        add(row, gradient->y + at, work.dv);
        ode_lstm_activate_backward(sequence, H, t, shared, work.dh);
        system.drive = drive;
        ode_step_backward(&ode, &shared->ode, sequence, t, work.dv, gradient->elapsed);
        ctrnn_drive_gradient(&ode, &shared->ode, t, drive);
        matmul_nn(B, H, 4 * H, dgates, 4 * H, params + offset[WEIGHT_HH], H, work.dh, H, true);
        matmul_nn(B, H, H, drive, H, params + offset[ODE_WEIGHT_IH] + I, ode_inputs(cell), work.dh,
                  H, true);
        matmul_nn(B, H, 4 * H, dgates, 4 * H, params + offset[WEIGHT_IH] + I, lstm_inputs(cell),
                  work.dv, H, true);
    }
    ctrnn_weight_gradient(&ode, &shared->ode, T, gradient->params + offset[ODE_WEIGHT_HH]);
    ode_gather_states(&ode, &shared->ode, T);
    inputs_backward(cell, params, sequence, &work, gradient);
    add_state(B, 3 * H, 0, H, work.dh, gradient->state);
    add_state(B, 3 * H, H, H, shared->dc, gradient->state);
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
    .states = 3,
    .options = ode_lstm_fields,
    .options_size = sizeof(struct ode_lstm_options),
    .takes_time = true,
    .streams = true,
    CELL_FUNCTIONS,
};
