/* Seeds and test data as two samples: evaluate/difference.c, and evaluate/influence.c, which feeds it. */
#include "evaluate/difference.h"
#include "evaluate/influence.h"

#include "base/json.h"
#include "support/simulation.h"

#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "support/near.h"

/* ---- Variances ---- */

static void the_variance_of_independent_terms_is_the_sample_variance(void **state) {
    (void)state;
    const double terms[] = {1, 5, 2, 2, 9, -3, 4};
    struct variance variance = independent_variance(terms, 7);
    assert_near(variance.value, 7 * gsl_stats_variance(terms, 1, 7), 1e-12);
    assert_near(variance.freedom, 6, 0);
}

static void a_slow_wave_weighs_in_the_variance_and_a_fast_one_does_not(void **state) {
    (void)state;
    enum { COUNT = 100 };
    double slow[COUNT], fast[COUNT];
    for (int k = 0; k < COUNT; k++) {
        slow[k] =
            cos(M_PI * 3 * (k + 0.5) / COUNT); /* the third of the eight cosines: Λ² = K / 2 */
        fast[k] = cos(M_PI * 30 * (k + 0.5) / COUNT);
    }
    assert_near(serial_variance(slow, COUNT).value, COUNT * (COUNT / 2.0) / 8, 1e-9);
    assert_near(serial_variance(fast, COUNT).value, 0, 1e-9);
}

static void the_cosines_grow_with_the_blocks_up_to_eight(void **state) {
    (void)state;
    static const struct {
        size_t count;
        double freedom;
    } cases[] = {{3, 2}, {8, 4}, {26, 4}, {27, 6}, {63, 6}, {64, 8}, {128, 8}};
    double terms[128] = {1};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_near(serial_variance(terms, cases[i].count).freedom, cases[i].freedom, 0);
}

/* ---- Comparisons ---- */

static const double *numbers(const cJSON *list, double *numbers) {
    const cJSON *item;
    size_t count = 0;
    cJSON_ArrayForEach(item, list) {
        numbers[count++] = item->valuedouble;
    }
    return numbers;
}

enum { MAX_SEEDS = 8, MAX_STEPS = 64 };

struct losses {
    double values[MAX_SEEDS][MAX_STEPS], influences[MAX_SEEDS][MAX_STEPS], scores[MAX_SEEDS];
    const double *rows[MAX_SEEDS];
    size_t steps;
};

static struct sampled_scores model_of(const cJSON *rows, struct losses *losses) {
    size_t seeds = 0;
    const cJSON *row;
    cJSON_ArrayForEach(row, rows) {
        losses->steps = (size_t)cJSON_GetArraySize(row);
        const double *values = numbers(row, losses->values[seeds]);
        double mean = gsl_stats_mean(values, 1, losses->steps);
        for (size_t t = 0; t < losses->steps; t++)
            losses->influences[seeds][t] = (values[t] - mean) / (double)losses->steps;
        losses->scores[seeds] = mean;
        losses->rows[seeds] = losses->influences[seeds];
        seeds++;
    }
    return (struct sampled_scores){losses->scores, losses->rows, seeds};
}

static void comparisons_agree_with_scipy(void **state) {
    (void)state;
    struct error error;
    cJSON *cases = json_load("tests/reference/differences.json", &error), *item;
    assert_non_null(cases);
    static struct losses a_losses, b_losses;
    cJSON_ArrayForEach(item, cases) {
        struct sampled_scores a = model_of(cJSON_GetObjectItem(item, "a"), &a_losses);
        struct sampled_scores b = model_of(cJSON_GetObjectItem(item, "b"), &b_losses);
        bool independent = cJSON_IsTrue(cJSON_GetObjectItem(item, "independent"));
        struct difference found = compare_sampled(&a, &b, a_losses.steps, independent);
        assert_near(found.value, json_number(item, "value", NAN), 1e-12);
        assert_near(found.interval.low, json_number(item, "low", NAN), 1e-9);
        assert_near(found.interval.high, json_number(item, "high", NAN), 1e-9);
        assert_near(found.p, json_number(item, "p", NAN), 1e-9);
        assert_near(found.seeds_p, json_number(item, "seeds_p", NAN), 1e-9);
        assert_near(found.data_p, json_number(item, "data_p", NAN), 1e-9);
        assert_near(found.seeds_variance, json_number(item, "seeds_variance", NAN), 1e-12);
        assert_near(found.data_variance, json_number(item, "data_variance", NAN), 1e-12);
        assert_near(found.freedom, json_number(item, "freedom", NAN), 1e-9);
    }
    cJSON_Delete(cases);
}

