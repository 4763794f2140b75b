/* Effects and verdicts: they agree with SciPy, err no more often than they say, and find planted
 * effects as often as they say. */
#include "evaluate/effect.h"

#include "base/json.h"
#include "math/random.h"
#include "support/near.h"

#include <gsl/gsl_randist.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { MAX = 64 };

static size_t numbers(const cJSON *item, const char *key, double *values) {
    size_t count = 0;
    const cJSON *number;
    cJSON_ArrayForEach(number, cJSON_GetObjectItemCaseSensitive(item, key)) values[count++] =
        number->valuedouble;
    return count;
}

static struct effect of_two(const double *a, size_t a_count, const double *b, size_t b_count) {
    const struct sample samples[] = {{a, a_count, false, false}, {b, b_count, true, false}};
    return effect_of_samples(samples, 2, false, false);
}

/* The decision changes where SciPy's p is. */
static void assert_decides_at(const struct effect *effect, const struct claim *claim, double p,
                              enum decision decision) {
    if (p < 1e-12 || p > 0.9)
        return;
    assert_int_equal(effect_decide(effect, claim, p * (1 + 1e-6)), decision);
    assert_int_not_equal(effect_decide(effect, claim, p * (1 - 1e-6)), decision);
}

static void assert_agrees(const struct effect *effect, const cJSON *item) {
    struct claim claim = {cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(item, "expects_higher")),
                          json_number(item, "by", NAN)};
    double supported = json_number(item, "supported", NAN);
    double refuted = json_number(item, "refuted", NAN);
    double no_difference = json_number(item, "no_difference", NAN), low, high;
    effect_interval(effect, 0.05, &low, &high);
    assert_near(effect->mean, json_number(item, "mean", NAN), 1e-9);
    assert_near(low, json_number(item, "low", NAN), 1e-9);
    assert_near(high, json_number(item, "high", NAN), 1e-9);
    assert_near(effect_p(effect, &claim), fmin(supported, fmin(refuted, no_difference)), 1e-7);
    assert_decides_at(effect, &claim, supported, SUPPORTED);
    if (no_difference > refuted)
        assert_decides_at(effect, &claim, refuted, REFUTED);
    assert_decides_at(effect, &claim, no_difference, NO_DIFFERENCE);
}

static void verdicts_agree_with_scipy(void **state) {
    (void)state;
    struct error error;
    cJSON *json = json_load("tests/reference/effects.json", &error);
    assert_non_null(json);
    const cJSON *item;
    size_t compared = 0;
    cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(json, "seeds")) {
        double a[MAX], b[MAX];
        size_t a_count = numbers(item, "a", a), b_count = numbers(item, "b", b);
        struct effect effect = of_two(a, a_count, b, b_count);
        assert_agrees(&effect, item);
        compared++;
    }
    cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(json, "datasets")) {
        double means[MAX];
        struct effect effect = effect_of_datasets(means, numbers(item, "means", means), false);
        assert_agrees(&effect, item);
        compared++;
    }
    assert_int_equal(compared, 9);
    cJSON_Delete(json);
}

/* ---- What counts ---- */

static void models_of_a_side_count_alike_however_many_seeds_they_have(void **state) {
    (void)state;
    const double one[] = {1, 1.1, 0.9, 1, 1.1, 0.9}, two[] = {4, 4.4, 3.6}, other[] = {2, 2.2, 1.8};
    const struct sample samples[] = {
        {one, 6, false, false}, {two, 3, false, false}, {other, 3, true, false}};
    struct effect effect = effect_of_samples(samples, 3, false, false);
    assert_near(effect.mean, 0, 0.01); /* (log 1 + log 4) / 2 = log 2 */
    assert_int_equal(effect.count, 3);
}

static void a_failed_trial_counts_twice_as_bad_as_the_worst(void **state) {
    (void)state;
    const double failing[] = {1, 1, INFINITY}, other[] = {1, 2, 1};
    struct effect effect = of_two(failing, 3, other, 3);
    assert_near(effect.mean, log(4) / 3 - log(2) / 3, 1e-12);
    const double never[] = {INFINITY, INFINITY, INFINITY}, always[] = {1, 1.01, 0.99};
    effect = of_two(never, 3, always, 3);
    struct claim claim = {.expects_higher = true, .by = 0.5};
    assert_int_equal(effect_decide(&effect, &claim, 0.05), SUPPORTED);
}

static void where_nothing_is_finite_there_is_no_effect(void **state) {
    (void)state;
    const double never[] = {INFINITY, INFINITY}, missing[] = {NAN, NAN}, some[] = {1, 2};
    assert_true(isnan(of_two(never, 2, never, 2).mean));
    assert_true(isnan(of_two(missing, 2, some, 2).mean));
    struct claim claim = {.by = 0.05};
    struct effect none = of_two(never, 2, never, 2);
    assert_int_equal(effect_decide(&none, &claim, 0.05), UNDECIDED);
    assert_true(isnan(effect_p(&none, &claim)));
}

