/* Explicit ODE solvers, forward and backward, for cells whose state follows dv/dt = f(v) between
 * observations: Euler's, Heun's and the classical Runge-Kutta method.
 *
 * In all three, each evaluation of f builds on the one before it alone; d is the step's length:
 *
 *   v_1 = v        v_i = v + reach_i d k_(i−1)        k_i = f(v_i)
 *   v' = v + d Σ_i weight_i k_i
 *
 * A cell takes a struct ode_memory for the whole sequence, and calls ode_step() and
 * ode_step_backward() for each of its steps. The memory holds every argument f was given, one after
 * the other, so that the gradient of a weight inside f is one matrix product over all evaluations. An
 * absent stream has a step of length 0: its state is held, and all gradients inside f come out as 0
 * for it. */
#ifndef ENGINE_CELLS_SOLVER_H
#define ENGINE_CELLS_SOLVER_H

#include "engine/isa.h"
#include "engine/kernels.h"

enum { ODE_MAX_STAGES = 4 };

struct ode_method {
    const char *name;
    int stages; /* evaluations of f in one step */
    real reach[ODE_MAX_STAGES], weight[ODE_MAX_STAGES];
};

/* What a config says, with the two lines for the cell's field table. */
struct ode_options {
    int solver; /* number of a method, from 1 */
    int unfolds;
};

#define ode_method_at            ISA_NAME(ode_method_at)
#define ode_solver_name          ISA_NAME(ode_solver_name)
#define ode_step_lengths         ISA_NAME(ode_step_lengths)
#define ode_add_elapsed_gradient ISA_NAME(ode_add_elapsed_gradient)
#define ode_forward              ISA_NAME(ode_forward)
#define ode_backward             ISA_NAME(ode_backward)
#define ode_take                 ISA_NAME(ode_take)
#define ode_step                 ISA_NAME(ode_step)
#define ode_step_backward        ISA_NAME(ode_step_backward)
#define ode_gather_states        ISA_NAME(ode_gather_states)

/* The method of that number, from 1. */
const struct ode_method *ode_method_at(int solver);

const char *ode_solver_name(size_t position);

/* `options` is the cell's struct, with a member `struct ode_options ode`. */
#define ODE_FIELDS(options, default_solver, default_unfolds)                                       \
    {.name = "solver",                                                                             \
     .type = FIELD_CHOICE,                                                                         \
     .offset = offsetof(options, ode.solver),                                                      \
     .fallback = "\"" default_solver "\"",                                                         \
     .choices = ode_solver_name,                                                                   \
     .help = "Method that integrates the state over the elapsed time."},                           \
    {                                                                                              \
        .name = "unfolds", .type = FIELD_INT, .offset = offsetof(options, ode.unfolds),            \
        .fallback = #default_unfolds, .min = 1, .max = 1000,                                       \
        .help = "Solver steps for each observation."                                               \
    }

/* What is integrated, and how. `system` is handed to the functions: parameters, the input of this
 * sequence step and where gradients go. */
struct ode {
    const struct ode_method *method;
    int unfolds;      /* steps of the method */
    int batch, width; /* B, H: v and k are [B][H] */
    size_t kept;      /* numbers that one evaluation keeps for its backward pass */
    const void *system;
    /* k = f(v). Called again with the same v, writes the same k and kept. */
    void (*rate)(const void *system, const real *v, real *kept, real *k);
    /* dv += (∂f/∂v)ᵀ dk, and the same for whatever else f depends on. May overwrite kept. */
    void (*rate_backward)(const void *system, const real *v, real *kept, const real *dk, real *dv);
};

/* Evaluations of f for each sequence step. */
static inline int ode_evaluations(const struct ode_options *options) {
    return options->unfolds * ode_method_at(options->solver)->stages;
}

/* Length of each stream's solver steps [B] at sequence step t: a fraction of the elapsed time. */
void ode_step_lengths(const struct sequence *sequence, int t, real fraction, real *lengths);

/* delapsed [T][B] += from d loss / d lengths [B] at step t; NULL: not wanted. */
void ode_add_elapsed_gradient(const struct sequence *sequence, int t, real fraction,
                              const real *dlengths, real *delapsed);

/* All steps, of the given lengths [B]. v [unfolds · stages + 1][B][H] begins with the state before
 * and ends with the one after; kept [unfolds · stages][ode.kept]; scratch [B][H]. */
void ode_forward(const struct ode *ode, const real *lengths, real *v, real *kept, real *scratch);

/* What ode_backward() needs: gradients [B][H] of the state after, of k_i and of v_i, and k_i. */
static inline size_t ode_backward_scratch(int batch, int width) {
    return 4 * (size_t)batch * (size_t)width;
}

/* Back through ode_forward(): dv [B][H] comes in as the gradient of the state after and leaves as
 * that of the state before. dlengths [B] += ; NULL: not wanted (then f is not recomputed). */
void ode_backward(const struct ode *ode, const real *lengths, const real *v, real *kept, real *dv,
                  real *dlengths, real *scratch);

/* What the solver keeps of all steps of a sequence. */
struct ode_memory {
    real *v;    /* [T·evaluations + 1][B][H] every argument of f; each step's first is its state */
    real *kept; /* [T·evaluations][ode.kept] */
    real *lengths;  /* [B] */
    real *scratch;  /* [B][H] forward, ode_backward_scratch() backward */
    real *dlengths; /* [B] backward only */
};

/* `kept` as in struct ode. */
struct ode_memory ode_take(struct scratch *scratch, const struct ode_options *options, int T, int B,
                           int width, size_t kept, enum phase phase);

/* Evaluations of f before sequence step t. */
static inline size_t ode_evaluations_before(const struct ode *ode, int t) {
    return (size_t)t * (size_t)(ode->unfolds * ode->method->stages);
}

/* The state [B][H] before sequence step t, from 0 to T. */
static inline real *ode_state(const struct ode *ode, const struct ode_memory *memory, int t) {
    return memory->v + (size_t)ode->batch * (size_t)ode->width * ode_evaluations_before(ode, t);
}

/* What f kept of sequence step t. */
static inline real *ode_kept(const struct ode *ode, const struct ode_memory *memory, int t) {
    return memory->kept + ode->kept * ode_evaluations_before(ode, t);
}

/* From the state before sequence step t to the one after it. */
void ode_step(const struct ode *ode, const struct ode_memory *memory,
              const struct sequence *sequence, int t);

/* Back through ode_step(): dv as in ode_backward(); delapsed [T][B] +=, NULL: not wanted. */
void ode_step_backward(const struct ode *ode, const struct ode_memory *memory,
                       const struct sequence *sequence, int t, real *dv, real *delapsed);

/* After all steps' backward passes: moves the states before each step together, [T][B][H] at
 * memory->v, for one product. */
void ode_gather_states(const struct ode *ode, const struct ode_memory *memory, int T);

#endif
