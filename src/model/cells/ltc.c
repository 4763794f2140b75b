/* Liquid time-constant network (Hasani, Lechner, Amini, Rus & Grosu, AAAI 2021), fully connected,
 * as ncps.torch.LTC. With num and den the sums over synapses (model/synapses.h), of the inputs
 * (which are mapped by input_w x + input_b first) and of the neurons, the fused semi-implicit
 * solver (algorithm 1 of the paper) makes `unfolds` steps of Δ / unfolds:
 *
 *   v_i ← (C_i v_i + δ (g_i V_i + num_i)) / (C_i + δ (g_i + den_i + ε)),   δ = Δ / unfolds
 *
 * w, g and C must stay positive: by clipping after each update, or by a softplus. State: v. */
#include "model/cells/mixed_memory.h"
#include "model/cells/table.h"
#include "model/kernels.h"
#include "model/synapses.h"

#include <string.h>

#define EPSILON REAL(1e-8)

/* The first eight come in this order for each kind of synapse: recurrent, then sensory. */
enum {
    SIGMA,
    MU,
    W,
    EREV,
    SENSORY_SIGMA,
    SENSORY_MU,
    SENSORY_W,
    SENSORY_EREV,
    GLEAK,
    VLEAK,
    CM,
    INPUT_W,
    INPUT_B,
    OUTPUT_W,
    OUTPUT_B
};

struct ltc_options {
    const char *variant, *solver;
    int unfolds; /* 0: the variant's */
    const char *init, *constraint;
    bool mixed_memory;
};

static const char *variant_name(size_t position) {
    static const char *const names[] = {"ncps", "hasani2022", NULL};
    return names[position];
}

static const char *solver_name(size_t position) {
    static const char *const names[] = {"fused", NULL};
    return names[position];
}

static const char *init_name(size_t position) {
    static const char *const names[] = {"ncps", "ltc2021", NULL};
    return names[position];
}

static const char *constraint_name(size_t position) {
    static const char *const names[] = {"clip", "softplus", NULL};
    return names[position];
}

static const struct field ltc_fields[] = {
    {.name = "variant",
     .type = FIELD_STRING,
     .offset = offsetof(struct ltc_options, variant),
     .fallback = "\"ncps\"",
     .choices = variant_name,
     .help =
         "Details as in ncps, or as in the CfC authors' release of 2022: 3 unfolds, elapsed time "
         "+ 0.001, w, g and C clipped at 0."},
    {.name = "solver",
     .type = FIELD_STRING,
     .offset = offsetof(struct ltc_options, solver),
     .fallback = "\"fused\"",
     .choices = solver_name,
     .help = "ODE solver: the fused semi-implicit one."},
    {.name = "unfolds",
     .type = FIELD_INT,
     .offset = offsetof(struct ltc_options, unfolds),
     .fallback = "0",
     .least = 0,
     .most = 100,
     .help = "Solver steps per observation; 0: the variant's, 6 or in hasani2022 3."},
    {.name = "init",
     .type = FIELD_STRING,
     .offset = offsetof(struct ltc_options, init),
     .fallback = "\"ncps\"",
     .choices = init_name,
     .help = "Initial values and output map: those of ncps, or of the AAAI 2021 release (no "
             "output map)."},
    {.name = "constraint",
     .type = FIELD_STRING,
     .offset = offsetof(struct ltc_options, constraint),
     .fallback = "\"clip\"",
     .choices = constraint_name,
     .help = "How w, g and C stay positive: clipped after each update, or through a softplus."},
    {.name = "mixed_memory",
     .type = FIELD_BOOL,
     .offset = offsetof(struct ltc_options, mixed_memory),
     .fallback = "false",
     .help = "Put an LSTM's memory around the cell."},
    {0},
};

static bool is_softplus(const struct cell *cell) {
    return strcmp(((const struct ltc_options *)cell->options)->constraint, "softplus") == 0;
}

static bool maps_output(const struct cell *cell) {
    return strcmp(((const struct ltc_options *)cell->options)->init, "ncps") == 0;
}

static bool is_hasani2022(const struct cell *cell) {
    return strcmp(((const struct ltc_options *)cell->options)->variant, "hasani2022") == 0;
}

static int unfolds_of(const struct cell *cell) {
    int unfolds = ((const struct ltc_options *)cell->options)->unfolds;
    return unfolds > 0 ? unfolds : is_hasani2022(cell) ? 3 : 6;
}

