#include "math/matmul.h"

#include <cblas.h>

/* LIBXSMM generates a kernel for each shape at run time, which at a recurrent network's sizes is
 * several times faster than a general BLAS. It exists for x86-64 only; elsewhere CBLAS serves. */
#if defined(HAS_LIBXSMM) && !defined(LIQUIDBENCH_DOUBLE)
#include <libxsmm.h>
#endif

static void cblas_product(CBLAS_TRANSPOSE a_order, CBLAS_TRANSPOSE b_order, int m, int n, int k,
                          const real *a, int a_stride, const real *b, int b_stride, real *c,
                          int c_stride, bool add) {
    real beta = add ? 1 : 0;
#ifdef LIQUIDBENCH_DOUBLE
    cblas_dgemm(CblasRowMajor, a_order, b_order, m, n, k, 1, a, a_stride, b, b_stride, beta, c,
                c_stride);
#else
    cblas_sgemm(CblasRowMajor, a_order, b_order, m, n, k, 1, a, a_stride, b, b_stride, beta, c,
                c_stride);
#endif
}

#if defined(HAS_LIBXSMM) && !defined(LIQUIDBENCH_DOUBLE)

/* C (+)= op(A) · B; false when LIBXSMM has no kernel for it. Its matrices are column-major: seen
 * so, ours are transposed, and Cᵀ = Bᵀ · op(A)ᵀ. */
static bool xsmm_product(bool a_transposed, int m, int n, int k, const real *a, int a_stride,
                         const real *b, int b_stride, real *c, int c_stride, bool add) {
    float one = 1, beta = add ? 1 : 0;
    int flags = a_transposed ? LIBXSMM_GEMM_FLAG_TRANS_B : LIBXSMM_GEMM_FLAG_NONE;
    libxsmm_smmfunction kernel =
        libxsmm_smmdispatch(n, m, k, &b_stride, &a_stride, &c_stride, &one, &beta, &flags, NULL);
    if (kernel == NULL)
        return false;
    kernel(b, a, c);
    return true;
}

/* C (+)= A · Bᵀ: LIBXSMM does not transpose that side, so panels of B are turned round first. */
static bool xsmm_product_nt(int m, int n, int k, const real *a, int a_stride, const real *b,
                            int b_stride, real *c, int c_stride, bool add) {
    enum { PANEL = 1 << 14, VECTOR = 16 };
    if (k > PANEL / VECTOR)
        return false;
    _Alignas(64) real panel[PANEL];
    int most = PANEL / k / VECTOR * VECTOR; /* rows of B that fit */
    for (int first = 0; first < n; first += most) {
        int width = n - first < most ? n - first : most;
        matrix_turn(width, k, b + (size_t)first * (size_t)b_stride, b_stride, panel);
        if (!xsmm_product(false, m, width, k, a, a_stride, panel, width, c + first, c_stride, add))
            return false;
    }
    return true;
}

#else

static bool xsmm_product(bool a_transposed, int m, int n, int k, const real *a, int a_stride,
                         const real *b, int b_stride, real *c, int c_stride, bool add) {
    (void)a_transposed, (void)m, (void)n, (void)k, (void)a, (void)a_stride, (void)b;
    (void)b_stride, (void)c, (void)c_stride, (void)add;
    return false;
}

static bool xsmm_product_nt(int m, int n, int k, const real *a, int a_stride, const real *b,
                            int b_stride, real *c, int c_stride, bool add) {
    return xsmm_product(false, m, n, k, a, a_stride, b, b_stride, c, c_stride, add);
}

#endif

void matmul_rows_nt(int m, int n, int k, const real *a, int a_stride, const real *b, int b_stride,
                    real *c, int c_stride, bool add) {
    if (m > 0 && n > 0 && !xsmm_product_nt(m, n, k, a, a_stride, b, b_stride, c, c_stride, add))
        cblas_product(CblasNoTrans, CblasTrans, m, n, k, a, a_stride, b, b_stride, c, c_stride,
                      add);
}

void matmul_rows_nn(int m, int n, int k, const real *a, int a_stride, const real *b, int b_stride,
                    real *c, int c_stride, bool add) {
    if (m > 0 && n > 0 && !xsmm_product(false, m, n, k, a, a_stride, b, b_stride, c, c_stride, add))
        cblas_product(CblasNoTrans, CblasNoTrans, m, n, k, a, a_stride, b, b_stride, c, c_stride,
                      add);
}

/* Many rows at once would fall out of the cache between one part of C and the next. */
enum { MOST_ROWS = 128 };

void matmul_tn(int m, int n, int k, const real *a, int a_stride, const real *b, int b_stride,
               real *c, int c_stride, bool add) {
    for (int first = 0; first < k || first == 0; first += MOST_ROWS) {
        const real *a_rows = a + (size_t)first * (size_t)a_stride;
        const real *b_rows = b + (size_t)first * (size_t)b_stride;
        int rows = k - first < MOST_ROWS ? k - first : MOST_ROWS;
        bool adds = add || first > 0;
        if (m > 0 && n > 0 &&
            !xsmm_product(true, m, n, rows, a_rows, a_stride, b_rows, b_stride, c, c_stride, adds))
            cblas_product(CblasTrans, CblasNoTrans, m, n, rows, a_rows, a_stride, b_rows, b_stride,
                          c, c_stride, adds);
    }
}

void matrix_turn(int rows, int columns, const real *from, int from_stride, real *turned) {
#if defined(HAS_LIBXSMM) && !defined(LIQUIDBENCH_DOUBLE)
    libxsmm_otrans(turned, from, sizeof *turned, columns, rows, from_stride, rows);
#else
    for (int i = 0; i < rows; i++)
        for (int j = 0; j < columns; j++)
            turned[j * rows + i] = from[i * from_stride + j];
#endif
}

void matmul_use_one_thread(void) {
    openblas_set_num_threads(1);
}
