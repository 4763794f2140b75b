/* Linear maps over whole sequences: of inputs forward, and of gradients back. n is the number of
 * rows, T·B; rows of y are `stride` apart, so that the map may fill some columns of wider rows.
 * Inline for the loops around the matrix products. */
#ifndef ENGINE_LINEAR_H
#define ENGINE_LINEAR_H

#include "engine/kernels.h"
#include "math/matmul.h"

/* y [n][out] = bias [out] + more_bias [out], where NULL is none. */
static inline void linear_bias(int n, int out, const real *bias, const real *more_bias, real *y,
                               int stride) {
    for (int row = 0; row < n; row++) {
        real *y_row = y + (size_t)row * (size_t)stride;
        copy((size_t)out, bias, y_row);
        if (more_bias != NULL)
            add((size_t)out, more_bias, y_row);
    }
}

/* y [n][out] = x [n][in] · weight [out][in]ᵀ + biases. */
static inline void linear(int n, int in, int out, const real *x, const real *weight,
                          const real *bias, const real *more_bias, real *y, int stride) {
    linear_bias(n, out, bias, more_bias, y, stride);
    matmul_nt(n, out, in, x, in, weight, in, y, stride, true);
}

/* The same from the weight transposed by matrix_transpose(), [in][out]. */
static inline void linear_transposed(int n, int in, int out, const real *x, const real *transposed,
                                     const real *bias, const real *more_bias, real *y, int stride) {
    linear_bias(n, out, bias, more_bias, y, stride);
    matmul_nn(n, out, in, x, in, transposed, out, y, stride, true);
}

/* A cell's weights of inputs [rows][I] and of states [rows][H], transposed: [I][rows], [H][rows].
 * They are made once for a sequence, or once for all that follow (sequence.is_prepared). */
struct transposed_weights {
    real *ih, *hh;
};

static inline struct transposed_weights transposed_take(struct scratch *scratch, int rows,
                                                        int inputs, int hidden) {
    return (struct transposed_weights){
        .ih = scratch_take(scratch, (size_t)rows * (size_t)inputs),
        .hh = scratch_take(scratch, (size_t)rows * (size_t)hidden),
    };
}

static inline void transposed_fill(const struct sequence *sequence, int rows, int inputs,
                                   int hidden, const real *weight_ih, const real *weight_hh,
                                   struct transposed_weights transposed) {
    if (sequence->is_prepared)
        return;
    matrix_transpose(rows, inputs, weight_ih, inputs, transposed.ih);
    matrix_transpose(rows, hidden, weight_hh, hidden, transposed.hh);
}

/* bias [out] += column sums of dy. */
static inline void linear_bias_backward(int n, int out, const real *dy, int stride, real *dbias) {
    for (int row = 0; row < n; row++)
        add((size_t)out, dy + (size_t)row * (size_t)stride, dbias);
}

/* dweight, dbias += ; dx [n][in] = , or += with `add_dx`; NULL: not wanted. */
static inline void linear_backward(int n, int in, int out, const real *x, const real *weight,
                                   const real *dy, int stride, real *dweight, real *dbias, real *dx,
                                   bool add_dx) {
    matmul_tn(out, in, n, dy, stride, x, in, dweight, in, true);
    linear_bias_backward(n, out, dy, stride, dbias);
    if (dx != NULL)
        matmul_nn(n, in, out, dy, stride, weight, in, dx, in, add_dx);
}

#endif