/* Δ as the solver takes it. */
static real duration(const struct cell *cell, real elapsed) {
    return is_hasani2022(cell) ? elapsed + REAL(0.001) : elapsed;
}

struct workspace {
    real *x;                          /* [T][B][I] mapped inputs */
    real *v;                          /* [T·unfolds + 1][B][H] */
    real *denominator;                /* [T·unfolds][B][H] */
    real *sensory_num, *sensory_den;  /* [B][H] */
    real *w, *sensory_w, *gleak, *cm; /* positive values in force (softplus; else unused) */
    /* backward only */
    real *dv, *dnum, *dden, *sensory_dnum, *sensory_dden; /* [B][H] */
    real *dx;                                             /* [B][I] */
    real *dw, *sensory_dw, *dgleak, *dcm; /* gradients of the positive values (softplus) */
};

/* Numbers of the four constrained tensors together. */
static size_t constrained_size(const struct cell *cell) {
    size_t H = (size_t)cell->hidden;
    return is_softplus(cell) ? H * H + (size_t)cell->inputs * H + 2 * H : 0;
}

static real *split_constrained(const struct cell *cell, real *memory, real **w, real **sensory_w,
                               real **gleak, real **cm) {
    size_t H = (size_t)cell->hidden;
    *w = memory;
    *sensory_w = *w + H * H;
    *gleak = *sensory_w + (size_t)cell->inputs * H;
    *cm = *gleak + H;
    return memory + constrained_size(cell);
}

static struct workspace workspace_of(const struct cell *cell, int steps, int batch, real *memory) {
    size_t row = (size_t)batch * (size_t)cell->hidden;
    size_t input_row = (size_t)batch * (size_t)cell->inputs;
    size_t solver_steps = (size_t)steps * (size_t)unfolds_of(cell);
    struct workspace work = {.x = memory};
    work.v = work.x + input_row * (size_t)steps;
    work.denominator = work.v + row * (solver_steps + 1);
    work.sensory_num = work.denominator + row * solver_steps;
    work.sensory_den = work.sensory_num + row;
    memory = split_constrained(cell, work.sensory_den + row, &work.w, &work.sensory_w, &work.gleak,
                               &work.cm);
    work.dv = memory;
    work.dnum = work.dv + row;
    work.dden = work.dnum + row;
    work.sensory_dnum = work.dden + row;
    work.sensory_dden = work.sensory_dnum + row;
    work.dx = work.sensory_dden + row;
    split_constrained(cell, work.dx + input_row, &work.dw, &work.sensory_dw, &work.dgleak,
                      &work.dcm);
    return work;
}

static size_t workspace(const struct cell *cell, int steps, int batch, enum phase phase) {
    size_t row = (size_t)batch * (size_t)cell->hidden;
    size_t input_row = (size_t)batch * (size_t)cell->inputs;
    size_t solver_steps = (size_t)steps * (size_t)unfolds_of(cell);
    size_t forward_size = input_row * (size_t)steps + row * (2 * solver_steps + 3);
    size_t backward_size = 5 * row + input_row + constrained_size(cell);
    return forward_size + constrained_size(cell) + (phase == PHASE_TRAIN ? backward_size : 0);
}

static void declare(struct cell *cell, struct param_list *list) {
    int H = cell->hidden, I = cell->inputs;
    cell_param(cell, list, GLEAK, "gleak", H, 0);
    cell_param(cell, list, VLEAK, "vleak", H, 0);
    cell_param(cell, list, CM, "cm", H, 0);
    cell_param(cell, list, SIGMA, "sigma", H, H);
    cell_param(cell, list, MU, "mu", H, H);
    cell_param(cell, list, W, "w", H, H);
    cell_param(cell, list, EREV, "erev", H, H);
    cell_param(cell, list, SENSORY_SIGMA, "sensory_sigma", I, H);
    cell_param(cell, list, SENSORY_MU, "sensory_mu", I, H);
    cell_param(cell, list, SENSORY_W, "sensory_w", I, H);
    cell_param(cell, list, SENSORY_EREV, "sensory_erev", I, H);
    cell_param(cell, list, INPUT_W, "input_w", I, 0);
    cell_param(cell, list, INPUT_B, "input_b", I, 0);
    if (maps_output(cell)) {
        cell_param(cell, list, OUTPUT_W, "output_w", H, 0);
        cell_param(cell, list, OUTPUT_B, "output_b", H, 0);
    }
}

