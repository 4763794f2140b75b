/* Liquid-resistance liquid-capacitance network (Farsang, Neubauer & Grosu, 2024): an LTC whose
 * conductances are saturated and whose capacitance depends on state and input. Inputs are mapped by
 * u = input_w x + input_b; a source j is an input u_j or a neuron v_j (engine/cells/synapses.h):
 *
 *   a_ji = σ(γ_ji (s_j − μ_ji))
 *   f_i = g_i + Σ_j w_ji a_ji
 *   q_i = g_i + Σ_j h_ji a_ji
 *   z = W_e [u; v] + b_e
 *   ε = σ(z + k) − σ(z − k)  symmetric;    σ(z)  asymmetric;    1  none
 *   euler:   v ← v + δ ε (E tanh(q) − σ(f) v)                   δ = Δ / unfolds
 *   fused:   v ← (v + δ ε E tanh(q)) / (1 + δ ε σ(f))
 *   y = output_w v + output_b
 *
 * Without forgetting, τ >= 0 takes the place of σ(f), and there is no w. What the inputs contribute
 * to f, q and z is computed once a step. Arrays of neurons are [B][H], or [H][P] where the synapses
 * want them transposed; S is their size. State: v. */
#include "engine/cell.h"
#include "engine/cells/neuron_arrays.h"
#include "engine/cells/solver.h"
#include "engine/cells/synapses.h"
#include "engine/initial.h"
#include "engine/isa.h"
#include "engine/lrc_step.h"
#include "math/matmul.h"

enum {
    GLEAK,
    VLEAK,
    SIGMA,
    MU,
    H_WEIGHT,
    W,
    SENSORY_SIGMA,
    SENSORY_MU,
    SENSORY_H,
    SENSORY_W,
    SHIFT,
    TAU,
    ELASTANCE_WEIGHT,
    ELASTANCE_BIAS,
    INPUT_W,
    INPUT_B,
    OUTPUT_W,
    OUTPUT_B,
    TENSORS
};

struct lrc_options {
    int elastance, solver, unfolds;
    bool forget;
    struct wiring_options wiring;
};

static const char *elastance_name(size_t position) {
    static const char *const names[] = {"symmetric", "asymmetric", "none", NULL};
    return names[position];
}

#define AT(member) .offset = offsetof(struct lrc_options, member)
static const struct field lrc_fields[] = {
    {"elastance", FIELD_CHOICE, AT(elastance), .fallback = "\"symmetric\"",
     .choices = elastance_name,
     .help = "What the inverse capacitance of a neuron is of its inputs and the state: a "
             "difference of two sigmoids, one sigmoid, or constant."},
    {"solver", FIELD_CHOICE, AT(solver), .fallback = "\"euler\"", .choices = lrc_solver_name,
     .help = "ODE solver: explicit steps, or semi-implicit ones, which no gap is too long for."},
    {"unfolds", FIELD_INT, AT(unfolds), .fallback = "1", .min = 1, .max = 100,
     .help = "Solver steps per observation."},
    {"forget", FIELD_BOOL, AT(forget), .fallback = "true",
     .help = "Let sources open the leak; false: each neuron has a constant one (euler only)."},
    {"wiring", FIELD_OBJECT, AT(wiring), .fields = wiring_fields,
     .help = "Which synapses the neurons have."},
    {0},
};
#undef AT

static const struct lrc_options *options_of(const struct cell *cell) {
    return cell->options;
}

static bool configure(struct cell *cell, struct error *error) {
    const struct lrc_options *options = options_of(cell);
    if (!options->forget && options->solver == LRC_FUSED)
        return error_set(error, "solver \"fused\" needs forget true");
    cell->wiring = wiring_create(&options->wiring, cell->hidden, cell->inputs, cell->layer, 0.5,
                                 cell->seed, cell->arena, error);
    if (cell->wiring == NULL)
        return false;
    cell->hidden = cell->state = cell->wiring->units;
    cell->outputs = cell->wiring->motor;
    return true;
}

/* --- parameters ------------------------------------------------------------------------------- */

