/* ODE-LSTM (Lechner & Hasani 2020): the memory cell is an LSTM's, the hidden state an ODE's, so
 * that elapsed time does not make the memory's gradient vanish:
 *
 *   [i f g o] = W x + U h + b
 *   c ← σ(f + 3)⊙c + σ(i)⊙tanh(g)        u = σ(o)⊙tanh(c)
 *   h ← v(Δ)   where   dv/dt = −v + s⊙tanh(W_o u + U_o v + b_o),   v(0) = h
 *
 * with engine/lstm_gates.h and engine/ctrnn.h. As in the authors' release, the LSTM's output u drives
 * the ODE, which starts from the old h. State: [h; c]. */
#include "engine/isa.h"
#include "engine/ode_lstm.h"

static const real forget_bias = 3;

struct workspace {
    struct transposed_weights transposed;     /* the LSTM's, of 4H rows */
    struct transposed_weights ode_transposed; /* of H rows, reading u and v */
    real *gates;        /* [T][B][4H] activated; in backward() the gradients of their inputs */
    real *c;            /* [T+1][B][H] */
    real *u;            /* [T][B][H]; 0 for absent steps */
    real *drive;        /* [T][B][H] W_o u + b_o; in backward() its gradient */
    real *v;            /* [T·evaluations + 1][B][H]; every evaluations-th is an h */
    real *kept;         /* [T·evaluations][B][H] */
    real *decay;        /* [H] ones: the ODE's time constant is 1 */
    real *lengths;      /* [B] */
    real *ode_scratch;  /* [B][H] forward, ode_backward_scratch() backward */
    real *dh, *dc, *du; /* [B][H] */
    real *ddecay;       /* [H], not wanted */
    real *dlengths;     /* [B] */
};

static size_t lay_out(const struct cell *cell, int T, int B, enum phase phase, real *memory,
                      struct workspace *work) {
    size_t H = (size_t)cell->hidden, row = (size_t)B * H, steps = (size_t)T;
    size_t evaluations = steps * (size_t)ode_evaluations(ode_lstm_options_of(cell));
    bool trains = phase == PHASE_TRAIN;
    struct scratch scratch = {.memory = memory};
    work->transposed = transposed_take(&scratch, 4 * cell->hidden, cell->inputs, cell->hidden);
    work->ode_transposed = transposed_take(&scratch, cell->hidden, cell->hidden, cell->hidden);
    work->gates = scratch_take(&scratch, 4 * row * steps);
    work->c = scratch_take(&scratch, row * (steps + 1));
    work->u = scratch_take(&scratch, row * steps);
    work->drive = scratch_take(&scratch, row * steps);
    work->v = scratch_take(&scratch, row * (evaluations + 1));
    work->kept = scratch_take(&scratch, row * evaluations);
    work->decay = scratch_take(&scratch, H);
    work->lengths = scratch_take(&scratch, (size_t)B);
    work->ode_scratch =
        scratch_take(&scratch, trains ? ode_backward_scratch(B, cell->hidden) : row);
    work->dh = scratch_take(&scratch, trains ? row : 0);
    work->dc = scratch_take(&scratch, trains ? row : 0);
    work->du = scratch_take(&scratch, trains ? row : 0);
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
    cell->state = 2 * cell->hidden;
    return true;
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
    const size_t *offset = cell->offset;
    size_t row = (size_t)B * (size_t)H,
           evaluations = (size_t)ode_evaluations(ode_lstm_options_of(cell));
    struct workspace work;
    lay_out(cell, T, B, PHASE_EVALUATE, memory, &work);
    struct ctrnn_system system =
        ode_lstm_system(cell, params, sequence, work.ode_transposed.hh, work.decay);
    struct ode ode = ctrnn_ode(&system, ode_lstm_options_of(cell));

    fill_constant(1, (size_t)H, work.decay);
    load_state(sequence, 2 * H, 0, H, work.v);
    load_state(sequence, 2 * H, H, H, work.c);
    transposed_fill(sequence, 4 * H, cell->inputs, H, params + offset[WEIGHT_IH],
                    params + offset[WEIGHT_HH], work.transposed);
    transposed_fill(sequence, H, H, H, params + offset[ODE_WEIGHT_IH],
                    params + offset[ODE_WEIGHT_HH], work.ode_transposed);
    linear_transposed(T * B, cell->inputs, 4 * H, sequence->x, work.transposed.ih,
                      params + offset[BIAS], NULL, work.gates, 4 * H);
    for (int t = 0; t < T; t++) {
        size_t at = row * (size_t)t, at_v = at * evaluations;
        real *gates = work.gates + 4 * at, *c = work.c + at, *u = work.u + at;
        matmul_nn(B, 4 * H, H, work.v + at_v, H, work.transposed.hh, 4 * H, gates, 4 * H, true);
        for (int b = 0; b < B; b++) {
            if (is_absent(sequence, t, b)) {
                copy((size_t)H, c + H * b, c + row + H * b);
                zero((size_t)H, u + H * b);
            } else {
                lstm_activate(H, lstm_gates_at(H, gates + 4 * H * b), forget_bias, c + H * b,
                              c + row + H * b, u + H * b);
            }
        }
        linear_transposed(B, H, H, u, work.ode_transposed.ih, params + offset[ODE_BIAS], NULL,
                          work.drive + at, H);
        system.drive = work.drive + at;
        ode_step_lengths(sequence, t, 1 / (real)ode.unfolds, work.lengths);
        ode_forward(&ode, work.lengths, work.v + at_v, work.kept + at_v, work.ode_scratch);
        copy(row, work.v + at_v + row * evaluations, y + at);
    }
    store_state(B, 2 * H, 0, H, work.v + row * evaluations * (size_t)T, final);
    store_state(B, 2 * H, H, H, work.c + row * (size_t)T, final);
}

