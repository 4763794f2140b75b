/* Explicit ODE solvers, forward and backward, for cells whose state follows dv/dt = f(v) between
 * observations: Euler's, Heun's and the classical Runge-Kutta method. Inline, so that each
 * instruction set compiles its own.
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
#ifndef ENGINE_SOLVER_H
#define ENGINE_SOLVER_H

#include "engine/kernels.h"

enum { ODE_MAX_STAGES = 4 };

struct ode_method {
    const char *name;
    int stages; /* evaluations of f in one step */
    real reach[ODE_MAX_STAGES], weight[ODE_MAX_STAGES];
};

static const struct ode_method ode_methods[] = {
    {"euler", 1, {0}, {1}},
    {"heun", 2, {0, 1}, {REAL(0.5), REAL(0.5)}},
    {"rk4",
     4,
     {0, REAL(0.5), REAL(0.5), 1},
     {1 / REAL(6.0), 1 / REAL(3.0), 1 / REAL(3.0), 1 / REAL(6.0)}},
};

enum { ODE_METHODS = sizeof ode_methods / sizeof ode_methods[0] };

/* What a config says, with the two lines for the cell's field table. */
struct ode_options {
    int solver; /* which of ode_methods, from 1 */
    int unfolds;
};

static inline const char *ode_solver_name(size_t position) {
    return position < ODE_METHODS ? ode_methods[position].name : NULL;
}

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

static inline const struct ode_method *ode_method_at(int solver) {
    return &ode_methods[solver - 1];
}

/* Evaluations of f for each sequence step. */
static inline int ode_evaluations(const struct ode_options *options) {
    return options->unfolds * ode_method_at(options->solver)->stages;
}

/* Length of each stream's solver steps [B] at sequence step t: a fraction of the elapsed time. */
static inline void ode_step_lengths(const struct sequence *sequence, int t, real fraction,
                                    real *lengths) {
    for (int b = 0; b < sequence->batch; b++)
        lengths[b] =
            is_absent(sequence, t, b) ? 0 : fraction * sequence->elapsed[t * sequence->batch + b];
}

/* delapsed [T][B] += from d loss / d lengths [B] at step t; NULL: not wanted. */
static inline void ode_add_elapsed_gradient(const struct sequence *sequence, int t, real fraction,
                                            const real *dlengths, real *delapsed) {
    for (int b = 0; delapsed != NULL && b < sequence->batch; b++)
        if (!is_absent(sequence, t, b))
            delapsed[t * sequence->batch + b] += fraction * dlengths[b];
}

/* to [B][H] = from [B][H] + factor · lengths [B] ⊙ k [B][H]; `to` may be `from`. */
static inline void ode_advance(const struct ode *ode, real factor, const real *lengths,
                               const real *k, const real *from, real *to) {
    for (int b = 0; b < ode->batch; b++) {
        size_t at = (size_t)b * (size_t)ode->width;
        real length = factor * lengths[b];
#pragma omp simd
        for (int j = 0; j < ode->width; j++)
            to[at + (size_t)j] = from[at + (size_t)j] + length * k[at + (size_t)j];
    }
}

/* All steps, of the given lengths [B]. v [unfolds · stages + 1][B][H] begins with the state before
 * and ends with the one after; kept [unfolds · stages][ode.kept]; scratch [B][H]. */
static inline void ode_forward(const struct ode *ode, const real *lengths, real *v, real *kept,
                               real *scratch) {
    const struct ode_method *method = ode->method;
    size_t size = (size_t)ode->batch * (size_t)ode->width;
    for (int step = 0; step < ode->unfolds; step++) {
        real *end = v + size * (size_t)method->stages;
        const real *reached = v;
        for (int i = 0; i < method->stages; i++, kept += ode->kept) {
            real *v_i = v + size * (size_t)i;
            if (i > 0)
                ode_advance(ode, method->reach[i], lengths, scratch, v, v_i);
            ode->rate(ode->system, v_i, kept, scratch);
            ode_advance(ode, method->weight[i], lengths, scratch, reached, end);
            reached = end;
        }
        v = end;
    }
}

/* What ode_backward() needs: gradients [B][H] of the state after, of k_i and of v_i, and k_i. */
static inline size_t ode_backward_scratch(int batch, int width) {
    return 4 * (size_t)batch * (size_t)width;
}

/* dk [B][H] comes in as the gradient of length · k and leaves as that of k. Adds that of the
 * lengths to dlengths [B] when it is given, from k. */
static inline void ode_advance_backward(const struct ode *ode, const real *lengths, const real *k,
                                        real *dk, real *dlengths) {
    for (int b = 0; b < ode->batch; b++, dk += ode->width, k += ode->width) {
        for (int j = 0; dlengths != NULL && j < ode->width; j++)
            dlengths[b] += dk[j] * k[j];
#pragma omp simd
        for (int j = 0; j < ode->width; j++)
            dk[j] *= lengths[b];
    }
}

