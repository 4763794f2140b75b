#include "engine/wiring.h"

#include "math/random.h"

#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* A wiring while it is drawn. */
struct wiring_draft {
    const struct wiring_options *options;
    int inputs, units, layer;
    int motor, command, inter;
    double excitatory;
    signed char *sensory; /* [inputs][units] */
    signed char *neurons; /* [units][units] */
    gsl_rng *rng;
    struct arena *arena;
};

struct wiring_type {
    const char *name;
    const char *uses; /* its options, each between spaces */
    /* Sets the numbers of neurons. */
    bool (*size)(struct wiring_draft *draft, struct error *error);
    bool (*draw)(struct wiring_draft *draft, struct error *error);
};

/* --- drawing ---------------------------------------------------------------------------------- */

static signed char polarity(struct wiring_draft *draft, double excitatory) {
    return gsl_rng_uniform(draft->rng) < excitatory ? 1 : -1;
}

/* A share 1 − sparsity of the n possible synapses. */
static void draw_share(struct wiring_draft *draft, signed char *synapses, size_t n) {
    struct arena scratch = {0};
    size_t count = (size_t)rint((double)n * (1 - draft->options->sparsity));
    size_t *all = ARENA_NEW(&scratch, size_t, n), *chosen = ARENA_NEW(&scratch, size_t, count);
    for (size_t i = 0; i < n; i++)
        all[i] = i;
    if (count > 0)
        gsl_ran_choose(draft->rng, chosen, count, all, n, sizeof *all);
    for (size_t i = 0; i < count; i++)
        synapses[chosen[i]] = polarity(draft, draft->excitatory);
    arena_free(&scratch);
}

static bool size_plain(struct wiring_draft *draft, struct error *error) {
    int outputs = draft->options->outputs > 0 ? draft->options->outputs : draft->units;
    if (outputs > draft->units)
        return error_set(error, "wiring.outputs: is %d, but there are only %d units", outputs,
                         draft->units);
    draft->motor = outputs;
    draft->inter = draft->units - outputs;
    return true;
}

static bool draw_full(struct wiring_draft *draft, struct error *error) {
    (void)error;
    size_t units = (size_t)draft->units, inputs = (size_t)draft->inputs;
    for (size_t i = 0; i < inputs * units; i++)
        draft->sensory[i] = polarity(draft, draft->excitatory);
    for (size_t i = 0; i < units * units; i++)
        draft->neurons[i] = polarity(draft, draft->excitatory);
    return true;
}

static bool draw_random(struct wiring_draft *draft, struct error *error) {
    (void)error;
    size_t units = (size_t)draft->units, inputs = (size_t)draft->inputs;
    draw_share(draft, draft->sensory, inputs * units);
    draw_share(draft, draft->neurons, units * units);
    return true;
}

/* --- neural circuit policies ------------------------------------------------------------------ */

/* Neighbouring neurons, or all inputs. */
struct neuron_group {
    int first, count;
};

/* Each of `from` is joined with `fan` of `to`, all different; then each of `to` that was left out
 * with as many of `from` as the others have on average. Synapses lead from `from` to `to`, or the
 * reverse. */
static void join(struct wiring_draft *draft, signed char *synapses, struct neuron_group from,
                 struct neuron_group to, int fan, bool backward) {
    struct arena scratch = {0};
    int max = from.count > to.count ? from.count : to.count;
    int *all = ARENA_NEW(&scratch, int, max), *chosen = ARENA_NEW(&scratch, int, max);
    bool *reached = ARENA_NEW(&scratch, bool, to.count);
    for (int i = 0; i < max; i++)
        all[i] = i;
    int mean = (int)((double)from.count * fan / to.count);
    mean = mean < 1 ? 1 : mean > from.count ? from.count : mean;

    for (int i = 0; i < from.count + to.count; i++) {
        bool is_late = i >= from.count; /* one of `to` that may have been left out */
        int own = is_late ? i - from.count : i, count = is_late ? mean : fan;
        if (is_late && reached[own])
            continue;
        gsl_ran_choose(draft->rng, chosen, (size_t)count, all,
                       (size_t)(is_late ? from.count : to.count), sizeof *all);
        for (int k = 0; k < count; k++) {
            int a = from.first + (is_late ? chosen[k] : own);
            int b = to.first + (is_late ? own : chosen[k]);
            reached[b - to.first] = true;
            int source = backward ? b : a, target = backward ? a : b;
            synapses[(size_t)source * (size_t)draft->units + (size_t)target] = polarity(draft, 0.5);
        }
    }
    arena_free(&scratch);
}

