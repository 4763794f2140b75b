#include "engine/cells/ctrnn_layer.h"

#include "engine/activation.h"
#include "engine/initial.h"
#include "math/matmul.h"
#include "math/pointwise.h"

/* kept [B][H]: tanh(drive + U v). */
static void ctrnn_rate(const void *system, const real *v, real *kept, real *k) {
    const struct ctrnn_system *ode = system;
    int B = ode->batch, H = ode->hidden;
    copy((size_t)B * (size_t)H, ode->drive, kept);
    matmul_nn(B, H, H, v, H, ode->transposed_hh, H, kept, H, true);
    activate(TANH, (size_t)B * (size_t)H, kept, kept);
    for (int b = 0; b < B; b++, v += H, kept += H, k += H) {
#pragma omp simd
        for (int j = 0; j < H; j++)
            k[j] = ode->scale[j] * kept[j] - ode->decay[j] * v[j];
    }
}

/* Leaves in kept the gradient of the tanh's argument, which is that of the drive too. */
static void ctrnn_rate_backward(const void *system, const real *v, real *kept, const real *dk,
                                real *dv) {
    const struct ctrnn_system *ode = system;
    int B = ode->batch, H = ode->hidden;
    for (int b = 0; b < B; b++) {
        size_t at = (size_t)b * (size_t)H;
        const real *v_b = v + at, *dk_b = dk + at;
        real *kept_b = kept + at, *dv_b = dv + at;
#pragma omp simd
        for (int j = 0; j < H; j++) {
            ode->dscale[j] += dk_b[j] * kept_b[j];
            ode->ddecay[j] -= dk_b[j] * v_b[j];
            dv_b[j] -= dk_b[j] * ode->decay[j];
            kept_b[j] = dk_b[j] * ode->scale[j] * (1 - kept_b[j] * kept_b[j]);
        }
    }
    matmul_nn(B, H, H, kept, H, ode->weight_hh, H, dv, H, true);
}

struct ode ctrnn_ode(const struct ctrnn_system *system, const struct ode_options *options) {
    return (struct ode){
        .method = ode_method_at(options->solver),
        .unfolds = options->unfolds,
        .batch = system->batch,
        .width = system->hidden,
        .kept = (size_t)system->batch * (size_t)system->hidden,
        .system = system,
        .rate = ctrnn_rate,
        .rate_backward = ctrnn_rate_backward,
    };
}

void ctrnn_drive_gradient(const struct ode *ode, const struct ode_memory *memory, int t,
                          real *ddrive) {
    const real *kept = ode_kept(ode, memory, t);
    zero(ode->kept, ddrive);
    for (size_t i = 0; i < ode_evaluations_before(ode, 1); i++)
        add(ode->kept, kept + ode->kept * i, ddrive);
}

void ctrnn_weight_gradient(const struct ode *ode, const struct ode_memory *memory, int T,
                           real *dweight_hh) {
    int rows = (int)ode_evaluations_before(ode, T) * ode->batch, H = ode->width;
    matmul_tn(H, H, rows, memory->kept, H, memory->v, H, dweight_hh, H, true);
}

enum ctrnn_tensor {
    CTRNN_WEIGHT_IH,
    CTRNN_WEIGHT_HH,
    CTRNN_BIAS,
    CTRNN_SCALE,
    CTRNN_LOG_TAU,
};

struct ctrnn_workspace {
    struct transposed_weights transposed; /* of H rows */
    real *drive;                          /* [T][B][H] W x + b; in backward() its gradient */
    struct ode_memory ode;
    real *decay;  /* [H] 1/τ */
    real *dh;     /* [B][H] backward only, as what follows */
    real *ddecay; /* [H] */
};

static size_t ctrnn_lay_out(const struct cell *cell, int T, int B, enum phase phase, real *memory,
                            struct ctrnn_workspace *work) {
    const struct ctrnn_options *options = cell->options;
    size_t H = (size_t)cell->hidden, row = (size_t)B * H;
    bool trains = phase == PHASE_TRAIN;
    struct scratch scratch = {.memory = memory};
    work->transposed = transposed_take(&scratch, cell->hidden, cell->inputs, cell->hidden);
    work->drive = scratch_take(&scratch, (size_t)T * row);
    work->decay = scratch_take(&scratch, H);
    work->ode = ode_take(&scratch, &options->ode, T, B, cell->hidden, row, phase);
    work->dh = scratch_take(&scratch, trains ? row : 0);
    work->ddecay = scratch_take(&scratch, trains ? H : 0);
    return scratch.size;
}

size_t ctrnn_workspace(const struct cell *cell, int T, int B, enum phase phase) {
    struct ctrnn_workspace work;
    return ctrnn_lay_out(cell, T, B, phase, NULL, &work);
}

void ctrnn_declare(struct cell *cell, struct param_list *list) {
    const struct ctrnn_options *options = cell->options;
    int H = cell->hidden;
    cell_param(cell, list, CTRNN_WEIGHT_IH, "weight_ih", H, cell->inputs);
    cell_param(cell, list, CTRNN_WEIGHT_HH, "weight_hh", H, H);
    cell_param(cell, list, CTRNN_BIAS, "bias", H, 0);
    cell_param(cell, list, CTRNN_SCALE, "scale", H, 0);
    if (options->learn_tau)
        cell_param(cell, list, CTRNN_LOG_TAU, "log_tau", H, 0);
}

