#include "evaluate/statistics.h"
#include "math/random.h"

#include "base/json.h"
#include "evaluate/ranking.h"
#include "evaluate/significance.h"
#include "math/random.h"

#include <gsl/gsl_randist.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "support/near.h"

static void a_sample_is_summarized(void **state) {
    (void)state;
    const double values[] = {2, 4, 4, 4, 5, 5, 7, 9}; /* Σ (v - 5)² = 32 */
    struct summary summary = summarize(values, 8);
    assert_int_equal(summary.count, 8);
    assert_near(summary.mean, 5, 1e-15);
    assert_near(summary.deviation, sqrt(32.0 / 7), 1e-15);
    assert_near(summary.min, 2, 0);
    assert_near(summary.max, 9, 0);
}

static void a_single_value_does_not_deviate(void **state) {
    (void)state;
    const double value = -3.5;
    struct summary summary = summarize(&value, 1);
    assert_int_equal(summary.count, 1);
    assert_near(summary.mean, -3.5, 0);
    assert_near(summary.deviation, 0, 0);
    assert_near(summary.min, -3.5, 0);
    assert_near(summary.max, -3.5, 0);
}

static void missing_values_are_left_out(void **state) {
    (void)state;
    const double values[] = {NAN, 1, 3};
    struct summary summary = summarize(values, 3);
    assert_int_equal(summary.count, 2);
    assert_int_equal(summary.not_finite, 0);
    assert_near(summary.mean, 2, 0);
    assert_near(summary.deviation, sqrt(2), 1e-15);
    assert_near(summary.min, 1, 0);
    assert_near(summary.max, 3, 0);
}

static void an_infinite_value_counts_as_the_worst(void **state) {
    (void)state;
    const double errors[] = {2, INFINITY, NAN, 1, INFINITY};
    struct summary summary = summarize(errors, 5);
    assert_int_equal(summary.count, 4);
    assert_int_equal(summary.not_finite, 2);
    assert_true(summary.mean == worst_score(false));
    assert_true(isnan(summary.deviation));
    assert_near(summary.min, 1, 0);
    assert_true(summary.max == INFINITY);
    assert_true(interquartile_mean(errors, 5) == INFINITY);
    assert_true(isnan(bootstrap_interval(errors, 5).low));
    const double scores[] = {0.5, -INFINITY};
    assert_true(summarize(scores, 2).mean == worst_score(true));
}

/* One seed of six blows up: as far as ranks and signs go, it is the largest difference. */
static void tests_take_an_infinite_error_as_the_largest(void **state) {
    (void)state;
    const double a[] = {1, 2, 3, 4, 5, 6}, large[] = {2, 4, 6, 8, 10, 99},
                 infinite[] = {2, 4, 6, 8, 10, INFINITY};
    assert_near(wilcoxon_signed_rank(a, infinite, 6).p, wilcoxon_signed_rank(a, large, 6).p, 0);
    assert_near(paired_permutation(a, infinite, 6).p, paired_permutation(a, large, 6).p, 0);
    assert_true(paired_permutation(a, infinite, 6).statistic == -INFINITY);
    assert_near(cliff_delta(a, 6, infinite, 6), cliff_delta(a, 6, large, 6), 0);
    assert_true(isnan(seeds_needed(a, infinite, 6, 0, 0.05, 0.8)));
    /* Both blow up: a tie. */
    assert_near(wilcoxon_signed_rank(infinite, infinite, 6).p, 1, 0);
    assert_near(paired_permutation(infinite, infinite, 6).p, 1, 0);
    /* Each blows up once: neither is better for it. */
    const double one[] = {INFINITY, 1}, other[] = {1, INFINITY};
    assert_near(paired_permutation(one, other, 2).p, 1, 0);
}

static void of_nothing_there_is_no_mean(void **state) {
    (void)state;
    const double values[] = {NAN, NAN};
    for (size_t count = 0; count <= 2; count += 2) {
        struct summary summary = summarize(values, count);
        assert_int_equal(summary.count, 0);
        assert_true(isnan(summary.mean));
        assert_true(isnan(summary.deviation));
        assert_true(isnan(summary.min));
        assert_true(isnan(summary.max));
    }
}

