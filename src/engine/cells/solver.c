#include "engine/cells/solver.h"

static const struct ode_method ode_methods[] = {
    {"euler", 1, {0}, {1}},
    {"heun", 2, {0, 1}, {REAL(0.5), REAL(0.5)}},
    {"rk4",
     4,
     {0, REAL(0.5), REAL(0.5), 1},
     {1 / REAL(6.0), 1 / REAL(3.0), 1 / REAL(3.0), 1 / REAL(6.0)}},
};

enum { ODE_METHODS = sizeof ode_methods / sizeof ode_methods[0] };

const struct ode_method *ode_method_at(int solver) {
    return &ode_methods[solver - 1];
}

const char *ode_solver_name(size_t position) {
    return position < ODE_METHODS ? ode_methods[position].name : NULL;
}

void ode_step_lengths(const struct sequence *sequence, int t, real fraction, real *lengths) {
    for (int b = 0; b < sequence->batch; b++)
        lengths[b] =
            is_absent(sequence, t, b) ? 0 : fraction * sequence->elapsed[t * sequence->batch + b];
}

void ode_add_elapsed_gradient(const struct sequence *sequence, int t, real fraction,
                              const real *dlengths, real *delapsed) {
    for (int b = 0; delapsed != NULL && b < sequence->batch; b++)
        if (!is_absent(sequence, t, b))
            delapsed[t * sequence->batch + b] += fraction * dlengths[b];
}

/* to [B][H] = from [B][H] + factor · lengths [B] ⊙ k [B][H]; `to` may be `from`. */
static void ode_advance(const struct ode *ode, real factor, const real *lengths, const real *k,
                        const real *from, real *to) {
    for (int b = 0; b < ode->batch; b++) {
        size_t at = (size_t)b * (size_t)ode->width;
        real length = factor * lengths[b];
#pragma omp simd
        for (int j = 0; j < ode->width; j++)
            to[at + (size_t)j] = from[at + (size_t)j] + length * k[at + (size_t)j];
    }
}

void ode_forward(const struct ode *ode, const real *lengths, real *v, real *kept, real *scratch) {
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

/* dk [B][H] comes in as the gradient of length · k and leaves as that of k. Adds that of the
 * lengths to dlengths [B] when it is given, from k. */
static void ode_advance_backward(const struct ode *ode, const real *lengths, const real *k,
                                 real *dk, real *dlengths) {
    for (int b = 0; b < ode->batch; b++, dk += ode->width, k += ode->width) {
        for (int j = 0; dlengths != NULL && j < ode->width; j++)
            dlengths[b] += dk[j] * k[j];
#pragma omp simd
        for (int j = 0; j < ode->width; j++)
            dk[j] *= lengths[b];
    }
}

void ode_backward(const struct ode *ode, const real *lengths, const real *v, real *kept, real *dv,
                  real *dlengths, real *scratch) {
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

struct ode_memory ode_take(struct scratch *scratch, const struct ode_options *options, int T, int B,
                           int width, size_t kept, enum phase phase) {
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

void ode_step(const struct ode *ode, const struct ode_memory *memory,
              const struct sequence *sequence, int t) {
    ode_step_lengths(sequence, t, 1 / (real)ode->unfolds, memory->lengths);
    ode_forward(ode, memory->lengths, ode_state(ode, memory, t), ode_kept(ode, memory, t),
                memory->scratch);
}

void ode_step_backward(const struct ode *ode, const struct ode_memory *memory,
                       const struct sequence *sequence, int t, real *dv, real *delapsed) {
    real fraction = 1 / (real)ode->unfolds;
    ode_step_lengths(sequence, t, fraction, memory->lengths);
    zero((size_t)ode->batch, memory->dlengths);
    ode_backward(ode, memory->lengths, ode_state(ode, memory, t), ode_kept(ode, memory, t), dv,
                 delapsed != NULL ? memory->dlengths : NULL, memory->scratch);
    ode_add_elapsed_gradient(sequence, t, fraction, memory->dlengths, delapsed);
}

void ode_gather_states(const struct ode *ode, const struct ode_memory *memory, int T) {
    size_t row = (size_t)ode->batch * (size_t)ode->width;
    for (int t = 1; ode_evaluations_before(ode, 1) > 1 && t < T; t++)
        copy(row, ode_state(ode, memory, t), memory->v + row * (size_t)t);
}