static int share(int neurons, double density) {
    int count = (int)(neurons * density);
    return count < 1 ? 1 : count;
}

static bool check_fan(const char *name, int fan, const char *what, int count, struct error *error) {
    return fan <= count || error_set(error, "wiring.%s: is %d, but there are only %d %s neurons",
                                     name, fan, count, what);
}

static bool draw_ncp(struct wiring_draft *draft, struct error *error) {
    const struct wiring_options *options = draft->options;
    double density = 1 - options->sparsity;
    int command = draft->command, inter = draft->inter;
    int sensory_fanout = options->sensory_fanout, inter_fanout = options->inter_fanout;
    int recurrent = options->recurrent_command, motor_fanin = options->motor_fanin;
    sensory_fanout = sensory_fanout > 0 ? sensory_fanout : share(inter, density);
    inter_fanout = inter_fanout > 0 ? inter_fanout : share(command, density);
    recurrent = recurrent > 0 ? recurrent : share(command, density * 2);
    motor_fanin = motor_fanin > 0 ? motor_fanin : share(command, density);
    if (!check_fan("sensory_fanout", sensory_fanout, "inter", inter, error) ||
        !check_fan("inter_fanout", inter_fanout, "command", command, error) ||
        !check_fan("motor_fanin", motor_fanin, "command", command, error))
        return false;

    struct neuron_group inputs = {0, draft->inputs}, motors = {0, draft->motor};
    struct neuron_group commands = {draft->motor, command},
                        inters = {draft->motor + command, inter};
    join(draft, draft->sensory, inputs, inters, sensory_fanout, false);
    join(draft, draft->neurons, inters, commands, inter_fanout, false);
    for (int i = 0; i < recurrent; i++) {
        unsigned long source = gsl_rng_uniform_int(draft->rng, (unsigned long)command);
        unsigned long target = gsl_rng_uniform_int(draft->rng, (unsigned long)command);
        size_t row = (size_t)commands.first + source, column = (size_t)commands.first + target;
        draft->neurons[row * (size_t)draft->units + column] = polarity(draft, 0.5);
    }
    join(draft, draft->neurons, motors, commands, motor_fanin, true);
    return true;
}

static bool size_ncp(struct wiring_draft *draft, struct error *error) {
    const struct wiring_options *options = draft->options;
    if (options->inter == 0 || options->command == 0 || options->motor == 0)
        return error_set(error,
                         "wiring: type \"ncp\" needs \"inter\", \"command\" and \"motor\", each at "
                         "least 1; \"auto_ncp\" finds them from \"units\" and \"outputs\"");
    draft->inter = options->inter;
    draft->command = options->command;
    draft->motor = options->motor;
    return true;
}

/* 4 of 10 of the neurons that are not motor neurons are command neurons. */
static bool size_auto_ncp(struct wiring_draft *draft, struct error *error) {
    int outputs = draft->options->outputs;
    if (draft->units < 4)
        return error_set(error, "wiring.units: is %d, but an auto_ncp needs at least 4",
                         draft->units);
    outputs = outputs > 0 ? outputs : share(draft->units, 0.3);
    if (outputs >= draft->units - 2)
        return error_set(error,
                         "wiring.outputs: %d motor neurons leave too few of the %d units for inter "
                         "and command neurons; at most %d",
                         outputs, draft->units, draft->units - 3);
    draft->motor = outputs;
    draft->command = share(draft->units - outputs, 0.4);
    draft->inter = draft->units - outputs - draft->command;
    return true;
}