static void huge_values_do_not_overflow_the_mean(void **state) {
    (void)state;
    const double values[] = {1e308, 1e308, 1e308};
    struct summary summary = summarize(values, 3);
    assert_near(summary.mean / 1e308, 1, 1e-12);
    assert_near(summary.deviation, 0, 0);
}

/* --- agreement with SciPy (tests/reference/make_statistics.py) -------------------------------- */

enum { MAX_VALUES = 256 };

static cJSON *reference(void) {
    struct error error;
    cJSON *json = json_load("tests/reference/statistics.json", &error);
    if (json == NULL)
        fail_msg("%s", error.text);
    return json;
}

static const cJSON *member(const cJSON *object, const char *key) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
    assert_non_null(item);
    return item;
}

static size_t read_values(const cJSON *object, const char *key, double *values) {
    size_t count = 0;
    for (const cJSON *item = member(object, key)->child; item != NULL; item = item->next)
        values[count++] = item->valuedouble;
    assert_true(count <= MAX_VALUES);
    return count;
}

static double number(const cJSON *object, const char *key) {
    return member(object, key)->valuedouble;
}

static void paired_tests_agree_with_scipy(void **state) {
    (void)state;
    cJSON *json = reference();
    for (const cJSON *item = member(json, "pairs")->child; item != NULL; item = item->next) {
        double a[MAX_VALUES], b[MAX_VALUES];
        size_t count = read_values(item, "a", a);
        read_values(item, "b", b);
        struct paired_test test = wilcoxon_signed_rank(a, b, count);
        const cJSON *wilcoxon = member(item, "wilcoxon");
        assert_near(test.statistic, number(wilcoxon, "statistic"), 1e-9);
        assert_near(test.p, number(wilcoxon, "p"), 1e-12);
        assert_int_equal(test.exact, count <= 50);
        assert_near(cliff_delta(a, count, b, count), number(item, "cliff"), 1e-12);
        assert_near(welch_test(a, count, b + 1, count - 1), number(item, "welch"), 1e-9);
        assert_near(paired_t_test(a, b, count), number(item, "paired_t"), 1e-9);
        const cJSON *permutation = cJSON_GetObjectItemCaseSensitive(item, "permutation");
        if (permutation == NULL)
            continue;
        test = paired_permutation(a, b, count);
        assert_near(test.statistic, number(permutation, "statistic"), 1e-12);
        assert_near(test.p, number(permutation, "p"), 1e-12);
        assert_true(test.exact);
    }
    cJSON_Delete(json);
}

static void samples_agree_with_scipy(void **state) {
    (void)state;
    cJSON *json = reference();
    for (const cJSON *item = member(json, "samples")->child; item != NULL; item = item->next) {
        double values[MAX_VALUES], bounds[MAX_VALUES];
        size_t count = read_values(item, "values", values);
        read_values(item, "interval", bounds);
        struct summary summary = summarize(values, count);
        assert_near(summary.mean, number(item, "mean"), 1e-12);
        assert_near(summary.deviation, number(item, "deviation"), 1e-12);
        assert_near(interquartile_mean(values, count), number(item, "interquartile_mean"), 1e-12);
        /* Both bootstraps are random. */
        struct interval interval = bootstrap_interval(values, count);
        double width = bounds[1] - bounds[0];
        assert_near(interval.low, bounds[0], 0.04 * width);
        assert_near(interval.high, bounds[1], 0.04 * width);
    }
    cJSON_Delete(json);
}

