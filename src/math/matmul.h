/* Matrix products, row-major. Each matrix comes with the distance between its rows, so that parts
 * of a wider matrix (the recurrent half of a weight) can be used in place. With `add`, the product
 * is added to C; otherwise it replaces it. */
#ifndef MATH_MATMUL_H
#define MATH_MATMUL_H

#include "math/real.h"

#include <stdbool.h>

/* c [n] = B [n][k] · a [k]: one stream's step. Inline, so that each instruction set compiles its
 * own. */
static inline void matmul_vector(int n, int k, const real *a, const real *b, int b_stride, real *c,
                                 bool add) {
    for (int j = 0; j < n; j++, b += b_stride) {
        real sum = add ? c[j] : 0;
#pragma omp simd reduction(+ : sum)
        for (int i = 0; i < k; i++)
            sum += a[i] * b[i];
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

/* C [m][n] = A [m][k] · B [k][n]: input gradients from output gradients and weights. */
void matmul_nn(int m, int n, int k, const real *a, int a_stride, const real *b, int b_stride,
               real *c, int c_stride, bool add);

/* C [m][n] = A [k][m]ᵀ · B [k][n]: weight gradients from output gradients and inputs. */
void matmul_tn(int m, int n, int k, const real *a, int a_stride, const real *b, int b_stride,
               real *c, int c_stride, bool add);

/* turned [columns][rows] = from [rows][columns]ᵀ: weights that many products will use, made ready
 * for matmul_nn(), which is faster than matmul_nt(). */
void matrix_turn(int rows, int columns, const real *from, int from_stride, real *turned);

/* Keeps the library to one thread: parallelism is across trials and batch slices. Call once. */
void matmul_use_one_thread(void);

#endif