/* NULL: a tensor that these options do without. */
static const char *tensor_name(const struct lrc_options *options, int tensor) {
    static const char *const names[] = {"gleak",
                                        "vleak",
                                        "sigma",
                                        "mu",
                                        "h",
                                        "w",
                                        "sensory_sigma",
                                        "sensory_mu",
                                        "sensory_h",
                                        "sensory_w",
                                        "distr_shift",
                                        "tau",
                                        "elastance_mapping.weight",
                                        "elastance_mapping.bias",
                                        "input_w",
                                        "input_b",
                                        "output_w",
                                        "output_b"};
    bool is_there = true;
    if (tensor == W || tensor == SENSORY_W)
        is_there = options->forget;
    else if (tensor == TAU)
        is_there = !options->forget;
    else if (tensor == SHIFT)
        is_there = options->elastance == ELASTANCE_SYMMETRIC;
    else if (tensor == ELASTANCE_WEIGHT || tensor == ELASTANCE_BIAS)
        is_there = options->elastance != ELASTANCE_NONE;
    return is_there ? names[tensor] : NULL;
}

/* NULL: not a tensor of synapses. */
static const struct synapse_list *synapses_of(const struct cell *cell, int tensor) {
    return tensor < SIGMA || tensor > SENSORY_W ? NULL
           : tensor >= SENSORY_SIGMA            ? &cell->wiring->sensory
                                                : &cell->wiring->neurons;
}

static size_t size_of(const struct cell *cell, int tensor) {
    int H = cell->hidden;
    const struct synapse_list *synapses = synapses_of(cell, tensor);
    if (synapses != NULL)
        return (size_t)synapses->count;
    if (tensor == ELASTANCE_WEIGHT)
        return (size_t)H * (size_t)(cell->inputs + H);
    int size = tensor == INPUT_W || tensor == INPUT_B     ? cell->inputs
               : tensor == OUTPUT_W || tensor == OUTPUT_B ? cell->outputs
                                                          : H;
    return (size_t)size;
}

static void declare(struct cell *cell, struct param_list *list) {
    for (int tensor = 0; tensor < TENSORS; tensor++) {
        const char *name = tensor_name(options_of(cell), tensor);
        const struct synapse_list *synapses = synapses_of(cell, tensor);
        const char *mask = tensor == H_WEIGHT    ? "sparsity_mask"
                           : tensor == SENSORY_H ? "sensory_sparsity_mask"
                                                 : NULL;
        if (name == NULL)
            continue;
        if (synapses != NULL)
            cell_param_sparse(cell, list, tensor, name, synapses->sources, synapses->targets,
                              synapses->position, synapses->count, mask);
        else if (tensor == ELASTANCE_WEIGHT)
            cell_param(cell, list, tensor, name, cell->hidden, cell->inputs + cell->hidden);
        else
            cell_param(cell, list, tensor, name, (int)size_of(cell, tensor), 0);
    }
}

/* The numbers of an orthogonal matrix that are at the synapses. */
static void fill_orthogonal_synapses(const struct cell *cell, const struct synapse_list *list,
                                     gsl_rng *rng, real *values) {
    if (synapses_are_full(list)) {
        fill_orthogonal_shaped(rng, list->sources, list->targets, values);
        return;
    }
    real *whole = ARENA_NEW(cell->arena, real, list->sources * list->targets);
    fill_orthogonal_shaped(rng, list->sources, list->targets, whole);
    for (int s = 0; s < list->count; s++)
        values[s] = whole[list->position[s]];
}

/* As the authors' release. */
static void init(const struct cell *cell, real *params, gsl_rng *rng) {
    const struct lrc_options *options = options_of(cell);
    int H = cell->hidden, reads = cell->inputs + H;
    for (int tensor = 0; tensor < TENSORS; tensor++) {
        if (tensor_name(options, tensor) == NULL)
            continue;
        real *values = params + cell->offset[tensor];
        size_t size = size_of(cell, tensor);
        if (tensor == GLEAK || tensor == W || tensor == SENSORY_W)
            fill_uniform(rng, REAL(0.001), 1, size, values);
        else if (tensor == VLEAK)
            fill_uniform(rng, REAL(-0.2), REAL(0.2), size, values);
        else if (tensor == SIGMA || tensor == SENSORY_SIGMA)
            fill_uniform(rng, 3, 8, size, values);
        else if (tensor == MU || tensor == SENSORY_MU)
            fill_uniform(rng, REAL(0.3), REAL(0.8), size, values);
        else if (tensor == H_WEIGHT || tensor == SENSORY_H)
            fill_orthogonal_synapses(cell, synapses_of(cell, tensor), rng, values);
        else if (tensor == ELASTANCE_WEIGHT)
            fill_glorot(rng, reads, H, size, values);
        else
            fill_constant(tensor == ELASTANCE_BIAS || tensor == INPUT_B || tensor == OUTPUT_B ? 0
                                                                                              : 1,
                          size, values);
    }
}

