#include "evaluate/change_point.h"
#include "math/random.h"

#include <gsl/gsl_randist.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>

#include <cmocka.h>

enum { COMMITS = 30, HISTORIES = 1000, PLANTED = 40 };
static const double LEVEL = 0.005;

/* Logarithms of scores: noise of 1 %, from a commit on a step, and at each commit a drift. */
static void make_history(gsl_rng *rng, double step, double drift, double *values) {
    for (int i = 0; i < COMMITS; i++)
        values[i] = gsl_ran_gaussian(rng, 0.01) + (i >= 18 ? step : 0) + drift * i;
}

/* Two tests a history, adjusted as `history` does. */
static bool alarms(double p, double q) {
    return fmin(p, q) * 2 <= LEVEL;
}

static void null_histories_give_no_alarm_in_99_of_100(void **state) {
    (void)state;
    gsl_rng *rng = random_stream(1, "null histories");
    double values[COMMITS];
    int found = 0;
    for (int h = 0; h < HISTORIES; h++) {
        make_history(rng, 0, 0, values);
        found += alarms(find_step(values, COMMITS).p, find_drift(values, COMMITS).p);
    }
    gsl_rng_free(rng);
    print_message("%d false alarms in %d null histories\n", found, HISTORIES);
    assert_true(found <= HISTORIES / 100);
}

static void a_step_of_3_per_cent_is_found_where_it_is(void **state) {
    (void)state;
    gsl_rng *rng = random_stream(2, "steps");
    double values[COMMITS];
    int found = 0, near = 0;
    for (int h = 0; h < PLANTED; h++) {
        make_history(rng, 0.03, 0, values);
        struct change_point step = find_step(values, COMMITS);
        struct drift drift = find_drift(values, COMMITS);
        found += step.p * 2 <= LEVEL &&
                 step_residual(values, COMMITS, &step) < drift_residual(values, COMMITS, &drift);
        near += step.at >= 17 && step.at <= 19;
    }
    gsl_rng_free(rng);
    print_message("%d of %d steps found, %d within one commit\n", found, PLANTED, near);
    assert_true(found >= 38 && near >= 36);
}

static void a_drift_of_1_per_cent_a_commit_is_found_and_is_no_step(void **state) {
    (void)state;
    gsl_rng *rng = random_stream(3, "drifts");
    double values[COMMITS];
    int found = 0;
    for (int h = 0; h < PLANTED; h++) {
        make_history(rng, 0, 0.01, values);
        struct change_point step = find_step(values, COMMITS);
        struct drift drift = find_drift(values, COMMITS);
        found += drift.p * 2 <= LEVEL && fabs(drift.slope - 0.01) < 0.002 &&
                 drift_residual(values, COMMITS, &drift) < step_residual(values, COMMITS, &step);
    }
    gsl_rng_free(rng);
    print_message("%d of %d drifts found\n", found, PLANTED);
    assert_true(found >= 39);
}

static void equal_values_and_too_few_do_not_change(void **state) {
    (void)state;
    double equal[COMMITS] = {0}, few[3] = {1, 1, 5}, gaps[8] = {1, NAN, 1.1, 0.9, 5, NAN, 5.1, 4.9};
    assert_true(find_step(equal, COMMITS).p == 1 && find_drift(equal, COMMITS).p == 1);
    assert_true(isnan(find_step(few, 3).p) && isnan(find_drift(few, 3).p));
    struct change_point step = find_step(gaps, 8);
    assert_int_equal(step.at, 4);
    assert_true(fabs(step.before - 1) < 1e-12 && fabs(step.after - 5) < 1e-12);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(null_histories_give_no_alarm_in_99_of_100),
        cmocka_unit_test(a_step_of_3_per_cent_is_found_where_it_is),
        cmocka_unit_test(a_drift_of_1_per_cent_a_commit_is_found_and_is_no_step),
        cmocka_unit_test(equal_values_and_too_few_do_not_change),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
