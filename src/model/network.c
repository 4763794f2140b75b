#include "model/network.h"

#include "math/matmul.h"
#include "math/random.h"

#include <gsl/gsl_randist.h>
#include <math.h>
#include <string.h>

enum { MAX_LAYERS = 64 };

static const char *readout_name(size_t position) {
    static const char *const names[] = {"step", "mean", NULL};
    return names[position];
}

static const char *readout_init_name(size_t position) {
    static const char *const names[] = {"torch", "he", NULL};
    return names[position];
}

#define AT(member) .offset = offsetof(struct network_options, member)
const struct field network_fields[] = {
    {"cell", FIELD_STRING, AT(cell), .choices = cell_type_name, .required = true,
     .help = "The recurrent cell; `liquidbench list models` shows them all."},
    {"hidden", FIELD_INT, AT(hidden), .fallback = "32", .min = 1, .max = 65536,
     .help = "Hidden units of each layer."},
    {"layers", FIELD_INT, AT(layers), .fallback = "1", .min = 1, .max = MAX_LAYERS,
     .help = "Stacked layers."},
    {"time_input", FIELD_BOOL, AT(time_input), .fallback = "false",
     .help = "Feed the elapsed time of each step as an additional input."},
    {"readout", FIELD_CHOICE, AT(readout), .choices = readout_name,
     .help = "Outputs are the readout of each step, or the mean over all steps so far, as with "
             "task.at \"mean\"; absent: of each step."},
    {"normalize", FIELD_CHOICE, AT(normalize), .choices = normalize_name,
     .help = "How each window is normalised by itself, set by task.normalize; absent: not at all."},
    {"readout_init", FIELD_CHOICE, AT(readout_init), .choices = readout_init_name,
     .help = "Initial weights of the readout: uniform as torch.nn.Linear has them, or normal of "
             "variance 2 / inputs (He); absent: torch."},
    {0},
};
#undef AT

/* Width of what the readout reads. */
static int last_outputs(const struct network *network) {
    return network->cells[network->layers - 1].outputs;
}

/* Where the parts of a network's scratch memory begin. Layer l reads input[l], writes input[l + 1]
 * and works in cell[l]; its gradients flow from gradient[l + 1] to gradient[l]. input[0] is used
 * with a time input only, gradient[0] by a network that learns its normalization only. */
struct layout {
    size_t cell[MAX_LAYERS], input[MAX_LAYERS + 1], gradient[MAX_LAYERS + 1];
    size_t readout_gradient; /* of a network that averages */
    /* Of a network that normalizes: what it reads, m and s, outputs as denormalize() keeps them,
     * and their gradients. */
    size_t normal, statistics, kept, kept_gradient;
    enum phase phase;
    size_t size;
};

static struct layout layout_of(const struct network *network, int steps, int batch,
                               enum phase phase) {
    struct layout layout = {.phase = phase};
    bool trains = phase == PHASE_TRAIN;
    size_t rows = (size_t)steps * (size_t)batch;
    layout.size += network->time_input ? rows * ((size_t)network->inputs + 1) : 0;
    for (int l = 0; l < network->layers; l++) {
        const struct cell *cell = &network->cells[l];
        layout.cell[l] = layout.size;
        layout.size += cell->type->workspace(cell, steps, batch, phase);
        layout.input[l + 1] = layout.size;
        layout.size += rows * (size_t)cell->outputs;
        layout.gradient[l + 1] = layout.size;
        layout.size += trains ? rows * (size_t)cell->outputs : 0;
    }
    layout.readout_gradient = layout.size;
    size_t outputs = rows * (size_t)network->outputs;
    layout.size += trains && network->averages ? outputs : 0;
    if (network->normalization.kind == 0)
        return layout;
    layout.normal = layout.size;
    layout.statistics = layout.normal + rows * (size_t)network->inputs;
    layout.kept = layout.statistics + normalization_statistics(&network->normalization, batch);
    layout.kept_gradient = layout.kept + (trains ? outputs : 0);
    layout.gradient[0] = layout.kept_gradient + (trains ? outputs : 0);
    layout.size = layout.gradient[0] + (trains ? rows * (size_t)network->cells[0].inputs : 0);
    return layout;
}

