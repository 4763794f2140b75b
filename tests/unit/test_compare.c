#include "report/compare.h"
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

/* Two results folders, loaded and compared. */
struct pair {
    char *folders[2];
    struct results results[2];
    struct arena arena;
    struct comparison comparison;
};

static int make_pair(void **state) {
    struct pair *pair = calloc(1, sizeof *pair);
    pair->folders[0] = fake_folder();
    pair->folders[1] = fake_folder();
    *state = pair;
    return 0;
}

static int drop_pair(void **state) {
    struct pair *pair = *state;
    for (int i = 0; i < 2; i++) {
        results_free(&pair->results[i]);
        remove_folder(pair->folders[i]);
        free(pair->folders[i]);
    }
    arena_free(&pair->arena);
    free(pair);
    return 0;
}

static void compare(struct pair *pair, const struct comparison_options *options) {
    for (int i = 0; i < 2; i++) {
        struct error error = {0};
        const char *folder = pair->folders[i];
        if (!results_load(&pair->results[i], &folder, 1, &error))
            fail_msg("%s", error.text);
    }
    pair->comparison = compare_results(&pair->results[0], &pair->results[1], options, &pair->arena);
}

static char *printed(const struct comparison *comparison) {
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    comparison_print(comparison, out, false);
    fclose(out);
    return text;
}

static void remove_trial(const char *folder, const char *stem) {
    char path[512];
    snprintf(path, sizeof path, "%s/trials/%s.json", folder, stem);
    assert_int_equal(unlink(path), 0);
}

static const struct comparison_row *first_missing(const struct comparison *comparison) {
    for (size_t r = 0; r < comparison->row_count; r++)
        if (comparison->rows[r].verdict == VERDICT_MISSING)
            return &comparison->rows[r];
    return NULL;
}

static void the_same_results_pass(void **state) {
    struct pair *pair = *state;
    fake_results_write(pair->folders[0], &fake_standard);
    fake_results_write(pair->folders[1], &fake_standard);
    compare(pair, &comparison_defaults);
    assert_true(pair->comparison.passed);
    assert_int_equal(pair->comparison.compared, 6 * (3 + 6));
    char *text = printed(&pair->comparison);
    assert_int_equal(strncmp(text, "PASS", 4), 0);
    free(text);
}

static void an_error_that_grows_beyond_the_tolerance_fails(void **state) {
    struct pair *pair = *state;
    struct fake_experiment worse = fake_standard;
    worse.factor = 1.08;
    fake_results_write(pair->folders[0], &fake_standard);
    fake_results_write(pair->folders[1], &worse);
    compare(pair, &comparison_defaults);
    assert_false(pair->comparison.passed);
    assert_int_equal(pair->comparison.worse, 6); /* MSE; MAE and R² change by less */
    assert_true(fabs(pair->comparison.rows[0].change - 0.08) < 1e-9);
    struct comparison_options lenient = {.tolerance = 0.1, .floor = 1e-6};
    struct comparison again =
        compare_results(&pair->results[0], &pair->results[1], &lenient, &pair->arena);
    assert_true(again.passed);
    char *text = printed(&pair->comparison);
    assert_int_equal(strncmp(text, "FAIL: 6 of 54", 13), 0);
    assert_non_null(strstr(text, "8.0 % worse  ✗"));
    free(text);
}

static void improvement_passes_and_a_falling_accuracy_fails(void **state) {
    struct pair *pair = *state;
    struct fake_experiment base = fake_standard, worse = fake_standard;
    base.classifies = worse.classifies = true;
    worse.factor = 2;
    fake_results_write(pair->folders[0], &base);
    fake_results_write(pair->folders[1], &worse);
    compare(pair, &comparison_defaults);
    assert_false(pair->comparison.passed);
    struct comparison reverse =
        compare_results(&pair->results[1], &pair->results[0], &comparison_defaults, &pair->arena);
    assert_true(reverse.passed);
    assert_int_equal(reverse.rows[0].verdict, VERDICT_BETTER);
}

static void a_missing_model_a_missing_seed_and_a_failed_trial_fail_and_say_so(void **state) {
    struct pair *pair = *state;
    static const struct fake_model fewer[] = {{"lstm", false, 4736, 0.182, 1.6, "diverged"},
                                              {"cfc", false, 9280, 0.165, 0.9, NULL}};
    static const struct fake_model all[] = {{"lstm", false, 4736, 0.182, 1.6, NULL},
                                            {"cfc", false, 9280, 0.165, 0.9, NULL},
                                            {"ltc", false, 9280, 0.165, 0.9, NULL}};
    struct fake_experiment base = fake_standard, changed = fake_standard;
    base.models = all;
    base.model_count = 3;
    changed.models = fewer;
    changed.model_count = 2;
    fake_results_write(pair->folders[0], &base);
    fake_results_write(pair->folders[1], &changed);
    remove_trial(pair->folders[1], "sunspots-cfc-s1-9f86d081");
    compare(pair, &comparison_defaults);
    assert_false(pair->comparison.passed);
    assert_int_equal(pair->comparison.missing, 3);
    assert_int_equal(pair->comparison.worse, 0); /* over the seeds that both have */
    char *text = printed(&pair->comparison);
    assert_non_null(strstr(text, "2 of 3 trials failed in NEW (diverged: the loss became NaN"));
    assert_non_null(strstr(text, "sunspots · cfc: 1 of 3 seeds are missing in NEW"));
    assert_non_null(strstr(text, "sunspots · ltc: the model is missing in NEW"));
    free(text);
}