/* Conductances, and the width of the elastance, are not negative. */
static void constrain(const struct cell *cell, real *params) {
    static const int constrained[] = {GLEAK, W, SENSORY_W, SHIFT, TAU};
    for (size_t c = 0; c < sizeof constrained / sizeof constrained[0]; c++) {
        if (tensor_name(options_of(cell), constrained[c]) == NULL)
            continue;
        real *values = params + cell->offset[constrained[c]];
        for (size_t i = 0; i < size_of(cell, constrained[c]); i++)
            values[i] = values[i] < 0 ? 0 : values[i];
    }
}

/* --- one pass over a sequence ----------------------------------------------------------------- */

/* What one solver step keeps for the backward pass, [S] each. */
enum { KEPT_Q, KEPT_F, KEPT_Z, KEPT }; /* tanh(q), σ(f), and z */

struct pass {
    const struct cell *cell;
    int batch, transposed;
    size_t size; /* S */
    const real *value[TENSORS];
    real *gradient[TENSORS];
    struct synapses sensory, neurons;
    struct synapse_gradient sensory_gradient, neuron_gradient;
    real *no_w, *no_dw; /* without forgetting: weights that are 0, and where gradients go lost */
    real *transposed_inputs; /* [I][H] and [H][H] of W_e, for arrays [B][H] */
    real *transposed_neurons;
    real *u;            /* [T] arrays of I mapped inputs */
    real *v;            /* [T][unfolds + 1][S] */
    real *kept;         /* [T][unfolds][KEPT][S] */
    real *sensory_sums; /* [KEPT][S] what the inputs contribute to q, f and z */
    real *lengths;      /* [B] or [P] δ of each stream */
    /* backward only */
    real *dv, *dsensory, *du, *dlengths; /* as v, sensory sums, u and lengths */
    real *dsums;                         /* [2][S] of q and f */
    real *dz;                            /* [unfolds][S] */
};

static size_t streams_of(const struct pass *pass) {
    return (size_t)(pass->transposed > 0 ? pass->transposed : pass->batch);
}

static real *kept_at(const struct pass *pass, int t, int unfold) {
    size_t unfolds = (size_t)options_of(pass->cell)->unfolds;
    return pass->kept + ((size_t)t * unfolds + (size_t)unfold) * KEPT * pass->size;
}

static real *state_at(const struct pass *pass, int t, int unfold) {
    size_t unfolds = (size_t)options_of(pass->cell)->unfolds;
    return pass->v + ((size_t)t * (unfolds + 1) + (size_t)unfold) * pass->size;
}

static real *inputs_at(const struct pass *pass, int t) {
    return pass->u + (size_t)t * streams_of(pass) * (size_t)pass->cell->inputs;
}

/* Of the inputs or of the neurons. */
static size_t max_synapses(const struct cell *cell) {
    size_t sensory = size_of(cell, SENSORY_SIGMA), neurons = size_of(cell, SIGMA);
    return sensory > neurons ? sensory : neurons;
}

