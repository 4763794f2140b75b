/* ODE-LSTM (Lechner & Hasani 2020): the memory cell is an LSTM's, the hidden state an ODE's, so
 * that elapsed time does not make the memory's gradient vanish:
 *
 *   [i f g o] = W x + U h + b
 *   c ← σ(f + 3)⊙c + σ(i)⊙tanh(g)        u = σ(o)⊙tanh(c)
 *   h ← v(Δ)   where   dv/dt = −v + s⊙tanh(W_o u + U_o v + b_o),   v(0) = h
 *
 * with engine/lstm_gates.h and ctrnn_layer.h. As in the authors' release, the LSTM's output u drives
 * the ODE, which starts from the old h. State: [h; c]. */
#include "engine/cells/ode_lstm.h"

static const real forget_bias = 3;

struct workspace {
    struct ode_lstm_memory shared; /* its LSTM reads x, its ODE u; the ODE's states are the hs */
    real *u;                       /* [T][B][H]; 0 for absent steps */
    real *dh, *du;                 /* [B][H] */
};

static size_t lay_out(const struct cell *cell, int T, int B, enum phase phase, real *memory,
                      struct workspace *work) {
    int H = cell->hidden;
    size_t row = (size_t)B * (size_t)H;
    bool trains = phase == PHASE_TRAIN;
    struct scratch scratch = {.memory = memory};
    work->u = scratch_take(&scratch, row * (size_t)T);
    work->shared = ode_lstm_take(&scratch, cell, cell->inputs, H, T, B, phase);
    work->dh = scratch_take(&scratch, trains ? row : 0);
    work->du = scratch_take(&scratch, trains ? row : 0);
    return scratch.size;
}

static size_t workspace(const struct cell *cell, int steps, int batch, enum phase phase) {
    struct workspace work;
    return lay_out(cell, steps, batch, phase, NULL, &work);
}

static void declare(struct cell *cell, struct param_list *list) {
    ode_lstm_declare(cell, list, cell->inputs, cell->hidden);
}

static void init(const struct cell *cell, real *params, gsl_rng *rng) {
    ode_lstm_init(cell, params, rng, cell->inputs, cell->hidden);
}

static void forward(const struct cell *cell, const real *params, const struct sequence *sequence,
                    real *y, real *final, real *memory) {
    int T = sequence->steps, B = sequence->batch, H = cell->hidden;
    size_t row = (size_t)B * (size_t)H;
    struct workspace work;
    lay_out(cell, T, B, sequence->phase, memory, &work);
    const struct ode_lstm_memory *shared = &work.shared;
    struct ctrnn_system system = ode_lstm_system(cell, params, B, shared, NULL);
    struct ode ode = ctrnn_ode(&system, ode_lstm_options_of(cell));

    load_state(sequence, 2 * H, 0, H, shared->ode.v);
    load_state(sequence, 2 * H, H, H, shared->c);
    ode_lstm_begin(cell, params, sequence, cell->inputs, H, shared);
    for (int t = 0; t < T; t++) {
        size_t at = row * (size_t)t;
        real *gates = shared->gates + 4 * at, *u = work.u + at, *drive = shared->drive + at;
        matmul_nn(B, 4 * H, H, ode_state(&ode, &shared->ode, t), H, shared->transposed.hh, 4 * H,
                  gates, 4 * H, true);
        ode_lstm_activate(sequence, H, t, forget_bias, shared, u);
        for (int b = 0; b < B; b++)
            if (is_absent(sequence, t, b))
                zero((size_t)H, u + H * b);
        linear_transposed(B, H, H, u, shared->ode_transposed.ih, params + cell->offset[ODE_BIAS],
                          NULL, drive, H);
        system.drive = drive;
        ode_step(&ode, &shared->ode, sequence, t);
        copy(row, ode_state(&ode, &shared->ode, t + 1), y + at);
    }
    store_state(B, 2 * H, 0, H, ode_state(&ode, &shared->ode, T), final);
    store_state(B, 2 * H, H, H, shared->c + row * (size_t)T, final);
}

