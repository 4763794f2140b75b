/* Liquid time-constant network (Hasani, Lechner, Amini, Rus & Grosu, AAAI 2021), as ncps.torch.LTC:
 * the equation and its solvers are those of ltc_solver.h. Inputs are mapped by input_w x + input_b
 * before their synapses, the outputs are those of the wiring's motor neurons, mapped, too. The
 * steps of the fused solver are Δ / unfolds long, those of the explicit ones 0.1 Δ, as the authors'
 * release has them. w, g and C must stay positive: by clipping after each update, or by a softplus.
 * State: v. */
#include "engine/cell.h"
#include "engine/cells/ltc_solver.h"
#include "engine/cells/mixed_memory.h"
#include "engine/isa.h"
#include "engine/kernels.h"

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

enum variant { VARIANT_NCPS = 1, VARIANT_HASANI2022 };
enum { SOLVER_FUSED = 1 }; /* then those of engine/cells/solver.h */
enum init { INIT_NCPS = 1, INIT_LTC2021 };
enum constraint { CONSTRAINT_CLIP = 1, CONSTRAINT_SOFTPLUS };

struct ltc_options {
    int variant, solver;
    int unfolds; /* 0: the variant's */
    int init, constraint;
    bool mixed_memory;
    struct wiring_options wiring;
};

static const char *variant_name(size_t position) {
    static const char *const names[] = {"ncps", "hasani2022", NULL};
    return names[position];
}

