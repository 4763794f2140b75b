#include "report/gate/compare_output.h"
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
    assert_int_equal(pair->comparison.compared, 6 * (3 + 2 + 3 + 6));
    char *text = printed(&pair->comparison);
    assert_int_equal(strncmp(text, "PASS", 4), 0);
    free(text);
}

static void an_error_that_grows_beyond_the_tolerance_fails(void **state) {
    struct pair *pair = *state;
    struct fake_experiment worse = fake_standard;
    worse.factor = 1.3;
    fake_results_write(pair->folders[0], &fake_standard);
    fake_results_write(pair->folders[1], &worse);
    compare(pair, &comparison_defaults);
    assert_false(pair->comparison.passed);
    assert_true(pair->comparison.worse >= 6); /* MSE of all models at least */
    assert_true(fabs(pair->comparison.rows[0].change - 0.3) < 1e-9);
    struct comparison_options lenient = comparison_defaults;
    lenient.tolerance = 0.4;
    struct comparison again =
        compare_results(&pair->results[0], &pair->results[1], &lenient, &pair->arena);
    assert_true(again.passed);
    char *text = printed(&pair->comparison);
    assert_int_equal(strncmp(text, "FAIL: ", 6), 0);
    assert_non_null(strstr(text, "30 % worse  ✗"));
    free(text);
}

static void write_and_compare(struct pair *pair, const struct fake_experiment *base,
                              const struct fake_experiment *changed) {
    fake_results_write(pair->folders[0], base);
    fake_results_write(pair->folders[1], changed);
    compare(pair, &comparison_defaults);
}

static const struct comparison_row *find_row(const struct comparison *comparison, const char *model,
                                             const char *metric) {
    for (size_t r = 0; r < comparison->row_count; r++)
        if (strcmp(comparison->rows[r].model, model) == 0 &&
            strcmp(comparison->rows[r].metric, metric) == 0)
            return &comparison->rows[r];
    fail_msg("no row for %s, %s", model, metric);
    return NULL;
}

static void with_few_seeds_a_change_within_their_spread_is_chance(void **state) {
    struct pair *pair = *state;
    static const struct fake_model one[] = {{"lstm", false, 4736, 0.182, 1.6, NULL}};
    struct fake_experiment base = fake_standard, other = fake_standard;
    base.models = other.models = one;
    base.model_count = other.model_count = 1;
    base.seeds = other.seeds = 5;
    other.first_seed = 100;
    other.factor = 1.12; /* the seeds' standard deviation is some 5 % */
    write_and_compare(pair, &base, &other);
    assert_true(pair->comparison.passed);
    assert_int_equal(find_row(&pair->comparison, "lstm", "MSE")->verdict, VERDICT_CHANCE);
    char *text = printed(&pair->comparison);
    assert_non_null(strstr(text, "perhaps by chance"));
    free(text);
}

static void with_few_seeds_the_pairs_show_what_worsens_every_seed_alike(void **state) {
    struct pair *pair = *state;
    static const struct fake_model one[] = {{"lstm", false, 4736, 0.182, 1.6, NULL}};
    struct fake_experiment base = fake_standard, worse = fake_standard;
    base.models = worse.models = one;
    base.model_count = worse.model_count = 1;
    base.seeds = worse.seeds = 5;
    worse.factor = 1.9; /* each seed 90 % worse */
    write_and_compare(pair, &base, &worse);
    assert_false(pair->comparison.passed);
    const struct comparison_row *row = find_row(&pair->comparison, "lstm", "MSE");
    assert_int_equal(row->verdict, VERDICT_WORSE);
    assert_true(row->p < 1e-6);
}

static void with_ten_seeds_the_paired_test_supports_a_small_worsening(void **state) {
    struct pair *pair = *state;
    struct fake_experiment base = fake_standard, worse = fake_standard;
    base.seeds = worse.seeds = 10;
    worse.factor = 1.06;
    write_and_compare(pair, &base, &worse);
    assert_false(pair->comparison.passed);
    const struct comparison_row *row = find_row(&pair->comparison, "lstm", "MSE");
    assert_int_equal(row->verdict, VERDICT_WORSE);
    assert_true(row->p < 1e-6);
}

static void other_seeds_pass_unpaired_and_a_worse_model_fails_with_them(void **state) {
    struct pair *pair = *state;
    struct fake_experiment base = fake_standard, other = fake_standard;
    base.seeds = other.seeds = 10;
    other.first_seed = 100;
    write_and_compare(pair, &base, &other);
    assert_true(pair->comparison.passed);
    assert_int_equal(pair->comparison.missing, 0);
    assert_non_null(strstr(pair->comparison.notes[0], "other seeds"));
    results_free(&pair->results[0]);
    results_free(&pair->results[1]);
    other.factor = 1.3;
    write_and_compare(pair, &base, &other);
    assert_false(pair->comparison.passed);
    const struct comparison_row *row = find_row(&pair->comparison, "lstm", "MSE");
    assert_true(row->verdict == VERDICT_WORSE && row->p < 0.01);
}

