#include "engine/cells/gru_gates.h"

#include "engine/activation.h"
#include "math/matmul.h"

void gru_gates(int B, int H, const real *transposed_hh, const real *h, real *rows, real *change) {
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

void gru_gates_backward(int B, int H, const real *weight_hh, const real *h, const real *dchange,
                        real *rows, real *dh, real *dq) {
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

void gru_gates_collect(int n, int H, const real *rows, const real *h, real *dweight_hh) {
    matmul_tn(2 * H, H, n, rows, 4 * H, h, H, dweight_hh, H, true);
    matmul_tn(H, H, n, rows + 2 * H, 4 * H, rows + 3 * H, 4 * H,
              dweight_hh + 2 * (size_t)H * (size_t)H, H, true);
}
