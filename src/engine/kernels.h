/* Small loops that several cells share, inline so that each instruction set compiles its own. */
#ifndef ENGINE_KERNELS_H
#define ENGINE_KERNELS_H

#include "engine/cell.h"
#include "math/vector.h"

#include <gsl/gsl_rng.h>
#include <stdbool.h>
#include <string.h>

/* Divides a workspace into its parts: the same code gives their places and, without memory, the
 * size of them all. */
struct scratch {
    real *memory; /* NULL: only count */
    size_t size;  /* taken so far */
};

static inline real *scratch_take(struct scratch *scratch, size_t n) {
    real *part = scratch->memory == NULL ? NULL : scratch->memory + scratch->size;
    scratch->size += n;
    return part;
}

/* Whether stream b's observation is missing at step t: its state is then held. */
static inline bool is_absent(const struct sequence *sequence, int t, int b) {
    return sequence->mask != NULL && sequence->mask[t * sequence->batch + b] == 0;
}

/* Most copies are of one short row; a call of memcpy() would take longer than they do. */
static inline void copy(size_t n, const real *from, real *to) {
    for (; n >= LANES; n -= LANES, from += LANES, to += LANES)
        vector_store(vector_load(from), to);
    if (n > 0)
        vector_store_first(vector_load_first(from, (int)n), to, (int)n);
}

static inline void zero(size_t n, real *to) {
    memset(to, 0, n * sizeof *to);
}

static inline void add(size_t n, const real *from, real *to) {
    for (size_t i = 0; i < n; i++)
        to[i] += from[i];
}

/* Absent streams keep their row at step t: after [B][width] = before. */
static inline void hold_absent(const struct sequence *sequence, int t, int width,
                               const real *before, real *after) {
    for (int b = 0; sequence->mask != NULL && b < sequence->batch; b++)
        if (is_absent(sequence, t, b))
            copy((size_t)width, before + (size_t)b * (size_t)width,
                 after + (size_t)b * (size_t)width);
}

/* Copies a sequence's initial state part [offset, offset + width) into rows [B][width]; zeros when
 * there is none. */
static inline void load_state(const struct sequence *sequence, int state, int offset, int width,
                              real *rows) {
    if (sequence->state == NULL) {
        zero((size_t)sequence->batch * (size_t)width, rows);
        return;
    }
    for (int b = 0; b < sequence->batch; b++)
        copy((size_t)width, sequence->state + (size_t)b * state + offset, rows + (size_t)b * width);
}

/* Writes rows [B][width] into part [offset, offset + width) of a state [B][state]; NULL: nowhere.
 */
static inline void store_state(int batch, int state, int offset, int width, const real *rows,
                               real *into) {
    for (int b = 0; into != NULL && b < batch; b++)
        copy((size_t)width, rows + (size_t)b * width, into + (size_t)b * state + offset);
}

/* The same, adding: for gradients of an initial state. */
static inline void add_state(int batch, int state, int offset, int width, const real *rows,
                             real *into) {
    for (int b = 0; into != NULL && b < batch; b++)
        add((size_t)width, rows + (size_t)b * width, into + (size_t)b * state + offset);
}

/* Gradient of a final state part as rows [B][width]; zeros when NULL. */
static inline void load_final_gradient(const struct cell_gradient *gradient, int batch, int state,
                                       int offset, int width, real *rows) {
    struct sequence as_state = {.batch = batch, .state = gradient->final};
    load_state(&as_state, state, offset, width, rows);
}

/* rows [n][width] = bias [width] in each. */
static inline void fill_rows(size_t n, int width, const real *bias, real *rows) {
    for (size_t i = 0; i < n; i++)
        copy((size_t)width, bias, rows + i * (size_t)width);
}

/* sums [width] += column sums of rows [n][width]: the gradient of a bias. */
static inline void add_column_sums(size_t n, int width, const real *rows, real *sums) {
    for (size_t i = 0; i < n; i++)
        add((size_t)width, rows + i * (size_t)width, sums);
}

static inline void fill_uniform(gsl_rng *rng, real low, real high, size_t n, real *values) {
    for (size_t i = 0; i < n; i++)
        values[i] = (real)(low + (high - low) * gsl_rng_uniform(rng));
}

static inline void fill_constant(real value, size_t n, real *values) {
    for (size_t i = 0; i < n; i++)
        values[i] = value;
}

#endif
