#include "math/matmul.h"

#include <cblas.h>

static void product(CBLAS_TRANSPOSE a_order, CBLAS_TRANSPOSE b_order, int m, int n, int k,
                    const real *a, int a_stride, const real *b, int b_stride, real *c, int c_stride,
                    bool add) {
    if (m == 0 || n == 0)
        return;
    real beta = add ? 1 : 0;
#ifdef LIQUIDBENCH_DOUBLE
    cblas_dgemm(CblasRowMajor, a_order, b_order, m, n, k, 1, a, a_stride, b, b_stride, beta, c,
                c_stride);
#else
    cblas_sgemm(CblasRowMajor, a_order, b_order, m, n, k, 1, a, a_stride, b, b_stride, beta, c,
                c_stride);
#endif
}

void matmul_nt(int m, int n, int k, const real *a, int a_stride, const real *b, int b_stride,
               real *c, int c_stride, bool add) {
    product(CblasNoTrans, CblasTrans, m, n, k, a, a_stride, b, b_stride, c, c_stride, add);
}

void matmul_nn(int m, int n, int k, const real *a, int a_stride, const real *b, int b_stride,
               real *c, int c_stride, bool add) {
    product(CblasNoTrans, CblasNoTrans, m, n, k, a, a_stride, b, b_stride, c, c_stride, add);
}

void matmul_tn(int m, int n, int k, const real *a, int a_stride, const real *b, int b_stride,
               real *c, int c_stride, bool add) {
    product(CblasTrans, CblasNoTrans, m, n, k, a, a_stride, b, b_stride, c, c_stride, add);
}

void matmul_use_one_thread(void) {
    openblas_set_num_threads(1);
}
