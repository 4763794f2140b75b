/* exp, sigmoid and tanh against the C library's, over their whole range. */
#include "math/pointwise.h"

#include <float.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Largest relative error of f over [low, high], in units of the last place of a float. */
static double worst_ulps(real (*f)(real), double (*exact)(double), double low, double high) {
    enum { POINTS = 1000000 };
    double worst = 0;
    for (int i = 0; i <= POINTS; i++) {
        real x = (real)(low + (high - low) * i / POINTS);
        double expected = exact((double)x);
        worst = fmax(worst, fabs(((double)f(x) - expected) / expected) / FLT_EPSILON);
    }
    return worst;
}

static double sigmoid(double x) {
    return 1 / (1 + exp(-x));
}

static void exp_is_accurate_to_a_few_units_in_the_last_place(void **state) {
    (void)state;
    assert_true(worst_ulps(real_exp, exp, -87, 88) < 3);
}

static void sigmoid_is_accurate_to_a_few_units_in_the_last_place(void **state) {
    (void)state;
    assert_true(worst_ulps(real_sigmoid, sigmoid, -68, 90) < 4);
}

static void tanh_is_accurate_to_a_few_units_in_the_last_place(void **state) {
    (void)state;
    assert_true(worst_ulps(real_tanh, tanh, -20, -1e-9) < 4);
    assert_true(worst_ulps(real_tanh, tanh, 1e-9, 20) < 4);
    assert_true(worst_ulps(real_tanh, tanh, -1e-3, -1e-12) < 4);
}

static void huge_arguments_saturate(void **state) {
    (void)state;
    const real huge[] = {1e3f, 1e30f, FLT_MAX, INFINITY};
    for (size_t i = 0; i < sizeof huge / sizeof huge[0]; i++) {
        assert_true(real_exp(-huge[i]) < 1e-37f);
        assert_true(real_exp(huge[i]) > 1e38f);
        assert_true(real_sigmoid(-huge[i]) < 1e-29f);
        assert_true(real_sigmoid(huge[i]) == 1);
        assert_true(real_tanh(huge[i]) == 1);
        assert_true(real_tanh(-huge[i]) == -1);
    }
}

static void nan_stays_nan(void **state) {
    (void)state;
    const real nans[] = {(real)NAN, -(real)NAN, (real)nan("1954")};
    for (size_t i = 0; i < sizeof nans / sizeof nans[0]; i++) {
        assert_true(isnan(real_exp(nans[i])));
        assert_true(isnan(real_sigmoid(nans[i])));
        assert_true(isnan(real_tanh(nans[i])));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exp_is_accurate_to_a_few_units_in_the_last_place),
        cmocka_unit_test(sigmoid_is_accurate_to_a_few_units_in_the_last_place),
        cmocka_unit_test(tanh_is_accurate_to_a_few_units_in_the_last_place),
        cmocka_unit_test(huge_arguments_saturate),
        cmocka_unit_test(nan_stays_nan),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
