#include "experiment/run/eta.h"

#include "base/json.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const double CLOSE = 1e-9;
static const double ROUGH = 0.2; /* before it is known what starting and ending a trial costs */

static const struct eta_model models[] = {{.epochs = 10, .epoch_seconds = NAN},
                                          {.epochs = 20, .epoch_seconds = NAN}};

static void nothing_known_gives_no_estimate(void **state) {
    (void)state;
    const struct eta_trial trials[] = {{.model = 0}, {.model = 1}};
    assert_true(isnan(eta_seconds(models, 2, trials, 2, 1, 0)));
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
    assert_float_equal(eta_seconds(models, 2, trials, 5, 1, 0), 12 + 51 + 51, CLOSE);
    assert_float_equal(eta_seconds(models, 2, trials, 5, 2, 0), 51 + 12, CLOSE);
}

static void a_running_trial_has_its_epochs_behind_it(void **state) {
    (void)state;
    const struct eta_trial trials[] = {
        {.model = 0, .state = ETA_RUNNING, .epoch = 4, .trained = 8, .seconds = 9}};
    assert_float_equal(eta_seconds(models, 1, trials, 1, 1, 0), 6 * 2 - 1, ROUGH);
}

static void a_model_that_has_not_begun_is_as_slow_as_it_was_timed_times_the_slowdown(void **state) {
    (void)state;
    const struct eta_model timed[] = {{.epochs = 10, .epoch_seconds = 1},
                                      {.epochs = 20, .epoch_seconds = 5}};
    const struct eta_trial trials[] = {
        {.model = 0, .state = ETA_ENDED, .epoch = 10, .trained = 30, .seconds = 30}, {.model = 1}};
    assert_float_equal(eta_seconds(timed, 2, trials, 2, 1, 0), 20 * 5 * 3, CLOSE);
}

static void a_model_of_which_nothing_else_is_known_takes_as_long_as_its_operations(void **state) {
    (void)state;
    const struct eta_model some[] = {{.epochs = 10, .epoch_seconds = NAN, .epoch_work = 8e6},
                                     {.epochs = 10, .epoch_seconds = NAN, .epoch_work = 1e6}};
    const struct eta_trial trials[] = {
        {.model = 0, .state = ETA_ENDED, .epoch = 10, .trained = 40, .seconds = 40}, {.model = 1}};
    assert_float_equal(eta_seconds(some, 2, trials, 2, 1, 0), 5, CLOSE);
}

static void a_model_costs_processor_time_and_the_machine_leaves_a_share_of_it(void **state) {
    (void)state;
    /* an epoch takes 1 s on a processor; the first trial had half of one, the second has a quarter */
    struct eta_trial trials[] = {
        {.model = 0, .state = ETA_ENDED, .epoch = 10, .trained = 20, .cpu = 10, .seconds = 20},
        {.model = 0, .state = ETA_RUNNING, .epoch = 5, .trained = 20, .cpu = 5, .seconds = 20},
    };
    assert_float_equal(eta_seconds(models, 1, trials, 2, 1, 0), 5 / (15.0 / 40), CLOSE);
    /* half of all the time ago, what counts a quarter as much */
    trials[0].age = 10;
    assert_float_equal(eta_seconds(models, 1, trials, 2, 1, 0), 5 / (7.5 / 25), CLOSE);
}

static void
early_stops_of_others_and_their_evaluations_count_for_a_model_without_any(void **state) {
    (void)state;
    const struct eta_model timed[] = {{.epochs = 10, .epoch_seconds = 1},
                                      {.epochs = 20, .epoch_seconds = 1}};
    const struct eta_trial trials[] = {
        {.model = 0, .state = ETA_ENDED, .epoch = 5, .trained = 5, .seconds = 8}, {.model = 1}};
    assert_float_equal(eta_seconds(timed, 2, trials, 2, 1, 0), 10 + 3, ROUGH);
}