static size_t lay_out(const struct cell *cell, int T, int B, enum phase phase, real *memory,
                      struct pass *pass) {
    const struct lrc_options *options = options_of(cell);
    const struct wiring *wiring = cell->wiring;
    bool is_transposed = B > 1 && !synapses_are_full(&wiring->neurons);
    bool has_elastance = options->elastance != ELASTANCE_NONE;
    size_t H = (size_t)cell->hidden, I = (size_t)cell->inputs, steps = (size_t)T;
    size_t unfolds = (size_t)options->unfolds;
    struct scratch scratch = {.memory = memory};
    pass->cell = cell;
    pass->batch = B;
    pass->transposed = is_transposed ? padded_streams(B) : 0;
    size_t streams = streams_of(pass), size = streams * H;
    pass->size = size;
    pass->no_w = scratch_take(&scratch, options->forget ? 0 : max_synapses(cell));
    pass->transposed_inputs = scratch_take(&scratch, has_elastance ? I * H : 0);
    pass->transposed_neurons = scratch_take(&scratch, has_elastance ? H * H : 0);
    pass->u = scratch_take(&scratch, steps * streams * I);
    pass->v = scratch_take(&scratch, steps * (unfolds + 1) * size);
    pass->kept = scratch_take(&scratch, steps * unfolds * KEPT * size);
    pass->sensory_sums = scratch_take(&scratch, KEPT * size);
    pass->lengths = scratch_take(&scratch, streams);
    synapses_take(&pass->sensory, &wiring->sensory, pass->transposed, &scratch);
    synapses_take(&pass->neurons, &wiring->neurons, pass->transposed, &scratch);
    if (phase != PHASE_TRAIN)
        return scratch.size;
    pass->no_dw = scratch_take(&scratch, options->forget ? 0 : max_synapses(cell));
    pass->dv = scratch_take(&scratch, size);
    pass->dsums = scratch_take(&scratch, 2 * size);
    pass->dz = scratch_take(&scratch, unfolds * size);
    pass->dsensory = scratch_take(&scratch, KEPT * size);
    pass->du = scratch_take(&scratch, streams * I);
    pass->dlengths = scratch_take(&scratch, streams);
    synapses_take_backward(&pass->sensory, &scratch);
    synapses_take_backward(&pass->neurons, &scratch);
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
    bool forget = options_of(cell)->forget;
    lay_out(cell, sequence->steps, sequence->batch, sequence->phase, memory, &pass);
    for (int tensor = 0; tensor < TENSORS; tensor++) {
        if (tensor_name(options_of(cell), tensor) == NULL)
            continue;
        pass.value[tensor] = params + cell->offset[tensor];
        pass.gradient[tensor] = gradient == NULL ? NULL : gradient + cell->offset[tensor];
    }
    const real **from = pass.value;
    real **to = pass.gradient;
    for (int s = 0; s < 2; s++) {
        int first = s == 0 ? SIGMA : SENSORY_SIGMA;
        struct synapses *synapses = s == 0 ? &pass.neurons : &pass.sensory;
        struct synapse_gradient *into = s == 0 ? &pass.neuron_gradient : &pass.sensory_gradient;
        synapses->values = (struct synapse_values){
            .sigma = from[first],
            .mu = from[first + MU - SIGMA],
            .h = from[first + H_WEIGHT - SIGMA],
            .w = forget ? from[first + W - SIGMA] : pass.no_w,
        };
        *into = (struct synapse_gradient){
            .sigma = to[first],
            .mu = to[first + MU - SIGMA],
            .h = to[first + H_WEIGHT - SIGMA],
            .w = forget ? to[first + W - SIGMA] : pass.no_dw,
        };
    }
    return pass;
}

static void prepare(const struct pass *pass) {
    const struct cell *cell = pass->cell;
    int I = cell->inputs, H = cell->hidden;
    const real *weight = pass->value[ELASTANCE_WEIGHT];
    if (!options_of(cell)->forget)
        zero(max_synapses(cell), pass->no_w);
    if (weight != NULL) {
        matrix_transpose(H, I, weight, I + H, pass->transposed_inputs);
        matrix_transpose(H, H, weight + I, I + H, pass->transposed_neurons);
    }
    synapses_prepare(&pass->sensory);
    synapses_prepare(&pass->neurons);
}

/* z [S] += columns [first, first + n) of W_e times an array of n numbers a stream. */
static void elastance_add(const struct pass *pass, int first, int n, const real *transposed_weight,
                          const real *array, real *z) {
    int H = pass->cell->hidden, reads = pass->cell->inputs + H, P = pass->transposed;
    const real *weight = pass->value[ELASTANCE_WEIGHT];
    if (weight == NULL)
        return;
    if (P > 0)
        matmul_nn(H, P, n, weight + first, reads, array, P, z, P, true);
    else
        matmul_nn(pass->batch, H, n, array, n, transposed_weight, H, z, H, true);
}

/* to [S] = a parameter of the neurons [H]. */
static void spread(const struct pass *pass, const real *parameter, real *to) {
    for (int i = 0; pass->transposed > 0 && i < pass->cell->hidden; i++, to += pass->transposed)
        fill_constant(parameter[i], (size_t)pass->transposed, to);
    if (pass->transposed == 0)
        fill_rows((size_t)pass->batch, pass->cell->hidden, parameter, to);
}

/* The reverse: dparameter [H] += the sums over streams of d [S]. */
static void add_over_streams(const struct pass *pass, const real *d, real *dparameter) {
    for (int i = 0; pass->transposed > 0 && i < pass->cell->hidden; i++)
        for (int b = 0; b < pass->transposed; b++)
            dparameter[i] += *d++;
    if (pass->transposed == 0)
        add_column_sums((size_t)pass->batch, pass->cell->hidden, d, dparameter);
}