bool network_create(struct network *network, const struct network_options *options, int inputs,
                    int flags, int outputs, uint64_t seed, struct arena *arena,
                    struct error *error) {
    *network = (struct network){
        .inputs = inputs,
        .outputs = outputs,
        .time_input = options->time_input,
        .averages = options->readout == READOUT_MEAN,
        .normalization = {.kind = options->normalize,
                          .inputs = inputs,
                          .channels = inputs - flags,
                          .outputs = outputs},
        .readout_init = options->readout_init,
        .layers = options->layers,
        .cells = ARENA_NEW(arena, struct cell, options->layers),
        .params = {.arena = arena},
    };
    const struct cell_type *type = cell_type_find(options->cell);
    int reads = inputs + (options->time_input ? 1 : 0);
    for (int l = 0; l < options->layers; l++) {
        struct cell *cell = &network->cells[l];
        if (!cell_create(cell, type, l, options->layers, reads, l == 0 ? flags : 0, options->hidden,
                         options->cell_options, seed, arena, error))
            return false;
        cell->type->declare(cell, &network->params);
        network->state += cell->state;
        reads = cell->outputs;
    }
    network->state += network->averages ? outputs + 1 : 0;
    network->readout_weight = param_declare(&network->params, "readout.weight", outputs, reads);
    network->readout_bias = param_declare(&network->params, "readout.bias", outputs, 0);
    normalization_declare(&network->normalization, &network->params);
    network->readout = cell_readout();
    struct layout *step = ARENA_NEW(arena, struct layout, 1);
    *step = layout_of(network, 1, 1, PHASE_EVALUATE);
    network->step_layout = step;
    return true;
}

void network_set_means(struct network *network, const double *means) {
    network->cells[0].means = means;
}

void network_set_targets(struct network *network, int targets, const int *target_input,
                         const double *scale, const double *shift) {
    network->normalization.targets = targets;
    network->normalization.target_input = target_input;
    network->normalization.scale = scale;
    network->normalization.shift = shift;
}

void network_write_wiring(const struct network *network, cJSON *model) {
    const struct wiring *wirings[MAX_LAYERS];
    bool is_full = true;
    for (int l = 0; l < network->layers; l++) {
        wirings[l] = network->cells[l].wiring;
        if (wirings[l] == NULL)
            return;
        is_full = is_full && synapses_are_full(&wirings[l]->neurons);
    }
    if (is_full) /* polarities alone, which the parameters hold */
        return;
    cJSON_DeleteItemFromObjectCaseSensitive(model, "wiring");
    cJSON_AddItemToObject(model, "wiring", wiring_json(wirings, network->layers));
}

void network_init(const struct network *network, real *params, uint64_t seed) {
    gsl_rng *rng = random_stream(seed, "initial parameters");
    for (int l = 0; l < network->layers; l++)
        network->cells[l].type->init(&network->cells[l], params, rng);
    /* As torch.nn.Linear. */
    double bound = 1 / sqrt((double)last_outputs(network));
    for (size_t i = network->readout_weight; i < network->params.size; i++)
        params[i] = (real)(bound * (2 * gsl_rng_uniform(rng) - 1));
    /* He, Zhang, Ren & Sun 2015; torch.nn.init.kaiming_normal_. */
    if (network->readout_init == READOUT_INIT_HE)
        for (size_t i = network->readout_weight; i < network->readout_bias; i++)
            params[i] = (real)gsl_ran_gaussian(rng, bound * M_SQRT2);
    normalization_init(&network->normalization, params);
    gsl_rng_free(rng);
}

size_t network_workspace(const struct network *network, int steps, int batch, enum phase phase) {
    return layout_of(network, steps, batch, phase).size;
}

/* Where layer l's states begin among those of all layers. */
static size_t states_before(const struct network *network, int l, int batch) {
    size_t before = 0;
    for (int i = 0; i < l; i++)
        before += (size_t)network->cells[i].state;
    return before * (size_t)batch;
}

/* The sequence that layer l reads. */
static struct sequence layer_sequence(const struct network *network, int l,
                                      const struct sequence *sequence, const struct layout *layout,
                                      const real *workspace) {
    struct sequence own = *sequence;
    own.phase = layout->phase;
    if (l > 0 || network->time_input)
        own.x = workspace + layout->input[l];
    else if (network->normalization.kind != 0)
        own.x = workspace + layout->normal;
    if (sequence->state != NULL)
        own.state = sequence->state + states_before(network, l, sequence->batch);
    own.dropout = sequence->dropout == 0 ? 0 : sequence->dropout + (uint64_t)l;
    return own;
}