/* --- given ------------------------------------------------------------------------------------ */

static bool size_given(struct wiring_draft *draft, struct error *error) {
    const struct wiring_options *options = draft->options;
    if (options->motor == 0)
        return error_set(error, "wiring.motor: is required of a given wiring: its first neurons, "
                                "which are the outputs");
    draft->motor = options->motor;
    draft->command = options->command;
    draft->inter = options->inter;
    return true;
}

/* One synapse, [source, target, polarity]. */
static bool read_synapse(const cJSON *json, int sources, int targets, signed char *synapses) {
    if (!cJSON_IsArray(json) || cJSON_GetArraySize(json) != 3)
        return false;
    double numbers[3];
    for (int i = 0; i < 3; i++) {
        const cJSON *item = cJSON_GetArrayItem(json, i);
        numbers[i] = cJSON_IsNumber(item) ? item->valuedouble : -2;
        if (numbers[i] != floor(numbers[i]) || numbers[i] < (i == 2 ? -1 : 0))
            return false;
    }
    if (numbers[0] >= sources || numbers[1] >= targets || fabs(numbers[2]) != 1)
        return false;
    synapses[(size_t)numbers[0] * (size_t)targets + (size_t)numbers[1]] = (signed char)numbers[2];
    return true;
}

static bool read_synapses(const struct wiring_draft *draft, const cJSON *layer, const char *name,
                          int sources, signed char *synapses, struct error *error) {
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(layer, name);
    if (!cJSON_IsArray(list))
        return error_set(error, "wiring.synapses[%d].%s: must be a list", draft->layer, name);
    int i = 0;
    for (const cJSON *item = list->child; item != NULL; item = item->next, i++)
        if (!read_synapse(item, sources, draft->units, synapses))
            return error_set(error,
                             "wiring.synapses[%d].%s[%d]: must be [source, target, 1 or -1] with a "
                             "source below %d and a target below %d",
                             draft->layer, name, i, sources, draft->units);
    return true;
}

static bool draw_given(struct wiring_draft *draft, struct error *error) {
    const cJSON *layer = cJSON_GetArrayItem(draft->options->synapses, draft->layer);
    if (!cJSON_IsObject(layer))
        return error_set(
            error,
            "wiring.synapses: has no object for layer %d; give each layer {\"sensory\":"
            " [...], \"neurons\": [...]}",
            draft->layer);
    return read_synapses(draft, layer, "sensory", draft->inputs, draft->sensory, error) &&
           read_synapses(draft, layer, "neurons", draft->units, draft->neurons, error);
}

/* In the order of enum wiring_kind. */
static const struct wiring_type wiring_types[] = {
    {"fully_connected", " units outputs ", size_plain, draw_full},
    {"random", " units outputs ", size_plain, draw_random},
    {"ncp", " inter command motor sensory_fanout inter_fanout recurrent_command motor_fanin ",
     size_ncp, draw_ncp},
    {"auto_ncp", " units outputs ", size_auto_ncp, draw_ncp},
    {"given", " units inter command motor synapses ", size_given, draw_given},
};

/* --- options ---------------------------------------------------------------------------------- */

const char *wiring_type_name(size_t position) {
    return position < sizeof wiring_types / sizeof wiring_types[0] ? wiring_types[position].name
                                                                   : NULL;
}