/* What the inputs of step t contribute to q, f and z, with g and b_e. */
static void sense(const struct pass *pass, int t) {
    size_t S = pass->size;
    real *q = pass->sensory_sums, *f = q + S, *z = f + S;
    spread(pass, pass->value[GLEAK], q);
    copy(S, q, f);
    if (pass->value[ELASTANCE_BIAS] != NULL)
        spread(pass, pass->value[ELASTANCE_BIAS], z);
    synapses_forward(&pass->sensory, pass->batch, inputs_at(pass, t), q, f);
    elastance_add(pass, 0, pass->cell->inputs, pass->transposed_inputs, inputs_at(pass, t), z);
}

/* δ of step t; 0 beyond the last stream. */
static void set_lengths(const struct pass *pass, const struct sequence *sequence, int t) {
    zero(streams_of(pass), pass->lengths);
    ode_step_lengths(sequence, t, 1 / (real)options_of(pass->cell)->unfolds, pass->lengths);
}

/* A run of numbers that have a parameter or a δ in common: one stream's neurons, or transposed
 * one neuron's streams. */
struct run {
    size_t first, length;
    int neuron;          /* of its first number */
    const real *lengths; /* δ of its first number */
};

static size_t runs_of(const struct pass *pass) {
    return (size_t)(pass->transposed > 0 ? pass->cell->hidden : pass->batch);
}

static struct run run_at(const struct pass *pass, size_t number) {
    bool is_transposed = pass->transposed > 0;
    size_t length = (size_t)(is_transposed ? pass->transposed : pass->cell->hidden);
    return (struct run){
        .first = number * length,
        .length = length,
        .neuron = is_transposed ? (int)number : 0,
        .lengths = pass->lengths + (is_transposed ? 0 : number),
    };
}

/* A parameter of the neurons, or δ: one number for all of a run, or one for each of `count` numbers
 * from j on. */
static inline vector along(const real *values, size_t j, int count, bool is_one) {
    return is_one ? (vector){0} + values[0] : vector_load_first(values + j, count);
}

static inline const real *at_neuron(const real *parameter, int neuron) {
    return parameter == NULL ? NULL : parameter + neuron;
}

/* One solver step of `count` numbers of a run, from j on: q and f, whole sums, become tanh(q) and
 * σ(f); v becomes `after`. `kind`, `fused` and `transposed` are constant where this is inlined. */
static inline __attribute__((always_inline)) void
step_lanes(const struct pass *pass, struct run run, size_t j, int count, int kind, bool fused,
           bool transposed, const real *v, real *kept, real *after) {
    const real *tau = at_neuron(pass->value[TAU], run.neuron);
    const real *shift = at_neuron(pass->value[SHIFT], run.neuron);
    real *q_run = kept + run.first, *f_run = q_run + pass->size, *z_run = f_run + pass->size;
    vector q = vector_tanh(vector_load_first(q_run + j, count));
    vector f = tau == NULL ? vector_sigmoid(vector_load_first(f_run + j, count))
                           : along(tau, j, count, transposed);
    vector k = kind == ELASTANCE_SYMMETRIC ? along(shift, j, count, transposed) : (vector){0};
    vector moved = lrc_step(fused, along(run.lengths, j, count, !transposed),
                            elastance_of(kind, vector_load_first(z_run + j, count), k),
                            along(pass->value[VLEAK] + run.neuron, j, count, transposed), q, f,
                            vector_load_first(v + run.first + j, count));
    vector_store_first(q, q_run + j, count);
    vector_store_first(f, f_run + j, count);
    vector_store_first(moved, after + run.first + j, count);
}

static inline __attribute__((always_inline)) void step_runs(const struct pass *pass, int kind,
                                                            bool fused, bool transposed,
                                                            const real *v, real *kept,
                                                            real *after) {
    for (size_t number = 0; number < runs_of(pass); number++) {
        struct run run = run_at(pass, number);
        size_t j = 0;
        for (; j + LANES <= run.length; j += LANES)
            step_lanes(pass, run, j, LANES, kind, fused, transposed, v, kept, after);
        if (j < run.length)
            step_lanes(pass, run, j, (int)(run.length - j), kind, fused, transposed, v, kept,
                       after);
    }
}

/* Streams that do not move keep their state, whatever their inputs are. */
static void hold(const struct pass *pass, const real *v, real *after) {
    int H = pass->cell->hidden, P = pass->transposed;
    for (int b = 0; b < pass->batch; b++)
        for (int i = 0; pass->lengths[b] == 0 && i < H; i++)
            after[neuron_place(P, H, b, i)] = v[neuron_place(P, H, b, i)];
}

