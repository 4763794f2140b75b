/* Wirings: which synapses a liquid network has, and whether each excites or inhibits.
 *
 * The types: "fully_connected"; "random", a share of all synapses; "ncp", the Neural Circuit
 * Policies of Lechner et al. (Nature Machine Intelligence 2020): inputs (sensory neurons) feed
 * inter neurons, those command neurons, which also feed each other, and those motor neurons, which
 * are the outputs; "auto_ncp", an ncp sized from its number of units as in ncps; "given", a list of
 * synapses.
 *
 * Neurons are numbered as in ncps: motor, command, inter. Synapses that do not exist are neither
 * computed nor stored nor counted: the parameters of a sparse wiring's synapses are packed in the
 * order of its list. */
#ifndef ENGINE_WIRING_H
#define ENGINE_WIRING_H

#include "base/arena.h"
#include "base/error.h"
#include "base/fields.h"

#include <stdint.h>

enum { WIRING_MAX_UNITS = 16384 };

enum wiring_kind { WIRING_FULL = 1, WIRING_RANDOM, WIRING_NCP, WIRING_AUTO_NCP, WIRING_GIVEN };

struct wiring_options {
    int type;           /* enum wiring_kind */
    int units, outputs; /* 0: the cell's hidden size; as many as the type has by default */
    double sparsity;
    int inter, command, motor, sensory_fanout, inter_fanout, recurrent_command, motor_fanin;
    const cJSON *synapses; /* of type "given": one object a layer */
};

extern const struct field wiring_fields[];

const char *wiring_type_name(size_t position);

/* Synapses from `sources` to `targets`. */
struct synapse_list {
    int sources, targets;
    int count;
    const signed char *adjacency; /* [sources][targets] polarity: 1 excites, -1 inhibits, 0: none */
    /* By target, then by source; NULL in a full wiring. */
    const int *source, *target; /* [count] */
    const int *first;           /* [targets + 1] target i has first[i] .. first[i+1] - 1 */
    const int *position;        /* [count] in the matrix [sources][targets] */
};

struct wiring {
    int motor, command, inter; /* numbers of neurons; without command neurons it has no layers */
    int units;
    struct synapse_list sensory; /* from inputs [I] to neurons [N] */
    struct synapse_list neurons; /* [N] to [N] */
};

/* Draws the wiring of layer `layer`, which reads `inputs` inputs, from the seed's stream "wiring
 * <layer>". `excitatory` is the probability of an excitatory synapse where the type does not say
 * (an ncp has as many of either kind). `hidden` stands in for absent units. NULL on errors, which
 * name the option. */
const struct wiring *wiring_create(const struct wiring_options *options, int hidden, int inputs,
                                   int layer, double excitatory, uint64_t seed, struct arena *arena,
                                   struct error *error);

/* A wiring without any choice in it: "fully_connected". */
bool wiring_options_are_full(const struct wiring_options *options);

/* Whether the wiring is full: every input and neuron is joined to every neuron. */
static inline bool synapses_are_full(const struct synapse_list *list) {
    return list->source == NULL;
}

/* Options of type "given" that make these wirings again, one a layer. cJSON_Delete() it. */
cJSON *wiring_json(const struct wiring *const *layers, int count);

#endif