/* The weights' gradients, over all steps at once. */
static void weights_backward(const struct cell *cell, const real *params,
                             const struct sequence *sequence, const struct ode *ode,
                             const struct workspace *work, const struct cell_gradient *gradient) {
    int T = sequence->steps, B = sequence->batch, H = cell->hidden;
    const size_t *offset = cell->offset;
    const struct ode_lstm_memory *shared = &work->shared;
    ctrnn_weight_gradient(ode, &shared->ode, T, gradient->params + offset[ODE_WEIGHT_HH]);
    linear_backward(T * B, H, H, work->u, NULL, shared->drive, H,
                    gradient->params + offset[ODE_WEIGHT_IH], gradient->params + offset[ODE_BIAS],
                    NULL, false);
    linear_backward(T * B, cell->inputs, 4 * H, sequence->x, params + offset[WEIGHT_IH],
                    shared->gates, 4 * H, gradient->params + offset[WEIGHT_IH],
                    gradient->params + offset[BIAS], gradient->x, false);
    ode_gather_states(ode, &shared->ode, T);
    matmul_tn(4 * H, H, T * B, shared->gates, 4 * H, shared->ode.v, H,
              gradient->params + offset[WEIGHT_HH], H, true);
}

static void backward(const struct cell *cell, const real *params, const struct sequence *sequence,
                     const struct cell_gradient *gradient, real *memory) {
    int T = sequence->steps, B = sequence->batch, H = cell->hidden;
    const size_t *offset = cell->offset;
    size_t row = (size_t)B * (size_t)H;
    struct workspace work;
    lay_out(cell, T, B, PHASE_TRAIN, memory, &work);
    const struct ode_lstm_memory *shared = &work.shared;
    struct ctrnn_system system = ode_lstm_system(cell, params, B, shared, gradient->params);
    struct ode ode = ctrnn_ode(&system, ode_lstm_options_of(cell));

    zero((size_t)H, shared->ddecay);
    load_final_gradient(gradient, B, 2 * H, 0, H, work.dh);
    load_final_gradient(gradient, B, 2 * H, H, H, shared->dc);
    for (int t = T; t-- > 0;) {
        size_t at = row * (size_t)t;
        real *dgates = shared->gates + 4 * at, *drive = shared->drive + at;
        add(row, gradient->y + at, work.dh);
        system.drive = drive;
        ode_step_backward(&ode, &shared->ode, sequence, t, work.dh, gradient->elapsed);
        ctrnn_drive_gradient(&ode, &shared->ode, t, drive);
        matmul_nn(B, H, H, drive, H, params + offset[ODE_WEIGHT_IH], H, work.du, H, false);
        ode_lstm_activate_backward(sequence, H, t, shared, work.du);
        matmul_nn(B, H, 4 * H, dgates, 4 * H, params + offset[WEIGHT_HH], H, work.dh, H, true);
    }
    weights_backward(cell, params, sequence, &ode, &work, gradient);
    add_state(B, 2 * H, 0, H, work.dh, gradient->state);
    add_state(B, 2 * H, H, H, shared->dc, gradient->state);
}

static double flops(const struct cell *cell) {
    double H = cell->hidden, I = cell->inputs;
    return 2 * 4 * H * (I + H) + 40 * H + 2 * H * H +
           ode_evaluations(ode_lstm_options_of(cell)) * (2 * H * H + 25 * H);
}

const struct cell_type ISA_NAME(cell_odelstm) = {
    .name = "odelstm",
    .title = "ODE-LSTM",
    .citation = "Lechner & Hasani, Learning Long-Term Dependencies in Irregularly-Sampled Time "
                "Series, 2020",
    .parameters = "4H(I + H + 1) + 2H(H + 1)",
    .states = 2,
    .options = ode_lstm_fields,
    .options_size = sizeof(struct ode_lstm_options),
    .takes_time = true,
    .streams = true,
    CELL_FUNCTIONS,
};
