/* The seam between the trainer and the models: a recurrent cell.
 *
 * A cell type is what a config calls "lstm", "ltc", "cfc", ...: one file in engine/cells/ that
 * exports one constant, and one line in engine/cells/cell_table.c. It sees whole sequences, time-major,
 * so that input products and weight gradients over all steps are one matrix product each.
 *
 * Dimensions: T steps, B batch, I inputs, H hidden units, O outputs, S numbers of state per stream.
 * A step whose mask is 0 holds the state; its output is that of the held state. */
#ifndef ENGINE_CELL_H
#define ENGINE_CELL_H

#include "base/error.h"
#include "base/fields.h"
#include "engine/params.h"
#include "engine/wiring.h"
#include "math/real.h"

#include <gsl/gsl_rng.h>
#include <stdint.h>

enum { CELL_MAX_PARAMS = 48 };

struct cell_type;

/* One configured layer. */
struct cell {
    const struct cell_type *type; /* the named one, or the one that it chose; never changes */
    int inputs;                   /* I */
    int flags; /* the last `flags` inputs say 1/0 whether the first ones were observed; else 0 */
    const double *means; /* [flags] of those first inputs in training, as scaled; NULL: zeros */
    int hidden;          /* H */
    int outputs;         /* O; set by configure(), H unless it says otherwise */
    int state;           /* S; set by configure(), H unless it says otherwise */
    int layer, layers;   /* position in the stack, from 0, and how many there are */
    uint64_t seed;       /* the trial's, for what configure() draws */
    struct arena *arena; /* where configure() may keep things */
    const void *options; /* the struct that type->options fills */
    const struct wiring *wiring; /* set by configure(); NULL: the cell has none */
    const void *own;             /* whatever else configure() worked out */
    struct cell *inner; /* [inner_count] the cells that a composite consists of, by configure() */
    int inner_count;
    size_t offset[CELL_MAX_PARAMS]; /* where each tensor begins in the network's parameters */
};

enum phase { PHASE_TRAIN, PHASE_EVALUATE };

struct sequence {
    int steps, batch;    /* T, B */
    enum phase phase;    /* that the workspace is sized for; PHASE_TRAIN when backward() follows */
    const real *x;       /* [T][B][I] */
    const real *elapsed; /* [T][B] time since the last present step */
    const real *mask;    /* [T][B] 1 present, 0 absent; NULL: all present */
    const real *state;   /* [B][S] before the first step; NULL: zeros */
    const double *time;  /* [B] since the series began, before the first step, too. Only cells
                            with a rhythm ask. NULL: what the state holds, less exactly */
    uint64_t dropout;    /* seed of this pass's dropout; 0: none (evaluation) */
    int earlier; /* steps before these of the same window, when it comes in segments: where dropout
                    goes on counting */
    bool
        is_prepared; /* the workspace still holds what the forward() before, of the same shape, phase
                         and parameters, derived from the parameters (transposed or packed weights) */
};

/* What backward() is given and what it adds to. Every output is added to, not overwritten, except
 * x, which is written. NULL outputs are not wanted. */
struct cell_gradient {
    const real *y;     /* [T][B][O] given: d loss / d output */
    const real *final; /* [B][S] given: d loss / d final state; NULL: zeros */
    real *params;      /* += */
    real *x;           /* [T][B][I] = */
    real *state;       /* [B][S] += : of the initial state */
    real *elapsed;     /* [T][B] += */
};

struct cell_type {
    const char *name, *title, *citation;
    /* Their number of one layer without a wiring: "4H(I + H + 2)", with I and H as above, or
     * "HM, M = scales" with an option. */
    const char *parameters;
    const struct field *options; /* its own config fields; NULL: none */
    size_t options_size;
    int states;       /* S / H; 0: 1, unless configure() says otherwise */
    bool takes_time;  /* uses elapsed time */
    bool streams;     /* reads forward only, so one step at a time gives the same outputs */
    bool torch_names; /* tensors of layer l are called name_l<l>, as torch.nn.LSTM does; otherwise
                         those of layers above the first are called layers.<l>.name */

