/* Liquid time-constant network (Hasani, Lechner, Amini, Rus & Grosu, AAAI 2021), as ncps.torch.LTC:
 *
 *   C_i dv_i/dt = g_i (V_i − v_i) + num_i − den_i v_i
 *
 * with num and den the sums over synapses (model/synapses.h), of the inputs (which are mapped by
 * input_w x + input_b first) and of the neurons. The fused semi-implicit solver (algorithm 1 of the
 * paper) makes `unfolds` steps
 *
 *   v_i ← (C_i v_i + δ (g_i V_i + num_i)) / (C_i + δ (g_i + den_i + ε)),   δ = Δ / unfolds
 *
 * and the explicit ones (model/solver.h) steps of δ = 0.1 Δ, as the authors' release has them. w, g
 * and C must stay positive: by clipping after each update, or by a softplus. The outputs are those
 * of the wiring's motor neurons. State: v. */
#include "model/cells/mixed_memory.h"
#include "model/cells/table.h"
#include "model/kernels.h"
#include "model/solver.h"
#include "model/synapses.h"

#include <string.h>

#define EPSILON REAL(1e-8)

/* Tensors in ncps's order. */
enum {
    GLEAK,
    VLEAK,
    CM,
    SIGMA,
    MU,
    W,
    EREV,
    SENSORY_SIGMA,
    SENSORY_MU,
    SENSORY_W,
    SENSORY_EREV,
    INPUT_W,
    INPUT_B,
    OUTPUT_W,
    OUTPUT_B,
    TENSORS
};

static const char *const tensor_names[] = {
    "gleak",   "vleak",         "cm",         "sigma",     "mu",           "w",
    "erev",    "sensory_sigma", "sensory_mu", "sensory_w", "sensory_erev", "input_w",
    "input_b", "output_w",      "output_b"};

/* Those that must stay positive. */
static const int constrained[] = {W, SENSORY_W, GLEAK, CM};
enum { CONSTRAINED = sizeof constrained / sizeof constrained[0] };

struct ltc_options {
    const char *variant, *solver;
    int unfolds; /* 0: the variant's */
    const char *init, *constraint;
    bool mixed_memory;
    struct wiring_options wiring;
};

static const char *variant_name(size_t position) {
    static const char *const names[] = {"ncps", "hasani2022", NULL};
    return names[position];
}

