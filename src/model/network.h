/* A network: stacked cells and a linear readout. */
#ifndef MODEL_NETWORK_H
#define MODEL_NETWORK_H

#include "engine/cell.h"
#include "model/normalization.h"

/* What every entry of a config's "models" says, beside the cell's own options. */
struct network_options {
    const char *cell;
    int hidden, layers;
    bool time_input;          /* elapsed time is an additional input */
    int readout;              /* enum readout; 0: of each step */
    int normalize;            /* enum normalize; 0: none */
    int readout_init;         /* enum readout_init; 0: as torch.nn.Linear */
    const void *cell_options; /* the struct that the cell's option table fills */
};

enum readout { READOUT_STEP = 1, READOUT_MEAN };
enum readout_init { READOUT_INIT_TORCH = 1, READOUT_INIT_HE };

extern const struct field network_fields[]; /* cell, hidden, layers, time_input, readout,
                                               normalize, readout_init */

struct network {
    int inputs;  /* of the data; a time input comes on top */
    int outputs; /* of the readout */
    bool time_input;
    bool averages; /* outputs are the means of the readouts of all present steps so far; their sum
                      [outputs] and number follow the cells' states in a stream's state */
    struct normalization normalization;
    int layers;
    struct cell *cells; /* [layers] */
    struct param_list params;
    size_t readout_weight, readout_bias; /* where the readout's tensors begin; behind them
                                            are only those of the normalization */
    int state;                           /* numbers per stream */
    int readout_init;                    /* as in the options */
    readout_function readout;
    const struct layout *step_layout; /* of the scratch memory of network_step() */
};

/* `flags`: as in struct cell, for the first layer. `seed` is the trial's: wirings are drawn from
 * it; everything else about the network is the same for every seed. */
bool network_create(struct network *network, const struct network_options *options, int inputs,
                    int flags, int outputs, uint64_t seed, struct arena *arena,
                    struct error *error);

/* Means [flags] of the inputs that have a flag, to which unobserved values fade (GRU-D); kept by
 * reference. Zeros without this. */
void network_set_means(struct network *network, const double *means);
/* Says which inputs the targets of a network that normalizes are: its outputs are [horizon][targets],
 * in units of input target_input[k] · scale[k] + shift[k]. To be called before the first pass. */
void network_set_targets(struct network *network, int targets, const int *target_input,
                         const double *scale, const double *shift);

/* Puts the wirings that were drawn in the place of `model`'s "wiring", so that a network made from
 * this config has the very same synapses, whatever its seed. Nothing happens when there are none.
 */
void network_write_wiring(const struct network *network, cJSON *model);

/* Initial parameters, a function of the seed alone. */
void network_init(const struct network *network, real *params, uint64_t seed);

/* Numbers of scratch memory for a phase. */
size_t network_workspace(const struct network *network, int steps, int batch, enum phase phase);

/* out [T][B][outputs]. sequence.x is [T][B][network.inputs]. The states, sequence.state and `final`
 * (NULL: not wanted; may be the same), are those of all layers, one after the other: of layer l
 * [B][S]; then, of a network that averages, [B][outputs + 1]. */
void network_forward(const struct network *network, const real *params,
                     const struct sequence *sequence, enum phase phase, real *out, real *final,
                     real *workspace);

/* d loss / d outputs and states; NULL: the states' are zeros, or not wanted. */
struct network_gradient {
    const real *out;   /* [T][B][outputs] given */
    const real *final; /* given, of the final states */
    real *params;      /* += */
    real *state;       /* += , of the initial states */
    real *x; /* = [T][B][inputs of the first cell], with a time input among them; not of a network
                that normalizes */
};

/* Follows network_forward() of the same sequence in PHASE_TRAIN, with the same workspace. */
void network_backward(const struct network *network, const real *params,
                      const struct sequence *sequence, const struct network_gradient *gradient,
                      real *workspace);

/* Streaming: x [inputs], `time` since the stream began and `elapsed` since the last step (1 at the
 * first), state [network.state] in and out (zeros at the start), out [outputs]; workspace of one
 * step and one stream, PHASE_EVALUATE. is_prepared: false at the first step with
 * these parameters, then true, which spares getting the weights ready again. */
bool network_streams(const struct network *network);
void network_step(const struct network *network, const real *params, const real *x, double time,
                  real elapsed, bool is_prepared, real *state, real *out, real *workspace);

/* Keeps constrained parameters in their range; call after each update. */
void network_constrain(const struct network *network, real *params);

/* Floating-point operations of one step of one stream, readout included. */
double network_flops(const struct network *network);

#endif