    /* Of a name that stands for several types: the one that the options ask for. It has the same
     * name and options, and all that follows. NULL: this one. */
    const struct cell_type *(*choose)(const void *options);
    const struct cell_type *inner; /* of the cell that this one puts something around; NULL: none */
    const void *constants;         /* whatever else tells apart types that share functions */
    /* Checks the options, draws the wiring and sets outputs and state (a wiring, also hidden);
     * NULL when there is nothing to do. */
    bool (*configure)(struct cell *cell, struct error *error);
    /* Declares each tensor once, through cell_param(). */
    void (*declare)(struct cell *cell, struct param_list *list);
    void (*init)(const struct cell *cell, real *params, gsl_rng *rng);
    /* Numbers of scratch memory that a pass over T steps and B streams needs. */
    size_t (*workspace)(const struct cell *cell, int steps, int batch, enum phase phase);
    /* y [T][B][O]; final [B][S] may be NULL, and may be sequence->state itself: streaming is a
     * sequence of one step. Leaves in `workspace` what backward() needs. */
    void (*forward)(const struct cell *cell, const real *params, const struct sequence *sequence,
                    real *y, real *final, real *workspace);
    /* Follows a forward() of the same sequence, of PHASE_TRAIN, with the same workspace. */
    void (*backward)(const struct cell *cell, const real *params, const struct sequence *sequence,
                     const struct cell_gradient *gradient, real *workspace);
    /* For a composite that computes something between the steps: forward() and backward() of the
     * steps [from, to) alone, with sequence->state before step `from` and the workspace of the whole
     * sequence. Parts come one after the other, in the backward pass in reverse: what is derived
     * from the parameters and their gradients are still made once for all steps. NULL: not to be had;
     * else forward() and backward() are cell_forward_all() and cell_backward_all(). */
    void (*forward_steps)(const struct cell *cell, const real *params,
                          const struct sequence *sequence, int from, int to, real *y, real *final,
                          real *workspace);
    void (*backward_steps)(const struct cell *cell, const real *params,
                           const struct sequence *sequence, int from, int to,
                           const struct cell_gradient *gradient, real *workspace);
    /* Projects the parameters after an update; NULL: unconstrained. */
    void (*constrain)(const struct cell *cell, real *params);
    /* Floating-point operations of one step of one stream. */
    double (*flops)(const struct cell *cell);
};

/* For a cell's constant, where its functions have these names. */
#define CELL_FUNCTIONS                                                                             \
    .declare = declare, .init = init, .workspace = workspace, .forward = forward,                  \
    .backward = backward, .flops = flops

/* The cell types compiled for the best instruction set of this processor (or the one that
 * $LIQUIDBENCH_ISA names: "portable", "avx2", "avx512"). NULL after the last / when unknown. */
const struct cell_type *cell_type_at(size_t position);
const struct cell_type *cell_type_find(const char *name);
const char *cell_type_name(size_t position);
const char *cell_isa(void);

/* False when $LIQUIDBENCH_ISA names none that this processor has. */
bool cell_isa_check(struct error *error);

/* Of a network's linear readout: out [n][outputs] = hidden [n][reads] · weight [outputs][reads]ᵀ +
 * bias, for the same instruction set. */
typedef void (*readout_function)(int n, int reads, int outputs, const real *hidden,
                                 const real *weight, const real *bias, real *out);
readout_function cell_readout(void);

/* Prepares one layer. `options` is the struct type->options describes, kept by reference. What a
 * cell draws for its structure (a wiring) follows from `seed` and lives in the arena. */
bool cell_create(struct cell *cell, const struct cell_type *type, int layer, int layers, int inputs,
                 int flags, int hidden, const void *options, uint64_t seed, struct arena *arena,
                 struct error *error);

/* For a composite's configure(): makes cell->inner, one cell of type->inner with that many inputs,
 * which is like the composite in all else. Its parameters are declared by it, apart from those of
 * the composite. */
bool cell_create_inner(struct cell *cell, int inputs, struct error *error);

/* forward() and backward() of a type that has forward_steps() and backward_steps(). */
void cell_forward_all(const struct cell *cell, const real *params, const struct sequence *sequence,
                      real *y, real *final, real *workspace);
void cell_backward_all(const struct cell *cell, const real *params, const struct sequence *sequence,
                       const struct cell_gradient *gradient, real *workspace);

/* Declares tensor number `tensor` of the cell: from then on params + cell->offset[tensor]. */
void cell_param(struct cell *cell, struct param_list *list, int tensor, const char *name, int rows,
                int columns);

/* The same for a tensor of more dimensions, `shape` ended by 0; is_matrix as in struct param. */
void cell_param_shaped(struct cell *cell, struct param_list *list, int tensor, const char *name,
                       const int *shape, bool is_matrix);

/* The same with a suffix after the layer's number, as torch.nn.LSTM's weight_ih_l0_reverse. */
void cell_param_suffixed(struct cell *cell, struct param_list *list, int tensor, const char *name,
                         const char *suffix, int rows, int columns);

/* A matrix whose numbers are at `count` positions of [rows][columns] only; NULL: everywhere.
 * `mask` names the 0/1 tensor that says so in a file; NULL: none. */
void cell_param_sparse(struct cell *cell, struct param_list *list, int tensor, const char *name,
                       int rows, int columns, const int *position, int count, const char *mask);

#endif
