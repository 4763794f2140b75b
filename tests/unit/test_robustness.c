#include "evaluate/robustness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/near.h"

static const double severities[] = {0.5, 1, 2}, errors[] = {2, 3, 4};

static void the_area_is_the_mean_error_over_severity(void **state) {
    (void)state;
    /* (1 + 2)/2 / 2 + (2 + 3)/2 / 2 + (3 + 4)/2 = 5.5, over a width of 2 */
    assert_near(area_under_severity(1, severities, errors, 3), 2.75, 1e-15);
    const double flat[] = {7, 7, 7};
    assert_near(area_under_severity(7, severities, flat, 3), 7, 1e-15);
    assert_true(isnan(area_under_severity(1, severities, errors, 0)));
}

static void degradation_is_relative_to_the_clean_error(void **state) {
    (void)state;
    assert_near(mean_degradation(1, errors, 3), 2, 1e-15);
    assert_near(mean_degradation(3, errors, 3), 0, 1e-15);
    assert_true(isnan(mean_degradation(0, errors, 3)));
    assert_true(isnan(mean_degradation(NAN, errors, 3)));
}

static void corruption_errors_are_1_for_the_reference(void **state) {
    (void)state;
    const double reference[] = {4, 6, 8};
    assert_near(corruption_error(reference, reference, 3), 1, 0);
    assert_near(corruption_error(errors, reference, 3), 0.5, 1e-15);
    assert_near(relative_corruption_error(3, reference, 3, reference, 3), 1, 0);
    /* (9 - 3) / (18 - 9) */
    assert_near(relative_corruption_error(1, errors, 3, reference, 3), 2.0 / 3, 1e-15);
    assert_true(isnan(relative_corruption_error(1, errors, 6, reference, 3)));
    assert_near(mean_over_perturbations(errors, 3), 3, 1e-15);
}

static void higher_scores_are_lower_errors(void **state) {
    (void)state;
    assert_near(score_error(0.9, true), 0.1, 1e-15);
    assert_near(score_error(0.9, false), 0.9, 0);
}

static void the_worst_degradation_passes_over_missing_ones(void **state) {
    (void)state;
    const double some[] = {NAN, 0.5, 2, NAN, 1}, none[] = {NAN};
    size_t which = 9;
    assert_near(worst_degradation(some, 5, &which), 2, 0);
    assert_int_equal(which, 2);
    assert_true(isnan(worst_degradation(none, 1, NULL)));
}

static void shifts_are_compared_with_the_test(void **state) {
    (void)state;
    assert_near(shift_gap(2, 5), 3, 0);
    assert_near(shift_ratio(2, 5), 2.5, 0);
    assert_true(isnan(shift_ratio(0, 5)));
}

static void a_model_that_is_not_finite_is_infinitely_bad(void **state) {
    (void)state;
    const double blown[] = {2, INFINITY, 4}, zero_first[] = {0, 1, 2};
    assert_true(isinf(area_under_severity(1, severities, blown, 3)));
    assert_true(isinf(area_under_severity(INFINITY, severities, errors, 3)));
    const double at_zero[] = {INFINITY, 3, 4};
    assert_true(isinf(area_under_severity(1, zero_first, at_zero, 3)));
    assert_true(mean_degradation(1, blown, 3) == INFINITY);
    assert_true(mean_degradation(INFINITY, blown, 3) == INFINITY);
    assert_true(mean_degradation(INFINITY, errors, 3) == INFINITY); /* not -1 */
    assert_true(corruption_error(blown, errors, 3) == INFINITY);
    assert_true(corruption_error(blown, blown, 3) == INFINITY);
    assert_true(isnan(corruption_error(errors, blown, 3))); /* not 0 */
    assert_true(relative_corruption_error(INFINITY, blown, 1, errors, 3) == INFINITY);
    assert_true(relative_corruption_error(1, blown, 1, errors, 3) == INFINITY);
    assert_true(isnan(relative_corruption_error(1, errors, 1, blown, 3)));
    assert_true(isnan(relative_corruption_error(1, errors, INFINITY, errors, 3)));
    assert_true(shift_gap(2, INFINITY) == INFINITY);
    assert_true(shift_gap(INFINITY, 2) == INFINITY); /* not -inf */
    assert_true(shift_ratio(INFINITY, INFINITY) == INFINITY);
    assert_true(score_error(-INFINITY, true) == INFINITY);
    const double some[] = {1, INFINITY};
    size_t which;
    assert_true(worst_degradation(some, 2, &which) == INFINITY && which == 1);
    const double costs[] = {1, 2}, wrong[] = {INFINITY, 3};
    bool front[2];
    pareto_front(costs, wrong, 2, front);
    assert_true(!front[0] && front[1]);
}

static void the_pareto_front_has_what_nothing_beats(void **state) {
    (void)state;
    const double costs[] = {1, 2, 3, 2, NAN, 1}, wrong[] = {5, 3, 3, 4, 1, 5};
    const bool expected[] = {true, true, false, false, false, true};
    bool front[6];
    pareto_front(costs, wrong, 6, front);
    for (int i = 0; i < 6; i++)
        assert_int_equal(front[i], expected[i]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_area_is_the_mean_error_over_severity),
        cmocka_unit_test(degradation_is_relative_to_the_clean_error),
        cmocka_unit_test(corruption_errors_are_1_for_the_reference),
        cmocka_unit_test(higher_scores_are_lower_errors),
        cmocka_unit_test(the_worst_degradation_passes_over_missing_ones),
        cmocka_unit_test(shifts_are_compared_with_the_test),
        cmocka_unit_test(a_model_that_is_not_finite_is_infinitely_bad),
        cmocka_unit_test(the_pareto_front_has_what_nothing_beats),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