/* [T][B][I] -> [T][B][I + 1] with the elapsed time last, but before the observation flags. */
static void append_elapsed(const struct network *network, const struct sequence *sequence,
                           real *to) {
    size_t rows = (size_t)sequence->steps * (size_t)sequence->batch;
    size_t flags = (size_t)network->cells[0].flags, values = (size_t)network->inputs - flags;
    for (size_t n = 0; n < rows; n++, to += values + 1 + flags) {
        const real *x = sequence->x + n * (values + flags);
        memcpy(to, x, values * sizeof *to);
        to[values] = sequence->elapsed[n];
        memcpy(to + values + 1, x + values, flags * sizeof *to);
    }
}

/* Sum and number of the readouts before step t, of stream b: those of the state, then those of the
 * present steps. */
static const real *readouts_before(const struct network *network, const struct sequence *sequence,
                                   int b) {
    if (sequence->state == NULL)
        return NULL;
    return sequence->state + states_before(network, network->layers, sequence->batch) +
           b * (network->outputs + 1);
}

static bool is_present(const struct sequence *sequence, int t, int b) {
    return sequence->mask == NULL || sequence->mask[t * sequence->batch + b] != 0;
}

/* Readouts [T][B][O] become their means so far; before the first present step they stay. */
static void average(const struct network *network, const struct sequence *sequence, real *out,
                    real *final) {
    int B = sequence->batch, O = network->outputs;
    for (int b = 0; b < B; b++) {
        const real *before = readouts_before(network, sequence, b);
        real count = before != NULL ? before[O] : 0;
        real *to =
            final == NULL ? NULL : final + states_before(network, network->layers, B) + b * (O + 1);
        for (int o = 0; o < O; o++) {
            real sum = before != NULL ? before[o] : 0, seen = count;
            for (int t = 0; t < sequence->steps; t++) {
                real *own = out + (size_t)(t * B + b) * (size_t)O + o;
                if (is_present(sequence, t, b)) {
                    sum += *own;
                    seen++;
                }
                if (seen > 0)
                    *own = sum / seen;
            }
            if (to != NULL)
                to[o] = sum;
        }
        for (int t = 0; t < sequence->steps; t++)
            count += is_present(sequence, t, b);
        if (to != NULL)
            to[O] = count;
    }
}

/* From the gradients of the means to those of the readouts [T][B][O]. */
static void average_backward(const struct network *network, const struct sequence *sequence,
                             const struct network_gradient *gradient, const real *dout,
                             real *readout_gradient) {
    int B = sequence->batch, O = network->outputs;
    size_t place = states_before(network, network->layers, B);
    for (int b = 0; b < B; b++) {
        const real *before = readouts_before(network, sequence, b);
        real start = before != NULL ? before[O] : 0, count = start;
        for (int t = 0; t < sequence->steps; t++)
            count += is_present(sequence, t, b);
        for (int o = 0; o < O; o++) {
            real seen = count, dsum = 0;
            if (gradient->final != NULL)
                dsum = gradient->final[place + (size_t)(b * (O + 1) + o)];
            for (int t = sequence->steps; t-- > 0;) {
                size_t at = (size_t)(t * B + b) * (size_t)O + (size_t)o;
                bool present = is_present(sequence, t, b);
                dsum += seen > 0 ? dout[at] / seen : 0;
                readout_gradient[at] = present ? dsum : seen > 0 ? 0 : dout[at];
                seen -= present;
            }
            if (gradient->state != NULL)
                gradient->state[place + (size_t)(b * (O + 1) + o)] += dsum;
        }
    }
}

static void forward(const struct network *network, const real *params,
                    const struct sequence *sequence, const struct layout *layout, real *out,
                    real *final, real *workspace) {
    struct sequence normal = *sequence;
    const struct normalization *normalization = &network->normalization;
    real *statistics = workspace + layout->statistics;
    if (normalization->kind != 0) {
        normalize(normalization, params, sequence, statistics, workspace + layout->normal);
        normal.x = workspace + layout->normal;
    }
    if (network->time_input)
        append_elapsed(network, &normal, workspace + layout->input[0]);
    for (int l = 0; l < network->layers; l++) {
        const struct cell *cell = &network->cells[l];
        struct sequence own = layer_sequence(network, l, sequence, layout, workspace);
        size_t states = states_before(network, l, sequence->batch);
        cell->type->forward(cell, params, &own, workspace + layout->input[l + 1],
                            final != NULL ? final + states : NULL, workspace + layout->cell[l]);
    }
    network->readout(sequence->steps * sequence->batch, last_outputs(network), network->outputs,
                     workspace + layout->input[network->layers], params + network->readout_weight,
                     params + network->readout_bias, out);
    if (network->averages)
        average(network, sequence, out, final);
    if (normalization->kind != 0)
        denormalize(normalization, params, sequence->steps, sequence->batch, statistics,
                    layout->phase == PHASE_TRAIN ? workspace + layout->kept : NULL, out);
}

