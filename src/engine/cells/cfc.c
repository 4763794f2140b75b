/* Closed-form continuous-time network (engine/cells/cfc_layer.h): one layer with a backbone, or on a
 * wiring, as ncps.torch.WiredCfCCell, a chain of layers without: the inter, the command and the
 * motor neurons of an ncp, each layer reading the one before it; on a wiring without command
 * neurons a single layer. The wiring masks what ff1 and ff2 read of the layer before; what a layer
 * reads of its own state is dense. State of a wired one: [h_inter; h_command; h_motor]. */
#include "engine/activation.h"
#include "engine/cells/cfc_layer.h"
#include "engine/cells/mixed_memory.h"
#include "engine/kernels.h"

#include <string.h>

enum { MAX_LAYERS = 3 };

static const char *mode_name(size_t position) {
    static const char *const names[] = {"default", "no_gate", "pure", NULL};
    return names[position];
}

static const char *variant_name(size_t position) {
    static const char *const names[] = {"ncps", "hasani2022", NULL};
    return names[position];
}

static const char *head_activation_name(size_t position) {
    static const char *const names[] = {"lecun_tanh", "tanh", NULL};
    return names[position];
}

#define AT(member) .offset = offsetof(struct backbone_options, member)
static const struct field backbone_fields[] = {
    {"units", FIELD_INT, AT(units), .fallback = "128", .min = 1, .max = 65536,
     .help = "Width of each backbone layer."},
    {"layers", FIELD_INT, AT(layers), .fallback = "1", .min = 0, .max = CFC_MAX_BACKBONE_LAYERS,
     .help = "Number of backbone layers; 0: the heads read [x; h] themselves."},
    {"activation", FIELD_CHOICE, AT(activation), .fallback = "\"lecun_tanh\"",
     .choices = activation_name, .help = "Activation after each backbone layer."},
    {"dropout", FIELD_REAL, AT(dropout), .fallback = "0", .min = 0, .max = 0.95,
     .help = "Probability of dropping a backbone unit in training: after every layer but the "
             "first, or in the variant hasani2022 after every layer."},
    {0},
};
#undef AT

#define AT(member) .offset = offsetof(struct cfc_options, member)
const struct field cfc_fields[] = {
    {"mode", FIELD_CHOICE, AT(mode), .fallback = "\"default\"", .choices = mode_name,
     .help = "Form of the update: gated (default), no_gate, or the pure closed-form solution."},
    {"variant", FIELD_CHOICE, AT(variant), .fallback = "\"ncps\"", .choices = variant_name,
     .help = "Details as in ncps, or as in the authors' release of 2022: lecun_tanh heads, a gate "
             "that closes with time, dropout after every backbone layer, biases that start at 0."},
    {"head_activation", FIELD_CHOICE, AT(head_activation), .choices = head_activation_name,
     .help = "Activation of the two heads; default: tanh, or lecun_tanh in hasani2022."},
    {"init_gain", FIELD_REAL, AT(init_gain), .fallback = "1", .min = 0, .max = 100,
     .help = "Factor of the Glorot weights at the start."},
    {"mixed_memory", FIELD_BOOL, AT(mixed_memory), .fallback = "false",
     .help = "Put an LSTM's memory around the cell (CfC-mmRNN)."},
    {"backbone", FIELD_OBJECT, AT(backbone), .fields = backbone_fields,
     .help = "Layers shared by the heads; a CfC on a sparse wiring has none."},
    {"wiring", FIELD_OBJECT, AT(wiring), .fields = wiring_fields,
     .help = "Which synapses the neurons have; fully_connected: one layer with its backbone."},
    {0},
};
#undef AT

/* --- the chain of layers on a wiring ---------------------------------------------------------- */

/* Its layers are cell->inner; their states stand in its own one after the other. */

static void chain_declare(struct cell *cell, struct param_list *list) {
    for (int l = 0; l < cell->inner_count; l++)
        cell->inner[l].type->declare(&cell->inner[l], list);
}

static void chain_init(const struct cell *cell, real *params, gsl_rng *rng) {
    for (int l = 0; l < cell->inner_count; l++)
        cell->inner[l].type->init(&cell->inner[l], params, rng);
}

