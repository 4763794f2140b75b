/* GRU gates whose reset acts on the state, before the recurrent product (Cho et al. 2014): what
 * grud and gruode have in common.
 *
 *   r = σ(W_r x + U_r h + b_r)     z = σ(W_z x + U_z h + b_z)     n = tanh(W_n x + U_n (r⊙h) + b_n)
 *   change = (1−z)⊙(n − h)
 *
 * The gated unit's new state z⊙h + (1−z)⊙n is h + change. Weights [3H] have rows r, z, n. A
 * stream's row of memory is [r z n q], 4H numbers: it comes in as W x + b in its first 3H, keeps
 * the activated gates and q = r⊙h, and in the end holds the gradients of the gates' inputs (q as it
 * was), so that all weight gradients are products over all rows. Inline for each instruction set.
 */
#ifndef ENGINE_GRU_GATES_H
#define ENGINE_GRU_GATES_H

#include "engine/activation.h"
#include "math/matmul.h"

#include <stddef.h>

/* rows [B][4H] as above; change [B][H] from h [B][H]. transposed_hh [H][3H] is the weight transposed.
 */
static inline void gru_gates(int B, int H, const real *transposed_hh, const real *h, real *rows,
                             real *change) {
    matmul_nn(B, 2 * H, H, h, H, transposed_hh, 3 * H, rows, 4 * H, true);
    for (int b = 0; b < B; b++) {
        const real *h_b = h + (size_t)b * (size_t)H;
        real *r = rows + 4 * (size_t)b * (size_t)H, *q = r + 3 * H;
        sigmoid_all(2 * (size_t)H, r, r); /* and z, which follows */
#pragma omp simd
        for (int j = 0; j < H; j++)
            q[j] = r[j] * h_b[j];
    }
    matmul_nn(B, H, H, rows + 3 * H, 4 * H, transposed_hh + 2 * H, 3 * H, rows + 2 * H, 4 * H,
              true);
    for (int b = 0; b < B; b++) {
        const real *h_b = h + (size_t)b * (size_t)H;
        real *change_b = change + (size_t)b * (size_t)H;
        real *z = rows + 4 * (size_t)b * (size_t)H + H, *n = z + H;
        activate(TANH, (size_t)H, n, n);
#pragma omp simd
        for (int j = 0; j < H; j++) {
            change_b[j] = (1 - z[j]) * (n[j] - h_b[j]);
        }
    }
}

/* dh [B][H] += from dchange [B][H]; dq [B][H] is scratch. */
static inline void gru_gates_backward(int B, int H, const real *weight_hh, const real *h,
                                      const real *dchange, real *rows, real *dh, real *dq) {
    for (int b = 0; b < B; b++) {
        size_t at = (size_t)b * (size_t)H;
        const real *h_b = h + at, *dchange_b = dchange + at;
        real *z = rows + 4 * at + H, *n = z + H, *dh_b = dh + at;
#pragma omp simd
        for (int j = 0; j < H; j++) {
            real open = dchange_b[j] * (1 - z[j]);
            dh_b[j] -= open;
            z[j] = -open * (n[j] - h_b[j]) * z[j];
            n[j] = open * (1 - n[j] * n[j]);
        }
    }
    matmul_nn(B, H, H, rows + 2 * H, 4 * H, weight_hh + 2 * (size_t)H * (size_t)H, H, dq, H, false);
    for (int b = 0; b < B; b++) {
        size_t at = (size_t)b * (size_t)H;
        const real *h_b = h + at, *dq_b = dq + at;
        real *r = rows + 4 * at, *dh_b = dh + at;
#pragma omp simd
        for (int j = 0; j < H; j++) {
            dh_b[j] += dq_b[j] * r[j];
            r[j] = dq_b[j] * h_b[j] * r[j] * (1 - r[j]);
        }
    }
    matmul_nn(B, H, 2 * H, rows, 4 * H, weight_hh, H, dh, H, true);
}

/* dweight_hh += after the backward passes over n rows, T·B or more: rows [n][4H], h [n][H]. */
static inline void gru_gates_collect(int n, int H, const real *rows, const real *h,
                                     real *dweight_hh) {
    matmul_tn(2 * H, H, n, rows, 4 * H, h, H, dweight_hh, H, true);
    matmul_tn(H, H, n, rows + 2 * H, 4 * H, rows + 3 * H, 4 * H,
              dweight_hh + 2 * (size_t)H * (size_t)H, H, true);
}

#endif
