#include "math/matmul.h"

#include "base/log.h"

#include <cblas.h>
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

/* LIBXSMM generates a kernel for each shape at run time, which at a recurrent network's sizes is
 * several times faster than a general BLAS. It exists for x86-64 only; elsewhere CBLAS serves. */
#if defined(HAS_LIBXSMM) && !defined(LIQUIDBENCH_DOUBLE)
#include <libxsmm.h>
#endif

/* --- OpenBLAS --------------------------------------------------------------------------------- */

#ifdef LIQUIDBENCH_DOUBLE
#define GEMM cblas_dgemm
#else
#define GEMM cblas_sgemm
#endif
#define TEXT_OF(name)  #name
#define NAME_OF(macro) TEXT_OF(macro)

static struct {
    pthread_once_t loaded;
    __typeof__(&GEMM) gemm; /* NULL: there is none, and plain loops serve */
    char name[256];
} openblas = {.loaded = PTHREAD_ONCE_INIT, .name = "none"};

static bool has_room(size_t bytes) {
    void *room = mmap(NULL, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return room != MAP_FAILED && munmap(room, bytes) == 0;
}

/* A function of the library's that returns its text. */
static const char *text_of(void *library, const char *function) {
    char *(*text)(void) = NULL;
    *(void **)&text = dlsym(library, function);
    return text != NULL ? text() : "unknown";
}

/* It starts a thread for each processor as it is loaded, if its environment does not forbid it; so
 * it is loaded here, when it is needed, and not linked. One thread: parallelism is across trials
 * and batch slices. */
static void load_openblas(void) {
    /* More than it takes for one thread. It asks for memory until it gets some: under a limit it would
     * ask for ever. */
    const size_t buffer = 256 << 20;
    if (!has_room(buffer)) {
        log_warning("too little memory is allowed for OpenBLAS: large products are slow");
        return;
    }
    setenv("OPENBLAS_NUM_THREADS", "1", 1);
    void *library = dlopen("libopenblas.so.0", RTLD_NOW | RTLD_LOCAL);
    if (library != NULL)
        *(void **)&openblas.gemm = dlsym(library, NAME_OF(GEMM));
    if (openblas.gemm == NULL)
        log_warning("OpenBLAS cannot be loaded (%s): large products are slow", dlerror());
    else
        snprintf(openblas.name, sizeof openblas.name, "%s, core %s",
                 text_of(library, "openblas_get_config"),
                 text_of(library, "openblas_get_corename"));
}

static void plain_product(bool a_transposed, bool b_transposed, int m, int n, int k, const real *a,
                          int a_stride, const real *b, int b_stride, real *c, int c_stride,
                          bool add) {
    size_t a_row = a_transposed ? 1 : (size_t)a_stride,
           a_column = a_transposed ? (size_t)a_stride : 1;
    size_t b_row = b_transposed ? 1 : (size_t)b_stride,
           b_column = b_transposed ? (size_t)b_stride : 1;
    for (size_t i = 0; i < (size_t)m; i++)
        for (size_t j = 0; j < (size_t)n; j++) {
            real sum = add ? c[i * (size_t)c_stride + j] : 0;
            for (size_t p = 0; p < (size_t)k; p++)
                sum += a[i * a_row + p * a_column] * b[p * b_row + j * b_column];
            c[i * (size_t)c_stride + j] = sum;
        }
}

static void cblas_product(CBLAS_TRANSPOSE a_order, CBLAS_TRANSPOSE b_order, int m, int n, int k,
                          const real *a, int a_stride, const real *b, int b_stride, real *c,
                          int c_stride, bool add) {
    pthread_once(&openblas.loaded, load_openblas);
    if (openblas.gemm != NULL)
        openblas.gemm(CblasRowMajor, a_order, b_order, m, n, k, 1, a, a_stride, b, b_stride,
                      add ? 1 : 0, c, c_stride);
    else
        plain_product(a_order == CblasTrans, b_order == CblasTrans, m, n, k, a, a_stride, b,
                      b_stride, c, c_stride, add);
}

/* --- LIBXSMM ---------------------------------------------------------------------------------- */

#if defined(HAS_LIBXSMM) && !defined(LIQUIDBENCH_DOUBLE)

/* It crashes where it gets no memory for its tables and kernels. */
static struct {
    pthread_once_t asked;
    bool is_usable, has_avx;
} xsmm = {.asked = PTHREAD_ONCE_INIT};

static void ask_for_xsmm(void) {
    const size_t tables = 64 << 20; /* several times what they take */
    xsmm.is_usable = has_room(tables);
    xsmm.has_avx = __builtin_cpu_supports("avx");
}

/* LIBXSMM leaves the upper halves of vector registers in use. Whatever runs next and was compiled for
 * any x86-64, as libm's exp() was, then takes several times as long: a classifier's training 4 times. */
static void clear_upper_halves(void) {
    if (xsmm.has_avx)
        __asm__ volatile("vzeroupper");
}

/* What a kernel is made for. */
struct shape {
    int m, n, k, a_stride, b_stride, c_stride;
    bool a_transposed, add;
};

/* The kernels that a thread used last. LIBXSMM's own search takes a tenth of a small product's time. */
struct known_kernel {
    struct shape shape;
    libxsmm_smmfunction kernel;
};

static struct known_kernel *place_of(const struct shape *shape) {
    enum { PLACES = 64 };
    static _Thread_local struct known_kernel known[PLACES];
    unsigned sum = (unsigned)shape->m * 7 + (unsigned)shape->n * 5 + (unsigned)shape->k * 3 +
                   (unsigned)shape->a_stride + (unsigned)shape->b_stride + shape->a_transposed +
                   2u * shape->add;
    return &known[(sum ^ sum >> 6) % PLACES];
}

static bool is_same(const struct shape *a, const struct shape *b) {
    return a->m == b->m && a->n == b->n && a->k == b->k && a->a_stride == b->a_stride &&
           a->b_stride == b->b_stride && a->c_stride == b->c_stride &&
           a->a_transposed == b->a_transposed && a->add == b->add;
}

/* NULL when LIBXSMM has none. */
static libxsmm_smmfunction kernel_for(const struct shape *shape) {
    struct known_kernel *known = place_of(shape);
    if (known->kernel != NULL && is_same(&known->shape, shape))
        return known->kernel;
    float one = 1, beta = shape->add ? 1 : 0;
    int flags = shape->a_transposed ? LIBXSMM_GEMM_FLAG_TRANS_B : LIBXSMM_GEMM_FLAG_NONE;
    *known = (struct known_kernel){
        *shape, libxsmm_smmdispatch(shape->n, shape->m, shape->k, &shape->b_stride,
                                    &shape->a_stride, &shape->c_stride, &one, &beta, &flags, NULL)};
    return known->kernel;
}

/* C (+)= op(A) · B; false when LIBXSMM has no kernel for it. Its matrices are column-major: seen
 * so, ours are transposed, and Cᵀ = Bᵀ · op(A)ᵀ. */
static bool xsmm_product(bool a_transposed, int m, int n, int k, const real *a, int a_stride,
                         const real *b, int b_stride, real *c, int c_stride, bool add) {
    pthread_once(&xsmm.asked, ask_for_xsmm);
    if (!xsmm.is_usable)
        return false;
    const struct shape shape = {m, n, k, a_stride, b_stride, c_stride, a_transposed, add};
    libxsmm_smmfunction kernel = kernel_for(&shape);
    if (kernel == NULL)
        return false;
    kernel(b, a, c);
    clear_upper_halves();
    return true;
}

/* C (+)= A · Bᵀ: LIBXSMM does not transpose that side, so panels of B are transposed first. */
static bool xsmm_product_nt(int m, int n, int k, const real *a, int a_stride, const real *b,
                            int b_stride, real *c, int c_stride, bool add) {
    enum { PANEL = 1 << 14, VECTOR = 16 };
    if (k > PANEL / VECTOR)
        return false;
    _Alignas(64) real panel[PANEL];
    int max = PANEL / k / VECTOR * VECTOR; /* rows of B that fit */
    for (int first = 0; first < n; first += max) {
        int width = n - first < max ? n - first : max;
        matrix_transpose(width, k, b + (size_t)first * (size_t)b_stride, b_stride, panel);
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

void matmul_tn(int m, int n, int k, const real *a, int a_stride, const real *b, int b_stride,
               real *c, int c_stride, bool add) {
    /* Of B at once: more would fall out of the cache between one part of C and the next. */
    enum { MAX_ROWS = 128, MAX_COLUMNS = 1024 };
    for (int column = 0; m > 0 && column < n; column += MAX_COLUMNS)
        for (int row = 0; row < k || row == 0; row += MAX_ROWS) {
            int columns = n - column < MAX_COLUMNS ? n - column : MAX_COLUMNS;
            int rows = k - row < MAX_ROWS ? k - row : MAX_ROWS;
            const real *a_part = a + (size_t)row * (size_t)a_stride;
            const real *b_part = b + (size_t)row * (size_t)b_stride + column;
            real *c_part = c + column;
            bool adds = add || row > 0;
            if (!xsmm_product(true, m, columns, rows, a_part, a_stride, b_part, b_stride, c_part,
                              c_stride, adds))
                cblas_product(CblasTrans, CblasNoTrans, m, columns, rows, a_part, a_stride, b_part,
                              b_stride, c_part, c_stride, adds);
        }
}

void matrix_transpose(int rows, int columns, const real *from, int from_stride, real *transposed) {
#if defined(HAS_LIBXSMM) && !defined(LIQUIDBENCH_DOUBLE)
    pthread_once(&xsmm.asked, ask_for_xsmm);
    libxsmm_otrans(transposed, from, sizeof *transposed, columns, rows, from_stride, rows);
    clear_upper_halves();
#else
    for (int i = 0; i < rows; i++)
        for (int j = 0; j < columns; j++)
            transposed[j * rows + i] = from[i * from_stride + j];
#endif
}

void matmul_prepare(void) {
    real one = 1, product = 0;
    cblas_product(CblasNoTrans, CblasTrans, 1, 1, 1, &one, 1, &one, 1, &product, 1, false);
    xsmm_product(false, 1, 1, 1, &one, 1, &one, 1, &product, 1, false);
}

const char *matmul_openblas(void) {
    pthread_once(&openblas.loaded, load_openblas);
    return openblas.name;
}
