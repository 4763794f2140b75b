/* Fitted power laws. */
#include "evaluate/power_law.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/near.h"

static const double x[] = {16, 32, 64, 128, 256};

static void an_exact_law_is_found(void **state) {
    (void)state;
    double y[5];
    for (int i = 0; i < 5; i++)
        y[i] = 3 * pow(x[i], -0.5);
    struct power_law law = power_law_fit(x, y, 5);
    assert_near(law.exponent, -0.5, 1e-12);
    assert_near(law.factor, 3, 1e-12);
    assert_near(law.high - law.low, 0, 1e-6);
}

/* scipy.stats.linregress of the logarithms, and t.ppf(0.975, 3) standard errors. */
static void the_interval_agrees_with_scipy(void **state) {
    (void)state;
    const double y[] = {1.1, 2.0, 4.3, 7.9, 16.8};
    struct power_law law = power_law_fit(x, y, 5);
    assert_near(law.exponent, 0.984762426157, 1e-9);
    assert_near(law.factor, 0.069359719580, 1e-9);
    assert_near(law.low, 0.912521033335, 1e-9);
    assert_near(law.high, 1.057003818979, 1e-9);
}

static void what_has_no_logarithm_is_left_out(void **state) {
    (void)state;
    const double y[] = {1, NAN, 4, INFINITY, 0};
    struct power_law law = power_law_fit(x, y, 5);
    assert_int_equal(law.count, 2);
    assert_near(law.exponent, 1, 1e-12);
    assert_true(isinf(law.low) && isinf(law.high));
    assert_true(isnan(power_law_fit(x, y, 2).exponent));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_exact_law_is_found),
        cmocka_unit_test(the_interval_agrees_with_scipy),
        cmocka_unit_test(what_has_no_logarithm_is_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