/* What the backward pass sums over a run. */
enum { SUMS = 4 };
static const int summed[SUMS] = {GLEAK, VLEAK, SHIFT, TAU};

/* Back through step_lanes(): dv of the state after becomes that of the one before but for what goes
 * through q, f and z, whose gradients are written to dsums and dz. */
static inline __attribute__((always_inline)) void
step_lanes_backward(const struct pass *pass, struct run run, size_t j, int count, int kind,
                    bool fused, bool transposed, const real *v, const real *kept, const real *after,
                    real *dz, vector sums[SUMS], vector *dlength) {
    size_t S = pass->size, at = run.first + j;
    bool forget = pass->value[TAU] == NULL;
    const real *shift = at_neuron(pass->value[SHIFT], run.neuron);
    vector f = vector_load_first(kept + S + at, count);
    vector k = kind == ELASTANCE_SYMMETRIC ? along(shift, j, count, transposed) : (vector){0};
    struct lrc_gradient d = lrc_step_backward(
        fused, along(run.lengths, j, count, !transposed),
        elastance_of(kind, vector_load_first(kept + 2 * S + at, count), k),
        along(pass->value[VLEAK] + run.neuron, j, count, transposed),
        vector_load_first(kept + at, count), f, vector_load_first(v + at, count),
        vector_load_first(after + at, count), vector_load_first(pass->dv + at, count));
    vector df = forget ? d.f * (f - f * f) : (vector){0};
    vector terms[SUMS] = {d.q + df, d.e, d.k, d.f};
    vector_store_first(d.q, pass->dsums + at, count);
    vector_store_first(df, pass->dsums + S + at, count);
    vector_store_first(d.z, dz + at, count);
    vector_store_first(d.v, pass->dv + at, count);
    for (int s = 0; s < SUMS; s++)
        if (transposed)
            sums[s] += terms[s];
        else if (pass->value[summed[s]] != NULL)
            vector_add_first(terms[s], pass->gradient[summed[s]] + j, count);
    if (transposed)
        vector_add_first(d.delta, pass->dlengths + j, count);
    *dlength += d.delta;
}

static inline __attribute__((always_inline)) void
step_runs_backward(const struct pass *pass, int kind, bool fused, bool transposed, const real *v,
                   const real *kept, const real *after, real *dz) {
    for (size_t number = 0; number < runs_of(pass); number++) {
        struct run run = run_at(pass, number);
        vector sums[SUMS] = {{0}}, dlength = {0};
        size_t j = 0;
        for (; j + LANES <= run.length; j += LANES)
            step_lanes_backward(pass, run, j, LANES, kind, fused, transposed, v, kept, after, dz,
                                sums, &dlength);
        if (j < run.length)
            step_lanes_backward(pass, run, j, (int)(run.length - j), kind, fused, transposed, v,
                                kept, after, dz, sums, &dlength);
        for (int s = 0; s < SUMS && transposed; s++)
            if (pass->value[summed[s]] != NULL)
                pass->gradient[summed[s]][run.neuron] += vector_sum(sums[s]);
        if (!transposed)
            pass->dlengths[number] += vector_sum(dlength);
    }
}

/* Calls `function` with constant kind, fused and transposed: once for all runs of a solver step. */
#define LRC_CHOOSE_TRANSPOSED(function, kind, fused, ...)                                          \
    do {                                                                                           \
        if (pass->transposed > 0)                                                                  \
            function(pass, kind, fused, true, __VA_ARGS__);                                        \
        else                                                                                       \
            function(pass, kind, fused, false, __VA_ARGS__);                                       \
    } while (0)
#define LRC_CHOOSE_KIND(function, fused, ...)                                                      \
    do {                                                                                           \
        int kind = options_of(pass->cell)->elastance;                                              \
        if (kind == ELASTANCE_SYMMETRIC)                                                           \
            LRC_CHOOSE_TRANSPOSED(function, ELASTANCE_SYMMETRIC, fused, __VA_ARGS__);              \
        else if (kind == ELASTANCE_ASYMMETRIC)                                                     \
            LRC_CHOOSE_TRANSPOSED(function, ELASTANCE_ASYMMETRIC, fused, __VA_ARGS__);             \
        else                                                                                       \
            LRC_CHOOSE_TRANSPOSED(function, ELASTANCE_NONE, fused, __VA_ARGS__);                   \
    } while (0)