/* Reversal potentials: excitatory (+1) with the given probability, else inhibitory (−1). */
static void fill_polarity(gsl_rng *rng, double excitatory, size_t n, real *erev) {
    for (size_t i = 0; i < n; i++)
        erev[i] = gsl_rng_uniform(rng) < excitatory ? 1 : -1;
}

static void init(const struct cell *cell, real *params, gsl_rng *rng) {
    size_t H = (size_t)cell->hidden, I = (size_t)cell->inputs;
    const size_t *offset = cell->offset;
    bool ncps = maps_output(cell);
    for (int kind = 0; kind < 2; kind++) {
        size_t n = (kind == 0 ? H : I) * H;
        int first = kind == 0 ? SIGMA : SENSORY_SIGMA;
        fill_uniform(rng, 3, 8, n, params + offset[first + SIGMA]);
        fill_uniform(rng, REAL(0.3), REAL(0.8), n, params + offset[first + MU]);
        fill_uniform(rng, ncps ? REAL(0.001) : REAL(0.01), 1, n, params + offset[first + W]);
        fill_polarity(rng, ncps ? 2.0 / 3 : 0.5, n, params + offset[first + EREV]);
    }
    fill_uniform(rng, REAL(-0.2), REAL(0.2), H, params + offset[VLEAK]);
    if (ncps) {
        fill_uniform(rng, REAL(0.001), 1, H, params + offset[GLEAK]);
        fill_uniform(rng, REAL(0.4), REAL(0.6), H, params + offset[CM]);
        fill_constant(1, H, params + offset[OUTPUT_W]);
        fill_constant(0, H, params + offset[OUTPUT_B]);
    } else {
        fill_constant(1, H, params + offset[GLEAK]);
        fill_constant(REAL(0.5), H, params + offset[CM]);
    }
    fill_constant(1, I, params + offset[INPUT_W]);
    fill_constant(0, I, params + offset[INPUT_B]);
}

static void clip(size_t n, real low, real high, real *values) {
    for (size_t i = 0; i < n; i++)
        values[i] = values[i] < low ? low : values[i] > high ? high : values[i];
}

static void constrain(const struct cell *cell, real *params) {
    if (is_softplus(cell))
        return;
    size_t H = (size_t)cell->hidden, I = (size_t)cell->inputs;
    const size_t *offset = cell->offset;
    bool at_zero = is_hasani2022(cell);
    real least = at_zero ? 0 : REAL(1e-5), least_cm = at_zero ? 0 : REAL(1e-6);
    real most = at_zero ? REAL(1e30) : 1000;
    clip(H * H, least, most, params + offset[W]);
    clip(I * H, least, most, params + offset[SENSORY_W]);
    clip(H, least, most, params + offset[GLEAK]);
    clip(H, least_cm, most, params + offset[CM]);
}

static void softplus(size_t n, const real *values, real *positive) {
    for (size_t i = 0; i < n; i++)
        positive[i] = (real)real_softplus(values[i]);
}

/* d softplus(x) / dx = σ(x). */
static void softplus_backward(size_t n, const real *values, const real *dpositive, real *dvalues) {
    for (size_t i = 0; i < n; i++)
        dvalues[i] += dpositive[i] * real_sigmoid(values[i]);
}

/* The parameters in force: as they are, or through the softplus. */
struct values {
    struct synapses recurrent, sensory;
    const real *gleak, *cm, *vleak, *input_w, *input_b;
};

static struct values values_of(const struct cell *cell, const real *params,
                               const struct workspace *work) {
    const size_t *offset = cell->offset;
    bool positive = is_softplus(cell);
    return (struct values){
        .recurrent = {params + offset[SIGMA], params + offset[MU],
                      positive ? work->w : params + offset[W], params + offset[EREV]},
        .sensory = {params + offset[SENSORY_SIGMA], params + offset[SENSORY_MU],
                    positive ? work->sensory_w : params + offset[SENSORY_W],
                    params + offset[SENSORY_EREV]},
        .gleak = positive ? work->gleak : params + offset[GLEAK],
        .cm = positive ? work->cm : params + offset[CM],
        .vleak = params + offset[VLEAK],
        .input_w = params + offset[INPUT_W],
        .input_b = params + offset[INPUT_B],
    };
}