struct workspace {
    real *y[MAX_LAYERS];   /* [T][B][units] */
    real *own[MAX_LAYERS]; /* each layer's workspace */
    real *before, *after;  /* [B][N] a layer's part of the states, or of their gradients */
    real *dy[MAX_LAYERS];  /* [T][B][units] backward only */
};

/* Gives the workspace its memory, or counts it. */
static size_t lay_out(const struct cell *cell, int steps, int batch, enum phase phase, real *memory,
                      struct workspace *work) {
    size_t B = (size_t)batch, rows = (size_t)steps * B;
    struct scratch scratch = {.memory = memory};
    for (int l = 0; l < cell->inner_count; l++) {
        const struct cell *layer = &cell->inner[l];
        work->y[l] = scratch_take(&scratch, rows * (size_t)layer->hidden);
        work->own[l] = scratch_take(&scratch, layer->type->workspace(layer, steps, batch, phase));
    }
    work->before = scratch_take(&scratch, B * (size_t)cell->hidden);
    work->after = scratch_take(&scratch, B * (size_t)cell->hidden);
    for (int l = 0; phase == PHASE_TRAIN && l < cell->inner_count; l++)
        work->dy[l] = scratch_take(&scratch, rows * (size_t)cell->inner[l].hidden);
    return scratch.size;
}

static size_t chain_workspace(const struct cell *cell, int steps, int batch, enum phase phase) {
    struct workspace work;
    return lay_out(cell, steps, batch, phase, NULL, &work);
}

static void chain_forward_steps(const struct cell *cell, const real *params,
                                const struct sequence *sequence, int from, int to, real *y,
                                real *final, real *memory) {
    int B = sequence->batch, N = cell->hidden, last = cell->inner_count - 1, first = 0;
    size_t O = (size_t)cell->outputs, units = (size_t)cell->inner[last].hidden;
    struct workspace work;
    lay_out(cell, sequence->steps, B, sequence->phase, memory, &work);
    for (int l = 0; l <= last; l++) {
        const struct cell *layer = &cell->inner[l];
        struct sequence own = *sequence;
        own.x = l == 0 ? sequence->x : work.y[l - 1];
        own.state = work.before;
        load_state(sequence, N, first, layer->hidden, work.before);
        layer->type->forward_steps(layer, params, &own, from, to, work.y[l], work.after,
                                   work.own[l]);
        store_state(B, N, first, layer->hidden, work.after, final);
        first += layer->hidden;
    }
    for (size_t n = (size_t)(from * B); n < (size_t)(to * B); n++)
        copy(O, work.y[last] + n * units, y + n * O);
}

static void chain_backward_steps(const struct cell *cell, const real *params,
                                 const struct sequence *sequence, int from, int to,
                                 const struct cell_gradient *gradient, real *memory) {
    int B = sequence->batch, N = cell->hidden, last = cell->inner_count - 1, first = N;
    size_t O = (size_t)cell->outputs, units = (size_t)cell->inner[last].hidden;
    size_t first_row = (size_t)(from * B), end = (size_t)(to * B);
    struct workspace work;
    lay_out(cell, sequence->steps, B, PHASE_TRAIN, memory, &work);
    zero((end - first_row) * units, work.dy[last] + first_row * units);
    for (size_t n = first_row; n < end; n++)
        copy(O, gradient->y + n * O, work.dy[last] + n * units);
    for (int l = last; l >= 0; l--) {
        const struct cell *layer = &cell->inner[l];
        struct sequence own = *sequence;
        struct cell_gradient flow = *gradient;
        own.x = l == 0 ? sequence->x : work.y[l - 1];
        flow.y = work.dy[l];
        flow.x = l == 0 ? gradient->x : work.dy[l - 1];
        flow.final = work.after;
        flow.state = work.before;
        first -= layer->hidden;
        load_final_gradient(gradient, B, N, first, layer->hidden, work.after);
        zero((size_t)B * (size_t)layer->hidden, work.before);
        layer->type->backward_steps(layer, params, &own, from, to, &flow, work.own[l]);
        add_state(B, N, first, layer->hidden, work.before, gradient->state);
    }
}

static double chain_flops(const struct cell *cell) {
    double total = 0;
    for (int l = 0; l < cell->inner_count; l++)
        total += cell->inner[l].type->flops(&cell->inner[l]);
    return total;
}

/* A layer that reads the sources [from, from + inputs) of `list` and consists of its targets
 * [to, to + units): which entries of the weights [units][inputs + units] exist. */