#define LRC_CHOOSE(function, ...)                                                                  \
    do {                                                                                           \
        if (options_of(pass->cell)->solver == LRC_FUSED)                                           \
            LRC_CHOOSE_KIND(function, true, __VA_ARGS__);                                          \
        else                                                                                       \
            LRC_CHOOSE_KIND(function, false, __VA_ARGS__);                                         \
    } while (0)

/* All solver steps of sequence step t, from state_at(t, 0) on. */
static void solve(const struct pass *pass, int t) {
    size_t S = pass->size;
    int H = pass->cell->hidden;
    for (int unfold = 0; unfold < options_of(pass->cell)->unfolds; unfold++) {
        const real *v = state_at(pass, t, unfold);
        real *q = kept_at(pass, t, unfold), *f = q + S, *z = f + S,
             *after = state_at(pass, t, unfold + 1);
        copy(KEPT * S, pass->sensory_sums, q);
        synapses_forward(&pass->neurons, pass->batch, v, q, f);
        elastance_add(pass, pass->cell->inputs, H, pass->transposed_neurons, v, z);
        LRC_CHOOSE(step_runs, v, q, after);
        hold(pass, v, after);
    }
}

static void forward(const struct cell *cell, const real *params, const struct sequence *sequence,
                    real *y, real *final, real *memory) {
    int T = sequence->steps, B = sequence->batch, I = cell->inputs, H = cell->hidden;
    int O = cell->outputs, unfolds = options_of(cell)->unfolds;
    struct pass pass = begin_pass(cell, params, sequence, NULL, memory);
    if (!sequence->is_prepared)
        prepare(&pass);
    if (sequence->state == NULL)
        zero(pass.size, state_at(&pass, 0, 0));
    else
        neurons_put(pass.transposed, B, H, sequence->state, state_at(&pass, 0, 0));
    for (int t = 0; t < T; t++) {
        const real *after = state_at(&pass, t, unfolds);
        if (t > 0)
            copy(pass.size, state_at(&pass, t - 1, unfolds), state_at(&pass, t, 0));
        neurons_map_in(pass.transposed, B, I, pass.value[INPUT_W], pass.value[INPUT_B],
                       sequence->x + (size_t)(t * B) * (size_t)I, inputs_at(&pass, t));
        sense(&pass, t);
        set_lengths(&pass, sequence, t);
        solve(&pass, t);
        neurons_map_out(pass.transposed, B, H, O, pass.value[OUTPUT_W], pass.value[OUTPUT_B], after,
                        y + (size_t)(t * B) * (size_t)O);
    }
    if (final != NULL)
        neurons_get(pass.transposed, B, H, state_at(&pass, T - 1, unfolds), false, final);
}

/* Back through elastance_add(), from `count` dz [S] and arrays one behind the other: the weight's
 * columns +=. */
static void elastance_weight_backward(const struct pass *pass, int first, int n, int count,
                                      const real *dz, const real *arrays) {
    int H = pass->cell->hidden, reads = pass->cell->inputs + H, P = pass->transposed;
    if (pass->value[ELASTANCE_WEIGHT] == NULL)
        return;
    real *dweight = pass->gradient[ELASTANCE_WEIGHT] + first;
    for (int i = 0; P > 0 && i < count; i++)
        matmul_nt(H, n, P, dz + (size_t)i * pass->size, P, arrays + (size_t)(i * n * P), P, dweight,
                  reads, true);
    if (P == 0)
        matmul_tn(H, n, count * pass->batch, dz, H, arrays, n, dweight, reads, true);
}

/* The same from one dz: the array's gradient +=. */
static void elastance_array_backward(const struct pass *pass, int first, int n, const real *dz,
                                     real *darray) {
    int H = pass->cell->hidden, reads = pass->cell->inputs + H, P = pass->transposed;
    const real *weight = pass->value[ELASTANCE_WEIGHT];
    if (weight == NULL)
        return;
    if (P > 0)
        matmul_tn(n, P, H, weight + first, reads, dz, P, darray, P, true);
    else
        matmul_nn(pass->batch, n, H, dz, H, weight + first, reads, darray, n, true);
}