#define AT(member) .offset = offsetof(struct wiring_options, member)
const struct field wiring_fields[] = {
    {"type", FIELD_CHOICE, AT(type), .fallback = "\"fully_connected\"", .choices = wiring_type_name,
     .help =
         "Which synapses exist: all, a random share, those of a Neural Circuit Policy, or those "
         "of a list."},
    {"units", FIELD_INT, AT(units), .fallback = "0", .min = 0, .max = WIRING_MAX_UNITS,
     .help = "Neurons; 0: the model's \"hidden\"."},
    {"outputs", FIELD_INT, AT(outputs), .fallback = "0", .min = 0, .max = WIRING_MAX_UNITS,
     .help = "Motor neurons, which are what the readout sees; 0: all units, in auto_ncp 3 of 10."},
    {"sparsity", FIELD_REAL, AT(sparsity), .fallback = "0.5", .min = 0, .max = 0.95,
     .help = "Share of the possible synapses that do not exist (random, auto_ncp, ncp)."},
    {"inter", FIELD_INT, AT(inter), .fallback = "0", .min = 0, .max = WIRING_MAX_UNITS,
     .help = "Inter neurons of an ncp."},
    {"command", FIELD_INT, AT(command), .fallback = "0", .min = 0, .max = WIRING_MAX_UNITS,
     .help = "Command neurons of an ncp."},
    {"motor", FIELD_INT, AT(motor), .fallback = "0", .min = 0, .max = WIRING_MAX_UNITS,
     .help = "Motor neurons of an ncp, which are what the readout sees."},
    {"sensory_fanout", FIELD_INT, AT(sensory_fanout), .fallback = "0", .min = 0,
     .max = WIRING_MAX_UNITS,
     .help = "Inter neurons that an input of an ncp feeds; 0: from the sparsity."},
    {"inter_fanout", FIELD_INT, AT(inter_fanout), .fallback = "0", .min = 0,
     .max = WIRING_MAX_UNITS,
     .help = "Command neurons that an inter neuron of an ncp feeds; 0: from the sparsity."},
    {"recurrent_command", FIELD_INT, AT(recurrent_command), .fallback = "0", .min = 0, .max = 1e6,
     .help = "Synapses drawn among an ncp's command neurons; 0: from the sparsity."},
    {"motor_fanin", FIELD_INT, AT(motor_fanin), .fallback = "0", .min = 0, .max = WIRING_MAX_UNITS,
     .help = "Command neurons that feed a motor neuron of an ncp; 0: from the sparsity."},
    {"synapses", FIELD_JSON, AT(synapses),
     .help = "Synapses of a given wiring: for each layer {\"sensory\": [[input, neuron, 1 or -1], "
             "...], \"neurons\": [[source, target, 1 or -1], ...]}."},
    {0},
};
#undef AT

bool wiring_options_are_full(const struct wiring_options *options) {
    return options->type == WIRING_FULL;
}

/* An option that its type does not read would be ignored without a word. */
static bool check_uses(const struct wiring_options *options, const struct wiring_type *type,
                       struct error *error) {
    for (const struct field *field = wiring_fields; field->name != NULL; field++) {
        char wanted[64];
        const char *member = (const char *)options + field->offset;
        snprintf(wanted, sizeof wanted, " %s ", field->name);
        bool given = field->type == FIELD_INT ? *(const int *)(const void *)member != 0
                     : field->type == FIELD_JSON
                         ? *(const cJSON *const *)(const void *)member != NULL
                         : false;
        if (given && strstr(type->uses, wanted) == NULL)
            return error_set(error, "wiring.%s: means nothing to type \"%s\", which has%s",
                             field->name, type->name, type->uses);
    }
    return true;
}

/* --- the finished wiring ---------------------------------------------------------------------- */

static struct synapse_list count_synapses(const signed char *adjacency, int sources, int targets) {
    struct synapse_list list = {sources, targets, .adjacency = adjacency};
    for (size_t i = 0; i < (size_t)sources * (size_t)targets; i++)
        list.count += adjacency[i] != 0;
    return list;
}

