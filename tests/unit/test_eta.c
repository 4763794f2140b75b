#include "experiment/run/eta.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const double CLOSE = 1e-9;

static const struct eta_model models[] = {{.epochs = 10, .epoch_seconds = NAN},
                                          {.epochs = 20, .epoch_seconds = NAN}};

static void nothing_known_gives_no_estimate(void **state) {
    (void)state;
    const struct eta_trial trials[] = {{.model = 0}, {.model = 1}};
    assert_true(isnan(eta_seconds(models, 2, trials, 2, 1)));
}

static void each_model_has_its_own_rate(void **state) {
    (void)state;
    const struct eta_trial trials[] = {
        {.model = 0, .state = ETA_ENDED, .epoch = 10, .trained = 10, .seconds = 12},
        {.model = 0},
        {.model = 1, .state = ETA_ENDED, .epoch = 5, .trained = 50, .seconds = 51},
        {.model = 1},
        {.model = 1},
    };
    /* 12 s, and twice 51 s: the second model stops early, and evaluates in 1 s */
    assert_float_equal(eta_seconds(models, 2, trials, 5, 1), 12 + 51 + 51, CLOSE);
    assert_float_equal(eta_seconds(models, 2, trials, 5, 2), 51 + 12, CLOSE);
}

static void a_running_trial_has_its_epochs_behind_it(void **state) {
    (void)state;
    const struct eta_trial trials[] = {
        {.model = 0, .state = ETA_RUNNING, .epoch = 4, .trained = 8, .seconds = 9}};
    assert_float_equal(eta_seconds(models, 1, trials, 1, 1), 6 * 2 - 1, CLOSE);
}

static void a_model_that_has_not_begun_is_as_slow_as_it_was_timed_times_the_slowdown(void **state) {
    (void)state;
    const struct eta_model timed[] = {{.epochs = 10, .epoch_seconds = 1},
                                      {.epochs = 20, .epoch_seconds = 5}};
    const struct eta_trial trials[] = {
        {.model = 0, .state = ETA_ENDED, .epoch = 10, .trained = 30, .seconds = 30}, {.model = 1}};
    assert_float_equal(eta_seconds(timed, 2, trials, 2, 1), 20 * 5 * 3, CLOSE);
}

static void the_slowdown_is_that_of_running_trials(void **state) {
    (void)state;
    const struct eta_model timed[] = {{.epochs = 10, .epoch_seconds = 1},
                                      {.epochs = 20, .epoch_seconds = 5}};
    const struct eta_trial trials[] = {
        {.model = 0, .state = ETA_ENDED, .epoch = 10, .trained = 300, .seconds = 300},
        {.model = 0, .state = ETA_RUNNING, .epoch = 10, .trained = 20, .seconds = 20},
        {.model = 1}};
    assert_float_equal(eta_seconds(timed, 2, trials, 3, 1), 20 * 5 * 2, CLOSE);
}

static void a_model_of_which_nothing_else_is_known_takes_as_long_as_its_operations(void **state) {
    (void)state;
    const struct eta_model some[] = {{.epochs = 10, .epoch_seconds = NAN, .epoch_work = 8e6},
                                     {.epochs = 10, .epoch_seconds = NAN, .epoch_work = 1e6}};
    const struct eta_trial trials[] = {
        {.model = 0, .state = ETA_ENDED, .epoch = 10, .trained = 40, .seconds = 40}, {.model = 1}};
    assert_float_equal(eta_seconds(some, 2, trials, 2, 1), 5, CLOSE);
}

static void a_model_costs_processor_time_and_the_machine_leaves_a_share_of_it(void **state) {
    (void)state;
    /* an epoch takes 1 s on a processor; the first trial had half of one, the second has a quarter */
    const struct eta_trial trials[] = {
        {.model = 0, .state = ETA_ENDED, .epoch = 10, .trained = 20, .cpu = 10, .seconds = 20},
        {.model = 0, .state = ETA_RUNNING, .epoch = 5, .trained = 20, .cpu = 5, .seconds = 20},
    };
    double all = 15.0 / 40, now = 5.0 / 20;
    assert_float_equal(eta_seconds(models, 1, trials, 2, 1), 5 / ((all + now) / 2), CLOSE);
}

static void
early_stops_of_others_and_their_evaluations_count_for_a_model_without_any(void **state) {
    (void)state;
    const struct eta_model timed[] = {{.epochs = 10, .epoch_seconds = 1},
                                      {.epochs = 20, .epoch_seconds = 1}};
    const struct eta_trial trials[] = {
        {.model = 0, .state = ETA_ENDED, .epoch = 5, .trained = 5, .seconds = 8}, {.model = 1}};
    assert_float_equal(eta_seconds(timed, 2, trials, 2, 1), 10 + 3, CLOSE);
}

static void baselines_and_failures_without_times_take_nothing_away(void **state) {
    (void)state;
    const struct eta_model some[] = {{.epochs = 10, .epoch_seconds = 1},
                                     {.epochs = 0, .epoch_seconds = NAN}};
    const struct eta_trial trials[] = {
        {.model = 0, .state = ETA_ENDED, .trained = NAN, .seconds = NAN},
        {.model = 0},
        {.model = 1}};
    assert_float_equal(eta_seconds(some, 2, trials, 3, 1), 10, CLOSE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_known_gives_no_estimate),
        cmocka_unit_test(each_model_has_its_own_rate),
        cmocka_unit_test(a_running_trial_has_its_epochs_behind_it),
        cmocka_unit_test(a_model_that_has_not_begun_is_as_slow_as_it_was_timed_times_the_slowdown),
        cmocka_unit_test(the_slowdown_is_that_of_running_trials),
        cmocka_unit_test(a_model_of_which_nothing_else_is_known_takes_as_long_as_its_operations),
        cmocka_unit_test(a_model_costs_processor_time_and_the_machine_leaves_a_share_of_it),
        cmocka_unit_test(early_stops_of_others_and_their_evaluations_count_for_a_model_without_any),
        cmocka_unit_test(baselines_and_failures_without_times_take_nothing_away),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
