#include "evaluate/measure.h"
#include "report/results/published.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { MODELS = 4 };

/* Results of one metric on the clean test, with these means. */
struct fixture {
    struct arena arena;
    struct metric_info metric;
    struct trial trial;
    const struct trial *trials[1];
    struct condition condition;
    struct scores scores[MODELS];
    struct model_results models[MODELS];
    struct dataset_results dataset;
};

static struct published make(struct fixture *fixture, const char *config, bool higher_is_better,
                             const double means[MODELS]) {
    static const char *const names[MODELS] = {"lstm", "ltc", "cfc", "gru"};
    *fixture = (struct fixture){.metric = {"mse", "MSE", higher_is_better},
                                .trial = {.config = config, .ok = true}};
    fixture->trial.recorded = ARENA_NEW(&fixture->arena, double, 200);
    fixture->trials[0] = &fixture->trial;
    for (int m = 0; m < MODELS; m++) {
        fixture->scores[m].summary = (struct summary){.count = 5, .mean = means[m]};
        fixture->models[m] = (struct model_results){.name = names[m],
                                                    .trials = fixture->trials,
                                                    .trial_count = 1,
                                                    .scores = &fixture->scores[m]};
    }
    fixture->dataset = (struct dataset_results){.metrics = &fixture->metric,
                                                .metric_count = 1,
                                                .conditions = &fixture->condition,
                                                .condition_count = 1,
                                                .models = fixture->models,
                                                .model_count = MODELS};
    return published_make(&fixture->dataset, &fixture->arena);
}

static const char table_of_errors[] =
    "{\"published\": {\"source\": \"A paper\", \"metric\": \"mse\", \"scores\": ["
    "{\"model\": \"lstm\", \"mean\": 1, \"std\": 0.1}, {\"model\": \"ltc\", \"mean\": 1, \"std\": "
    "0},"
    "{\"model\": \"cfc\", \"mean\": 1, \"std\": 0.001}, {\"model\": \"gru\", \"mean\": 1, \"std\": "
    "0},"
    "{\"model\": \"rnn\", \"mean\": 1, \"std\": 0}]}}";

static void scores_within_two_deviations_or_five_percent_are_reproduced(void **state) {
    (void)state;
    struct fixture fixture;
    struct published published =
        make(&fixture, table_of_errors, false, (const double[]){1.19, 1.04, 1.06, 0.7});
    assert_int_equal(published.row_count, 5);
    assert_int_equal(published.rows[0].verdict, REPRODUCED); /* two deviations are 0.2 */
    assert_int_equal(published.rows[1].verdict, REPRODUCED); /* 5 % are 0.05 */
    assert_int_equal(published.rows[2].verdict, DIFFERENT);
    assert_int_equal(published.rows[3].verdict, BETTER);
    assert_int_equal(published.rows[4].verdict, NOT_RUN);
    assert_int_equal(published.run_count, 4);
    assert_int_equal(published.reproduced_count, 2);
    assert_int_equal(published.better_count, 1);
    assert_string_equal(published.metric, "MSE");
    assert_string_equal(reproduction_name(published.rows[3].verdict), "better than published");
    arena_free(&fixture.arena);
}

/* A number of the records, such as the growth of the error under the worst fault. */
static void a_measure_of_the_records_can_be_published(void **state) {
    (void)state;
    struct fixture fixture;
    char part[MEASURE_PATH];
    double recorded[200] = {0};
    recorded[measure_position(measure_parse("faults.worst.growth", part).type)] = 1.28;
    static const char config[] =
        "{\"published\": {\"source\": \"A paper\", \"metric\": \"mse\", \"scores\": ["
        "{\"model\": \"lstm\", \"mean\": 1.29, \"std\": 0, \"measure\": \"faults.worst.growth\"},"
        "{\"model\": \"ltc\", \"mean\": 1.5, \"std\": 0, \"measure\": \"faults.worst.growth\"},"
        "{\"model\": \"cfc\", \"mean\": 1.1, \"std\": 0, \"measure\": \"faults.worst.growth\"},"
        "{\"model\": \"rnn\", \"mean\": 1.1, \"std\": 0, \"measure\": \"faults.worst.growth\"}]}}";
    make(&fixture, config, false, (const double[]){1, 1, 1, 1});
    fixture.trial.recorded = recorded;
    struct published published = published_make(&fixture.dataset, &fixture.arena);
    assert_int_equal(published.rows[0].verdict, REPRODUCED);
    assert_int_equal(published.rows[1].verdict, BETTER);
    assert_int_equal(published.rows[2].verdict, DIFFERENT);
    assert_int_equal(published.rows[3].verdict, NOT_RUN);
    assert_int_equal(published.reproduced_count, 1);
    arena_free(&fixture.arena);
}

