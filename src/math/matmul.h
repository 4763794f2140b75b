/* Matrix products, row-major. Each matrix comes with the distance between its rows, so that parts
 * of a wider matrix (the recurrent half of a weight) can be used in place. With `add`, the product
 * is added to C; otherwise it replaces it. */
#ifndef MATH_MATMUL_H
#define MATH_MATMUL_H

#include "math/vector.h"

#include <stdbool.h>
#include <stddef.h>

/* c [n] = B [n][k] · a [k]: one stream's step. Inline, so that each instruction set compiles its
 * own. */
static inline void matmul_vector(int n, int k, const real *a, const real *b, int b_stride, real *c,
                                 bool add) {
    for (int j = 0; j < n; j++, b += b_stride) {
        vector sums = {0};
        int i = 0;
        for (; i + LANES <= k; i += LANES)
            sums += vector_load(a + i) * vector_load(b + i);
        real sum = (add ? c[j] : 0) + vector_sum(sums);
        for (; i < k; i++)
            sum += a[i] * b[i];
        c[j] = sum;
    }
}

/* c [vectors · LANES] (+)= a [k] · B [k][·], with eight sums at once (`vectors`, constant where
 * this is inlined, times `turns`): a multiplication takes several cycles, and so many may be under
 * way. */
static inline __attribute__((always_inline)) void matmul_row_part(int vectors, int turns, int k,
                                                                  const real *a, const real *b,
                                                                  int b_stride, real *c, bool add) {
    vector sums[8] = {{0}};
    int i = 0;
    for (; i + turns <= k; i += turns)
#pragma GCC unroll 8
        for (int s = 0; s < vectors * turns; s++)
            sums[s] += vector_load(b + (size_t)(i + s / vectors) * (size_t)b_stride +
                                   s % vectors * LANES) *
                       a[i + s / vectors];
    for (; i < k; i++)
        for (int s = 0; s < vectors; s++)
            sums[s] += vector_load(b + (size_t)i * (size_t)b_stride + s * LANES) * a[i];
    for (int s = vectors; s < vectors * turns; s++)
        sums[s % vectors] += sums[s];
    for (int s = 0; s < vectors; s++) {
        vector before = add ? vector_load(c + s * LANES) : (vector){0};
        vector_store(before + sums[s], c + s * LANES);
    }
}

/* c [n] (+)= a [k] · B [k][n]: the same from weights transposed. */
static inline void matmul_row(int n, int k, const real *a, const real *b, int b_stride, real *c,
                              bool add) {
    int j = 0;
    for (; j + 4 * LANES <= n; j += 4 * LANES)
        matmul_row_part(4, 2, k, a, b + j, b_stride, c + j, add);
    for (; j + 2 * LANES <= n; j += 2 * LANES)
        matmul_row_part(2, 4, k, a, b + j, b_stride, c + j, add);
    for (; j + LANES <= n; j += LANES)
        matmul_row_part(1, 8, k, a, b + j, b_stride, c + j, add);
    for (; j < n; j++) {
        real sum = add ? c[j] : 0;
        for (int i = 0; i < k; i++)
            sum += a[i] * b[(size_t)i * (size_t)b_stride + (size_t)j];
        c[j] = sum;
    }
}

void matmul_rows_nt(int m, int n, int k, const real *a, int a_stride, const real *b, int b_stride,
                    real *c, int c_stride, bool add);

/* C [m][n] = A [m][k] · B [n][k]ᵀ: outputs from inputs and weights. */
static inline void matmul_nt(int m, int n, int k, const real *a, int a_stride, const real *b,
                             int b_stride, real *c, int c_stride, bool add) {
    if (m == 1)
        matmul_vector(n, k, a, b, b_stride, c, add);
    else
        matmul_rows_nt(m, n, k, a, a_stride, b, b_stride, c, c_stride, add);
}

void matmul_rows_nn(int m, int n, int k, const real *a, int a_stride, const real *b, int b_stride,
                    real *c, int c_stride, bool add);

/* C [m][n] = A [m][k] · B [k][n]: outputs from inputs and weights transposed, input gradients
 * from output gradients and weights. */
static inline void matmul_nn(int m, int n, int k, const real *a, int a_stride, const real *b,
                             int b_stride, real *c, int c_stride, bool add) {
    if (m == 1)
        matmul_row(n, k, a, b, b_stride, c, add);
    else
        matmul_rows_nn(m, n, k, a, a_stride, b, b_stride, c, c_stride, add);
}

/* C [m][n] = A [k][m]ᵀ · B [k][n]: weight gradients from output gradients and inputs. */
void matmul_tn(int m, int n, int k, const real *a, int a_stride, const real *b, int b_stride,
               real *c, int c_stride, bool add);

/* transposed [columns][rows] = from [rows][columns]ᵀ: weights that many products will use, made ready
 * for matmul_nn(), which is faster than matmul_nt(). */
void matrix_transpose(int rows, int columns, const real *from, int from_stride, real *transposed);

/* Loads the libraries and lets them take the memory that they keep. To be called before processes
 * are forked that get a limit of memory; otherwise the first product does it. */
void matmul_prepare(void);

/* Version, options and kind of processor, as OpenBLAS says them; "none" where it cannot be loaded.
 */
const char *matmul_openblas(void);

#endif