void network_forward(const struct network *network, const real *params,
                     const struct sequence *sequence, enum phase phase, real *out, real *final,
                     real *workspace) {
    struct layout layout = layout_of(network, sequence->steps, sequence->batch, phase);
    forward(network, params, sequence, &layout, out, final, workspace);
}

/* From out_gradient [T][B][O] to that of the last layer's outputs. */
static void readout_backward(const struct network *network, const real *params, int rows,
                             const real *hidden, const real *out_gradient, real *gradient,
                             real *hidden_gradient) {
    int reads = last_outputs(network), outputs = network->outputs;
    matmul_tn(outputs, reads, rows, out_gradient, outputs, hidden, reads,
              gradient + network->readout_weight, reads, true);
    real *bias_gradient = gradient + network->readout_bias;
    for (int n = 0; n < rows; n++)
#pragma omp simd
        for (int o = 0; o < outputs; o++)
            bias_gradient[o] += out_gradient[n * outputs + o];
    matmul_nn(rows, reads, outputs, out_gradient, outputs, params + network->readout_weight, reads,
              hidden_gradient, reads, false);
}

void network_backward(const struct network *network, const real *params,
                      const struct sequence *sequence, const struct network_gradient *gradient,
                      real *workspace) {
    int batch = sequence->batch;
    struct layout layout = layout_of(network, sequence->steps, batch, PHASE_TRAIN);
    const struct normalization *normalization = &network->normalization;
    const real *dreadout = gradient->out, *statistics = workspace + layout.statistics;
    bool affine = normalization_is_affine(normalization);
    if (normalization->kind != 0) {
        dreadout = workspace + layout.kept_gradient;
        denormalize_backward(normalization, params, sequence->steps, batch, statistics,
                             workspace + layout.kept, gradient->out,
                             workspace + layout.kept_gradient, gradient->params);
    }
    if (network->averages) {
        average_backward(network, sequence, gradient, dreadout,
                         workspace + layout.readout_gradient);
        dreadout = workspace + layout.readout_gradient;
    }
    readout_backward(network, params, sequence->steps * batch,
                     workspace + layout.input[network->layers], dreadout, gradient->params,
                     workspace + layout.gradient[network->layers]);
    for (int l = network->layers; l-- > 0;) {
        const struct cell *cell = &network->cells[l];
        size_t states = states_before(network, l, batch);
        struct sequence own = layer_sequence(network, l, sequence, &layout, workspace);
        struct cell_gradient flow = {
            .y = workspace + layout.gradient[l + 1],
            .final = gradient->final != NULL ? gradient->final + states : NULL,
            .params = gradient->params,
            .x = l > 0 || affine ? workspace + layout.gradient[l] : gradient->x,
            .state = gradient->state != NULL ? gradient->state + states : NULL,
        };
        cell->type->backward(cell, params, &own, &flow, workspace + layout.cell[l]);
    }
    if (affine)
        normalize_backward(normalization, sequence, statistics, workspace + layout.gradient[0],
                           network->cells[0].inputs, gradient->params);
}

bool network_streams(const struct network *network) {
    return network->cells[0].type->streams && network->normalization.kind == 0;
}

void network_step(const struct network *network, const real *params, const real *x, double time,
                  real elapsed, bool is_prepared, real *state, real *out, real *workspace) {
    double before = time + 1 - (double)elapsed; /* where the first step of a stream begins at 0 */
    struct sequence step = {.steps = 1,
                            .batch = 1,
                            .x = x,
                            .elapsed = &elapsed,
                            .state = state,
                            .time = &before,
                            .is_prepared = is_prepared};
    forward(network, params, &step, network->step_layout, out, state, workspace);
}

void network_constrain(const struct network *network, real *params) {
    for (int l = 0; l < network->layers; l++)
        if (network->cells[l].type->constrain != NULL)
            network->cells[l].type->constrain(&network->cells[l], params);
}

double network_flops(const struct network *network) {
    double total = 2.0 * last_outputs(network) * network->outputs;
    for (int l = 0; l < network->layers; l++)
        total += network->cells[l].type->flops(&network->cells[l]);
    return total;
}