static void a_changed_config_fails_and_says_what_changed(void **state) {
    struct pair *pair = *state;
    struct fake_experiment changed = fake_standard;
    changed.learning_rate = 0.01;
    write_and_compare(pair, &fake_standard, &changed);
    assert_false(pair->comparison.passed);
    char *text = printed(&pair->comparison);
    assert_non_null(strstr(text, "the config differs: learning_rate 0.001 → 0.01"));
    free(text);
    struct comparison_options any = comparison_defaults;
    any.any_config = true;
    assert_true(compare_results(&pair->results[0], &pair->results[1], &any, &pair->arena).passed);
}

static void the_gate_of_the_base_says_what_counts(void **state) {
    struct pair *pair = *state;
    struct fake_experiment base = fake_standard, worse = fake_standard;
    worse.factor = 1.3;
    worse.gate = "{\"tolerance\": 1000}"; /* nobody loosens the gate that they must pass */
    base.gate = "{\"tolerances\": {\"mse\": 0.5}}";
    write_and_compare(pair, &base, &worse);
    assert_int_equal(find_row(&pair->comparison, "lstm", "MSE")->verdict, VERDICT_SAME);
    assert_int_equal(find_row(&pair->comparison, "lstm", "MAE")->verdict, VERDICT_WORSE);
}

static void compare_again(struct pair *pair, const struct fake_experiment *base,
                          const struct fake_experiment *changed) {
    results_free(&pair->results[0]);
    results_free(&pair->results[1]);
    write_and_compare(pair, base, changed);
}

static void errors_under_noise_that_grow_fail_unless_the_gate_passes_them(void **state) {
    struct pair *pair = *state;
    struct fake_experiment base = fake_standard, worse = fake_standard;
    worse.noise_factor = 1.3;
    write_and_compare(pair, &base, &worse);
    assert_false(pair->comparison.passed);
    assert_int_equal(pair->comparison.worse, 6 * 2); /* two perturbations of six models */
    const struct comparison_row *row = find_row(&pair->comparison, "lstm", "MSE, gaussian");
    assert_int_equal(row->verdict, VERDICT_WORSE);
    assert_true(fabs(row->change - 0.3) < 1e-9);
    assert_true(row->tolerance == 0.1);
    assert_int_equal(find_row(&pair->comparison, "lstm", "MSE")->verdict, VERDICT_SAME);
    base.gate = "{\"noise\": 0.4}";
    compare_again(pair, &base, &worse);
    assert_true(pair->comparison.passed);
    base.gate = "{\"noise\": false}";
    compare_again(pair, &base, &worse);
    assert_true(pair->comparison.passed);
    assert_int_equal(pair->comparison.compared, 6 * (3 + 3 + 6));
}

static void errors_on_shifts_that_grow_fail_unless_the_gate_passes_them(void **state) {
    struct pair *pair = *state;
    struct fake_experiment base = fake_standard, worse = fake_standard;
    base.classifies = worse.classifies = true;
    worse.ood_factor = 10;
    write_and_compare(pair, &base, &worse);
    assert_int_equal(find_row(&pair->comparison, "ltc", "Accuracy, half-rate")->verdict,
                     VERDICT_WORSE);
    assert_int_equal(pair->comparison.worse, 6 * 3);
    base.gate = "{\"ood\": false}";
    compare_again(pair, &base, &worse);
    assert_true(pair->comparison.passed);
}

static void noise_and_shifts_that_are_no_longer_measured_fail(void **state) {
    struct pair *pair = *state;
    struct fake_experiment without = fake_standard;
    without.noise = without.ood = false;
    write_and_compare(pair, &fake_standard, &without);
    assert_int_equal(pair->comparison.missing, 6 * (2 + 3));
    assert_string_equal(first_missing(&pair->comparison)->metric, "MSE, gaussian");
    compare_again(pair, &without, &fake_standard);
    assert_true(pair->comparison.passed); /* what is only in NEW fails nothing */
}

