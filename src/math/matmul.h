/* Matrix products, row-major. Each matrix comes with the distance between its rows, so that parts
 * of a wider matrix (the recurrent half of a weight) can be used in place. With `add`, the product
 * is added to C; otherwise it replaces it. */
#ifndef MATH_MATMUL_H
#define MATH_MATMUL_H

#include "math/real.h"

#include <stdbool.h>

/* C [m][n] = A [m][k] · B [n][k]ᵀ: outputs from inputs and weights. */
void matmul_nt(int m, int n, int k, const real *a, int a_stride, const real *b, int b_stride,
               real *c, int c_stride, bool add);

/* C [m][n] = A [m][k] · B [k][n]: input gradients from output gradients and weights. */
void matmul_nn(int m, int n, int k, const real *a, int a_stride, const real *b, int b_stride,
               real *c, int c_stride, bool add);

/* C [m][n] = A [k][m]ᵀ · B [k][n]: weight gradients from output gradients and inputs. */
void matmul_tn(int m, int n, int k, const real *a, int a_stride, const real *b, int b_stride,
               real *c, int c_stride, bool add);

/* Keeps the library to one thread: parallelism is across trials and batch slices. Call once. */
void matmul_use_one_thread(void);

#endif
