/* GRU-ODE (De Brouwer et al. 2019, eq. 3): the GRU's update as a differential equation,
 *
 *   dh/dt = (1−z)⊙(n − h)          with r, z, n of engine/cells/gru_gates.h
 *
 * and x held over the elapsed time; each evaluation computes the gates. State: h. */
#include "engine/cell.h"
#include "engine/cells/gru_gates.h"
#include "engine/cells/solver.h"
#include "engine/initial.h"
#include "engine/isa.h"
#include "engine/linear.h"

enum { WEIGHT_IH, WEIGHT_HH, BIAS };

struct gruode_options {
    struct ode_options ode;
};

static const struct field gruode_fields[] = {
    ODE_FIELDS(struct gruode_options, "euler", 4),
    {0},
};

static const struct ode_options *ode_options_of(const struct cell *cell) {
    return &((const struct gruode_options *)cell->options)->ode;
}

struct workspace {
    struct transposed_weights transposed; /* of 3H rows */
    real *drive;                          /* [T][B][3H] W x + b; in backward() its gradient */
    struct ode_memory ode;                /* keeps rows [B][4H] of engine/cells/gru_gates.h */
    real *dh, *dq;                        /* [B][H] */
};

/* Numbers that one evaluation keeps. */
static size_t kept_of(const struct cell *cell, int B) {
    return 4 * (size_t)B * (size_t)cell->hidden;
}

static size_t lay_out(const struct cell *cell, int T, int B, enum phase phase, real *memory,
                      struct workspace *work) {
    size_t row = (size_t)B * (size_t)cell->hidden;
    bool trains = phase == PHASE_TRAIN;
    struct scratch scratch = {.memory = memory};
    work->transposed = transposed_take(&scratch, 3 * cell->hidden, cell->inputs, cell->hidden);
    work->drive = scratch_take(&scratch, 3 * row * (size_t)T);
    work->ode =
        ode_take(&scratch, ode_options_of(cell), T, B, cell->hidden, kept_of(cell, B), phase);
    work->dh = scratch_take(&scratch, trains ? row : 0);
    work->dq = scratch_take(&scratch, trains ? row : 0);
    return scratch.size;
}

static size_t workspace(const struct cell *cell, int steps, int batch, enum phase phase) {
    struct workspace work;
    return lay_out(cell, steps, batch, phase, NULL, &work);
}

static void declare(struct cell *cell, struct param_list *list) {
    int H = cell->hidden;
    cell_param(cell, list, WEIGHT_IH, "weight_ih", 3 * H, cell->inputs);
    cell_param(cell, list, WEIGHT_HH, "weight_hh", 3 * H, H);
    cell_param(cell, list, BIAS, "bias", 3 * H, 0);
}

/* As the ODE-LSTM authors' release: Keras' dense layers, the reset gate's bias 1. */
static void init(const struct cell *cell, real *params, gsl_rng *rng) {
    const size_t *offset = cell->offset;
    int H = cell->hidden;
    fill_dense(rng, cell->inputs, H, H, 3 * H, params + offset[WEIGHT_IH],
               params + offset[WEIGHT_HH], params + offset[BIAS]);
    fill_constant(1, (size_t)H, params + offset[BIAS]);
}

/* The equation for one sequence step. */
struct system {
    int batch, hidden;
    const real *weight_hh, *transposed_hh; /* [3H][H], [H][3H] */
    const real *drive;                     /* [B][3H] */
    real *dq;                              /* [B][H] scratch */
};

static void rate(const void *system, const real *v, real *rows, real *k) {
    const struct system *ode = system;
    for (int b = 0; b < ode->batch; b++) {
        size_t at = (size_t)b * (size_t)ode->hidden;
        copy(3 * (size_t)ode->hidden, ode->drive + 3 * at, rows + 4 * at);
    }
    gru_gates(ode->batch, ode->hidden, ode->transposed_hh, v, rows, k);
}

static void rate_backward(const void *system, const real *v, real *rows, const real *dk, real *dv) {
    const struct system *ode = system;
    gru_gates_backward(ode->batch, ode->hidden, ode->weight_hh, v, dk, rows, dv, ode->dq);
}

static struct ode ode_of(const struct cell *cell, const struct system *system) {
    return (struct ode){
        .method = ode_method_at(ode_options_of(cell)->solver),
        .unfolds = ode_options_of(cell)->unfolds,
        .batch = system->batch,
        .width = system->hidden,
        .kept = kept_of(cell, system->batch),
        .system = system,
        .rate = rate,
        .rate_backward = rate_backward,
    };
}