static const struct cfc_layer *mask_layer(const struct synapse_list *list, int from, int inputs,
                                          int to, int units, const char *prefix,
                                          struct arena *arena) {
    struct cfc_layer *layer = ARENA_NEW(arena, struct cfc_layer, 1);
    int *position = ARENA_NEW(arena, int, (size_t)units *(size_t)(inputs + units)), count = 0;
    for (int i = 0; i < units; i++) {
        for (int j = 0; j < inputs + units; j++) {
            size_t synapse =
                (size_t)(from + (j < inputs ? j : 0)) * (size_t)list->targets + (size_t)(to + i);
            if (j >= inputs || list->adjacency[synapse] != 0)
                position[count++] = i * (inputs + units) + j;
        }
    }
    *layer = (struct cfc_layer){.prefix = prefix, .position = position, .count = count};
    return layer;
}

/* The layers of a wiring, inputs first. Neurons are numbered from the motor neurons on. */
static void make_layers(struct cell *cell, const struct wiring *wiring) {
    static const char *const prefixes[] = {"layer_0.", "layer_1.", "layer_2."};
    int sizes[] = {wiring->inter, wiring->command, wiring->motor};
    cell->inner_count = MAX_LAYERS;
    if (wiring->command == 0) {
        cell->inner_count = 1;
        sizes[0] = wiring->units;
    }
    cell->inner = ARENA_NEW(cell->arena, struct cell, cell->inner_count);
    for (int l = 0, to = wiring->units; l < cell->inner_count; l++) {
        const struct synapse_list *list = l == 0 ? &wiring->sensory : &wiring->neurons;
        int from = l == 0 ? 0 : to, reads = l == 0 ? cell->inputs : sizes[l - 1], units = sizes[l];
        struct cell *layer = &cell->inner[l];
        to -= units;
        *layer = *cell;
        layer->type = &cfc_layer_type;
        layer->inputs = reads;
        layer->hidden = layer->outputs = layer->state = units;
        layer->own = mask_layer(list, from, reads, to, units, prefixes[l], cell->arena);
    }
}

static bool chain_configure(struct cell *cell, struct error *error) {
    const struct cfc_options *options = cell->options;
    if (options->mixed_memory && options->variant == CFC_HASANI2022)
        return error_set(error, "wiring: the variant hasani2022 has none with mixed_memory; remove "
                                "one of the three");
    const struct wiring *wiring =
        wiring_create(&options->wiring, cell->hidden, cell->inputs, cell->layer, 2.0 / 3,
                      cell->seed, cell->arena, error);
    if (wiring == NULL)
        return false;
    make_layers(cell, wiring);
    cell->wiring = wiring;
    cell->hidden = cell->state = wiring->units;
    cell->outputs = wiring->motor;
    return true;
}

/* --- what the options ask for ----------------------------------------------------------------- */

static const struct cell_type chain = {
    CFC_TYPE,
    .configure = chain_configure,
    .declare = chain_declare,
    .init = chain_init,
    .workspace = chain_workspace,
    .forward = cell_forward_all,
    .backward = cell_backward_all,
    .forward_steps = chain_forward_steps,
    .backward_steps = chain_backward_steps,
    .flops = chain_flops,
};

static const struct cell_type plain_memory = {CFC_TYPE, MEMORY_FUNCTIONS, .inner = &cfc_layer_type,
                                              .constants = &memory_of_ncps};
static const struct cell_type wired_memory = {CFC_TYPE, MEMORY_FUNCTIONS, .inner = &chain,
                                              .constants = &memory_of_ncps};
static const struct cell_type hasani2022_memory = {
    CFC_TYPE, MEMORY_FUNCTIONS, .inner = &cfc_layer_type, .constants = &memory_of_hasani2022};

static const struct cell_type *choose(const void *given) {
    const struct cfc_options *options = given;
    bool is_wired = !wiring_options_are_full(&options->wiring);
    if (!options->mixed_memory)
        return is_wired ? &chain : &cfc_layer_type;
    return is_wired                             ? &wired_memory
           : options->variant == CFC_HASANI2022 ? &hasani2022_memory
                                                : &plain_memory;
}

const struct cell_type ISA_NAME(cell_cfc) = {CFC_TYPE, .choose = choose};