static const char *solver_name(size_t position) {
    static const char *const names[] = {"fused", "euler", "rk4", NULL};
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

#define AT(member) .offset = offsetof(struct ltc_options, member)
static const struct field ltc_fields[] = {
    {"variant", FIELD_STRING, AT(variant), .fallback = "\"ncps\"", .choices = variant_name,
     .help =
         "Details as in ncps, or as in the CfC authors' release of 2022: 3 unfolds, elapsed time "
         "+ 0.001, w, g and C clipped at 0."},
    {"solver", FIELD_STRING, AT(solver), .fallback = "\"fused\"", .choices = solver_name,
     .help = "ODE solver: the fused semi-implicit one, or explicit steps of a tenth of the elapsed "
             "time."},
    {"unfolds", FIELD_INT, AT(unfolds), .fallback = "0", .least = 0, .most = 100,
     .help = "Solver steps per observation; 0: the variant's, 6 or in hasani2022 3."},
    {"init", FIELD_STRING, AT(init), .fallback = "\"ncps\"", .choices = init_name,
     .help = "Initial values and output map: those of ncps, or of the AAAI 2021 release (no output "
             "map)."},
    {"constraint", FIELD_STRING, AT(constraint), .fallback = "\"clip\"", .choices = constraint_name,
     .help = "How w, g and C stay positive: clipped after each update, or through a softplus."},
    {"mixed_memory", FIELD_BOOL, AT(mixed_memory), .fallback = "false",
     .help = "Put an LSTM's memory around the cell."},
    {"wiring", FIELD_OBJECT, AT(wiring), .fields = wiring_fields,
     .help = "Which synapses the neurons have."},
    {0},
};
#undef AT

static const struct ltc_options *options_of(const struct cell *cell) {
    return cell->options;
}

static bool is_softplus(const struct cell *cell) {
    return strcmp(options_of(cell)->constraint, "softplus") == 0;
}

static bool is_fused(const struct cell *cell) {
    return strcmp(options_of(cell)->solver, "fused") == 0;
}

static bool maps_output(const struct cell *cell) {
    return strcmp(options_of(cell)->init, "ncps") == 0;
}

static bool is_hasani2022(const struct cell *cell) {
    return strcmp(options_of(cell)->variant, "hasani2022") == 0;
}

static int unfolds_of(const struct cell *cell) {
    int unfolds = options_of(cell)->unfolds;
    return unfolds > 0 ? unfolds : is_hasani2022(cell) ? 3 : 6;
}

/* States that the solver passes through in one sequence step. */
static size_t evaluations_of(const struct cell *cell) {
    int stages = is_fused(cell) ? 1 : ode_method_find(options_of(cell)->solver)->stages;
    return (size_t)unfolds_of(cell) * (size_t)stages;
}

/* δ as a share of Δ. */
static real step_fraction(const struct cell *cell) {
    return is_fused(cell) ? 1 / (real)unfolds_of(cell) : REAL(0.1);
}

/* --- parameters ------------------------------------------------------------------------------- */

static const struct synapse_list *synapses_of(const struct cell *cell, int tensor) {
    return tensor >= SENSORY_SIGMA ? &cell->wiring->sensory : &cell->wiring->neurons;
}

static size_t size_of(const struct cell *cell, int tensor) {
    int size = tensor <= CM             ? cell->hidden
               : tensor <= SENSORY_EREV ? synapses_of(cell, tensor)->count
               : tensor <= INPUT_B      ? cell->inputs
                                        : cell->outputs;
    return (size_t)size;
}

static int tensors_of(const struct cell *cell) {
    return maps_output(cell) ? TENSORS : OUTPUT_W;
}

static void declare(struct cell *cell, struct param_list *list) {
    for (int tensor = 0; tensor < tensors_of(cell); tensor++) {
        const char *name = tensor_names[tensor];
        const char *mask = tensor == W           ? "sparsity_mask"
                           : tensor == SENSORY_W ? "sensory_sparsity_mask"
                                                 : NULL;
        const struct synapse_list *synapses = synapses_of(cell, tensor);
        if (tensor >= SIGMA && tensor <= SENSORY_EREV)
            cell_param_sparse(cell, list, tensor, name, synapses->sources, synapses->targets,
                              synapses->position, synapses->count, mask);
        else
            cell_param(cell, list, tensor, name, (int)size_of(cell, tensor), 0);
    }
}

/* Reversal potentials: 1 where a synapse excites, −1 where it inhibits. */
static void fill_polarity(const struct synapse_list *list, real *erev) {
    for (int s = 0; s < list->count; s++)
        erev[s] = list->adjacency[synapses_are_full(list) ? s : list->position[s]];
}

static void init(const struct cell *cell, real *params, gsl_rng *rng) {
    real *of[TENSORS];
    bool ncps = maps_output(cell);
    for (int tensor = 0; tensor < tensors_of(cell); tensor++)
        of[tensor] = params + cell->offset[tensor];
    for (int kind = SIGMA; kind <= SENSORY_SIGMA; kind += SENSORY_SIGMA - SIGMA) {
        real **synapse = of + kind - SIGMA;
        size_t n = size_of(cell, kind);
        fill_uniform(rng, 3, 8, n, synapse[SIGMA]);
        fill_uniform(rng, REAL(0.3), REAL(0.8), n, synapse[MU]);
        fill_uniform(rng, ncps ? REAL(0.001) : REAL(0.01), 1, n, synapse[W]);
        fill_polarity(synapses_of(cell, kind), synapse[EREV]);
    }
    size_t H = size_of(cell, VLEAK), I = size_of(cell, INPUT_W), O = size_of(cell, OUTPUT_W);
    fill_uniform(rng, REAL(-0.2), REAL(0.2), H, of[VLEAK]);
    fill_uniform(rng, ncps ? REAL(0.001) : 1, 1, H, of[GLEAK]);
    fill_uniform(rng, ncps ? REAL(0.4) : REAL(0.5), ncps ? REAL(0.6) : REAL(0.5), H, of[CM]);
    fill_constant(1, I, of[INPUT_W]);
    fill_constant(0, I, of[INPUT_B]);
    if (ncps) {
        fill_constant(1, O, of[OUTPUT_W]);
        fill_constant(0, O, of[OUTPUT_B]);
    }
}

static void constrain(const struct cell *cell, real *params) {
    bool at_zero = is_hasani2022(cell);
    for (int c = 0; c < CONSTRAINED && !is_softplus(cell); c++) {
        int tensor = constrained[c];
        real *values = params + cell->offset[tensor];
        real least = at_zero ? 0 : tensor == CM ? REAL(1e-6) : REAL(1e-5);
        real most = at_zero ? REAL(1e30) : 1000;
        for (size_t i = 0; i < size_of(cell, tensor); i++)
            values[i] = values[i] < least ? least : values[i] > most ? most : values[i];
    }
}

/* Numbers of the constrained tensors together, where a softplus needs them beside the parameters.
 */
static size_t positive_size(const struct cell *cell) {
    size_t size = 0;
    for (int c = 0; c < CONSTRAINED && is_softplus(cell); c++)
        size += size_of(cell, constrained[c]);
    return size;
}

/* --- one pass over a sequence ----------------------------------------------------------------- */

/* All that the solvers read and write. */
struct pass {
    const struct cell *cell;
    int batch, hidden; /* B, H */
    /* The parameters in force (as they are, or through the softplus) and where their gradients
     * gather. */
    const real *value[TENSORS];
    real *gradient[TENSORS];
    struct synapses sensory, neurons;
    struct synapse_gradient sensory_gradient, neurons_gradient;

    real *x;                         /* [T][B][I] mapped inputs */
    real *v;                         /* [T·evaluations + 1][B][H] */
    real *kept;                      /* [T·evaluations][B][H] fused: the denominators; explicit:
                                        [T·evaluations][2][B][H] num and the whole den */
    real *sensory_num, *sensory_den; /* [B][H] of this sequence step */
    real *lengths;                   /* [B] δ of this sequence step */
    real *positive;                  /* positive_size() */
    real *scratch;                   /* of the explicit solvers */
    /* backward only */
    real *dv, *dnum, *dden, *sensory_dnum, *sensory_dden; /* [B][H] */
    real *dx;                                             /* [B][I] */
    real *dlengths;                                       /* [B] */
    real *dpositive;                                      /* positive_size() */
};

/* Gives the pass its memory, or counts it. */
static size_t lay_out(const struct cell *cell, int steps, int batch, enum phase phase, real *memory,
                      struct pass *pass) {
    size_t T = (size_t)steps, row = (size_t)batch * (size_t)cell->hidden;
    size_t input_row = (size_t)batch * (size_t)cell->inputs;
    size_t evaluations = T * evaluations_of(cell);
    bool fused = is_fused(cell), trains = phase == PHASE_TRAIN;
    struct scratch scratch = {.memory = memory};
    pass->x = scratch_take(&scratch, T * input_row);
    pass->v = scratch_take(&scratch, (evaluations + 1) * row);
    pass->kept = scratch_take(&scratch, evaluations * row * (fused ? 1 : 2));
    pass->sensory_num = scratch_take(&scratch, row);
    pass->sensory_den = scratch_take(&scratch, row);
    pass->lengths = scratch_take(&scratch, (size_t)batch);
    pass->positive = scratch_take(&scratch, positive_size(cell));
    synapses_take(&pass->sensory, &cell->wiring->sensory, &scratch);
    synapses_take(&pass->neurons, &cell->wiring->neurons, &scratch);
    if (!fused)
        pass->scratch =
            scratch_take(&scratch, trains ? ode_backward_scratch(batch, cell->hidden) : row);
    if (!trains)
        return scratch.size;
    pass->dv = scratch_take(&scratch, row);
    pass->dnum = scratch_take(&scratch, row);
    pass->dden = scratch_take(&scratch, row);
    pass->sensory_dnum = scratch_take(&scratch, row);
    pass->sensory_dden = scratch_take(&scratch, row);
    pass->dx = scratch_take(&scratch, input_row);
    pass->dlengths = scratch_take(&scratch, (size_t)batch);
    pass->dpositive = scratch_take(&scratch, positive_size(cell));
    synapses_take_backward(&pass->sensory, &scratch);
    synapses_take_backward(&pass->neurons, &scratch);
    return scratch.size;
}

static size_t workspace(const struct cell *cell, int steps, int batch, enum phase phase) {
    struct pass pass;
    return lay_out(cell, steps, batch, phase, NULL, &pass);
}

/* `value`: γ, μ, w and e in the order of the tensors. */
static void set_synapses(struct synapses *synapses, const real *const value[4]) {
    synapses->sigma = value[0];
    synapses->mu = value[1];
    synapses->w = value[2];
    synapses->erev = value[3];
}

/* `gradient` NULL: forward. */
static struct pass begin_pass(const struct cell *cell, const real *params,
                              const struct sequence *sequence, real *gradient, real *memory) {
    struct pass pass = {.cell = cell, .batch = sequence->batch, .hidden = cell->hidden};
    lay_out(cell, sequence->steps, sequence->batch, gradient == NULL ? PHASE_EVALUATE : PHASE_TRAIN,
            memory, &pass);
    for (int tensor = 0; tensor < tensors_of(cell); tensor++) {
        pass.value[tensor] = params + cell->offset[tensor];
        pass.gradient[tensor] = gradient == NULL ? NULL : gradient + cell->offset[tensor];
    }
    struct scratch positive = {.memory = pass.positive}, dpositive = {.memory = pass.dpositive};
    for (int c = 0; c < CONSTRAINED && is_softplus(cell); c++) {
        size_t size = size_of(cell, constrained[c]);
        pass.value[constrained[c]] = scratch_take(&positive, size);
        pass.gradient[constrained[c]] = scratch_take(&dpositive, size);
    }
    set_synapses(&pass.neurons, pass.value + SIGMA);
    set_synapses(&pass.sensory, pass.value + SENSORY_SIGMA);
    real **to = pass.gradient;
    pass.neurons_gradient = (struct synapse_gradient){to[SIGMA], to[MU], to[W], to[EREV]};
    pass.sensory_gradient = (struct synapse_gradient){to[SENSORY_SIGMA], to[SENSORY_MU],
                                                      to[SENSORY_W], to[SENSORY_EREV]};
    return pass;
}

static void make_positive(const struct cell *cell, const real *params, real *positive) {
    for (int c = 0; c < CONSTRAINED && is_softplus(cell); c++) {
        const real *values = params + cell->offset[constrained[c]];
        for (size_t i = 0; i < size_of(cell, constrained[c]); i++)
            *positive++ = (real)real_softplus(values[i]);
    }
}

/* d softplus(x) / dx = σ(x). */
static void undo_positive(const struct cell *cell, const real *params, const real *dpositive,
                          real *gradient) {
    for (int c = 0; c < CONSTRAINED && is_softplus(cell); c++) {
        size_t offset = cell->offset[constrained[c]];
        for (size_t i = 0; i < size_of(cell, constrained[c]); i++)
            gradient[offset + i] += *dpositive++ * real_sigmoid(params[offset + i]);
    }
}

static void map_inputs(const struct pass *pass, size_t rows, const real *x) {
    size_t I = (size_t)pass->cell->inputs;
    const real *w = pass->value[INPUT_W], *bias = pass->value[INPUT_B];
    for (size_t n = 0; n < rows; n++)
        for (size_t k = 0; k < I; k++)
            pass->x[n * I + k] = x[n * I + k] * w[k] + bias[k];
}

/* δ of sequence step t. */
static void set_lengths(const struct pass *pass, const struct sequence *sequence, int t) {
    real delay = is_hasani2022(pass->cell) ? REAL(0.001) : 0, fraction = step_fraction(pass->cell);
    ode_step_lengths(sequence, t, fraction, pass->lengths);
    for (int b = 0; b < pass->batch; b++)
        if (!is_absent(sequence, t, b))
            pass->lengths[b] += delay * fraction;
}

/* What the inputs of sequence step t contribute to every solver step. */
static void sense(const struct pass *pass, int t) {
    size_t B = (size_t)pass->batch, row = B * (size_t)pass->hidden;
    zero(row, pass->sensory_num);
    zero(row, pass->sensory_den);
    synapses_forward(&pass->sensory, pass->batch,
                     pass->x + (size_t)t * B * (size_t)pass->cell->inputs, pass->sensory_num,
                     pass->sensory_den);
}

/* --- the fused solver ------------------------------------------------------------------------- */

/* One step of one stream. num and den hold the sums over synapses; den becomes the whole
 * denominator. δ = 0 holds v. */
static void fused_step(const struct pass *pass, real delta, const real *v, const real *num,
                       real *den, real *v_after) {
    const real *cm = pass->value[CM], *gleak = pass->value[GLEAK], *vleak = pass->value[VLEAK];
#pragma omp simd
    for (int i = 0; i < pass->hidden; i++) {
        den[i] = cm[i] + delta * (gleak[i] + den[i] + EPSILON);
        v_after[i] = (cm[i] * v[i] + delta * (gleak[i] * vleak[i] + num[i])) / den[i];
    }
}

/* Given dv of v_after, writes dnum and dden, turns dv into the direct part of the gradient of v,
 * and returns δ times the gradient of δ. */
static real fused_step_backward(const struct pass *pass, real delta, const real *v,
                                const real *v_after, const real *den, real *dv, real *dnum,
                                real *dden) {
    const real *cm = pass->value[CM], *gleak = pass->value[GLEAK], *vleak = pass->value[VLEAK];
    real *dcm = pass->gradient[CM], *dgleak = pass->gradient[GLEAK];
    real *dvleak = pass->gradient[VLEAK], ddelta = 0;
#pragma omp simd reduction(+ : ddelta)
    for (int i = 0; i < pass->hidden; i++) {
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

/* From v [B][H] through `unfolds` steps; kept [unfolds][B][H]. */
static void fused_forward(const struct pass *pass, const struct sequence *sequence, int t, real *v,
                          real *kept) {
    size_t H = (size_t)pass->hidden, row = (size_t)pass->batch * H;
    for (int u = unfolds_of(pass->cell); u-- > 0; v += row, kept += row) {
        real *num = v + row; /* and then the new v */
        copy(row, pass->sensory_num, num);
        copy(row, pass->sensory_den, kept);
        synapses_forward(&pass->neurons, pass->batch, v, num, kept);
        for (int b = 0; b < pass->batch; b++) {
            size_t at = (size_t)b * H;
            if (is_absent(sequence, t, b))
                copy(H, v + at, num + at);
            else
                fused_step(pass, pass->lengths[b], v + at, num + at, kept + at, num + at);
        }
    }
}

/* Back through them: dv of the state after in, dv of the state before out. */
static void fused_backward(const struct pass *pass, const struct sequence *sequence, int t,
                           const real *first_v, const real *first_kept) {
    size_t H = (size_t)pass->hidden, row = (size_t)pass->batch * H;
    for (size_t u = (size_t)unfolds_of(pass->cell); u-- > 0;) {
        const real *v = first_v + row * u, *kept = first_kept + row * u;
        for (int b = 0; b < pass->batch; b++) {
            size_t at = (size_t)b * H;
            if (is_absent(sequence, t, b)) {
                zero(H, pass->dnum + at);
                zero(H, pass->dden + at);
                continue;
            }
            real delta = pass->lengths[b];
            real ddelta = fused_step_backward(pass, delta, v + at, v + row + at, kept + at,
                                              pass->dv + at, pass->dnum + at, pass->dden + at);
            pass->dlengths[b] += delta > 0 ? ddelta / delta : 0;
        }
        add(row, pass->dnum, pass->sensory_dnum);
        add(row, pass->dden, pass->sensory_dden);
        synapses_backward(&pass->neurons, pass->batch, v, pass->dnum, pass->dden, pass->dv,
                          &pass->neurons_gradient);
    }
}

/* --- the explicit solvers --------------------------------------------------------------------- */

/* dv/dt; keeps num and the whole den. */
static void rate(const void *system, const real *v, real *kept, real *k) {
    const struct pass *pass = system;
    const real *cm = pass->value[CM], *gleak = pass->value[GLEAK], *vleak = pass->value[VLEAK];
    size_t H = (size_t)pass->hidden, row = (size_t)pass->batch * H;
    real *num = kept, *den = kept + row;
    copy(row, pass->sensory_num, num);
    copy(row, pass->sensory_den, den);
    synapses_forward(&pass->neurons, pass->batch, v, num, den);
    for (size_t at = 0; at < row; at += H) {
#pragma omp simd
        for (size_t i = 0; i < H; i++) {
            num[at + i] += gleak[i] * vleak[i];
            den[at + i] += gleak[i];
            k[at + i] = (num[at + i] - den[at + i] * v[at + i]) / cm[i];
        }
    }
}

/* Leaves the gradients of num and den in kept. */
static void rate_backward(const void *system, const real *v, real *kept, const real *dk, real *dv) {
    const struct pass *pass = system;
    const real *cm = pass->value[CM], *gleak = pass->value[GLEAK], *vleak = pass->value[VLEAK];
    real *dcm = pass->gradient[CM], *dgleak = pass->gradient[GLEAK];
    real *dvleak = pass->gradient[VLEAK];
    size_t H = (size_t)pass->hidden, row = (size_t)pass->batch * H;
    real *num = kept, *den = kept + row;
    for (size_t at = 0; at < row; at += H) {
#pragma omp simd
        for (size_t i = 0; i < H; i++) {
            real dcurrent = dk[at + i] / cm[i], v_i = v[at + i];
            dcm[i] -= dcurrent * (num[at + i] - den[at + i] * v_i) / cm[i];
            dgleak[i] += dcurrent * (vleak[i] - v_i);
            dvleak[i] += dcurrent * gleak[i];
            dv[at + i] -= dcurrent * den[at + i];
            num[at + i] = dcurrent;
            den[at + i] = -dcurrent * v_i;
        }
    }
    add(row, num, pass->sensory_dnum);
    add(row, den, pass->sensory_dden);
    synapses_backward(&pass->neurons, pass->batch, v, num, den, dv, &pass->neurons_gradient);
}

static struct ode ode_of(const struct pass *pass) {
    return (struct ode){
        .method = ode_method_find(options_of(pass->cell)->solver),
        .unfolds = unfolds_of(pass->cell),
        .batch = pass->batch,
        .width = pass->hidden,
        .kept = 2 * (size_t)pass->batch * (size_t)pass->hidden,
        .system = pass,
        .rate = rate,
        .rate_backward = rate_backward,
    };
}

/* --- the whole -------------------------------------------------------------------------------- */

/* y [B][O] from the motor neurons of v [B][H], through the output map if there is one. */
static void put_out(const struct pass *pass, const real *v, real *y) {
    int O = pass->cell->outputs;
    bool maps = maps_output(pass->cell);
    const real *w = pass->value[OUTPUT_W], *bias = pass->value[OUTPUT_B];
    for (int b = 0; b < pass->batch; b++, v += pass->hidden, y += O)
        for (int i = 0; i < O; i++)
            y[i] = maps ? v[i] * w[i] + bias[i] : v[i];
}

static void output_backward(const struct pass *pass, const real *dy, const real *v) {
    int O = pass->cell->outputs, H = pass->hidden;
    bool maps = maps_output(pass->cell);
    const real *w = pass->value[OUTPUT_W];
    real *dw = pass->gradient[OUTPUT_W], *dbias = pass->gradient[OUTPUT_B], *dv = pass->dv;
    for (int b = 0; b < pass->batch; b++, dy += O, v += H, dv += H) {
        for (int i = 0; i < O; i++) {
            dv[i] += maps ? dy[i] * w[i] : dy[i];
            if (maps) {
                dw[i] += dy[i] * v[i];
                dbias[i] += dy[i];
            }
        }
    }
}

static void forward(const struct cell *cell, const real *params, const struct sequence *sequence,
                    real *y, real *final, real *memory) {
    int T = sequence->steps, B = sequence->batch, H = cell->hidden;
    size_t row = (size_t)B * (size_t)H, evaluations = evaluations_of(cell);
    struct pass pass = begin_pass(cell, params, sequence, NULL, memory);
    struct ode ode = is_fused(cell) ? (struct ode){0} : ode_of(&pass);

    if (!sequence->is_prepared) {
        make_positive(cell, params, pass.positive);
        synapses_prepare(&pass.sensory);
        synapses_prepare(&pass.neurons);
    }
    map_inputs(&pass, (size_t)T * (size_t)B, sequence->x);
    load_state(sequence, H, 0, H, pass.v);
    for (int t = 0; t < T; t++) {
        real *v = pass.v + row * evaluations * (size_t)t;
        sense(&pass, t);
        set_lengths(&pass, sequence, t);
        if (is_fused(cell))
            fused_forward(&pass, sequence, t, v, pass.kept + row * evaluations * (size_t)t);
        else
            ode_forward(&ode, pass.lengths, v, pass.kept + ode.kept * evaluations * (size_t)t,
                        pass.scratch);
        put_out(&pass, v + row * evaluations, y + (size_t)t * (size_t)B * (size_t)cell->outputs);
    }
    store_state(B, H, 0, H, pass.v + row * evaluations * (size_t)T, final);
}

/* Back through the inputs of sequence step t: their synapses, then their map. */
static void input_backward(const struct pass *pass, const struct sequence *sequence, int t,
                           real *dx) {
    int I = pass->cell->inputs;
    size_t first = (size_t)t * (size_t)pass->batch * (size_t)I;
    const real *w = pass->value[INPUT_W], *x = sequence->x + first, *dmapped = pass->dx;
    real *dw = pass->gradient[INPUT_W], *dbias = pass->gradient[INPUT_B];
    zero((size_t)pass->batch * (size_t)I, pass->dx);
    synapses_backward(&pass->sensory, pass->batch, pass->x + first, pass->sensory_dnum,
                      pass->sensory_dden, pass->dx, &pass->sensory_gradient);
    for (int b = 0; b < pass->batch; b++, x += I, dmapped += I) {
        for (int k = 0; k < I; k++) {
            dw[k] += dmapped[k] * x[k];
            dbias[k] += dmapped[k];
            if (dx != NULL)
                dx[first + (size_t)(b * I + k)] = dmapped[k] * w[k];
        }
    }
}

static void backward(const struct cell *cell, const real *params, const struct sequence *sequence,
                     const struct cell_gradient *gradient, real *memory) {
    int T = sequence->steps, B = sequence->batch, H = cell->hidden;
    size_t row = (size_t)B * (size_t)H, evaluations = evaluations_of(cell);
    struct pass pass = begin_pass(cell, params, sequence, gradient->params, memory);
    struct ode ode = is_fused(cell) ? (struct ode){0} : ode_of(&pass);

    zero(positive_size(cell), pass.dpositive);
    synapses_begin_backward(&pass.sensory);
    synapses_begin_backward(&pass.neurons);
    load_final_gradient(gradient, B, H, 0, H, pass.dv);
    for (int t = T; t-- > 0;) {
        const real *v = pass.v + row * evaluations * (size_t)t;
        output_backward(&pass, gradient->y + (size_t)t * (size_t)B * (size_t)cell->outputs,
                        v + row * evaluations);
        set_lengths(&pass, sequence, t);
        if (gradient->elapsed != NULL && !is_fused(cell)) /* it will call rate() again */
            sense(&pass, t);
        zero(row, pass.sensory_dnum);
        zero(row, pass.sensory_dden);
        zero((size_t)B, pass.dlengths);
        if (is_fused(cell))
            fused_backward(&pass, sequence, t, v, pass.kept + row * evaluations * (size_t)t);
        else
            ode_backward(&ode, pass.lengths, v, pass.kept + ode.kept * evaluations * (size_t)t,
                         pass.dv, gradient->elapsed != NULL ? pass.dlengths : NULL, pass.scratch);
        ode_add_elapsed_gradient(sequence, t, step_fraction(cell), pass.dlengths,
                                 gradient->elapsed);
        input_backward(&pass, sequence, t, gradient->x);
    }
    add_state(B, H, 0, H, pass.dv, gradient->state);
    synapses_end_backward(&pass.sensory, &pass.sensory_gradient);
    synapses_end_backward(&pass.neurons, &pass.neurons_gradient);
    undo_positive(cell, params, pass.dpositive, gradient->params);
}

/* A synapse: about 20 operations, most of them the exponential's. */
static double flops(const struct cell *cell) {
    double evaluations = (double)evaluations_of(cell);
    return 20 * (cell->wiring->sensory.count + evaluations * cell->wiring->neurons.count) +
           8 * evaluations * cell->hidden;
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
    const struct ltc_options *options = options_of(cell);
    double excitatory = maps_output(cell) ? 2.0 / 3 : 0.5; /* in ncps and in the 2021 release */
    cell->wiring = wiring_create(&options->wiring, cell->hidden, cell->inputs, cell->layer,
                                 excitatory, cell->seed, cell->arena, error);
    if (cell->wiring == NULL)
        return false;
    cell->hidden = cell->state = cell->wiring->units;
    cell->outputs = cell->wiring->motor;
    if (options->mixed_memory)
        memory_configure(cell, &ncps_memory);
    return true;
}
