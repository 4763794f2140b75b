#include "report/results/results.h"
#include "support/fake_results.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static int make_folder(void **state) {
    *state = fake_folder();
    return 0;
}

static int drop_folder(void **state) {
    remove_folder(*state);
    free(*state);
    return 0;
}

static void load(struct results *results, const char *folder) {
    struct error error = {0};
    if (!results_load(results, &folder, 1, &error))
        fail_msg("%s", error.text);
}

static void results_are_grouped_by_data_set_and_model_in_plan_order(void **state) {
    fake_results_write(*state, &fake_standard);
    struct results results;
    load(&results, *state);
    assert_int_equal(results.dataset_count, 1);
    const struct dataset_results *dataset = &results.datasets[0];
    assert_string_equal(dataset->name, "sunspots");
    assert_string_equal(dataset->task, "forecast, 1 step ahead");
    assert_int_equal(dataset->model_count, 6);
    assert_int_equal(dataset->network_count, 4);
    assert_string_equal(dataset->models[0].name, "lstm");
    assert_string_equal(dataset->models[3].name, "ltc-ncp");
    assert_string_equal(dataset->models[4].name, "persistence");
    assert_int_equal(dataset->metric_count, 3);
    assert_int_equal(dataset->condition_count, 3 + 10 + 3);
    assert_int_equal(dataset->models[0].scores[0].summary.count, 3);
    assert_string_equal(best_model(dataset, 0, 0, dataset->network_count)->name, "cfc");
    results_free(&results);
}

static void baselines_follow_networks_even_when_the_plan_has_them_first(void **state) {
    static const struct fake_model models[] = {{"persistence", true, 0, 0.3, 1, NULL},
                                               {"lstm", false, 100, 0.2, 1, NULL}};
    struct fake_experiment experiment = fake_standard;
    experiment.models = models;
    experiment.model_count = 2;
    fake_results_write(*state, &experiment);
    struct results results;
    load(&results, *state);
    assert_string_equal(results.datasets[0].models[0].name, "lstm");
    assert_string_equal(results.datasets[0].models[1].name, "persistence");
    assert_int_equal(results.datasets[0].models[0].position, 0);
    results_free(&results);
}

static void ratios_compare_each_seed_with_its_own_clean_score(void **state) {
    fake_results_write(*state, &fake_standard);
    struct results results;
    load(&results, *state);
    const struct dataset_results *dataset = &results.datasets[0];
    const struct condition *worst = NULL;
    double ratio = ratio_worst(dataset, &dataset->models[0], CONDITION_NOISE, &worst);
    assert_string_equal(worst->name, "gaussian");
    assert_true(worst->severity == 0.8);
    assert_true(fabs(ratio - (1 + 1.6 * 0.8 * 1.5)) < 0.2);
    assert_true(ratio_mean(dataset, &dataset->models[0], CONDITION_OOD) > 1);
    results_free(&results);
}

static void a_broken_trial_file_is_a_problem_and_not_the_end(void **state) {
    fake_results_write(*state, &fake_standard);
    write_text(*state, "trials/sunspots-lstm-s0-9f86d081.json", "{\"format\": 1, ");
    write_text(*state, "trials/sunspots-lstm-s1-9f86d081.json", "{\"format\": 7}");
    write_text(*state, "trials/sunspots-lstm-s2-9f86d081.json", "");
    write_text(*state, "trials/sunspots-cfc-s0-9f86d081.json", "[]");
    struct results results;
    load(&results, *state);
    assert_int_equal(results.problem_count, 4);
    assert_non_null(strstr(results.problems[0], "sunspots-lstm-s0-9f86d081.json"));
    assert_non_null(strstr(results.problems[1], "run the trial again"));
    assert_int_equal(results.experiments[0].missing_count, 4);
    results_free(&results);
}

static void trials_outside_the_plan_are_not_shown_and_missing_ones_are_counted(void **state) {
    fake_results_write(*state, &fake_standard);
    struct fake_experiment other = fake_standard;
    static const struct fake_model models[] = {{"old", false, 100, 0.3, 1, NULL}};
    char *elsewhere = fake_folder();
    other.models = models;
    other.model_count = 1;
    fake_results_write(elsewhere, &other);
    char *text = read_text(elsewhere, "trials/sunspots-old-s0-9f86d081.json");
    write_text(*state, "trials/sunspots-old-s0-9f86d081.json", text);
    free(text);
    remove_folder(elsewhere);
    free(elsewhere);

    char path[512];
    snprintf(path, sizeof path, "%s/trials/sunspots-lstm-s1-9f86d081.json", (char *)*state);
    assert_int_equal(unlink(path), 0);
    struct results results;
    load(&results, *state);
    assert_int_equal(results.datasets[0].model_count, 6);
    assert_int_equal(results.experiments[0].planned, 18);
    assert_int_equal(results.experiments[0].missing_count, 1);
    assert_string_equal(results.experiments[0].missing[0], "sunspots-lstm-s1-9f86d081");
    results_free(&results);
}

