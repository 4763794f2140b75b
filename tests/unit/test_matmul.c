/* Matrix products against the definition, over shapes that LIBXSMM takes and shapes that it does
 * not. */
#include "math/weight_panels.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#ifdef __x86_64__
#include <cpuid.h>
#endif

typedef void (*product)(int m, int n, int k, const real *a, int a_stride, const real *b,
                        int b_stride, real *c, int c_stride, bool add);

/* Whole numbers, so that sums are exact in any order. */
static real *numbers(int rows, int stride) {
    real *values = malloc((size_t)rows * (size_t)stride * sizeof *values);
    for (int i = 0; i < rows * stride; i++)
        values[i] = (real)(i % 1000 * 7919 % 11 - 5);
    return values;
}

static void check(product matmul, bool a_transposed, bool b_transposed, int m, int n, int k,
                  bool add) {
    enum { GAP = 3 };
    int a_stride = (a_transposed ? m : k) + GAP, b_stride = (b_transposed ? k : n) + GAP;
    int c_stride = n + GAP;
    real *a = numbers(a_transposed ? k : m, a_stride), *b = numbers(b_transposed ? n : k, b_stride);
    real *c = numbers(m, c_stride), *before = numbers(m, c_stride);
    matmul(m, n, k, a, a_stride, b, b_stride, c, c_stride, add);
    for (int i = 0; i < m; i++) {
        for (int j = 0; j < c_stride; j++) {
            real expected = add || j >= n ? before[i * c_stride + j] : 0;
            for (int l = 0; l < k && j < n; l++)
                expected += (a_transposed ? a[l * a_stride + i] : a[i * a_stride + l]) *
                            (b_transposed ? b[j * b_stride + l] : b[l * b_stride + j]);
            if (c[i * c_stride + j] != expected)
                fail_msg("%d x %d x %d: c[%d][%d] is %g, not %g", m, n, k, i, j,
                         (double)c[i * c_stride + j], (double)expected);
        }
    }
    free(a);
    free(b);
    free(c);
    free(before);
}

static void check_shapes(product matmul, bool a_transposed, bool b_transposed) {
    static const int shapes[][3] = {{1, 1, 1},    {1, 128, 49},   {16, 128, 32},
                                    {3, 5, 7},    {33, 17, 9},    {2, 700, 130},
                                    {4, 3, 2000}, {3, 2100, 140}, {70, 20, 600}};
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
        check(matmul, a_transposed, b_transposed, shapes[i][0], shapes[i][1], shapes[i][2], false);
        check(matmul, a_transposed, b_transposed, shapes[i][0], shapes[i][1], shapes[i][2], true);
    }
}

static void products_of_all_three_kinds_follow_the_definition(void **state) {
    (void)state;
    check_shapes(matmul_nn, false, false);
    check_shapes(matmul_nt, false, true);
    check_shapes(matmul_tn, true, false);
}

/* B [k][n] in panels, made from its transpose but for its last row, and copied as it is. */
static void check_panels(int m, int n, int k, bool is_cut) {
    real *a = numbers(m, k), *b = numbers(k, n), *weight = malloc((size_t)(n * k) * sizeof *b);
    real *panels = malloc((size_t)(n * k) * sizeof *b), *room = malloc((size_t)(n * k) * sizeof *b);
    real *expected = numbers(m, n), *c = numbers(m, n), *other = numbers(m, n);
    matrix_transpose(k, n, b, n, weight);
    panels_set_transposed(n, k, 0, k - 1, weight, k, panels);
    panels_set_row(n, k, k - 1, b + (size_t)(k - 1) * (size_t)n, NULL, panels);
    assert_int_equal(panels_room(n, k), is_cut ? n * k : 0);
    const real *copied = panels_of(n, k, b, room);
    assert_ptr_equal(copied, is_cut ? room : b);
    matmul_nn(m, n, k, a, k, b, n, expected, n, true);
    matmul_panels(m, n, k, a, k, panels, c, n, true);
    matmul_panels(m, n, k, a, k, copied, other, n, true);
    assert_memory_equal(c, expected, (size_t)(m * n) * sizeof *c);
    assert_memory_equal(other, expected, (size_t)(m * n) * sizeof *c);
    real *const all[] = {a, b, weight, panels, room, expected, c, other};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        free(all[i]);
}

static void products_in_panels_are_those_of_the_whole(void **state) {
    (void)state;
    for (int m = 1; m <= 16; m += 5) {
        check_panels(m, 50, 30, false);
        check_panels(m, 64, 9000, false); /* as narrow as a panel */
        check_panels(m, 65, 9000, true);
        check_panels(m, 1280, 337, true);
        check_panels(m, 777, 600, true);
    }
}

static void an_empty_product_changes_nothing(void **state) {
    (void)state;
    real c = 5;
    matmul_nn(0, 1, 1, NULL, 1, NULL, 1, &c, 1, false);
    matmul_tn(1, 0, 1, NULL, 1, NULL, 1, &c, 1, false);
    assert_true(c == 5);
}

static void nan_spreads(void **state) {
    (void)state;
    const real a[] = {(real)NAN, 0}, b[] = {0, 1};
    real c = 0;
    matmul_nt(1, 1, 2, a, 2, b, 2, &c, 1, false);
    assert_true(isnan(c));
}

#ifdef __x86_64__

/* Whether the processor says that upper halves of vector registers are in use (XINUSE, bit 2). */
static __attribute__((target("xsave"))) bool upper_halves_in_use(void) {
    return (__builtin_ia32_xgetbv(1) & 4) != 0;
}

/* Plain assembly: gcc would clear them at the end of a function compiled for AVX. */
static void use_upper_halves(void) {
    __asm__ volatile("vpcmpeqd %%xmm0, %%xmm0, %%xmm0\n\tvinsertf128 $1, %%xmm0, %%ymm0, %%ymm0" ::
                         : "xmm0");
}

static void clear_upper_halves(void) {
    __asm__ volatile("vzeroupper");
}

/* Whether it can be observed here: some processors do not say. */
static bool upper_halves_are_known(void) {
    unsigned a, b, c, d;
    if (!__builtin_cpu_supports("avx") || !__get_cpuid_count(13, 1, &a, &b, &c, &d) || !(a & 4))
        return false;
    use_upper_halves();
    bool seen = upper_halves_in_use();
    clear_upper_halves();
    return seen && !upper_halves_in_use();
}

static void no_product_slows_down_what_follows(void **state) {
    (void)state;
    if (!upper_halves_are_known())
        skip();
    const product products[] = {matmul_nn, matmul_nt, matmul_tn};
    real a[16 * 16] = {1}, b[16 * 16] = {1}, c[16 * 16];
    for (size_t i = 0; i < sizeof products / sizeof products[0]; i++) {
        products[i](16, 16, 16, a, 16, b, 16, c, 16, false);
        assert_false(upper_halves_in_use());
    }
    matrix_transpose(16, 16, a, 16, b);
    assert_false(upper_halves_in_use());
}

#else

static void no_product_slows_down_what_follows(void **state) {
    (void)state;
    skip();
}

#endif

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(products_of_all_three_kinds_follow_the_definition),
        cmocka_unit_test(products_in_panels_are_those_of_the_whole),
        cmocka_unit_test(an_empty_product_changes_nothing),
        cmocka_unit_test(nan_spreads),
        cmocka_unit_test(no_product_slows_down_what_follows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