static void friedman_agrees_with_scipy(void **state) {
    (void)state;
    cJSON *json = reference();
    for (const cJSON *item = member(json, "blocks")->child; item != NULL; item = item->next) {
        double scores[MAX_VALUES], ranks[MAX_VALUES], expected[MAX_VALUES];
        size_t blocks = 0, models = read_values(item, "mean_ranks", expected), count = 0;
        for (const cJSON *row = member(item, "scores")->child; row != NULL; row = row->next) {
            for (const cJSON *score = row->child; score != NULL; score = score->next)
                scores[count++] = score->valuedouble;
            blocks++;
        }
        struct friedman test = friedman_test(scores, blocks, models, false, ranks);
        assert_near(test.statistic, number(item, "statistic"), 1e-9);
        assert_near(test.p, number(item, "p"), 1e-9);
        assert_near(test.f_statistic, number(item, "f_statistic"), 1e-9);
        assert_near(test.f_p, number(item, "f_p"), 1e-9);
        for (size_t j = 0; j < models; j++)
            assert_near(ranks[j], expected[j], 1e-12);
        test = friedman_test(scores, blocks, models, true, ranks);
        assert_near(test.statistic, number(item, "statistic"), 1e-9);
        for (size_t j = 0; j < models; j++)
            assert_near(ranks[j], (double)models + 1 - expected[j], 1e-12);
    }
    cJSON_Delete(json);
}

static void critical_differences_agree_with_scipy(void **state) {
    (void)state;
    cJSON *json = reference();
    for (const cJSON *item = member(json, "nemenyi")->child; item != NULL; item = item->next)
        assert_near(nemenyi_critical_difference((size_t)number(item, "models"),
                                                (size_t)number(item, "blocks"),
                                                number(item, "alpha")),
                    number(item, "difference"), 1e-6);
    /* Demsar 2006, section 3.2.3: four algorithms on 14 data sets */
    assert_near(nemenyi_critical_difference(4, 14, 0.05), 1.25, 0.005);
    cJSON_Delete(json);
}

static void holm_follows_its_definition(void **state) {
    (void)state;
    cJSON *json = reference();
    double p[MAX_VALUES], adjusted[MAX_VALUES];
    size_t count = read_values(member(json, "holm"), "p", p);
    read_values(member(json, "holm"), "adjusted", adjusted);
    holm_adjust(p, count);
    for (size_t i = 0; i < count; i++)
        assert_near(p[i], adjusted[i], 1e-15);
    double some[] = {0.02, NAN, 0.03};
    holm_adjust(some, 3);
    assert_near(some[0], 0.04, 1e-15);
    assert_true(isnan(some[1]));
    assert_near(some[2], 0.04, 1e-15);
    cJSON_Delete(json);
}

/* --- edges ------------------------------------------------------------------------------------ */

static void without_any_difference_nothing_is_significant(void **state) {
    (void)state;
    const double same[] = {1, 2, 3, 4};
    assert_near(wilcoxon_signed_rank(same, same, 4).p, 1, 0);
    assert_near(paired_permutation(same, same, 4).p, 1, 0);
    assert_near(cliff_delta(same, 4, same, 4), 0, 0);
    assert_true(isinf(seeds_needed(same, same, 4, 0, 0.05, 0.8)));
}

static void pairs_with_a_missing_value_are_left_out(void **state) {
    (void)state;
    const double a[] = {1, NAN, 3, 5, NAN, 8}, b[] = {2, 1, NAN, 9, 2, 8.5};
    const double left_a[] = {1, 5, 8}, left_b[] = {2, 9, 8.5};
    struct paired_test test = wilcoxon_signed_rank(a, b, 6);
    assert_int_equal(test.pairs, 3);
    assert_near(test.p, wilcoxon_signed_rank(left_a, left_b, 3).p, 0);
    assert_near(paired_permutation(a, b, 6).p, paired_permutation(left_a, left_b, 3).p, 0);
    assert_true(isnan(wilcoxon_signed_rank(a, b, 0).p));
    assert_true(isnan(paired_permutation(a, b, 0).p));
    assert_true(isnan(cliff_delta(a, 0, b, 2)));
    assert_true(isnan(seeds_needed(a, b, 1, 0, 0.05, 0.8)));
}