/* Six seeds that agree, on a test whose first half prefers one model and whose second half the other. */
static void a_difference_that_only_the_test_data_make_is_not_proved(void **state) {
    (void)state;
    enum { SEEDS = 6, BLOCKS = 64 };
    double a_scores[SEEDS], b_scores[SEEDS], a_blocks[BLOCKS], b_blocks[BLOCKS];
    const double *a_rows[SEEDS], *b_rows[SEEDS];
    for (int k = 0; k < BLOCKS; k++) {
        a_blocks[k] = (k < BLOCKS / 2 ? 0.5 : -0.5) / BLOCKS;
        b_blocks[k] = 0;
    }
    for (int s = 0; s < SEEDS; s++) {
        a_scores[s] = 1 + 0.001 * s;
        b_scores[s] = 1.1 + 0.001 * s;
        a_rows[s] = a_blocks;
        b_rows[s] = b_blocks;
    }
    struct difference found =
        compare_sampled(&(struct sampled_scores){a_scores, a_rows, SEEDS},
                        &(struct sampled_scores){b_scores, b_rows, SEEDS}, BLOCKS, false);
    assert_true(found.seeds_p < 1e-9);
    assert_true(found.p > 0.3);
    assert_true(found.interval.low < -0.1 && found.interval.high > 0);
}

static void a_single_seed_proves_nothing(void **state) {
    (void)state;
    const double score = 1, blocks[] = {0.1, -0.1};
    const double *row = blocks;
    struct sampled_scores model = {&score, &row, 1};
    struct difference found = compare_sampled(&model, &model, 2, false);
    assert_near(found.value, 0, 0);
    assert_true(isnan(found.p) && isnan(found.interval.low));
}

/* ---- Simulations: smaller versions of `make calibration` ---- */

static double false_positives(const char *title, size_t steps, size_t test) {
    double rates[16];
    for (size_t p = 0; p < process_count; p++)
        if (strcmp(processes[p].title, title) == 0) {
            simulate_serial(&processes[p], steps, 600, serial_test_count, rates);
            return rates[test];
        }
    fail_msg("there is no process %s", title);
    return NAN;
}

static void the_test_on_dependent_losses_keeps_its_level(void **state) {
    (void)state;
    /* 0.05 ± 3 standard errors of 600 draws is 0.023 to 0.077 */
    static const char *const titles[] = {"independent", "AR(1), 0.5", "AR(1), 0.5, heavy tails",
                                         "squares, 12 steps ahead"};
    for (size_t i = 0; i < sizeof titles / sizeof titles[0]; i++) {
        double rate = false_positives(titles[i], 200, 0);
        assert_true(rate > 0.02 && rate < 0.077);
    }
}

static void a_test_that_takes_losses_for_independent_does_not(void **state) {
    (void)state;
    assert_true(false_positives("AR(1), 0.5", 200, serial_test_count - 1) > 0.2);
}

static void the_joint_test_keeps_its_level_wherever_the_variance_comes_from(void **state) {
    (void)state;
    double rates[16], mean = 0;
    for (size_t s = 0; s < scenario_count; s++) {
        simulate_joint(&scenarios[s], 5, 0, 300, 1, rates);
        assert_true(rates[0] < 0.1); /* 0.06 + 3 standard errors of 300 draws */
        mean += rates[0] / (double)scenario_count;
    }
    assert_true(mean < 0.055);
}

static void the_joint_test_finds_what_is_there(void **state) {
    (void)state;
    double rates[16];
    simulate_joint(&scenarios[6], 5, 2.8, 300, 1, rates);
    assert_true(rates[0] > 0.6);
}

static void either_source_alone_claims_too_much(void **state) {
    (void)state;
    double rates[16];
    simulate_joint(&scenarios[3], 5, 0, 300, joint_test_count, rates);
    assert_true(rates[3] > 0.08); /* seeds alone, */
    assert_true(rates[4] > 0.1);  /* test data alone */
}

/* ---- Influences ---- */

enum { STEPS = 300, TARGETS = 2 };

struct invented {
    struct dataset dataset;
    struct series series[STEPS];
    double time[STEPS], output[STEPS * TARGETS], truth[STEPS * TARGETS], ones[TARGETS];
    const struct series *sources[STEPS];
    int rows[STEPS];
    struct predictions predictions;
};