static void forward(const struct cell *cell, const real *params, const struct sequence *sequence,
                    real *y, real *final, real *memory) {
    int T = sequence->steps, B = sequence->batch, H = cell->hidden;
    const size_t *offset = cell->offset;
    size_t row = (size_t)B * (size_t)H;
    struct workspace work;
    lay_out(cell, T, B, sequence->phase, memory, &work);
    struct system system = {.batch = B, .hidden = H, .transposed_hh = work.transposed.hh};
    struct ode ode = ode_of(cell, &system);

    load_state(sequence, H, 0, H, work.ode.v);
    transposed_fill(sequence, 3 * H, cell->inputs, H, params + offset[WEIGHT_IH],
                    params + offset[WEIGHT_HH], work.transposed);
    linear_transposed(T * B, cell->inputs, 3 * H, sequence->x, work.transposed.ih,
                      params + offset[BIAS], NULL, work.drive, 3 * H);
    for (int t = 0; t < T; t++) {
        system.drive = work.drive + 3 * row * (size_t)t;
        ode_step(&ode, &work.ode, sequence, t);
        copy(row, ode_state(&ode, &work.ode, t + 1), y + row * (size_t)t);
    }
    store_state(B, H, 0, H, ode_state(&ode, &work.ode, T), final);
}

/* The gradient of a step's drive [B][3H]: the sum over its evaluations. */
static void sum_evaluations(int B, int H, int evaluations, const real *rows, real *ddrive) {
    zero(3 * (size_t)B * (size_t)H, ddrive);
    for (int i = 0; i < evaluations * B; i++)
        add(3 * (size_t)H, rows + 4 * (size_t)i * (size_t)H,
            ddrive + 3 * (size_t)(i % B) * (size_t)H);
}

static void backward(const struct cell *cell, const real *params, const struct sequence *sequence,
                     const struct cell_gradient *gradient, real *memory) {
    int T = sequence->steps, B = sequence->batch, H = cell->hidden;
    const size_t *offset = cell->offset;
    int evaluations = ode_evaluations(ode_options_of(cell));
    size_t row = (size_t)B * (size_t)H;
    struct workspace work;
    lay_out(cell, T, B, PHASE_TRAIN, memory, &work);
    struct system system = {
        .batch = B,
        .hidden = H,
        .weight_hh = params + offset[WEIGHT_HH],
        .transposed_hh = work.transposed.hh,
        .dq = work.dq,
    };
    struct ode ode = ode_of(cell, &system);

    load_final_gradient(gradient, B, H, 0, H, work.dh);
    for (int t = T; t-- > 0;) {
        real *drive = work.drive + 3 * row * (size_t)t;
        system.drive = drive;
        add(row, gradient->y + row * (size_t)t, work.dh);
        ode_step_backward(&ode, &work.ode, sequence, t, work.dh, gradient->elapsed);
        sum_evaluations(B, H, evaluations, ode_kept(&ode, &work.ode, t), drive);
    }
    gru_gates_collect(T * evaluations * B, H, work.ode.kept, work.ode.v,
                      gradient->params + offset[WEIGHT_HH]);
    linear_backward(T * B, cell->inputs, 3 * H, sequence->x, params + offset[WEIGHT_IH], work.drive,
                    3 * H, gradient->params + offset[WEIGHT_IH], gradient->params + offset[BIAS],
                    gradient->x, false);
    add_state(B, H, 0, H, work.dh, gradient->state);
}

static double flops(const struct cell *cell) {
    double H = cell->hidden, I = cell->inputs;
    return 2 * 3 * H * I + ode_evaluations(ode_options_of(cell)) * (2 * 3 * H * H + 40 * H);
}

const struct cell_type ISA_NAME(cell_gruode) = {
    .name = "gruode",
    .title = "GRU-ODE",
    .citation = "De Brouwer et al., GRU-ODE-Bayes: continuous modeling of sporadically-observed "
                "time series, NeurIPS 2019",
    .parameters = "3H(I + H + 1)",
    .options = gruode_fields,
    .options_size = sizeof(struct gruode_options),
    .takes_time = true,
    .streams = true,
    CELL_FUNCTIONS,
};