static void values_that_may_be_negative_are_compared_by_their_difference(void **state) {
    (void)state;
    const double a[] = {-0.1, 0, 0.1}, b[] = {0.9, 1, 1.1};
    assert_near(of_two(a, 3, b, 3).mean, -2, 1e-12); /* 2 (0 - 1) / (0 + 1) */
}

static void one_data_set_cannot_outvote_the_others(void **state) {
    (void)state;
    const double means[] = {-0.1, -0.12, -0.08, -0.11, -0.09, 5};
    struct effect effect = effect_of_datasets(means, 6, false);
    struct claim lower = {.expects_higher = false, .by = 0.02};
    assert_int_equal(effect_decide(&effect, &lower, 0.05), UNDECIDED);
    effect = effect_of_datasets(means, 5, false);
    assert_int_equal(effect_decide(&effect, &lower, 0.05), SUPPORTED);
}

static void equal_values_of_few_seeds_prove_nothing(void **state) {
    (void)state;
    const double a[] = {1, 1, 1}, b[] = {2, 2, 2};
    const struct sample samples[] = {{a, 3, false, false}, {b, 3, true, false}};
    struct claim lower = {.expects_higher = false, .by = 0.05};
    struct effect effect = effect_of_samples(samples, 2, false, false);
    assert_near(effect_p(&effect, &lower), 0.1, 1e-12);  /* 2 of 20 ways to divide six values */
    effect = effect_of_samples(samples, 2, false, true); /* such as parameters */
    assert_int_equal(effect_decide(&effect, &lower, 0.001), SUPPORTED);
}

static void a_baseline_has_no_chance_in_it(void **state) {
    (void)state;
    const double a[] = {1, 1.1, 0.9, 1.05}, constant[] = {2};
    const struct sample samples[] = {{a, 4, false, false}, {constant, 1, true, true}};
    struct effect effect = effect_of_samples(samples, 2, false, false);
    struct claim lower = {.expects_higher = false, .by = 0.05};
    assert_int_equal(effect.count, 4);
    assert_near(effect.freedom, 3, 1e-12);
    assert_int_equal(effect_decide(&effect, &lower, 0.05), SUPPORTED);
}

/* ---- Calibration ---- */

/* How often each verdict is given on data sets whose true effects scatter around `mean`. */
static void draw_datasets(gsl_rng *rng, double mean, double scatter, double seed_scatter,
                          size_t datasets, size_t seeds, int draws, const struct claim *claim,
                          double shares[NO_DIFFERENCE + 1]) {
    memset(shares, 0, (NO_DIFFERENCE + 1) * sizeof *shares);
    for (int draw = 0; draw < draws; draw++) {
        double means[MAX];
        struct effect effect = {0};
        for (size_t d = 0; d < datasets; d++) {
            double a[MAX], b[MAX], here = mean + gsl_ran_gaussian(rng, scatter);
            for (size_t s = 0; s < seeds; s++) {
                a[s] = exp(here + gsl_ran_gaussian(rng, seed_scatter));
                b[s] = exp(gsl_ran_gaussian(rng, seed_scatter));
            }
            effect = of_two(a, seeds, b, seeds);
            means[d] = effect.mean;
        }
        if (datasets > 1)
            effect = effect_of_datasets(means, datasets, false);
        shares[effect_decide(&effect, claim, 0.05)] += 1.0 / draws;
    }
}

static void without_an_effect_at_max_one_in_twenty_verdicts_is_false(void **state) {
    (void)state;
    static const struct { size_t datasets, seeds; } sizes[] = {{1, 3}, {1, 10}, {3, 3}, {6, 10}};
    enum { DRAWS = 4000 };
    gsl_rng *rng = random_stream(1, "effects without an effect");
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        for (int margin = 0; margin <= 1; margin++) {
            struct claim claim = {.by = margin == 0 ? 0 : 0.05};
            double shares[NO_DIFFERENCE + 1];
            draw_datasets(rng, 0, 0.1 * (sizes[i].datasets > 1), 0.2, sizes[i].datasets,
                          sizes[i].seeds, DRAWS, &claim, shares);
            assert_true(shares[SUPPORTED] + shares[REFUTED] <= 0.05 + 0.01); /* 3 sd of chance */
            if (margin == 0)
                assert_true(shares[SUPPORTED] > 0.005); /* the level is used, not avoided */
        }
    gsl_rng_free(rng);
}