/* A table of two metrics: the second by its path. */
static void a_test_score_in_another_metric_can_be_published(void **state) {
    (void)state;
    struct fixture fixture;
    static const char config[] =
        "{\"published\": {\"source\": \"A paper\", \"metric\": \"mse\", \"scores\": ["
        "{\"model\": \"lstm\", \"mean\": 1, \"std\": 0},"
        "{\"model\": \"lstm\", \"mean\": 0.5, \"std\": 0, \"measure\": \"test.accuracy\"},"
        "{\"model\": \"ltc\", \"mean\": 0.5, \"std\": 0, \"measure\": \"test.accuracy\"},"
        "{\"model\": \"cfc\", \"mean\": 0.5, \"std\": 0, \"measure\": \"test.mae\"},"
        "{\"model\": \"rnn\", \"mean\": 0.5, \"std\": 0, \"measure\": \"test.accuracy\"}]}}";
    make(&fixture, config, false, (const double[]){1, 1, 1, 1});
    struct metric_info metrics[] = {{"mse", "MSE", false}, {"accuracy", "Accuracy", true}};
    struct scores scores[MODELS][2];
    for (int m = 0; m < MODELS; m++) {
        scores[m][0] = fixture.scores[m];
        scores[m][1] = (struct scores){.summary = {.count = 5, .mean = m == 0 ? 0.51 : 0.9}};
        fixture.models[m].scores = scores[m];
    }
    fixture.dataset.metrics = metrics;
    fixture.dataset.metric_count = 2;
    struct published published = published_make(&fixture.dataset, &fixture.arena);
    assert_int_equal(published.rows[0].verdict, REPRODUCED);
    assert_int_equal(published.rows[1].verdict, REPRODUCED);
    assert_float_equal(published.rows[1].ours->mean, 0.51, 0);
    assert_int_equal(published.rows[2].verdict, BETTER);        /* higher is */
    assert_int_equal(published.rows[3].verdict, WITHOUT_SCORE); /* mae was not measured */
    assert_int_equal(published.rows[4].verdict, NOT_RUN);
    arena_free(&fixture.arena);
}

static void the_band_has_two_sides(void **state) {
    (void)state;
    struct fixture fixture;
    struct published published =
        make(&fixture, table_of_errors, false, (const double[]){0.81, 0.96, 0.94, INFINITY});
    assert_int_equal(published.rows[0].verdict, REPRODUCED);
    assert_int_equal(published.rows[1].verdict, REPRODUCED);
    assert_int_equal(published.rows[2].verdict, BETTER);
    assert_int_equal(published.rows[3].verdict, DIFFERENT); /* not finite */
    assert_int_equal(published.reproduced_count, 2);
    arena_free(&fixture.arena);
}

static void a_model_whose_trials_gave_no_score_was_run_but_not_reproduced(void **state) {
    (void)state;
    struct fixture fixture;
    make(&fixture, table_of_errors, false, (const double[]){1, 1, 1, 1});
    fixture.scores[1].summary = (struct summary){.count = 0};
    struct published published = published_make(&fixture.dataset, &fixture.arena);
    assert_int_equal(published.rows[1].verdict, WITHOUT_SCORE);
    assert_int_equal(published.run_count, 4);
    assert_int_equal(published.reproduced_count, 3);
    arena_free(&fixture.arena);
}

static void better_is_higher_where_the_metric_says_so(void **state) {
    (void)state;
    struct fixture fixture;
    struct published published =
        make(&fixture, table_of_errors, true, (const double[]){1, 1.5, 0.5, 1});
    assert_int_equal(published.rows[1].verdict, BETTER);
    assert_int_equal(published.rows[2].verdict, DIFFERENT);
    arena_free(&fixture.arena);
}

static void configs_that_publish_nothing_have_no_rows(void **state) {
    (void)state;
    static const char *const configs[] = {
        "", "{}",
        "{\"published\": {\"source\": \"A paper\", \"metric\": \"mae\", \"scores\": []}}"};
    for (size_t i = 0; i < sizeof configs / sizeof configs[0]; i++) {
        struct fixture fixture;
        struct published published =
            make(&fixture, configs[i], false, (const double[]){1, 1, 1, 1});
        assert_int_equal(published.row_count, 0);
        arena_free(&fixture.arena);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scores_within_two_deviations_or_five_percent_are_reproduced),
        cmocka_unit_test(better_is_higher_where_the_metric_says_so),
        cmocka_unit_test(a_measure_of_the_records_can_be_published),
        cmocka_unit_test(a_test_score_in_another_metric_can_be_published),
        cmocka_unit_test(the_band_has_two_sides),
        cmocka_unit_test(a_model_whose_trials_gave_no_score_was_run_but_not_reproduced),
        cmocka_unit_test(configs_that_publish_nothing_have_no_rows),
    };
    return cmocka_run_group_tests_name("published", tests, NULL, NULL);
}