static void a_metric_that_became_null_fails(void **state) {
    struct pair *pair = *state;
    static const struct fake_model null_scores[] = {{"lstm", false, 4736, NAN, 1.6, NULL}};
    struct fake_experiment base = fake_standard, changed = fake_standard;
    base.model_count = changed.model_count = 1;
    changed.models = null_scores;
    fake_results_write(pair->folders[0], &base);
    fake_results_write(pair->folders[1], &changed);
    compare(pair, &comparison_defaults);
    assert_false(pair->comparison.passed);
    assert_string_equal(first_missing(&pair->comparison)->metric, "MSE");
}

static void more_parameters_fail(void **state) {
    struct pair *pair = *state;
    static const struct fake_model bigger[] = {{"lstm", false, 6000, 0.182, 1.6, NULL}};
    struct fake_experiment base = fake_standard, changed = fake_standard;
    base.model_count = changed.model_count = 1;
    changed.models = bigger;
    fake_results_write(pair->folders[0], &base);
    fake_results_write(pair->folders[1], &changed);
    compare(pair, &comparison_defaults);
    assert_false(pair->comparison.passed);
    assert_int_equal(pair->comparison.worse, 5); /* parameters and what holds them */
}

static void what_is_only_in_new_is_mentioned_and_passes(void **state) {
    struct pair *pair = *state;
    struct fake_experiment base = fake_standard;
    base.model_count = 2;
    fake_results_write(pair->folders[0], &base);
    fake_results_write(pair->folders[1], &fake_standard);
    compare(pair, &comparison_defaults);
    assert_true(pair->comparison.passed);
    assert_int_equal(pair->comparison.note_count, 4);
}

static void changes_below_the_floor_pass_even_from_zero(void **state) {
    struct pair *pair = *state;
    static const struct fake_model zero[] = {{"exact", false, 10, 0, 0, NULL}};
    static const struct fake_model tiny[] = {{"exact", false, 10, 1e-9, 0, NULL}};
    struct fake_experiment base = fake_standard, changed = fake_standard;
    base.model_count = changed.model_count = 1;
    base.models = zero;
    changed.models = tiny;
    fake_results_write(pair->folders[0], &base);
    fake_results_write(pair->folders[1], &changed);
    struct comparison_options options = {.tolerance = 0.05, .floor = 1e-4};
    compare(pair, &options);
    assert_true(pair->comparison.passed);
    options.floor = 0;
    struct comparison strict =
        compare_results(&pair->results[0], &pair->results[1], &options, &pair->arena);
    assert_false(strict.passed);
    char *text = printed(&strict);
    assert_non_null(strstr(text, "> 1000 % worse"));
    free(text);
}

static void comparing_nothing_fails(void **state) {
    struct pair *pair = *state;
    static const struct fake_model dead[] = {{"dead", false, 0, 1, 1, "timeout"}};
    struct fake_experiment base = fake_standard;
    base.models = dead;
    base.model_count = 1;
    base.seeds = 1;
    fake_results_write(pair->folders[0], &base);
    fake_results_write(pair->folders[1], &base);
    compare(pair, &comparison_defaults);
    assert_int_equal(pair->comparison.compared, 0);
    assert_false(pair->comparison.passed);
    char *text = printed(&pair->comparison);
    assert_string_equal(text, "FAIL: nothing could be compared\n");
    free(text);
}

#define OF_PAIR(test) cmocka_unit_test_setup_teardown(test, make_pair, drop_pair)

int main(void) {
    const struct CMUnitTest tests[] = {
        OF_PAIR(the_same_results_pass),
        OF_PAIR(an_error_that_grows_beyond_the_tolerance_fails),
        OF_PAIR(improvement_passes_and_a_falling_accuracy_fails),
        OF_PAIR(a_missing_model_a_missing_seed_and_a_failed_trial_fail_and_say_so),
        OF_PAIR(a_metric_that_became_null_fails),
        OF_PAIR(more_parameters_fail),
        OF_PAIR(what_is_only_in_new_is_mentioned_and_passes),
        OF_PAIR(changes_below_the_floor_pass_even_from_zero),
        OF_PAIR(comparing_nothing_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