static void trials_that_fail_by_chance_alone_make_no_verdict(void **state) {
    (void)state;
    enum { DRAWS = 4000, SEEDS = 10 };
    gsl_rng *rng = random_stream(1, "failures without an effect");
    struct claim claim = {.by = 0};
    double wrong = 0;
    for (int draw = 0; draw < DRAWS; draw++) {
        double values[2][SEEDS];
        for (int side = 0; side < 2; side++)
            for (int s = 0; s < SEEDS; s++)
                values[side][s] =
                    gsl_rng_uniform(rng) < 0.2 ? INFINITY : exp(gsl_ran_gaussian(rng, 0.2));
        struct effect effect = of_two(values[0], SEEDS, values[1], SEEDS);
        wrong += effect_decide(&effect, &claim, 0.05) != UNDECIDED;
    }
    assert_true(wrong / DRAWS <= 0.05 + 0.01);
    gsl_rng_free(rng);
}

/* An effect at the edge of what matters is neither supported nor without a difference. */
static void at_the_margin_at_max_one_in_twenty_verdicts_is_false(void **state) {
    (void)state;
    gsl_rng *rng = random_stream(1, "effects at the margin");
    struct claim claim = {.expects_higher = true, .by = 0.1};
    double shares[NO_DIFFERENCE + 1];
    draw_datasets(rng, log(1.1), 0, 0.02, 1, 10, 4000, &claim, shares);
    assert_true(shares[SUPPORTED] + shares[NO_DIFFERENCE] <= 0.05 + 0.01);
    assert_true(shares[SUPPORTED] > 0.01 && shares[NO_DIFFERENCE] > 0.01);
    gsl_rng_free(rng);
}

/* An effect of exactly this mean and scatter, seen with `count` units. */
static struct effect planted(double mean, double scatter, size_t count, enum effect_units units) {
    return (struct effect){.mean = mean,
                           .error = scatter / sqrt((double)count),
                           .freedom = (units == EFFECT_OF_SEEDS ? 2 : 1) * ((double)count - 1),
                           .min_p = 0,
                           .count = count,
                           .units = units};
}

static void planted_effects_are_found_with_the_power_announced(void **state) {
    (void)state;
    enum { DRAWS = 4000 };
    static const double means[] = {0.4, 0.2, -0.15, 0.002};
    static const enum decision verdicts[] = {SUPPORTED, SUPPORTED, REFUTED, NO_DIFFERENCE};
    gsl_rng *rng = random_stream(1, "planted effects");
    struct claim claim = {.expects_higher = true, .by = 0.05};
    for (size_t i = 0; i < 4; i++) {
        double shares[NO_DIFFERENCE + 1], scatter = verdicts[i] == NO_DIFFERENCE ? 0.04 : 0.15;
        struct effect of_seeds = planted(means[i], M_SQRT2 * scatter, 3, EFFECT_OF_SEEDS);
        double seeds = effect_needed(&of_seeds, &claim, 0.05, 0.8);
        assert_in_range(seeds, 3, MAX);
        draw_datasets(rng, means[i], 0, scatter, 1, (size_t)seeds, DRAWS, &claim, shares);
        assert_in_range(1000 * shares[verdicts[i]], 780, 930);

        struct effect of_datasets = planted(means[i], scatter, 3, EFFECT_OF_DATASETS);
        double datasets = effect_needed(&of_datasets, &claim, 0.05, 0.8);
        assert_in_range(datasets, 3, MAX);
        draw_datasets(rng, means[i], scatter, 1e-4, (size_t)datasets, 2, DRAWS, &claim, shares);
        assert_in_range(1000 * shares[verdicts[i]], 780, 930);
    }
    gsl_rng_free(rng);
}

static void with_three_seeds_a_clear_difference_is_found(void **state) {
    (void)state;
    const double a[] = {0.50, 0.52, 0.48}, b[] = {1.0, 1.05, 0.95};
    struct effect effect = of_two(a, 3, b, 3);
    struct claim lower = {.expects_higher = false, .by = 0.05};
    assert_int_equal(effect_decide(&effect, &lower, 0.05), SUPPORTED);
    struct claim higher = {.expects_higher = true, .by = 0.05};
    assert_int_equal(effect_decide(&effect, &higher, 0.05), REFUTED);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(verdicts_agree_with_scipy),
        cmocka_unit_test(models_of_a_side_count_alike_however_many_seeds_they_have),
        cmocka_unit_test(a_failed_trial_counts_twice_as_bad_as_the_worst),
        cmocka_unit_test(where_nothing_is_finite_there_is_no_effect),
        cmocka_unit_test(values_that_may_be_negative_are_compared_by_their_difference),
        cmocka_unit_test(one_data_set_cannot_outvote_the_others),
        cmocka_unit_test(equal_values_of_few_seeds_prove_nothing),
        cmocka_unit_test(a_baseline_has_no_chance_in_it),
        cmocka_unit_test(without_an_effect_at_max_one_in_twenty_verdicts_is_false),
        cmocka_unit_test(trials_that_fail_by_chance_alone_make_no_verdict),
        cmocka_unit_test(at_the_margin_at_max_one_in_twenty_verdicts_is_false),
        cmocka_unit_test(planted_effects_are_found_with_the_power_announced),
        cmocka_unit_test(with_three_seeds_a_clear_difference_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