static void few_seeds_pass_until_power_is_required(void **state) {
    struct pair *pair = *state;
    struct fake_experiment base = fake_standard, other = fake_standard;
    base.seeds = other.seeds = 5;
    other.first_seed = 100; /* a spread of 5 %, unpaired: 5 seeds find some 15 % */
    write_and_compare(pair, &base, &other);
    assert_true(pair->comparison.passed);
    const struct comparison_row *row = find_row(&pair->comparison, "lstm", "MSE");
    assert_true(row->detectable > 0.05 && row->detectable < 0.3);
    char *text = printed(&pair->comparison);
    assert_non_null(strstr(text, "What these seeds can show: a change of"));
    free(text);
    struct comparison_options strict = comparison_defaults;
    strict.require_power = true;
    struct comparison again =
        compare_results(&pair->results[0], &pair->results[1], &strict, &pair->arena);
    assert_false(again.passed);
    assert_true(again.without_power > 0);
    assert_true(find_row(&again, "lstm", "MSE")->lacks_power);
    assert_false(find_row(&again, "persistence", "MSE")->lacks_power); /* no seed changes it */
    text = printed(&again);
    assert_non_null(strstr(text, "without the power to tell"));
    free(text);
    strict.tolerance = 0.5;
    assert_true(
        compare_results(&pair->results[0], &pair->results[1], &strict, &pair->arena).passed);
}

static void one_seed_has_no_power_and_equal_pairs_have_that_of_the_seeds(void **state) {
    struct pair *pair = *state;
    struct fake_experiment base = fake_standard;
    base.seeds = 1;
    struct comparison_options strict = comparison_defaults;
    strict.require_power = true;
    fake_results_write(pair->folders[0], &base);
    fake_results_write(pair->folders[1], &base);
    compare(pair, &strict);
    assert_false(pair->comparison.passed);
    assert_true(find_row(&pair->comparison, "lstm", "MSE")->lacks_power);
    assert_false(find_row(&pair->comparison, "persistence", "MSE")->lacks_power);
    base.seeds = 10;
    compare_again(pair, &base, &base);
    double detectable = find_row(&pair->comparison, "lstm", "MSE")->detectable;
    assert_true(detectable > 0.03 && detectable < 0.2);
}

static void times_are_compared_on_request(void **state) {
    struct pair *pair = *state;
    struct comparison_options options = comparison_defaults;
    options.speed = true;
    fake_results_write(pair->folders[0], &fake_standard);
    fake_results_write(pair->folders[1], &fake_standard);
    compare(pair, &options);
    assert_true(pair->comparison.passed);
    assert_int_equal(find_row(&pair->comparison, "lstm", "train s")->verdict, VERDICT_SAME);
}

static char *formatted(const struct comparison *comparison,
                       void (*write)(const struct comparison *comparison, FILE *out)) {
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    write(comparison, out);
    fclose(out);
    return text;
}

static void every_format_says_what_fails(void **state) {
    struct pair *pair = *state;
    struct fake_experiment worse = fake_standard;
    worse.factor = 1.3;
    write_and_compare(pair, &fake_standard, &worse);
    char *markdown = formatted(&pair->comparison, comparison_markdown);
    assert_non_null(strstr(markdown, "### ❌ FAIL"));
    assert_non_null(strstr(markdown, "- **sunspots · lstm**: MSE "));
    char *junit = formatted(&pair->comparison, comparison_junit);
    assert_non_null(strstr(junit, "<testsuite name=\"sunspots · lstm\" tests=\"14\" failures=\""));
    assert_non_null(strstr(junit, "<failure message=\"MSE "));
    char *github = formatted(&pair->comparison, comparison_github);
    assert_non_null(strstr(github, "::error title=liquidbench::sunspots · lstm: MSE "));
    assert_non_null(strstr(github, "30 %25 worse"));
    char *text = formatted(&pair->comparison, comparison_json);
    cJSON *json = cJSON_Parse(text);
    assert_true(cJSON_IsFalse(cJSON_GetObjectItemCaseSensitive(json, "passed")));
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(json, "rows")),
                     pair->comparison.row_count);
    cJSON_Delete(json);
    free(markdown);
    free(junit);
    free(github);
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
    assert_non_null(strstr(text, "2 of 3 trials failed in NEW (diverged:"));
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
    struct comparison_options options = comparison_defaults;
    options.floor = 1e-4;
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
        OF_PAIR(with_few_seeds_a_change_within_their_spread_is_chance),
        OF_PAIR(with_few_seeds_the_pairs_show_what_worsens_every_seed_alike),
        OF_PAIR(with_ten_seeds_the_paired_test_supports_a_small_worsening),
        OF_PAIR(other_seeds_pass_unpaired_and_a_worse_model_fails_with_them),
        OF_PAIR(a_changed_config_fails_and_says_what_changed),
        OF_PAIR(the_gate_of_the_base_says_what_counts),
        OF_PAIR(errors_under_noise_that_grow_fail_unless_the_gate_passes_them),
        OF_PAIR(errors_on_shifts_that_grow_fail_unless_the_gate_passes_them),
        OF_PAIR(noise_and_shifts_that_are_no_longer_measured_fail),
        OF_PAIR(few_seeds_pass_until_power_is_required),
        OF_PAIR(one_seed_has_no_power_and_equal_pairs_have_that_of_the_seeds),
        OF_PAIR(times_are_compared_on_request),
        OF_PAIR(every_format_says_what_fails),
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