static void make_positive(const struct cell *cell, const real *params, struct workspace *work) {
    if (!is_softplus(cell))
        return;
    size_t H = (size_t)cell->hidden, I = (size_t)cell->inputs;
    softplus(H * H, params + cell->offset[W], work->w);
    softplus(I * H, params + cell->offset[SENSORY_W], work->sensory_w);
    softplus(H, params + cell->offset[GLEAK], work->gleak);
    softplus(H, params + cell->offset[CM], work->cm);
}

/* Where the gradients of the constrained values gather: directly in the parameters' gradient, or
 * beside it until the softplus is undone. */
struct value_gradients {
    struct synapse_gradient recurrent, sensory;
    real *gleak, *cm, *vleak, *input_w, *input_b;
};

static struct value_gradients gradients_of(const struct cell *cell, real *gradient,
                                           struct workspace *work) {
    const size_t *offset = cell->offset;
    bool positive = is_softplus(cell);
    zero(constrained_size(cell), work->dw);
    return (struct value_gradients){
        .recurrent = {gradient + offset[SIGMA], gradient + offset[MU],
                      positive ? work->dw : gradient + offset[W], gradient + offset[EREV]},
        .sensory = {gradient + offset[SENSORY_SIGMA], gradient + offset[SENSORY_MU],
                    positive ? work->sensory_dw : gradient + offset[SENSORY_W],
                    gradient + offset[SENSORY_EREV]},
        .gleak = positive ? work->dgleak : gradient + offset[GLEAK],
        .cm = positive ? work->dcm : gradient + offset[CM],
        .vleak = gradient + offset[VLEAK],
        .input_w = gradient + offset[INPUT_W],
        .input_b = gradient + offset[INPUT_B],
    };
}

static void undo_positive(const struct cell *cell, const real *params, const struct workspace *work,
                          real *gradient) {
    if (!is_softplus(cell))
        return;
    size_t H = (size_t)cell->hidden, I = (size_t)cell->inputs;
    const size_t *offset = cell->offset;
    softplus_backward(H * H, params + offset[W], work->dw, gradient + offset[W]);
    softplus_backward(I * H, params + offset[SENSORY_W], work->sensory_dw,
                      gradient + offset[SENSORY_W]);
    softplus_backward(H, params + offset[GLEAK], work->dgleak, gradient + offset[GLEAK]);
    softplus_backward(H, params + offset[CM], work->dcm, gradient + offset[CM]);
}

/* One solver step of one stream, multiplied through by δ = Δ / unfolds so that Δ = 0 holds v. num
 * and den hold the sums over synapses; den becomes the whole denominator. */
static void fused_step(int H, real delta, const struct values *values, const real *v,
                       const real *num, real *den, real *v_after) {
    const real *cm = values->cm, *gleak = values->gleak, *vleak = values->vleak;
#pragma omp simd
    for (int i = 0; i < H; i++) {
        den[i] = cm[i] + delta * (gleak[i] + den[i] + EPSILON);
        v_after[i] = (cm[i] * v[i] + delta * (gleak[i] * vleak[i] + num[i])) / den[i];
    }
}

/* Given dv of v_after, writes dnum and dden, turns dv into the direct part of the gradient of v,
 * and returns δ times the gradient of δ. */
static real fused_step_backward(int H, real delta, const struct values *values, const real *v,
                                const real *v_after, const real *den, real *dv, real *dnum,
                                real *dden, const struct value_gradients *gradients) {
    const real *cm = values->cm, *gleak = values->gleak, *vleak = values->vleak;
    real *dcm = gradients->cm, *dgleak = gradients->gleak, *dvleak = gradients->vleak;
    real ddelta = 0;
#pragma omp simd reduction(+ : ddelta)
    for (int i = 0; i < H; i++) {
        real slope = dv[i] / den[i], change = v_after[i] - v[i];
        dnum[i] = slope * delta;
        dden[i] = -dnum[i] * v_after[i];
        dcm[i] -= slope * change;
        dgleak[i] += dnum[i] * vleak[i] + dden[i];
        dvleak[i] += dnum[i] * gleak[i];
        dv[i] = slope * cm[i];
        ddelta += dv[i] * change; /* δ (gV + num − v_after (g + den)) is C (v_after − v) */
    }
    return ddelta;
}