static void without_experiment_json_all_trial_files_are_shown(void **state) {
    fake_results_write(*state, &fake_standard);
    char path[512];
    snprintf(path, sizeof path, "%s/experiment.json", (char *)*state);
    assert_int_equal(unlink(path), 0);
    struct results results;
    load(&results, *state);
    assert_int_equal(results.trial_count, 18);
    assert_int_equal(results.experiments[0].planned, 0);
    assert_int_equal(results.datasets[0].network_count, 4);
    results_free(&results);
}

static void folders_of_one_experiment_are_merged(void **state) {
    fake_results_write(*state, &fake_standard);
    char *second = fake_folder();
    fake_results_write(second, &fake_standard);
    const char *folders[] = {*state, second};
    char path[512];
    snprintf(path, sizeof path, "%s/trials/sunspots-lstm-s1-9f86d081.json", (char *)*state);
    assert_int_equal(unlink(path), 0);
    struct results results;
    struct error error = {0};
    assert_true(results_load(&results, folders, 2, &error));
    assert_int_equal(results.trial_count, 18);
    assert_int_equal(results.problem_count, 0);
    assert_int_equal(results.experiments[0].missing_count, 0);
    results_free(&results);
    remove_folder(second);
    free(second);
}

static void a_data_set_of_two_experiments_is_told_apart_by_their_names(void **state) {
    fake_results_write(*state, &fake_standard);
    char *second = fake_folder();
    struct fake_experiment other = fake_standard;
    other.name = "tuned";
    fake_results_write(second, &other);
    const char *folders[] = {*state, second};
    struct results results;
    struct error error = {0};
    assert_true(results_load(&results, folders, 2, &error));
    assert_int_equal(results.dataset_count, 2);
    assert_string_equal(results.datasets[1].title, "sunspots (tuned)");
    assert_int_equal(results.model_count, 6);
    assert_int_equal(results.datasets[1].models[1].position, 1);
    results_free(&results);
    remove_folder(second);
    free(second);
}

static void failed_trials_and_null_metrics_do_not_count(void **state) {
    static const struct fake_model models[] = {{"lstm", false, 100, 0.2, 1, "diverged"},
                                               {"ltc", false, 100, NAN, 1, NULL}};
    struct fake_experiment experiment = fake_standard;
    experiment.models = models;
    experiment.model_count = 2;
    fake_results_write(*state, &experiment);
    struct results results;
    load(&results, *state);
    const struct dataset_results *dataset = &results.datasets[0];
    assert_int_equal(results.failed_count, 2);
    assert_int_equal(dataset->models[0].finished, 1);
    assert_int_equal(scores_at(dataset, &dataset->models[0], dataset->test, 0)->summary.count, 1);
    assert_int_equal(scores_at(dataset, &dataset->models[1], dataset->test, 0)->summary.count, 0);
    assert_true(isnan(ratio_worst(dataset, &dataset->models[1], CONDITION_NOISE, NULL)));
    assert_string_equal(best_model(dataset, 0, 0, 2)->name, "lstm");
    results_free(&results);
}

static void a_folder_without_results_is_an_error_that_names_it(void **state) {
    struct results results;
    struct error error = {0};
    const char *folder = *state;
    assert_false(results_load(&results, &folder, 1, &error));
    assert_non_null(strstr(error.text, folder));
    results_free(&results);
    const char *absent = "/nonexistent/results";
    error.text[0] = '\0';
    assert_false(results_load(&results, &absent, 1, &error));
    assert_non_null(strstr(error.text, "/nonexistent/results: no such results folder"));
    results_free(&results);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, drop_folder)

int main(void) {
    const struct CMUnitTest tests[] = {
        IN_FOLDER(results_are_grouped_by_data_set_and_model_in_plan_order),
        IN_FOLDER(baselines_follow_networks_even_when_the_plan_has_them_first),
        IN_FOLDER(ratios_compare_each_seed_with_its_own_clean_score),
        IN_FOLDER(a_broken_trial_file_is_a_problem_and_not_the_end),
        IN_FOLDER(trials_outside_the_plan_are_not_shown_and_missing_ones_are_counted),
        IN_FOLDER(without_experiment_json_all_trial_files_are_shown),
        IN_FOLDER(folders_of_one_experiment_are_merged),
        IN_FOLDER(a_data_set_of_two_experiments_is_told_apart_by_their_names),
        IN_FOLDER(failed_trials_and_null_metrics_do_not_count),
        IN_FOLDER(a_folder_without_results_is_an_error_that_names_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
