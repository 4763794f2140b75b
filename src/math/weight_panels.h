/* Weights that many products of few rows share: a B [k][n] laid out so that the caches serve a large
 * one well. It is cut into panels of 64 columns, one after the other, each row-major. LIBXSMM runs
 * through all of B for every few rows of A, some columns at a time: what does not fit into the
 * second-level cache would come from beyond it each time, in strides that no prefetcher follows. A
 * panel fits, and is read in order. A small B is one panel: row-major, like any matrix. */
#ifndef MATH_WEIGHT_PANELS_H
#define MATH_WEIGHT_PANELS_H

#include "math/matmul.h"

/* Columns of each panel but the last, which may have fewer. */
static inline int panel_width(int n, int k) {
    enum { WIDTH = 64 };
    /* In bytes: half a second-level cache and a little more. Up to there panels gain nothing. */
    const size_t whole = 5 << 18;
    return (size_t)n * (size_t)k * sizeof(real) > whole && n > WIDTH ? WIDTH : n;
}

/* C [m][n] (+)= A [m][k] · B. */
static inline void matmul_panels(int m, int n, int k, const real *a, int a_stride,
                                 const real *panels, real *c, int c_stride, bool add) {
    int width = panel_width(n, k);
    for (int j = 0; j < n; j += width) {
        int columns = n - j < width ? n - j : width;
        matmul_nn(m, columns, k, a, a_stride, panels + (size_t)j * (size_t)k, columns, c + j,
                  c_stride, add);
    }
}

/* Rows first, ..., first + rows - 1 of B, from a weight [n][rows] transposed. */
void panels_set_transposed(int n, int k, int first, int rows, const real *weight, int stride,
                           real *panels);

/* Row `row` of B becomes a [n] + b [n]; NULL b: a. */
void panels_set_row(int n, int k, int row, const real *a, const real *b, real *panels);

/* B [k][n], row-major, in panels: B itself where it is one, else copied to `room`, of
 * panels_room() numbers. */
const real *panels_of(int n, int k, const real *b, real *room);
size_t panels_room(int n, int k);

#endif