/* Back through ode_forward(): dv [B][H] comes in as the gradient of the state after and leaves as
 * that of the state before. dlengths [B] += ; NULL: not wanted (then f is not recomputed). */
static inline void ode_backward(const struct ode *ode, const real *lengths, const real *v,
                                real *kept, real *dv, real *dlengths, real *scratch) {
    const struct ode_method *method = ode->method;
    size_t size = (size_t)ode->batch * (size_t)ode->width;
    real *dend = scratch, *dk = dend + size, *dv_i = dk + size, *k = dv_i + size;
    for (int at = ode->unfolds * method->stages; at-- > 0;) {
        int i = at % method->stages;
        const real *argument = v + size * (size_t)at;
        real *kept_i = kept + ode->kept * (size_t)at;
        /* k_i enters the state after and, but for the last, the next evaluation's argument. */
        real reach = i < method->stages - 1 ? method->reach[i + 1] : 0;
        if (reach == 0) {
            copy(size, dv, dend);
            zero(size, dv_i);
        }
#pragma omp simd
        for (size_t n = 0; n < size; n++)
            dk[n] = method->weight[i] * dend[n] + reach * dv_i[n];
        if (dlengths != NULL)
            ode->rate(ode->system, argument, kept_i, k);
        ode_advance_backward(ode, lengths, k, dk, dlengths);
        if (i == 0) { /* its argument is the state before */
            ode->rate_backward(ode->system, argument, kept_i, dk, dv);
        } else {
            zero(size, dv_i);
            ode->rate_backward(ode->system, argument, kept_i, dk, dv_i);
            add(size, dv_i, dv);
        }
    }
}

/* What the solver keeps of all steps of a sequence. */
struct ode_memory {
    real *v;    /* [T·evaluations + 1][B][H] every argument of f; each step's first is its state */
    real *kept; /* [T·evaluations][ode.kept] */
    real *lengths;  /* [B] */
    real *scratch;  /* [B][H] forward, ode_backward_scratch() backward */
    real *dlengths; /* [B] backward only */
};

/* `kept` as in struct ode. */
static inline struct ode_memory ode_take(struct scratch *scratch, const struct ode_options *options,
                                         int T, int B, int width, size_t kept, enum phase phase) {
    size_t evaluations = (size_t)T * (size_t)ode_evaluations(options);
    size_t row = (size_t)B * (size_t)width;
    bool trains = phase == PHASE_TRAIN;
    struct ode_memory memory;
    memory.v = scratch_take(scratch, row * (evaluations + 1));
    memory.kept = scratch_take(scratch, kept * evaluations);
    memory.lengths = scratch_take(scratch, (size_t)B);
    memory.scratch = scratch_take(scratch, trains ? ode_backward_scratch(B, width) : row);
    memory.dlengths = scratch_take(scratch, trains ? (size_t)B : 0);
    return memory;
}

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
static inline void ode_step(const struct ode *ode, const struct ode_memory *memory,
                            const struct sequence *sequence, int t) {
    ode_step_lengths(sequence, t, 1 / (real)ode->unfolds, memory->lengths);
    ode_forward(ode, memory->lengths, ode_state(ode, memory, t), ode_kept(ode, memory, t),
                memory->scratch);
}

/* Back through ode_step(): dv as in ode_backward(); delapsed [T][B] +=, NULL: not wanted. */
static inline void ode_step_backward(const struct ode *ode, const struct ode_memory *memory,
                                     const struct sequence *sequence, int t, real *dv,
                                     real *delapsed) {
    real fraction = 1 / (real)ode->unfolds;
    ode_step_lengths(sequence, t, fraction, memory->lengths);
    zero((size_t)ode->batch, memory->dlengths);
    ode_backward(ode, memory->lengths, ode_state(ode, memory, t), ode_kept(ode, memory, t), dv,
                 delapsed != NULL ? memory->dlengths : NULL, memory->scratch);
    ode_add_elapsed_gradient(sequence, t, fraction, memory->dlengths, delapsed);
}

/* After all steps' backward passes: moves the states before each step together, [T][B][H] at
 * memory->v, for one product. */
static inline void ode_gather_states(const struct ode *ode, const struct ode_memory *memory,
                                     int T) {
    size_t row = (size_t)ode->batch * (size_t)ode->width;
    for (int t = 1; ode_evaluations_before(ode, 1) > 1 && t < T; t++)
        copy(row, ode_state(ode, memory, t), memory->v + row * (size_t)t);
}

#endif