/* The weights' gradients, over all steps at once. */
static void weights_backward(const struct cell *cell, const real *params,
                             const struct sequence *sequence, const struct workspace *work,
                             const struct cell_gradient *gradient) {
    int T = sequence->steps, B = sequence->batch, H = cell->hidden;
    int evaluations = ode_evaluations(ode_lstm_options_of(cell));
    const size_t *offset = cell->offset;
    ctrnn_weight_gradient(T * evaluations, B, H, work->v, work->kept,
                          gradient->params + offset[ODE_WEIGHT_HH]);
    linear_backward(T * B, H, H, work->u, NULL, work->drive, H,
                    gradient->params + offset[ODE_WEIGHT_IH], gradient->params + offset[ODE_BIAS],
                    NULL, false);
    linear_backward(T * B, cell->inputs, 4 * H, sequence->x, params + offset[WEIGHT_IH],
                    work->gates, 4 * H, gradient->params + offset[WEIGHT_IH],
                    gradient->params + offset[BIAS], gradient->x, false);
    /* v has served: its h of each step move together for one product. */
    size_t row = (size_t)B * (size_t)H;
    for (size_t t = 1; evaluations > 1 && t < (size_t)T; t++)
        copy(row, work->v + row * (size_t)evaluations * t, work->v + row * t);
    matmul_tn(4 * H, H, T * B, work->gates, 4 * H, work->v, H, gradient->params + offset[WEIGHT_HH],
              H, true);
}

static void backward(const struct cell *cell, const real *params, const struct sequence *sequence,
                     const struct cell_gradient *gradient, real *memory) {
    int T = sequence->steps, B = sequence->batch, H = cell->hidden;
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
    load_final_gradient(gradient, B, 2 * H, 0, H, work.dh);
    load_final_gradient(gradient, B, 2 * H, H, H, work.dc);
    for (int t = T; t-- > 0;) {
        size_t at = row * (size_t)t, at_v = at * (size_t)evaluations;
        real *dgates = work.gates + 4 * at;
        const real *c = work.c + at;
        add(row, gradient->y + at, work.dh);
        system.drive = work.drive + at;
        ode_step_lengths(sequence, t, fraction, work.lengths);
        zero((size_t)B, work.dlengths);
        ode_backward(&ode, work.lengths, work.v + at_v, work.kept + at_v, work.dh,
                     gradient->elapsed != NULL ? work.dlengths : NULL, work.ode_scratch);
        ode_add_elapsed_gradient(sequence, t, fraction, work.dlengths, gradient->elapsed);
        ctrnn_drive_gradient(B, H, evaluations, work.kept + at_v, work.drive + at);
        matmul_nn(B, H, H, work.drive + at, H, params + offset[ODE_WEIGHT_IH], H, work.du, H,
                  false);
        for (int b = 0; b < B; b++) {
            if (is_absent(sequence, t, b))
                zero(4 * (size_t)H, dgates + 4 * H * b);
            else
                lstm_activate_backward(H, lstm_gates_at(H, dgates + 4 * H * b), c + H * b,
                                       c + row + H * b, work.du + H * b, work.dc + H * b);
        }
        matmul_nn(B, H, 4 * H, dgates, 4 * H, params + offset[WEIGHT_HH], H, work.dh, H, true);
    }
    weights_backward(cell, params, sequence, &work, gradient);
    add_state(B, 2 * H, 0, H, work.dh, gradient->state);
    add_state(B, 2 * H, H, H, work.dc, gradient->state);
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
