#include "evaluate/statistics.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/near.h"

static void a_sample_is_summarized(void **state) {
    (void)state;
    const double values[] = {2, 4, 4, 4, 5, 5, 7, 9}; /* Σ (v - 5)² = 32 */
    struct summary summary = summarize(values, 8);
    assert_int_equal(summary.count, 8);
    assert_near(summary.mean, 5, 1e-15);
    assert_near(summary.deviation, sqrt(32.0 / 7), 1e-15);
    assert_near(summary.least, 2, 0);
    assert_near(summary.most, 9, 0);
}

static void a_single_value_does_not_deviate(void **state) {
    (void)state;
    const double value = -3.5;
    struct summary summary = summarize(&value, 1);
    assert_int_equal(summary.count, 1);
    assert_near(summary.mean, -3.5, 0);
    assert_near(summary.deviation, 0, 0);
    assert_near(summary.least, -3.5, 0);
    assert_near(summary.most, -3.5, 0);
}

static void values_that_are_not_finite_are_left_out(void **state) {
    (void)state;
    const double values[] = {NAN, 1, INFINITY, 3, -INFINITY};
    struct summary summary = summarize(values, 5);
    assert_int_equal(summary.count, 2);
    assert_near(summary.mean, 2, 0);
    assert_near(summary.deviation, sqrt(2), 1e-15);
    assert_near(summary.least, 1, 0);
    assert_near(summary.most, 3, 0);
}

static void of_nothing_there_is_no_mean(void **state) {
    (void)state;
    const double values[] = {NAN, INFINITY};
    for (size_t count = 0; count <= 2; count += 2) {
        struct summary summary = summarize(values, count);
        assert_int_equal(summary.count, 0);
        assert_true(isnan(summary.mean));
        assert_true(isnan(summary.deviation));
        assert_true(isnan(summary.least));
        assert_true(isnan(summary.most));
    }
}

static void huge_values_do_not_overflow_the_mean(void **state) {
    (void)state;
    const double values[] = {1e308, 1e308, 1e308};
    struct summary summary = summarize(values, 3);
    assert_near(summary.mean / 1e308, 1, 1e-12);
    assert_near(summary.deviation, 0, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sample_is_summarized),
        cmocka_unit_test(a_single_value_does_not_deviate),
        cmocka_unit_test(values_that_are_not_finite_are_left_out),
        cmocka_unit_test(of_nothing_there_is_no_mean),
        cmocka_unit_test(huge_values_do_not_overflow_the_mean),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