static void random_permutations_come_close_to_all_of_them(void **state) {
    (void)state;
    double a[PERMUTATION_EXACT + 1], b[PERMUTATION_EXACT + 1] = {0};
    for (int i = 0; i <= PERMUTATION_EXACT; i++)
        a[i] = (i % 2 ? 1 : -0.7) * (1 + i % 5);
    double exact = paired_permutation(a, b, PERMUTATION_EXACT).p;
    struct paired_test drawn = paired_permutation(a, b, PERMUTATION_EXACT + 1);
    assert_false(drawn.exact);
    assert_near(drawn.p, exact, 0.2);
    assert_near(paired_permutation(a, b, PERMUTATION_EXACT + 1).p, drawn.p, 0);
}

static void the_bootstrap_knows_no_order_and_no_scale(void **state) {
    (void)state;
    const double values[] = {3, 1, 4, 1.5, 9}, shuffled[] = {9, 3, 1.5, 4, 1};
    double huge[5];
    for (int i = 0; i < 5; i++)
        huge[i] = values[i] * 0x1p1000;
    struct interval first = bootstrap_interval(values, 5), again = bootstrap_interval(shuffled, 5);
    assert_true(first.low == again.low && first.high == again.high);
    assert_true(first.low < 3.7 && first.high > 3.7);
    assert_near(bootstrap_interval(huge, 5).low / 0x1p1000, first.low, 1e-12);
    const double equal[] = {2, 2, 2, NAN};
    assert_near(bootstrap_interval(equal, 4).high, 2, 0);
    assert_true(isnan(bootstrap_interval(values, 1).low));
}

/* How often the interval of so few normal values holds their true mean, 0. */
static double coverage(struct interval (*make)(const double *, size_t), size_t count) {
    enum { DRAWS = 1000 };
    gsl_rng *rng = random_stream(1, "coverage");
    size_t covered = 0;
    for (int draw = 0; draw < DRAWS; draw++) {
        double values[MIN_BOOTSTRAP];
        for (size_t i = 0; i < count; i++)
            values[i] = gsl_ran_gaussian(rng, 1);
        struct interval interval = make(values, count);
        covered += interval.low <= 0 && interval.high >= 0;
    }
    gsl_rng_free(rng);
    return (double)covered / DRAWS;
}

static void the_interval_of_few_seeds_is_not_their_extremes(void **state) {
    (void)state;
    const double three[] = {1, 2, 4};
    struct interval interval = mean_interval(three, 3);
    assert_near(interval.low, 7.0 / 3 - 3.794583, 1e-5); /* SciPy: t.interval(0.95, 2, ...) */
    assert_near(interval.high, 7.0 / 3 + 3.794583, 1e-5);
    for (size_t count = 3; count <= 5; count += 2) {
        assert_near(coverage(mean_interval, count), 0.95, 0.025);
        assert_true(coverage(bootstrap_interval, count) < 0.9);
    }
    const double equal[] = {2, 2, 2}, infinite[] = {1, 2, INFINITY};
    assert_true(mean_interval(equal, 3).low == 2 && mean_interval(equal, 3).high == 2);
    assert_true(isnan(mean_interval(infinite, 3).low) && isnan(mean_interval(three, 1).low));
    double many[MIN_BOOTSTRAP];
    for (int i = 0; i < MIN_BOOTSTRAP; i++)
        many[i] = i * i;
    assert_true(mean_interval(many, MIN_BOOTSTRAP).low ==
                bootstrap_interval(many, MIN_BOOTSTRAP).low);
}

static void where_t_does_not_exist_ranks_decide(void **state) {
    (void)state;
    const double low[] = {1, 1, 1, 1, 1, 1}, high[] = {2, 2, 2, 2, 2, 2};
    const double blown[] = {2, 3, INFINITY, 4, 5, 6};
    assert_near(seeds_test(low, high, 6), wilcoxon_signed_rank(low, high, 6).p, 0);
    assert_near(seeds_test(low, blown, 6), wilcoxon_signed_rank(low, blown, 6).p, 0);
    assert_near(seeds_test(high, blown, 2), welch_test(high, 2, blown, 2), 0);
    assert_true(isnan(seeds_test(low, high, 1)));
}