static const char *solver_name(size_t position) {
    return position == 0 ? "fused" : ode_solver_name(position - 1);
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
    {"variant", FIELD_CHOICE, AT(variant), .fallback = "\"ncps\"", .choices = variant_name,
     .help =
         "Details as in ncps, or as in the CfC authors' release of 2022: 3 unfolds, elapsed time "
         "+ 0.001, w, g and C clipped at 0."},
    {"solver", FIELD_CHOICE, AT(solver), .fallback = "\"fused\"", .choices = solver_name,
     .help = "ODE solver: the fused semi-implicit one, or explicit steps of a tenth of the elapsed "
             "time."},
    {"unfolds", FIELD_INT, AT(unfolds), .fallback = "0", .min = 0, .max = 100,
     .help = "Solver steps per observation; 0: the variant's, 6 or in hasani2022 3."},
    {"init", FIELD_CHOICE, AT(init), .fallback = "\"ncps\"", .choices = init_name,
     .help = "Initial values and output map: those of ncps, or of the AAAI 2021 release (no output "
             "map)."},
    {"constraint", FIELD_CHOICE, AT(constraint), .fallback = "\"clip\"", .choices = constraint_name,
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
    return options_of(cell)->constraint == CONSTRAINT_SOFTPLUS;
}

static bool is_fused(const struct cell *cell) {
    return options_of(cell)->solver == SOLVER_FUSED;
}

static bool maps_output(const struct cell *cell) {
    return options_of(cell)->init == INIT_NCPS;
}

static bool is_hasani2022(const struct cell *cell) {
    return options_of(cell)->variant == VARIANT_HASANI2022;
}

static int unfolds_of(const struct cell *cell) {
    int unfolds = options_of(cell)->unfolds;
    return unfolds > 0 ? unfolds : is_hasani2022(cell) ? 3 : 6;
}

/* NULL: the fused solver. */
static const struct ode_method *method_of(const struct cell *cell) {
    return is_fused(cell) ? NULL : ode_method_at(options_of(cell)->solver - SOLVER_FUSED);
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
        real min = at_zero ? 0 : tensor == CM ? REAL(1e-6) : REAL(1e-5);
        real max = at_zero ? REAL(1e30) : 1000;
        for (size_t i = 0; i < size_of(cell, tensor); i++)
            values[i] = values[i] < min ? min : values[i] > max ? max : values[i];
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

struct pass {
    const struct cell *cell;
    int batch, transposed; /* B; arrays of neurons and inputs as in ltc_solver.h */
    /* The parameters in force (as they are, or through the softplus) and where their gradients
     * gather. */
    const real *value[TENSORS];
    real *gradient[TENSORS];
    struct synapses sensory;
    struct synapse_gradient sensory_gradient;
    struct ltc_solver solver;
    real *x;         /* [T][B][I] or [T][I][P] mapped inputs */
    real *positive;  /* positive_size() */
    real *dx;        /* [B][I] or [I][P] backward only */
    real *dpositive; /* positive_size(); backward only */
};

/* Numbers of one step's mapped inputs. */
static size_t input_size(const struct pass *pass) {
    return ltc_streams(&pass->solver) * (size_t)pass->cell->inputs;
}

/* Gives the pass its memory, or counts it. */
static size_t lay_out(const struct cell *cell, int steps, int batch, enum phase phase, real *memory,
                      struct pass *pass) {
    bool trains = phase == PHASE_TRAIN;
    int transposed = ltc_transposed(cell->wiring, method_of(cell), batch);
    struct scratch scratch = {.memory = memory};
    pass->cell = cell;
    pass->batch = batch;
    pass->transposed = transposed;
    pass->solver = (struct ltc_solver){
        .method = method_of(cell),
        .unfolds = unfolds_of(cell),
        .batch = batch,
        .hidden = cell->hidden,
        .transposed = transposed,
    };
    pass->x = scratch_take(&scratch, (size_t)steps * input_size(pass));
    pass->positive = scratch_take(&scratch, positive_size(cell));
    synapses_take(&pass->sensory, &cell->wiring->sensory, transposed, &scratch);
    ltc_solver_take(&pass->solver, cell->wiring, steps, &scratch);
    if (!trains)
        return scratch.size;
    synapses_take_backward(&pass->sensory, &scratch);
    ltc_solver_take_backward(&pass->solver, &scratch);
    pass->dx = scratch_take(&scratch, input_size(pass));
    pass->dpositive = scratch_take(&scratch, positive_size(cell));
    return scratch.size;
}

static size_t workspace(const struct cell *cell, int steps, int batch, enum phase phase) {
    struct pass pass;
    return lay_out(cell, steps, batch, phase, NULL, &pass);
}

/* `gradient` NULL: forward. */
static struct pass begin_pass(const struct cell *cell, const real *params,
                              const struct sequence *sequence, real *gradient, real *memory) {
    struct pass pass = {0};
    lay_out(cell, sequence->steps, sequence->batch, sequence->phase, memory, &pass);
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
    const real **from = pass.value;
    real **to = pass.gradient;
    struct ltc_solver *solver = &pass.solver;
    solver->cm = from[CM], solver->gleak = from[GLEAK], solver->vleak = from[VLEAK];
    solver->dcm = to[CM], solver->dgleak = to[GLEAK], solver->dvleak = to[VLEAK];
    solver->synapses.values = (struct synapse_values){
        .sigma = from[SIGMA], .mu = from[MU], .w = from[W], .erev = from[EREV]};
    solver->synapse_gradient =
        (struct synapse_gradient){.sigma = to[SIGMA], .mu = to[MU], .w = to[W], .erev = to[EREV]};
    pass.sensory.values = (struct synapse_values){.sigma = from[SENSORY_SIGMA],
                                                  .mu = from[SENSORY_MU],
                                                  .w = from[SENSORY_W],
                                                  .erev = from[SENSORY_EREV]};
    pass.sensory_gradient = (struct synapse_gradient){.sigma = to[SENSORY_SIGMA],
                                                      .mu = to[SENSORY_MU],
                                                      .w = to[SENSORY_W],
                                                      .erev = to[SENSORY_EREV]};
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

/* δ of sequence step t. */
static void set_lengths(const struct pass *pass, const struct sequence *sequence, int t) {
    real delay = is_hasani2022(pass->cell) ? REAL(0.001) : 0, fraction = step_fraction(pass->cell);
    real *lengths = pass->solver.lengths;
    zero(ltc_streams(&pass->solver), lengths);
    ode_step_lengths(sequence, t, fraction, lengths);
    for (int b = 0; b < pass->batch; b++)
        if (!is_absent(sequence, t, b))
            lengths[b] += delay * fraction;
}

/* What the inputs of sequence step t contribute to every solver step. */
static void sense(const struct pass *pass, int t) {
    const struct ltc_solver *solver = &pass->solver;
    zero(ltc_state_size(solver), solver->sensory_num);
    zero(ltc_state_size(solver), solver->sensory_den);
    synapses_forward(&pass->sensory, pass->batch, pass->x + (size_t)t * input_size(pass),
                     solver->sensory_num, solver->sensory_den);
}

/* NULL where there is no output map. */
static const real *output_weight(const struct pass *pass) {
    return maps_output(pass->cell) ? pass->value[OUTPUT_W] : NULL;
}

static void forward_steps(const struct cell *cell, const real *params,
                          const struct sequence *sequence, int from, int to, real *y, real *final,
                          real *memory) {
    int B = sequence->batch, I = cell->inputs, O = cell->outputs;
    struct pass pass = begin_pass(cell, params, sequence, NULL, memory);
    const struct ltc_solver *solver = &pass.solver;
    if (!sequence->is_prepared && from == 0) {
        make_positive(cell, params, pass.positive);
        synapses_prepare(&pass.sensory);
        synapses_prepare(&solver->synapses);
    }
    if (sequence->state == NULL)
        zero(ltc_state_size(solver), ltc_before(solver, from));
    else
        neurons_put(pass.transposed, B, cell->hidden, sequence->state, ltc_before(solver, from));
    for (int t = from; t < to; t++) {
        if (t > from)
            copy(ltc_state_size(solver), ltc_after(solver, t - 1), ltc_before(solver, t));
        neurons_map_in(pass.transposed, B, I, pass.value[INPUT_W], pass.value[INPUT_B],
                       sequence->x + (size_t)(t * B) * (size_t)I,
                       pass.x + (size_t)t * input_size(&pass));
        sense(&pass, t);
        set_lengths(&pass, sequence, t);
        ltc_solver_forward(solver, t);
        neurons_map_out(pass.transposed, B, cell->hidden, O, output_weight(&pass),
                        pass.value[OUTPUT_B], ltc_after(solver, t),
                        y + (size_t)(t * B) * (size_t)O);
    }
    if (final != NULL)
        neurons_get(pass.transposed, B, cell->hidden, ltc_after(solver, to - 1), false, final);
}

/* Back through the inputs of sequence step t: their synapses, then their map. */
static void input_backward(const struct pass *pass, const struct sequence *sequence, int t,
                           real *dx) {
    int B = pass->batch, I = pass->cell->inputs;
    size_t first = (size_t)(t * B) * (size_t)I;
    zero(input_size(pass), pass->dx);
    synapses_backward(&pass->sensory, B, pass->x + (size_t)t * input_size(pass),
                      pass->solver.sensory_dnum, pass->solver.sensory_dden, pass->dx,
                      &pass->sensory_gradient);
    neurons_map_in_backward(pass->transposed, B, I, pass->value[INPUT_W], sequence->x + first,
                            pass->dx, pass->gradient[INPUT_W], pass->gradient[INPUT_B],
                            dx != NULL ? dx + first : NULL);
}

static void backward_steps(const struct cell *cell, const real *params,
                           const struct sequence *sequence, int from, int to,
                           const struct cell_gradient *gradient, real *memory) {
    int B = sequence->batch, H = cell->hidden, O = cell->outputs;
    struct pass pass = begin_pass(cell, params, sequence, gradient->params, memory);
    const struct ltc_solver *solver = &pass.solver;
    bool wants_elapsed = gradient->elapsed != NULL;

    if (to == sequence->steps) {
        zero(positive_size(cell), pass.dpositive);
        synapses_begin_backward(&pass.sensory);
        synapses_begin_backward(&solver->synapses);
    }
    if (gradient->final == NULL)
        zero(ltc_state_size(solver), solver->dv);
    else
        neurons_put(pass.transposed, B, H, gradient->final, solver->dv);
    for (int t = to; t-- > from;) {
        neurons_map_out_backward(pass.transposed, B, H, O, output_weight(&pass),
                                 gradient->y + (size_t)(t * B) * (size_t)O, ltc_after(solver, t),
                                 solver->dv, pass.gradient[OUTPUT_W], pass.gradient[OUTPUT_B]);
        set_lengths(&pass, sequence, t);
        if (wants_elapsed && !is_fused(cell))
            sense(&pass, t);
        ltc_solver_backward(solver, t, wants_elapsed);
        ode_add_elapsed_gradient(sequence, t, step_fraction(cell), solver->dlengths,
                                 gradient->elapsed);
        input_backward(&pass, sequence, t, gradient->x);
    }
    if (gradient->state != NULL)
        neurons_get(pass.transposed, B, H, solver->dv, true, gradient->state);
    if (from == 0) {
        synapses_end_backward(&pass.sensory, &pass.sensory_gradient);
        synapses_end_backward(&solver->synapses, &solver->synapse_gradient);
        undo_positive(cell, params, pass.dpositive, gradient->params);
    }
}

/* A synapse: about 20 operations, most of them the exponential's. */
static double flops(const struct cell *cell) {
    struct ltc_solver solver = {.method = method_of(cell), .unfolds = unfolds_of(cell)};
    double evaluations = (double)ltc_evaluations(&solver);
    return 20 * (cell->wiring->sensory.count + evaluations * cell->wiring->neurons.count) +
           8 * evaluations * cell->hidden;
}

static bool configure(struct cell *cell, struct error *error) {
    const struct ltc_options *options = options_of(cell);
    double excitatory = maps_output(cell) ? 2.0 / 3 : 0.5; /* in ncps and in the 2021 release */
    cell->wiring = wiring_create(&options->wiring, cell->hidden, cell->inputs, cell->layer,
                                 excitatory, cell->seed, cell->arena, error);
    if (cell->wiring == NULL)
        return false;
    cell->hidden = cell->state = cell->wiring->units;
    cell->outputs = cell->wiring->motor;
    return true;
}

#define LTC_TYPE                                                                                   \
    .name = "ltc", .title = "LTC",                                                                 \
    .citation = "Hasani, Lechner, Amini, Rus & Grosu, Liquid Time-constant Networks, AAAI 2021",   \
    .parameters = "4H(I + H) + 2I + 5H", .options = ltc_fields,                                    \
    .options_size = sizeof(struct ltc_options), .takes_time = true, .streams = true

static const struct cell_type bare = {
    LTC_TYPE,
    .configure = configure,
    .declare = declare,
    .init = init,
    .workspace = workspace,
    .forward = cell_forward_all,
    .backward = cell_backward_all,
    .forward_steps = forward_steps,
    .backward_steps = backward_steps,
    .constrain = constrain,
    .flops = flops,
};

static const struct cell_type in_memory = {LTC_TYPE, MEMORY_FUNCTIONS, .inner = &bare,
                                           .constants = &memory_of_ncps};

static const struct cell_type *choose(const void *options) {
    return ((const struct ltc_options *)options)->mixed_memory ? &in_memory : &bare;
}

const struct cell_type ISA_NAME(cell_ltc) = {LTC_TYPE, .choose = choose};
