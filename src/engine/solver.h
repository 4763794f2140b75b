/* Explicit ODE solvers, forward and backward, for cells whose state follows dv/dt = f(v) between
 * observations: Euler's, Heun's and the classical Runge-Kutta method. Inline, so that each
 * instruction set compiles its own.
 *
 * In all three, each evaluation of f builds on the one before it alone; d is the step's length:
 *
 *   v_1 = v        v_i = v + reach_i d k_(i−1)        k_i = f(v_i)        v' = v + d Σ_i weight_i
 * k_i
 *
 * A cell steps over sequence step t with
 *
 *   ode_step_lengths(sequence, t, 1 / unfolds, lengths);
 *   ode_forward(&ode, lengths, v_t, kept_t, scratch);
 *
 * where v_t is a slice of one array of (T · unfolds · stages + 1) states [B][H] and kept_t of one
 * array of T · unfolds · stages records of what f keeps for its backward pass. The arrays hold
 * every argument f was given, one after the other, so that the gradient of a weight inside f is one
 * matrix product over all evaluations. An absent stream has a step of length 0: its state is held,
 * and all gradients inside f come out as 0 for it. */
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
    /* dv += (∂f/∂v)ᵀ dk, and likewise for whatever else f depends on. May overwrite kept. */
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

#endif