static void
evaluations_of_other_models_tell_their_constant_part_from_that_of_their_epochs(void **state) {
    (void)state;
    const struct eta_model some[] = {
        {.epochs = 10, .epoch_seconds = 1},
        {.epochs = 10, .epoch_seconds = 3},
        {.epochs = 10, .epoch_seconds = 2},
        {.epochs = 0, .epoch_seconds = NAN},
    };
    struct eta_trial trials[] = {
        {.model = 0, .state = ETA_ENDED, .epoch = 10, .trained = 10, .seconds = 10 + 5 + 2},
        {.model = 1, .state = ETA_ENDED, .epoch = 10, .trained = 30, .seconds = 30 + 5 + 6},
        {.model = 2}};
    assert_float_equal(eta_seconds(some, 4, trials, 3, 1, 0), 20 + 5 + 4, CLOSE);
    trials[2].model = 3; /* a baseline: the constant alone */
    assert_float_equal(eta_seconds(some, 4, trials, 3, 1, 0), 5, CLOSE);
}

static void baselines_take_as_long_as_those_that_have_ended(void **state) {
    (void)state;
    const struct eta_model some[] = {{.epochs = 10, .epoch_seconds = 1}, {.epochs = 0}};
    const struct eta_trial trials[] = {
        {.model = 0, .state = ETA_ENDED, .epoch = 10, .trained = 10, .seconds = 10},
        {.model = 1, .state = ETA_ENDED, .trained = 4, .cpu = 4, .seconds = 6},
        {.model = 1}};
    assert_float_equal(eta_seconds(some, 2, trials, 3, 1, 0), 6, CLOSE);
}

static void trials_that_follow_take_as_long_as_their_operations(void **state) {
    (void)state;
    const struct eta_model some[] = {{.epochs = 10, .epoch_seconds = NAN, .epoch_work = 100}};
    const struct eta_trial trials[] = {
        {.model = 0, .state = ETA_ENDED, .epoch = 5, .trained = 5, .seconds = 5}};
    /* 1 s for 100 operations, and half of the epochs */
    assert_float_equal(eta_seconds(some, 1, trials, 1, 2, 4000), 4000 / 100 / 2 / 2, CLOSE);
}

static void baselines_and_failures_without_times_take_nothing_away(void **state) {
    (void)state;
    const struct eta_model some[] = {{.epochs = 10, .epoch_seconds = 1},
                                     {.epochs = 0, .epoch_seconds = NAN}};
    const struct eta_trial trials[] = {
        {.model = 0, .state = ETA_ENDED, .trained = NAN, .seconds = NAN},
        {.model = 0},
        {.model = 1}};
    assert_float_equal(eta_seconds(some, 2, trials, 3, 1, 0), 10, ROUGH);
}

/* --- recorded runs (scripts/measure_eta.py --history) ----------------------------------------- */

enum { MAX_MODELS = 64, MAX_TRIALS = 256 };

struct history {
    struct eta_model models[MAX_MODELS];
    size_t model_count, jobs;
    double seconds;
    cJSON *json;
};

static double number_at(const cJSON *array, int place) {
    return cJSON_GetArrayItem(array, place)->valuedouble;
}

static struct history read_history(const char *path) {
    struct history history = {0};
    struct error error;
    history.json = json_load(path, &error);
    assert_non_null(history.json);
    history.jobs = (size_t)json_number(history.json, "jobs", 0);
    history.seconds = json_number(history.json, "seconds", 0);
    const cJSON *item;
    cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(history.json, "models")) {
        assert_true(history.model_count + 1 < MAX_MODELS);
        history.models[history.model_count++] = (struct eta_model){
            .epochs = (int)json_number(item, "epochs", 0),
            .epoch_seconds = json_number(item, "epoch_seconds", NAN),
            .epoch_work = json_number(item, "epoch_work", 0),
            .evaluation_epochs = json_number(item, "evaluation_epochs", 0),
        };
    }
    history.models[history.model_count++] =
        (struct eta_model){.epoch_seconds = NAN}; /* baselines */
    return history;
}