static void map_inputs(const struct cell *cell, const struct values *values, size_t rows,
                       const real *x, real *mapped) {
    int I = cell->inputs;
    for (size_t n = 0; n < rows; n++)
        for (int k = 0; k < I; k++)
            mapped[n * (size_t)I + (size_t)k] =
                x[n * (size_t)I + (size_t)k] * values->input_w[k] + values->input_b[k];
}

static void forward(const struct cell *cell, const real *params, const struct sequence *sequence,
                    real *y, real *final, real *memory) {
    int T = sequence->steps, B = sequence->batch, I = cell->inputs, H = cell->hidden;
    int unfolds = unfolds_of(cell);
    size_t row = (size_t)B * (size_t)H;
    struct workspace work = workspace_of(cell, T, B, memory);
    make_positive(cell, params, &work);
    struct values values = values_of(cell, params, &work);

    map_inputs(cell, &values, (size_t)T * (size_t)B, sequence->x, work.x);
    load_state(sequence, H, 0, H, work.v);
    for (int t = 0; t < T; t++) {
        zero(row, work.sensory_num);
        zero(row, work.sensory_den);
        synapses_forward(&values.sensory, B, I, H, work.x + (size_t)t * (size_t)B * (size_t)I,
                         work.sensory_num, work.sensory_den);
        for (int u = 0; u < unfolds; u++) {
            size_t step = (size_t)t * (size_t)unfolds + (size_t)u;
            real *v = work.v + row * step, *num = work.v + row * (step + 1);
            real *den = work.denominator + row * step;
            copy(row, work.sensory_num, num);
            copy(row, work.sensory_den, den);
            synapses_forward(&values.recurrent, B, H, H, v, num, den);
            for (int b = 0; b < B; b++) {
                size_t at = (size_t)b * (size_t)H;
                real delta = duration(cell, sequence->elapsed[t * B + b]) / (real)unfolds;
                if (is_absent(sequence, t, b))
                    copy((size_t)H, v + at, num + at);
                else
                    fused_step(H, delta, &values, v + at, num + at, den + at, num + at);
            }
        }
        const real *v = work.v + row * (size_t)(t + 1) * (size_t)unfolds;
        copy(row, v, y + row * (size_t)t);
    }
    if (maps_output(cell)) {
        const real *w = params + cell->offset[OUTPUT_W], *bias = params + cell->offset[OUTPUT_B];
        for (size_t n = 0; n < (size_t)T * (size_t)B; n++)
            for (int i = 0; i < H; i++)
                y[n * (size_t)H + (size_t)i] = y[n * (size_t)H + (size_t)i] * w[i] + bias[i];
    }
    store_state(B, H, 0, H, work.v + row * (size_t)T * (size_t)unfolds, final);
}

/* dv [B][H] += the gradient of the outputs of step t, through the output map if there is one. */
static void output_backward(const struct cell *cell, const real *params, int batch, const real *dy,
                            const real *v, real *dv, real *gradient) {
    int H = cell->hidden;
    if (!maps_output(cell)) {
        add((size_t)batch * (size_t)H, dy, dv);
        return;
    }
    const real *w = params + cell->offset[OUTPUT_W];
    real *dw = gradient + cell->offset[OUTPUT_W], *dbias = gradient + cell->offset[OUTPUT_B];
    for (int b = 0; b < batch; b++, dy += H, v += H, dv += H) {
        for (int i = 0; i < H; i++) {
            dv[i] += dy[i] * w[i];
            dw[i] += dy[i] * v[i];
            dbias[i] += dy[i];
        }
    }
}

/* Back through one solver step of all streams: dv of v_after in, dv of v out. */
static void solver_backward(const struct cell *cell, const struct sequence *sequence, int t,
                            size_t step, const struct values *values,
                            const struct value_gradients *gradients, struct workspace *work,
                            real *delapsed) {
    int B = sequence->batch, H = cell->hidden;
    size_t row = (size_t)B * (size_t)H;
    const real *v = work->v + row * step, *v_after = v + row;
    for (int b = 0; b < B; b++) {
        size_t at = (size_t)b * (size_t)H;
        if (is_absent(sequence, t, b)) {
            zero((size_t)H, work->dnum + at);
            zero((size_t)H, work->dden + at);
            continue;
        }
        real elapsed = duration(cell, sequence->elapsed[t * B + b]);
        real ddelta =
            fused_step_backward(H, elapsed / (real)unfolds_of(cell), values, v + at, v_after + at,
                                work->denominator + row * step + at, work->dv + at, work->dnum + at,
                                work->dden + at, gradients);
        if (delapsed != NULL && elapsed > 0)
            delapsed[t * B + b] += ddelta / elapsed;
    }
    add(row, work->dnum, work->sensory_dnum);
    add(row, work->dden, work->sensory_dden);
    synapses_backward(&values->recurrent, B, H, H, v, work->dnum, work->dden, work->dv,
                      &gradients->recurrent);
}