static void the_number_of_seeds_grows_with_the_noise(void **state) {
    (void)state;
    const double zero[4] = {0}, clear[] = {1, 1.1, 0.9, 1}, noisy[] = {3, -1, 2, 0};
    /* mean 1, s² = 1/150: n = 2 is enough, 18.1 / 150 < 2; t quantiles 4.303 and 1.061 */
    assert_near(seeds_needed(clear, zero, 4, 0, 0.05, 0.8), 2, 0);
    /* mean 1, s² = 10/3: (t_0.975 + t_0.8)² 10/3 for 54 degrees of freedom: (2.0049 + 0.8482)² 10/3 = 27.1 */
    assert_near(seeds_needed(noisy, zero, 4, 0, 0.05, 0.8), 28, 0);
    const double far[] = {1e300, 2e300}, near[] = {1, 2};
    assert_true(welch_test(far, 2, near, 2) > 0);
}

static void too_little_for_ranks_is_not_a_number(void **state) {
    (void)state;
    const double scores[] = {1, 1, 1, 1};
    double ranks[4];
    assert_true(isnan(friedman_test(scores, 2, 2, false, ranks).p));
    assert_true(isnan(friedman_test(scores, 1, 4, false, ranks).p));
    assert_near(ranks[0], 2.5, 0);
}

/* How often the paired t test finds a true difference of so many standard errors. */
static double measured_power(size_t pairs, double difference, double alpha, gsl_rng *rng) {
    enum { DRAWS = 20000, MAX = 16 };
    double zero[MAX] = {0}, drawn[MAX];
    int found = 0;
    for (int draw = 0; draw < DRAWS; draw++) {
        for (size_t i = 0; i < pairs; i++)
            drawn[i] = difference / sqrt((double)pairs) + gsl_ran_gaussian(rng, 1);
        found += paired_t_test(drawn, zero, pairs) <= alpha;
    }
    return (double)found / DRAWS;
}

static void a_detectable_difference_is_found_with_the_power_it_names(void **state) {
    (void)state;
    gsl_rng *rng = random_stream(0, "power");
    static const size_t pairs[] = {3, 5, 10};
    for (size_t i = 0; i < 3; i++) {
        double freedom = (double)(pairs[i] - 1);
        double fine = detectable_difference(freedom, 0.01, 0.8);
        assert_true(fabs(measured_power(pairs[i], fine, 0.01, rng) - 0.8) < 0.012);
        double coarse = detectable_difference(freedom, 0.05, 0.5);
        assert_true(fabs(measured_power(pairs[i], coarse, 0.05, rng) - 0.5) < 0.015);
    }
    gsl_rng_free(rng);
    /* With many seeds, the normal quantiles' sum: 1.960 + 0.842. */
    assert_true(fabs(detectable_difference(1e6, 0.05, 0.8) - 2.8016) < 0.002);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_detectable_difference_is_found_with_the_power_it_names),
        cmocka_unit_test(a_sample_is_summarized),
        cmocka_unit_test(a_single_value_does_not_deviate),
        cmocka_unit_test(missing_values_are_left_out),
        cmocka_unit_test(an_infinite_value_counts_as_the_worst),
        cmocka_unit_test(tests_take_an_infinite_error_as_the_largest),
        cmocka_unit_test(of_nothing_there_is_no_mean),
        cmocka_unit_test(huge_values_do_not_overflow_the_mean),
        cmocka_unit_test(paired_tests_agree_with_scipy),
        cmocka_unit_test(samples_agree_with_scipy),
        cmocka_unit_test(friedman_agrees_with_scipy),
        cmocka_unit_test(critical_differences_agree_with_scipy),
        cmocka_unit_test(holm_follows_its_definition),
        cmocka_unit_test(without_any_difference_nothing_is_significant),
        cmocka_unit_test(pairs_with_a_missing_value_are_left_out),
        cmocka_unit_test(random_permutations_come_close_to_all_of_them),
        cmocka_unit_test(the_bootstrap_knows_no_order_and_no_scale),
        cmocka_unit_test(the_interval_of_few_seeds_is_not_their_extremes),
        cmocka_unit_test(where_t_does_not_exist_ranks_decide),
        cmocka_unit_test(the_number_of_seeds_grows_with_the_noise),
        cmocka_unit_test(too_little_for_ranks_is_not_a_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