void ctrnn_init(const struct cell *cell, real *params, gsl_rng *rng) {
    const struct ctrnn_options *options = cell->options;
    const size_t *offset = cell->offset;
    size_t H = (size_t)cell->hidden;
    fill_keras(rng, 1, cell->inputs, cell->hidden, params + offset[CTRNN_WEIGHT_IH],
               params + offset[CTRNN_WEIGHT_HH], params + offset[CTRNN_BIAS]);
    fill_constant(1, H, params + offset[CTRNN_SCALE]);
    if (options->learn_tau)
        fill_constant((real)log(options->tau), H, params + offset[CTRNN_LOG_TAU]);
}

/* 1/τ of each unit. */
static void ctrnn_fill_decay(const struct cell *cell, const real *params, real *decay) {
    const struct ctrnn_options *options = cell->options;
    real fixed = options->tau > 0 ? (real)(1 / options->tau) : 0;
    for (int j = 0; j < cell->hidden; j++)
        decay[j] =
            options->learn_tau ? real_exp(-params[cell->offset[CTRNN_LOG_TAU] + (size_t)j]) : fixed;
}

/* Its gradients go to `gradient` [parameters], NULL in a forward pass. */
static struct ctrnn_system ctrnn_system_of(const struct cell *cell, const real *params, int batch,
                                           const struct ctrnn_workspace *work, real *gradient) {
    const size_t *offset = cell->offset;
    return (struct ctrnn_system){
        .batch = batch,
        .hidden = cell->hidden,
        .weight_hh = params + offset[CTRNN_WEIGHT_HH],
        .transposed_hh = work->transposed.hh,
        .scale = params + offset[CTRNN_SCALE],
        .decay = work->decay,
        .dscale = gradient != NULL ? gradient + offset[CTRNN_SCALE] : NULL,
        .ddecay = work->ddecay,
    };
}

void ctrnn_forward(const struct cell *cell, const real *params, const struct sequence *sequence,
                   real *y, real *final, real *memory) {
    const struct ctrnn_options *options = cell->options;
    const size_t *offset = cell->offset;
    int T = sequence->steps, B = sequence->batch, H = cell->hidden;
    size_t row = (size_t)B * (size_t)H;
    struct ctrnn_workspace work;
    ctrnn_lay_out(cell, T, B, sequence->phase, memory, &work);
    struct ctrnn_system system = ctrnn_system_of(cell, params, B, &work, NULL);
    struct ode ode = ctrnn_ode(&system, &options->ode);

    ctrnn_fill_decay(cell, params, work.decay);
    load_state(sequence, H, 0, H, work.ode.v);
    transposed_fill(sequence, H, cell->inputs, H, params + offset[CTRNN_WEIGHT_IH],
                    params + offset[CTRNN_WEIGHT_HH], work.transposed);
    linear_transposed(T * B, cell->inputs, H, sequence->x, work.transposed.ih,
                      params + offset[CTRNN_BIAS], NULL, work.drive, H);
    for (int t = 0; t < T; t++) {
        system.drive = work.drive + row * (size_t)t;
        ode_step(&ode, &work.ode, sequence, t);
        copy(row, ode_state(&ode, &work.ode, t + 1), y + row * (size_t)t);
    }
    store_state(B, H, 0, H, ode_state(&ode, &work.ode, T), final);
}

void ctrnn_backward(const struct cell *cell, const real *params, const struct sequence *sequence,
                    const struct cell_gradient *gradient, real *memory) {
    const struct ctrnn_options *options = cell->options;
    const size_t *offset = cell->offset;
    int T = sequence->steps, B = sequence->batch, I = cell->inputs, H = cell->hidden;
    size_t row = (size_t)B * (size_t)H;
    struct ctrnn_workspace work;
    ctrnn_lay_out(cell, T, B, PHASE_TRAIN, memory, &work);
    struct ctrnn_system system = ctrnn_system_of(cell, params, B, &work, gradient->params);
    struct ode ode = ctrnn_ode(&system, &options->ode);

    zero((size_t)H, work.ddecay);
    load_final_gradient(gradient, B, H, 0, H, work.dh);
    for (int t = T; t-- > 0;) {
        system.drive = work.drive + row * (size_t)t;
        add(row, gradient->y + row * (size_t)t, work.dh);
        ode_step_backward(&ode, &work.ode, sequence, t, work.dh, gradient->elapsed);
        ctrnn_drive_gradient(&ode, &work.ode, t, work.drive + row * (size_t)t);
    }
    ctrnn_weight_gradient(&ode, &work.ode, T, gradient->params + offset[CTRNN_WEIGHT_HH]);
    linear_backward(T * B, I, H, sequence->x, params + offset[CTRNN_WEIGHT_IH], work.drive, H,
                    gradient->params + offset[CTRNN_WEIGHT_IH],
                    gradient->params + offset[CTRNN_BIAS], gradient->x, false);
    for (int j = 0; options->learn_tau && j < H; j++) /* d (1/τ) / d ln τ = −1/τ */
        gradient->params[offset[CTRNN_LOG_TAU] + (size_t)j] -= work.ddecay[j] * work.decay[j];
    add_state(B, H, 0, H, work.dh, gradient->state);
}

double ctrnn_flops(const struct cell *cell) {
    const struct ctrnn_options *options = cell->options;
    double H = cell->hidden, I = cell->inputs;
    return 2 * H * I + ode_evaluations(&options->ode) * (2 * H * H + 25 * H);
}