/* Back through the input map of step t: work->dx holds the gradient of the mapped inputs. */
static void input_backward(int B, int I, const struct values *values, const real *x,
                           const real *dmapped, const struct value_gradients *gradients, real *dx) {
    for (int b = 0; b < B; b++, x += I, dmapped += I) {
        for (int k = 0; k < I; k++) {
            gradients->input_w[k] += dmapped[k] * x[k];
            gradients->input_b[k] += dmapped[k];
            if (dx != NULL)
                dx[b * I + k] = dmapped[k] * values->input_w[k];
        }
    }
}

static void backward(const struct cell *cell, const real *params, const struct sequence *sequence,
                     const struct cell_gradient *gradient, real *memory) {
    int T = sequence->steps, B = sequence->batch, I = cell->inputs, H = cell->hidden;
    int unfolds = unfolds_of(cell);
    size_t row = (size_t)B * (size_t)H, input_row = (size_t)B * (size_t)I;
    struct workspace work = workspace_of(cell, T, B, memory);
    struct values values = values_of(cell, params, &work);
    struct value_gradients gradients = gradients_of(cell, gradient->params, &work);

    load_final_gradient(gradient, B, H, 0, H, work.dv);
    for (int t = T; t-- > 0;) {
        size_t first = (size_t)t * (size_t)unfolds;
        output_backward(cell, params, B, gradient->y + row * (size_t)t,
                        work.v + row * (first + (size_t)unfolds), work.dv, gradient->params);
        zero(row, work.sensory_dnum);
        zero(row, work.sensory_dden);
        for (int u = unfolds; u-- > 0;)
            solver_backward(cell, sequence, t, first + (size_t)u, &values, &gradients, &work,
                            gradient->elapsed);
        zero(input_row, work.dx);
        synapses_backward(&values.sensory, B, I, H, work.x + input_row * (size_t)t,
                          work.sensory_dnum, work.sensory_dden, work.dx, &gradients.sensory);
        input_backward(B, I, &values, sequence->x + input_row * (size_t)t, work.dx, &gradients,
                       gradient->x == NULL ? NULL : gradient->x + input_row * (size_t)t);
    }
    add_state(B, H, 0, H, work.dv, gradient->state);
    undo_positive(cell, params, &work, gradient->params);
}

/* A synapse and unfold: about 20 operations, most of them the exponential's. */
static double flops(const struct cell *cell) {
    double H = cell->hidden, I = cell->inputs, unfolds = unfolds_of(cell);
    return 20 * H * (I + unfolds * H) + 8 * unfolds * H;
}

static bool configure(struct cell *cell, struct error *error);

#define LTC_TYPE                                                                                   \
    .name = "ltc", .title = "LTC",                                                                 \
    .citation = "Hasani, Lechner, Amini, Rus & Grosu, Liquid Time-constant Networks, AAAI 2021",   \
    .options = ltc_fields, .options_size = sizeof(struct ltc_options), .takes_time = true,         \
    .streams = true

const struct cell_type ISA_NAME(ltc_cell) = {
    LTC_TYPE,
    .configure = configure,
    .declare = declare,
    .init = init,
    .workspace = workspace,
    .forward = forward,
    .backward = backward,
    .constrain = constrain,
    .flops = flops,
};

static const struct memory_type ncps_memory = {
    .type = {LTC_TYPE, MEMORY_FUNCTIONS},
    .inside = &ISA_NAME(ltc_cell),
    .forget_bias = 1,
    .bias_bound = REAL(0.1),
};

static bool configure(struct cell *cell, struct error *error) {
    (void)error;
    if (((const struct ltc_options *)cell->options)->mixed_memory)
        memory_configure(cell, &ncps_memory);
    return true;
}