/* One series of two targets; with `apart`, a series for each step. */
static void invent(struct invented *invented, bool apart) {
    *invented = (struct invented){.dataset = {.task = TASK_REGRESSION,
                                              .targets = TARGETS,
                                              .horizon = 1,
                                              .width = TARGETS,
                                              .outputs = TARGETS,
                                              .time_unit = 1},
                                  .ones = {1, 1}};
    invented->dataset.target_scale = invented->dataset.naive_error = invented->ones;
    for (int i = 0; i < STEPS; i++) {
        int place = (i * 7) % STEPS; /* not in the order of time */
        invented->time[i] = i;
        invented->series[i].time = invented->time;
        invented->sources[i] = &invented->series[apart ? place : 0];
        invented->rows[i] = apart ? 0 : place;
        for (int k = 0; k < TARGETS; k++)
            invented->output[i * TARGETS + k] = sin(place + k) + (place > STEPS / 2 ? 1 : 0);
    }
    invented->predictions = (struct predictions){.dataset = &invented->dataset,
                                                 .data_units = true,
                                                 .count = STEPS,
                                                 .output = invented->output,
                                                 .truth = invented->truth,
                                                 .series = invented->sources,
                                                 .row = invented->rows};
}

static void the_influence_of_a_stretch_is_its_share_of_the_loss(void **state) {
    (void)state;
    static struct invented invented;
    struct arena arena = {0};
    invent(&invented, false);
    struct influence influence = influence_of(&invented.predictions, metric_find("mse"), &arena);
    double mse = metric_find("mse")->score(&invented.predictions), sum = 0;
    assert_false(influence.by_series);
    assert_int_equal(influence.count, MAX_BLOCKS);
    for (size_t k = 0; k < influence.count; k++) {
        double expected = 0, steps = 0;
        for (int t = 0; t < STEPS; t++) /* in order of time */
            if ((size_t)t * MAX_BLOCKS / STEPS == k) {
                double first = sin(t) + (t > STEPS / 2), second = sin(t + 1) + (t > STEPS / 2);
                expected += (first * first + second * second) / 2 - mse;
                steps++;
            }
        /* The jackknife's divisor is what is left. */
        expected *= (1 - 1.0 / MAX_BLOCKS) / (STEPS - steps);
        assert_near(influence.values[k], expected, 1e-12);
        sum += influence.values[k];
    }
    assert_near(sum, 0, 0.01 * mse);
    arena_free(&arena);
}

static void many_new_series_are_the_sample(void **state) {
    (void)state;
    static struct invented invented;
    struct arena arena = {0};
    invent(&invented, true);
    assert_true(influence_of(&invented.predictions, metric_find("mse"), &arena).by_series);
    const struct series_fit trained = {.name = "known"};
    invented.series[17].fit = &trained;
    assert_false(influence_of(&invented.predictions, metric_find("mse"), &arena).by_series);
    arena_free(&arena);
}

static void every_metric_of_numbers_has_influences(void **state) {
    (void)state;
    static struct invented invented;
    struct arena arena = {0};
    invent(&invented, false);
    for (int i = 0; i < STEPS * TARGETS; i++)
        invented.truth[i] = cos(0.3 * i);
    const struct metric_type *metric;
    for (size_t m = 0; (metric = metric_at(m)) != NULL; m++) {
        if (metric->classifies)
            continue;
        struct influence influence = influence_of(&invented.predictions, metric, &arena);
        assert_non_null(influence.values);
        double largest = 0;
        for (size_t k = 0; k < influence.count; k++)
            largest = fmax(largest, fabs(influence.values[k]));
        assert_true(largest > 0);
    }
    arena_free(&arena);
}

static void predictions_that_are_not_finite_have_no_influences(void **state) {
    (void)state;
    static struct invented invented;
    struct arena arena = {0};
    invent(&invented, false);
    invented.output[5] = INFINITY;
    assert_null(influence_of(&invented.predictions, metric_find("mse"), &arena).values);
    arena_free(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_variance_of_independent_terms_is_the_sample_variance),
        cmocka_unit_test(a_slow_wave_weighs_in_the_variance_and_a_fast_one_does_not),
        cmocka_unit_test(the_cosines_grow_with_the_blocks_up_to_eight),
        cmocka_unit_test(comparisons_agree_with_scipy),
        cmocka_unit_test(a_difference_that_only_the_test_data_make_is_not_proved),
        cmocka_unit_test(a_single_seed_proves_nothing),
        cmocka_unit_test(the_test_on_dependent_losses_keeps_its_level),
        cmocka_unit_test(a_test_that_takes_losses_for_independent_does_not),
        cmocka_unit_test(the_joint_test_keeps_its_level_wherever_the_variance_comes_from),
        cmocka_unit_test(the_joint_test_finds_what_is_there),
        cmocka_unit_test(either_source_alone_claims_too_much),
        cmocka_unit_test(the_influence_of_a_stretch_is_its_share_of_the_loss),
        cmocka_unit_test(many_new_series_are_the_sample),
        cmocka_unit_test(every_metric_of_numbers_has_influences),
        cmocka_unit_test(predictions_that_are_not_finite_have_no_influences),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
