/* Spaces, budgets and rungs of a search. Running one is tested in tests/cli/search.t. */
#include "experiment/search/search.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "support/folder.h"
#include "support/near.h"

/* --- spaces ----------------------------------------------------------------------------------- */

struct spaced {
    cJSON *json;
    struct space space;
    struct arena arena;
    struct error error;
    bool good;
};

/* JSON with ' for ". */
static struct spaced spaced(const char *text) {
    struct spaced spaced = {0};
    char *json = arena_strdup(&spaced.arena, text);
    for (char *quote = json; (quote = strchr(quote, '\'')) != NULL;)
        *quote = '"';
    spaced.json = cJSON_Parse(json);
    spaced.good = space_read(&spaced.space, spaced.json, &spaced.arena, &spaced.error);
    return spaced;
}

static void unspace(struct spaced *spaced) {
    cJSON_Delete(spaced->json);
    arena_free(&spaced->arena);
}

static double drawn(const cJSON *list, int position, const char *path) {
    const cJSON *settings = cJSON_GetArrayItem(list, position);
    return cJSON_GetObjectItemCaseSensitive(settings, path)->valuedouble;
}

static void a_bad_space_names_the_field_and_the_remedy(void **state) {
    (void)state;
    static const char *const cases[][2] = {
        {"{}", "nothing to search"},
        {"[1]", "nothing to search"},
        {"{'hidden': []}", "hidden: must be a list"},
        {"{'hidden': 8}", "hidden: must be a list"},
        {"{'hidden': {'least': 8, 'max': 9}}", "hidden.least: is called \"min\" now"},
        {"{'hidden': {'min': 8}}", "hidden.max"},
        {"{'hidden': {'min': 8, 'max': 8}}", "\"max\" must be greater"},
        {"{'hidden': {'min': 8, 'max': 4}}", "\"max\" must be greater"},
        {"{'hidden': {'min': 8, 'max': 9.5, 'integer': true}}", "whole numbers"},
        {"{'hidden': {'min': 0, 'max': 8, 'scale': 'log'}}", "greater than 0"},
        {"{'hidden': {'min': 1, 'max': 8, 'step': 2}}", "step: unknown key"},
        {"{'hidden': {'min': 1, 'max': 1e999}}", "finite"},
        {"{'train.epochs': [1, 2]}", "budgets are counted"},
        {"{'cell': ['lstm', 'ltc']}", "cannot be searched"},
        {"{'train..batch': [1]}", "no path"},
        {"{'': [1]}", "no path"},
        {"{'train.': [1]}", "no path"},
        {"{'models[0].hidden': [1]}", "no path"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct spaced bad = spaced(cases[i][0]);
        if (bad.good || strstr(bad.error.text, cases[i][1]) == NULL)
            fail_msg("%s: %s", cases[i][0], bad.good ? "is taken" : bad.error.text);
        unspace(&bad);
    }
}

static void ranges_reach_from_end_to_end_and_not_beyond(void **state) {
    (void)state;
    struct spaced s = spaced("{'a': {'min': -2, 'max': 3},"
                             " 'b': {'min': 1e-4, 'max': 0.1, 'scale': 'log'},"
                             " 'c': {'min': 2, 'max': 5, 'integer': true},"
                             " 'd': {'min': 1, 'max': 64, 'scale': 'log', 'integer': true}}");
    assert_true(s.good);
    static const double at[][4] = {
        {0, 0.5, 0.999999999, 1}, {-2, 0.5, 3, 3}, {1e-4, 0.003162, 0.1, 0.1}, {2, 4, 5, 5},
        {1, 8, 64, 64},
    };
    for (size_t d = 0; d < s.space.count; d++)
        for (size_t i = 0; i < 4; i++) {
            cJSON *value = dimension_value(&s.space.dimensions[d], at[0][i]);
            assert_near(value->valuedouble, at[d + 1][i], 1e-12);
            cJSON_Delete(value);
        }
    unspace(&s);
}

static void every_whole_number_and_every_choice_is_equally_likely(void **state) {
    (void)state;
    struct spaced s = spaced("{'n': {'min': 3, 'max': 6, 'integer': true}, 'c': [7, 8, 9, 10]}");
    int numbers[4] = {0}, choices[4] = {0};
    for (int i = 0; i < 400; i++) {
        cJSON *number = dimension_value(&s.space.dimensions[0], (i + 0.5) / 400);
        cJSON *choice = dimension_value(&s.space.dimensions[1], (i + 0.5) / 400);
        numbers[(int)number->valuedouble - 3]++;
        choices[(int)choice->valuedouble - 7]++;
        cJSON_Delete(number);
        cJSON_Delete(choice);
    }
    for (int i = 0; i < 4; i++) {
        assert_int_equal(numbers[i], 100);
        assert_int_equal(choices[i], 100);
    }
    unspace(&s);
}

static void a_grid_has_every_combination_once(void **state) {
    (void)state;
    struct spaced s = spaced("{'rate': {'min': 0.001, 'max': 0.1, 'scale': 'log'},"
                             " 'few': {'min': 1, 'max': 2, 'integer': true, 'points': 5},"
                             " 'kind': ['x', null, {'y': [1]}]}");
    cJSON *list = space_grid(&s.space, 100, &s.error);
    assert_int_equal(cJSON_GetArraySize(list), 3 * 2 * 3); /* 5 points of 2 numbers are 2 */
    assert_near(drawn(list, 0, "rate"), 0.001, 0);
    assert_near(drawn(list, 6, "rate"), 0.01, 0);
    assert_near(drawn(list, 17, "rate"), 0.1, 0);
    cJSON_Delete(list);
    assert_null(space_grid(&s.space, 10, &s.error));
    assert_non_null(strstr(s.error.text, "more than 10 settings"));
    unspace(&s);
}

static void draws_follow_from_the_seed_and_shared_fields_are_drawn_alike(void **state) {
    (void)state;
    struct spaced one = spaced("{'rate': {'min': 0, 'max': 1}}");
    struct spaced two = spaced("{'size': [1, 2, 3], 'rate': {'min': 0, 'max': 1}}");
    cJSON *a = space_draw(&one.space, SPACE_RANDOM, 20, 5, &one.error);
    cJSON *again = space_draw(&one.space, SPACE_RANDOM, 20, 5, &one.error);
    cJSON *other = space_draw(&one.space, SPACE_RANDOM, 20, 6, &one.error);
    cJSON *b = space_draw(&two.space, SPACE_RANDOM, 20, 5, &two.error);
    assert_true(cJSON_Compare(a, again, 1));
    assert_false(cJSON_Compare(a, other, 1));
    for (int i = 0; i < 20; i++)
        assert_near(drawn(a, i, "rate"), drawn(b, i, "rate"), 0);
    cJSON_Delete(a);
    cJSON_Delete(again);
    cJSON_Delete(other);
    cJSON_Delete(b);
    unspace(&one);
    unspace(&two);
}

/* Squares of an 8 by 8 board that none of 128 points in the unit square falls into. */
static int empty_squares(enum space_sequence sequence) {
    struct spaced s = spaced("{'x': {'min': 0, 'max': 1}, 'y': {'min': 0, 'max': 1}}");
    cJSON *list = space_draw(&s.space, sequence, 128, 1, &s.error);
    int counts[8][8] = {{0}}, empty = 0;
    for (int i = 0; i < 128; i++) {
        int x = (int)(8 * drawn(list, i, "x")), y = (int)(8 * drawn(list, i, "y"));
        counts[x < 8 ? x : 7][y < 8 ? y : 7]++;
    }
    for (int i = 0; i < 64; i++)
        empty += counts[i / 8][i % 8] == 0;
    cJSON_Delete(list);
    unspace(&s);
    return empty;
}

static void sobol_points_leave_no_gaps_where_random_ones_do(void **state) {
    (void)state;
    assert_int_equal(empty_squares(SPACE_SOBOL), 0);
    assert_true(empty_squares(SPACE_RANDOM) > 2); /* 64 exp(-2) = 8.7 on average */
}

static void no_settings_are_drawn_twice_and_too_few_are_an_error(void **state) {
    (void)state;
    struct spaced s = spaced("{'a': [1, 2, 3], 'b': ['x', 'y']}");
    for (int sequence = SPACE_RANDOM; sequence <= SPACE_SOBOL; sequence++) {
        cJSON *list = space_draw(&s.space, (enum space_sequence)sequence, 6, 0, &s.error);
        assert_int_equal(cJSON_GetArraySize(list), 6);
        for (int i = 0; i < 6; i++)
            for (int j = 0; j < i; j++)
                assert_false(
                    cJSON_Compare(cJSON_GetArrayItem(list, i), cJSON_GetArrayItem(list, j), 1));
        cJSON_Delete(list);
        assert_null(space_draw(&s.space, (enum space_sequence)sequence, 7, 0, &s.error));
        assert_non_null(strstr(s.error.text, "about 6 different settings"));
    }
    unspace(&s);
}

/* --- rungs ------------------------------------------------------------------------------------ */

static const struct search_options halving = {
    .method = SEARCH_HALVING, .factor = 3, .min_epochs = 1, .seed = 1};

static void halving_trains_a_third_for_three_times_as_long(void **state) {
    (void)state;
    struct rung rungs[MAX_RUNGS];
    assert_int_equal(search_rungs(&halving, 27, 81, rungs), 4);
    static const struct rung expected[] = {{27, 3}, {9, 9}, {3, 27}, {1, 81}};
    for (size_t r = 0; r < 4; r++) {
        assert_int_equal(rungs[r].trials, expected[r].trials);
        assert_int_equal(rungs[r].epochs, expected[r].epochs);
    }
    assert_near(rungs_epochs(rungs, 4), 4 * 81, 0);
}

static void halving_ends_with_all_epochs_and_never_has_too_few(void **state) {
    (void)state;
    struct rung rungs[MAX_RUNGS];
    struct search_options options = halving;
    for (options.factor = 2; options.factor < 6; options.factor++)
        for (options.min_epochs = 1; options.min_epochs < 9; options.min_epochs += 3)
            for (size_t trials = 1; trials < 70; trials++) {
                size_t count = search_rungs(&options, trials, 50, rungs);
                assert_int_equal(rungs[count - 1].epochs, 50);
                assert_int_equal(rungs[0].trials, trials);
                for (size_t r = 0; r < count; r++)
                    assert_true(rungs[r].trials > 0 && rungs[r].epochs >= options.min_epochs);
            }
}

static void other_methods_have_one_rung(void **state) {
    (void)state;
    struct rung rung;
    struct search_options options = {.method = SEARCH_RANDOM, .factor = 3, .min_epochs = 1};
    assert_int_equal(search_rungs(&options, 27, 81, &rung), 1);
    assert_int_equal(rung.trials, 27);
    assert_int_equal(rung.epochs, 81);
}

/* --- plans ------------------------------------------------------------------------------------ */

struct planned {
    struct experiment experiment;
    struct search search;
    struct error error;
    bool good;
};

/* Two models, `search` as given (with ' for "); the second has its own space and epochs. */
static struct planned plan(const char *search, const char *own, int epochs) {
    struct planned planned = {0};
    struct folder folder = folder_new();
    char path[2 * FOLDER_PATH], config[2048];
    snprintf(config, sizeof config,
             "{'dataset': {'name': 'lorenz'}, 'models': [{'cell': 'lstm'}, {'cell': 'ltc',"
             " 'search': %s, 'train': {'epochs': %d}}], 'train': {'epochs': 20}, 'seeds': [0, 1],"
             " 'search': %s}",
             own, epochs, search);
    for (char *quote = config; (quote = strchr(quote, '\'')) != NULL;)
        *quote = '"';
    folder_write(&folder, "plan.json", config);
    planned.good = experiment_load(&planned.experiment, folder_path(&folder, "plan.json", path),
                                   NULL, 0, &planned.error);
    folder_remove(&folder);
    return planned;
}

static void draw_up(struct planned *planned) {
    planned->good =
        planned->good && search_plan(&planned->search, &planned->experiment, &planned->error);
}

static void unplan(struct planned *planned) {
    search_free(&planned->search);
    experiment_free(&planned->experiment);
}

#define SPACE "'space': {'hidden': {'min': 4, 'max': 80, 'integer': true}}"

static void a_budget_in_epochs_is_the_same_whatever_a_trial_takes(void **state) {
    (void)state;
    static const char *const methods[] = {"random", "sobol", "halving"};
    for (size_t i = 0; i < 3; i++) {
        char search[256];
        snprintf(search, sizeof search, "{'method': '%s', 'epochs': 240, " SPACE "}", methods[i]);
        struct planned p = plan(search, "{'unfolds': [3, 6]}", 40);
        draw_up(&p);
        if (!p.good)
            fail_msg("%s", p.error.text);
        for (size_t m = 0; m < 2; m++) {
            const struct search_model *model = &p.search.models[m];
            double epochs = rungs_epochs(model->rungs, model->rung_count);
            assert_true(epochs <= 240 && epochs > 200);
        }
        assert_true(p.search.models[0].rungs[0].trials > p.search.models[1].rungs[0].trials ||
                    i == 2);
        unplan(&p);
    }
}

static void unequal_or_unclear_budgets_are_refused(void **state) {
    (void)state;
    static const struct {
        const char *search, *own;
        int epochs;
        const char *message;
    } cases[] = {
        {"{'method': 'random', 'trials': 4, " SPACE "}", "{}", 40, "not the same budget"},
        {"{'method': 'grid', " SPACE "}", "{'unfolds': [3, 6]}", 20, "has 3 settings and that of"},
        {"{'method': 'grid', 'trials': 3, " SPACE "}", "{}", 20, "take \"trials\" away"},
        {"{'method': 'random', " SPACE "}", "{}", 20, "\"trials\" or in \"epochs\""},
        {"{'method': 'random', 'trials': 2, 'epochs': 9, " SPACE "}", "{}", 20, "or in"},
        {"{'method': 'random', 'epochs': 9, " SPACE "}", "{}", 20, "too few"},
        {"{'method': 'random', 'trials': 99, " SPACE "}", "{}", 20, "different settings"},
        {"{'method': 'halving', 'trials': 9, 'min_epochs': 21, " SPACE "}", "{}", 20,
         "more than the train.epochs"},
        {"{'method': 'random', 'trials': 2, " SPACE "}", "{'hidden': null}", 20,
         "nothing to search"},
        {"{'method': 'random', 'trials': 2, " SPACE "}", "[]", 20, "must be an object"},
        {"{'method': 'random', 'trials': 2, 'seed': 1, " SPACE "}", "{}", 20, "fresh seeds"},
        {"{'method': 'random', 'trials': 2, " SPACE "}, 'match': {'parameters': 900}", "{}", 20,
         "\"match\" decides it"},
        {"{'method': 'random', 'trials': 2, " SPACE "}, 'match': {'model': 'ltc'}", "{}", 20,
         "match.parameters"},
        {"{'trials': 2, " SPACE "}", "{}", 20, "search.method"},
        {"null", "{'hidden': [4]}", 20, "models[1].search"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct planned p = plan(cases[i].search, cases[i].own, cases[i].epochs);
        draw_up(&p);
        if (p.good || strstr(p.error.text, cases[i].message) == NULL)
            fail_msg("%s: %s", cases[i].search, p.good ? "is taken" : p.error.text);
        unplan(&p);
    }
}

static void settings_that_no_config_may_have_are_found_before_any_trial(void **state) {
    (void)state;
    static const char *const cases[][2] = {
        {"{'hiden': [4, 8]}", "models[1].hiden: unknown key; did you mean \"hidden\""},
        {"{'train.learnin_rate': [1]}", "models[1].train.learnin_rate: unknown key"},
        {"{'hidden': [4, -8]}", "models[1].hidden"},
        {"{'hidden.units': [4]}", "models[1].hidden"},
        {"{'train.optimizer': ['adam', 'adamm']}", "models[1].train.optimizer"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct planned p = plan("{'method': 'random', 'trials': 2, 'space':"
                                " {'train.batch': {'min': 1, 'max': 999, 'integer': true}}}",
                                cases[i][0], 20);
        draw_up(&p);
        if (p.good || strstr(p.error.text, cases[i][1]) == NULL)
            fail_msg("%s: %s", cases[i][0], p.good ? "is taken" : p.error.text);
        unplan(&p);
    }
}

static void a_models_own_space_changes_the_common_one(void **state) {
    (void)state;
    struct planned p = plan("{'method': 'sobol', 'trials': 4, 'space': {'hidden': [4, 8],"
                            " 'train.batch': [1, 2, 4, 8]}}",
                            "{'hidden': null, 'unfolds': [2, 3]}", 20);
    draw_up(&p);
    if (!p.good)
        fail_msg("%s", p.error.text);
    assert_string_equal(p.search.models[0].space.dimensions[0].path, "hidden");
    assert_int_equal(p.search.models[1].space.count, 2);
    assert_string_equal(p.search.models[1].space.dimensions[0].path, "train.batch");
    assert_string_equal(p.search.models[1].space.dimensions[1].path, "unfolds");
    unplan(&p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bad_space_names_the_field_and_the_remedy),
        cmocka_unit_test(ranges_reach_from_end_to_end_and_not_beyond),
        cmocka_unit_test(every_whole_number_and_every_choice_is_equally_likely),
        cmocka_unit_test(a_grid_has_every_combination_once),
        cmocka_unit_test(draws_follow_from_the_seed_and_shared_fields_are_drawn_alike),
        cmocka_unit_test(sobol_points_leave_no_gaps_where_random_ones_do),
        cmocka_unit_test(no_settings_are_drawn_twice_and_too_few_are_an_error),
        cmocka_unit_test(halving_trains_a_third_for_three_times_as_long),
        cmocka_unit_test(halving_ends_with_all_epochs_and_never_has_too_few),
        cmocka_unit_test(other_methods_have_one_rung),
        cmocka_unit_test(a_budget_in_epochs_is_the_same_whatever_a_trial_takes),
        cmocka_unit_test(unequal_or_unclear_budgets_are_refused),
        cmocka_unit_test(settings_that_no_config_may_have_are_found_before_any_trial),
        cmocka_unit_test(a_models_own_space_changes_the_common_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