static void list_synapses(struct synapse_list *list, struct arena *arena) {
    const signed char *adjacency = list->adjacency;
    int sources = list->sources, targets = list->targets, count = 0;
    int *source = ARENA_NEW(arena, int, list->count + 1);
    int *target = ARENA_NEW(arena, int, list->count + 1);
    int *position = ARENA_NEW(arena, int, list->count + 1);
    int *first = ARENA_NEW(arena, int, targets + 1);
    for (int i = 0; i < targets; i++) {
        first[i] = count;
        for (int j = 0; j < sources; j++) {
            if (adjacency[(size_t)j * (size_t)targets + (size_t)i] == 0)
                continue;
            source[count] = j;
            target[count] = i;
            position[count++] = j * targets + i;
        }
    }
    first[targets] = count;
    list->source = source;
    list->target = target;
    list->position = position;
    list->first = first;
}

static const struct wiring *finish(const struct wiring_draft *draft) {
    struct wiring *wiring = ARENA_NEW(draft->arena, struct wiring, 1);
    *wiring = (struct wiring){
        .motor = draft->motor,
        .command = draft->command,
        .inter = draft->inter,
        .units = draft->units,
        .sensory = count_synapses(draft->sensory, draft->inputs, draft->units),
        .neurons = count_synapses(draft->neurons, draft->units, draft->units),
    };
    long all = (long)(draft->inputs + draft->units) * draft->units;
    if ((long)wiring->sensory.count + wiring->neurons.count < all) {
        list_synapses(&wiring->sensory, draft->arena);
        list_synapses(&wiring->neurons, draft->arena);
    }
    return wiring;
}

const struct wiring *wiring_create(const struct wiring_options *options, int hidden, int inputs,
                                   int layer, double excitatory, uint64_t seed, struct arena *arena,
                                   struct error *error) {
    const struct wiring_type *type = &wiring_types[options->type - 1];
    struct wiring_draft draft = {
        .options = options,
        .inputs = inputs,
        .units = options->units > 0 ? options->units : hidden,
        .layer = layer,
        .excitatory = excitatory,
        .arena = arena,
    };
    if (!check_uses(options, type, error) || !type->size(&draft, error))
        return NULL;
    draft.units = draft.motor + draft.command + draft.inter;
    if (draft.units > WIRING_MAX_UNITS || inputs > WIRING_MAX_UNITS) {
        error_set(error, "wiring: has %d neurons and %d inputs; the most is %d", draft.units,
                  inputs, WIRING_MAX_UNITS);
        return NULL;
    }
    char purpose[32];
    snprintf(purpose, sizeof purpose, "wiring %d", layer);
    draft.rng = random_stream(seed, purpose);
    draft.sensory = ARENA_NEW(arena, signed char, (size_t)inputs *(size_t)draft.units);
    draft.neurons = ARENA_NEW(arena, signed char, (size_t)draft.units *(size_t)draft.units);
    bool drawn = type->draw(&draft, error);
    gsl_rng_free(draft.rng);
    return drawn ? finish(&draft) : NULL;
}

static cJSON *synapses_json(const struct synapse_list *list) {
    cJSON *json = cJSON_CreateArray();
    const signed char *polarity = list->adjacency;
    for (int j = 0; j < list->sources; j++)
        for (int i = 0; i < list->targets; i++, polarity++)
            if (*polarity != 0)
                cJSON_AddItemToArray(json, cJSON_CreateIntArray((int[]){j, i, *polarity}, 3));
    return json;
}

cJSON *wiring_json(const struct wiring *const *layers, int count) {
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "type", "given");
    cJSON_AddNumberToObject(json, "motor", layers[0]->motor);
    cJSON_AddNumberToObject(json, "command", layers[0]->command);
    cJSON_AddNumberToObject(json, "inter", layers[0]->inter);
    cJSON *synapses = cJSON_AddArrayToObject(json, "synapses");
    for (int l = 0; l < count; l++) {
        cJSON *layer = cJSON_CreateObject();
        cJSON_AddItemToObject(layer, "sensory", synapses_json(&layers[l]->sensory));
        cJSON_AddItemToObject(layer, "neurons", synapses_json(&layers[l]->neurons));
        cJSON_AddItemToArray(synapses, layer);
    }
    return json;
}