static void solve_backward(const struct pass *pass, int t) {
    size_t S = pass->size;
    int I = pass->cell->inputs, H = pass->cell->hidden, unfolds = options_of(pass->cell)->unfolds;
    real *dq = pass->dsums, *df = dq + S;
    zero(KEPT * S, pass->dsensory);
    zero(streams_of(pass), pass->dlengths);
    for (int unfold = unfolds; unfold-- > 0;) {
        const real *v = state_at(pass, t, unfold), *after = state_at(pass, t, unfold + 1);
        const real *kept = kept_at(pass, t, unfold);
        real *dz = pass->dz + (size_t)unfold * S;
        LRC_CHOOSE(step_runs_backward, v, kept, after, dz);
        add(2 * S, pass->dsums, pass->dsensory);
        add(S, dz, pass->dsensory + 2 * S);
        synapses_backward(&pass->neurons, pass->batch, v, dq, df, pass->dv, &pass->neuron_gradient);
        elastance_array_backward(pass, I, H, dz, pass->dv);
    }
    elastance_weight_backward(pass, I, H, unfolds, pass->dz, state_at(pass, t, 0));
}

/* Back through the inputs of step t: their synapses, their part of the elastance, their map. */
static void sense_backward(const struct pass *pass, const struct sequence *sequence, int t,
                           real *dx) {
    int B = pass->batch, I = pass->cell->inputs, P = pass->transposed;
    size_t S = pass->size, first = (size_t)(t * B) * (size_t)I;
    const real *dq = pass->dsensory, *df = dq + S, *dz = df + S;
    real *dbias = pass->gradient[ELASTANCE_BIAS];
    zero(streams_of(pass) * (size_t)I, pass->du);
    synapses_backward(&pass->sensory, B, inputs_at(pass, t), dq, df, pass->du,
                      &pass->sensory_gradient);
    elastance_weight_backward(pass, 0, I, 1, dz, inputs_at(pass, t));
    elastance_array_backward(pass, 0, I, dz, pass->du);
    if (dbias != NULL)
        add_over_streams(pass, dz, dbias);
    neurons_map_in_backward(P, B, I, pass->value[INPUT_W], sequence->x + first, pass->du,
                            pass->gradient[INPUT_W], pass->gradient[INPUT_B],
                            dx != NULL ? dx + first : NULL);
}

static void backward(const struct cell *cell, const real *params, const struct sequence *sequence,
                     const struct cell_gradient *gradient, real *memory) {
    int B = sequence->batch, H = cell->hidden, O = cell->outputs;
    int unfolds = options_of(cell)->unfolds;
    struct pass pass = begin_pass(cell, params, sequence, gradient->params, memory);

    synapses_begin_backward(&pass.sensory);
    synapses_begin_backward(&pass.neurons);
    if (gradient->final == NULL)
        zero(pass.size, pass.dv);
    else
        neurons_put(pass.transposed, B, H, gradient->final, pass.dv);
    for (int t = sequence->steps; t-- > 0;) {
        neurons_map_out_backward(pass.transposed, B, H, O, pass.value[OUTPUT_W],
                                 gradient->y + (size_t)(t * B) * (size_t)O,
                                 state_at(&pass, t, unfolds), pass.dv, pass.gradient[OUTPUT_W],
                                 pass.gradient[OUTPUT_B]);
        set_lengths(&pass, sequence, t);
        solve_backward(&pass, t);
        ode_add_elapsed_gradient(sequence, t, 1 / (real)unfolds, pass.dlengths, gradient->elapsed);
        sense_backward(&pass, sequence, t, gradient->x);
    }
    if (gradient->state != NULL)
        neurons_get(pass.transposed, B, H, pass.dv, true, gradient->state);
    synapses_end_backward(&pass.sensory, &pass.sensory_gradient);
    synapses_end_backward(&pass.neurons, &pass.neuron_gradient);
}

/* A synapse: about 20 operations, most of them the exponential's. */
static double flops(const struct cell *cell) {
    const struct lrc_options *options = options_of(cell);
    double H = cell->hidden, I = cell->inputs, unfolds = options->unfolds;
    double elastance = options->elastance == ELASTANCE_NONE ? 0 : 2 * H;
    return 20 * (cell->wiring->sensory.count + unfolds * cell->wiring->neurons.count) +
           elastance * (I + unfolds * H) + 60 * unfolds * H;
}

const struct cell_type ISA_NAME(cell_lrc) = {
    .name = "lrc",
    .title = "LRC",
    .citation = "Farsang, Neubauer & Grosu, Liquid Resistance Liquid Capacitance Networks, NeuroAI "
                "workshop at NeurIPS 2024",
    .parameters = "5H(I + H) + 6H + 2I, asymmetric H less",
    .options = lrc_fields,
    .options_size = sizeof(struct lrc_options),
    .takes_time = true,
    .streams = true,
    .configure = configure,
    .constrain = constrain,
    CELL_FUNCTIONS,
};