/* What a run knows of the trial so many seconds after its own start. */
static struct eta_trial trial_at(const struct history *history, const cJSON *told, double now) {
    const char *name = cJSON_GetArrayItem(told, 0)->valuestring;
    struct eta_trial trial = {0};
    const cJSON *model;
    cJSON_ArrayForEach(model, cJSON_GetObjectItemCaseSensitive(history->json, "models")) {
        if (strcmp(model->string, name) == 0)
            break;
        trial.model++;
    }
    double begin = number_at(told, 1), end = number_at(told, 2), epochs = number_at(told, 3);
    double trained = number_at(told, 4), cpu = number_at(told, 5);
    if (now < begin)
        return trial;
    double share = now >= end ? 1 : fmin((now - begin) / fmax(trained, 1e-9), 1);
    if (epochs > 0)
        share = floor(share * epochs) / epochs;
    trial.state = now >= end ? ETA_ENDED : ETA_RUNNING;
    trial.epoch = (int)lround(share * epochs);
    trial.trained = trial.epoch > 0 || now >= end ? share * trained : NAN;
    trial.cpu = share * cpu;
    trial.seconds = now >= end ? number_at(told, 6) : now - begin;
    trial.age = now - end;
    return trial;
}

static double estimate_at(const struct history *history, double now) {
    struct eta_trial trials[MAX_TRIALS];
    size_t count = 0;
    const cJSON *told;
    cJSON_ArrayForEach(told, cJSON_GetObjectItemCaseSensitive(history->json, "trials")) {
        assert_true(count < MAX_TRIALS);
        trials[count++] = trial_at(history, told, now);
    }
    return eta_seconds(history->models, history->model_count, trials, count, history->jobs, 0);
}

static void the_estimate_is_right_within_a_third_at_half_time_of_recorded_runs(void **state) {
    (void)state;
    static const char *const paths[] = {
        "tests/reference/eta-quickstart.json", /* short, and as many as processors */
        "tests/reference/eta-robustness.json", /* early stops, and much to evaluate */
        "tests/reference/eta-rates.json",      /* the heavy models first, no early stops */
        "tests/reference/eta-adaptation.json", /* evaluations as long as the training */
    };
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        struct history history = read_history(paths[i]);
        double now = history.seconds / 2, estimate = estimate_at(&history, now);
        print_message("%s: at %.1f s %.1f s are left; the estimate is %.1f s\n", paths[i], now,
                      history.seconds - now, estimate);
        assert_true(estimate > 2.0 / 3 * now && estimate < 4.0 / 3 * now);
        cJSON_Delete(history.json);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_known_gives_no_estimate),
        cmocka_unit_test(each_model_has_its_own_rate),
        cmocka_unit_test(a_running_trial_has_its_epochs_behind_it),
        cmocka_unit_test(a_model_that_has_not_begun_is_as_slow_as_it_was_timed_times_the_slowdown),
        cmocka_unit_test(a_model_of_which_nothing_else_is_known_takes_as_long_as_its_operations),
        cmocka_unit_test(a_model_costs_processor_time_and_the_machine_leaves_a_share_of_it),
        cmocka_unit_test(early_stops_of_others_and_their_evaluations_count_for_a_model_without_any),
        cmocka_unit_test(
            evaluations_of_other_models_tell_their_constant_part_from_that_of_their_epochs),
        cmocka_unit_test(baselines_take_as_long_as_those_that_have_ended),
        cmocka_unit_test(trials_that_follow_take_as_long_as_their_operations),
        cmocka_unit_test(baselines_and_failures_without_times_take_nothing_away),
        cmocka_unit_test(the_estimate_is_right_within_a_third_at_half_time_of_recorded_runs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
