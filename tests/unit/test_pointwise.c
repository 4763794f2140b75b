/* exp, sigmoid, tanh, sine and the like against the C library's, over their whole range. */
#include "math/vector.h"

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

static double log_sigmoid(double x) {
    return x < 0 ? x - log1p(exp(x)) : -log1p(exp(-x));
}

static void log_sigmoid_is_accurate_to_a_few_units_in_the_last_place(void **state) {
    (void)state;
    assert_true(worst_ulps(real_log_sigmoid, log_sigmoid, -1e4, -20) < 2);
    assert_true(worst_ulps(real_log_sigmoid, log_sigmoid, -20, 80) < 5);
    assert_true(real_log_sigmoid(INFINITY) > -1e-37f && real_log_sigmoid(-INFINITY) == -INFINITY);
    assert_true(isnan(real_log_sigmoid((real)NAN)));
}

static real first_tanh(real x) {
    return vector_tanh((vector){x})[0];
}

static real first_sigmoid(real x) {
    return vector_sigmoid((vector){x})[0];
}

static void vectors_are_as_accurate_as_single_numbers(void **state) {
    (void)state;
    assert_true(worst_ulps(first_tanh, tanh, -20, -1e-9) < 5);
    assert_true(worst_ulps(first_tanh, tanh, -1e-3, -1e-12) < 5);
    assert_true(worst_ulps(first_sigmoid, sigmoid, -8, 60) < 6);
    assert_true(first_tanh(INFINITY) == 1 && first_tanh(-INFINITY) == -1);
    assert_true(isnan(first_tanh((real)NAN)) && isnan(first_sigmoid((real)NAN)));
}

static void expm1_is_accurate_near_zero_too(void **state) {
    (void)state;
    assert_true(worst_ulps(real_expm1, expm1, -80, -1e-9) < 4);
    assert_true(worst_ulps(real_expm1, expm1, 1e-9, 80) < 4);
    assert_true(worst_ulps(real_expm1, expm1, -1e-3, -1e-12) < 4);
    assert_true(real_expm1(0) == 0 && real_expm1(-INFINITY) == -1);
    assert_true(isnan(real_expm1((real)NAN)));
}

static double normal_cdf(double x) {
    return erfc(-x / sqrt(2)) / 2;
}

/* Largest absolute error of f over [low, high]. */
static double worst_difference(real (*f)(real), double (*exact)(double), double low, double high) {
    enum { POINTS = 1000000 };
    double worst = 0;
    for (int i = 0; i <= POINTS; i++) {
        real x = (real)(low + (high - low) * i / POINTS);
        worst = fmax(worst, fabs((double)f(x) - exact((double)x)));
    }
    return worst;
}

static void sine_and_cosine_are_accurate_and_bounded(void **state) {
    (void)state;
    assert_true(worst_difference(real_sin, sin, -10, 10) < 2e-7);
    assert_true(worst_difference(real_cos, cos, -10, 10) < 2e-7);
    assert_true(worst_difference(real_sin, sin, -1e5, 1e5) < 4e-7);
    assert_true(worst_difference(real_cos, cos, -1e5, 1e5) < 4e-7);
    const real huge[] = {1e6f, FLT_MAX, INFINITY, -FLT_MAX};
    for (size_t i = 0; i < sizeof huge / sizeof huge[0]; i++) {
        assert_true(fabs((double)real_sin(huge[i])) <= 1.0001);
        assert_true(fabs((double)real_cos(huge[i])) <= 1.0001);
    }
    assert_true(isnan(real_sin((real)NAN)) && isnan(real_cos((real)NAN)));
}

static void normal_distribution_is_accurate_to_5e_7(void **state) {
    (void)state;
    assert_true(worst_difference(real_normal_cdf, normal_cdf, -30, 30) < 5e-7);
    assert_true(real_normal_cdf(INFINITY) == 1 && real_normal_cdf(-INFINITY) < 1e-30f);
    assert_true(isnan(real_normal_cdf((real)NAN)));
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
        cmocka_unit_test(log_sigmoid_is_accurate_to_a_few_units_in_the_last_place),
        cmocka_unit_test(vectors_are_as_accurate_as_single_numbers),
        cmocka_unit_test(expm1_is_accurate_near_zero_too),
        cmocka_unit_test(sine_and_cosine_are_accurate_and_bounded),
        cmocka_unit_test(normal_distribution_is_accurate_to_5e_7),
        cmocka_unit_test(huge_arguments_saturate),
        cmocka_unit_test(nan_stays_nan),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
