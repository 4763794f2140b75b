#include "evaluate/score.h"

#include "math/random.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "support/near.h"

enum { MAX = 16 };

static double target_ones[MAX] = {1, 1, 1, 1};

static double score_of(const char *name, const struct dataset *dataset, double *output,
                       double *truth, size_t count, bool data_units) {
    struct predictions predictions = {.dataset = dataset,
                                      .data_units = data_units,
                                      .count = count,
                                      .output = output,
                                      .truth = truth};
    const struct metric_type *metric = metric_find(name);
    assert_non_null(metric);
    double value = -1;
    score_predictions(&predictions, &metric, 1, &value);
    return value;
}

/* A score of numbers [count][targets]. */
static double numbers(const char *name, int targets, double *output, double *truth, size_t count) {
    struct dataset dataset = {.task = TASK_REGRESSION,
                              .targets = targets,
                              .horizon = 1,
                              .width = targets,
                              .outputs = targets,
                              .target_scale = target_ones,
                              .naive_error = target_ones};
    return score_of(name, &dataset, output, truth, count, true);
}

/* A score of classes: logits [count][classes]. */
static double classes(const char *name, int count_of_classes, double *scores, double *truth,
                      size_t count) {
    struct dataset dataset = {.task = TASK_CLASSIFICATION,
                              .targets = 1,
                              .horizon = 1,
                              .width = 1,
                              .outputs = count_of_classes};
    return score_of(name, &dataset, scores, truth, count, true);
}

#define assert_exact(value, expected) assert_near((value), (expected), 1e-12)

/* The example of scikit-learn's documentation: y = 3, -0.5, 2, 7; ŷ = 2.5, 0, 2, 8. */
static double example_truth[] = {3, -0.5, 2, 7};
static double example_output[] = {2.5, 0, 2, 8};

static void errors_are_means_over_steps(void **state) {
    (void)state;
    /* errors -0.5, 0.5, 0, 1: squares sum to 1.5, absolute values to 2 */
    assert_exact(numbers("mse", 1, example_output, example_truth, 4), 0.375);
    assert_exact(numbers("rmse", 1, example_output, example_truth, 4), sqrt(0.375));
    assert_exact(numbers("mae", 1, example_output, example_truth, 4), 0.5);
    /* 200 |e| / (|y| + |ŷ|): 100/5.5, 100/0.5, 0, 200/15 */
    assert_exact(numbers("smape", 1, example_output, example_truth, 4),
                 (100 / 5.5 + 200 + 0 + 200.0 / 15) / 4);
}

static void r2_compares_with_the_mean_of_the_truth(void **state) {
    (void)state;
    /* ȳ = 2.875, Σ (y - ȳ)² = 29.1875: 1 - 1.5/29.1875 = 0.9486... as scikit-learn documents */
    assert_exact(numbers("r2", 1, example_output, example_truth, 4), 1 - 1.5 / 29.1875);
    double mean[] = {2.875, 2.875, 2.875, 2.875};
    assert_exact(numbers("r2", 1, mean, example_truth, 4), 0);
    assert_exact(numbers("r2", 1, example_truth, example_truth, 4), 1);
}

static void several_targets_are_averaged(void **state) {
    (void)state;
    /* scikit-learn's example too: errors -0.5 1, 0 1, 1 1 */
    double truth[] = {0.5, 1, -1, 1, 7, -6};
    double output[] = {0, 2, -1, 2, 8, -5};
    assert_exact(numbers("mse", 2, output, truth, 3), 4.25 / 6);
    assert_exact(numbers("mae", 2, output, truth, 3), 4.5 / 6);
    assert_exact(numbers("rmse", 2, output, truth, 3), sqrt(4.25 / 6));
    /* columns: ȳ = 13/6, Σ = 50.25 - 3 (13/6)², residual 1.25; ȳ = -4/3, Σ = 38 - 16/3, residual 3
     */
    double first = 1 - 1.25 / (50.25 - 3 * (13.0 / 6) * (13.0 / 6));
    double second = 1 - 3 / (38 - 16.0 / 3);
    assert_exact(numbers("r2", 2, output, truth, 3), (first + second) / 2);
}

static void r2_of_a_constant_truth_is_one_or_zero(void **state) {
    (void)state;
    double constant[] = {0.1, 0.1, 0.1}, off[] = {0.1, 0.1, 0.2};
    assert_exact(numbers("r2", 1, constant, constant, 3), 1);
    assert_exact(numbers("r2", 1, off, constant, 3), 0);
    assert_true(isnan(numbers("r2", 1, off, constant, 1)));
}

static void mase_divides_by_the_naive_error_of_each_target(void **state) {
    (void)state;
    double naive[] = {2, 0.5}, scale[] = {4, 1};
    struct dataset dataset = {.task = TASK_FORECAST,
                              .targets = 2,
                              .horizon = 2,
                              .width = 4,
                              .outputs = 4,
                              .target_scale = scale,
                              .naive_error = naive};
    double truth[] = {0, 0, 0, 0}, output[] = {1, 1, -3, 2}; /* [horizon][targets] */
    assert_exact(score_of("mase", &dataset, output, truth, 1, true),
                 (1 / 2.0 + 1 / 0.5 + 3 / 2.0 + 2 / 0.5) / 4);
    /* in scaled units the first target's naive error is 2/4 */
    assert_exact(score_of("mase", &dataset, output, truth, 1, false),
                 (1 / 0.5 + 1 / 0.5 + 3 / 0.5 + 2 / 0.5) / 4);
    naive[1] = 0; /* never changed in training */
    assert_true(isnan(score_of("mase", &dataset, output, truth, 1, true)));
}

static void smape_of_zero_for_zero_is_no_error(void **state) {
    (void)state;
    double truth[] = {0, 0}, output[] = {0, 5};
    assert_exact(numbers("smape", 1, output, truth, 2), 100);
}

static void missing_truths_are_skipped(void **state) {
    (void)state;
    double truth[] = {1, NAN, NAN, 5}, output[] = {2, 100, 100, 5};
    assert_exact(numbers("mse", 2, output, truth, 2), 0.5);
    assert_exact(numbers("mae", 1, output, truth, 4), 0.5);
    assert_exact(numbers("r2", 1, output, truth, 4), 1 - 1 / 8.0);
    /* two columns, of which none has two truths */
    assert_true(isnan(numbers("r2", 2, output, truth, 2)));
}

static void a_prediction_that_is_not_a_number_makes_the_score_undefined(void **state) {
    (void)state;
    static const char *const names[] = {"mse", "rmse", "mae", "smape", "mase", "r2"};
    double truth[] = {1, 2, 3, 4}, output[] = {1, NAN, 3, 4};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        assert_true(isnan(numbers(names[i], 1, output, truth, 4)));
        assert_true(isnan(numbers(names[i], 2, output, truth, 2)));
    }
}

static void nothing_scored_is_undefined_for_every_metric(void **state) {
    (void)state;
    double truth[] = {NAN, NAN}, output[] = {1, 2, 3, 4};
    const struct metric_type *metric;
    for (size_t i = 0; (metric = metric_at(i)) != NULL; i++) {
        for (size_t count = 0; count <= 2; count += 2) {
            double value = metric->classifies ? classes(metric->name, 2, output, truth, count)
                                              : numbers(metric->name, 1, output, truth, count);
            if (!isnan(value))
                fail_msg("%s of nothing is %g", metric->name, value);
        }
    }
}

/* Three classes; predicted 0 1 1 0 2 1 where the truth is 0 1 0 0 2 2. */
static double three_scores[] = {2, 1, 0, 0, 2, 1, 0, 3, 0, 1, 0, 0, 0, 0, 1, 0, 2, 1};
static double three_truths[] = {0, 1, 0, 0, 2, 2};

static void classes_are_counted(void **state) {
    (void)state;
    assert_exact(classes("accuracy", 3, three_scores, three_truths, 6), 4 / 6.0);
    /* recalls 2/3, 1, 1/2 */
    assert_exact(classes("balanced_accuracy", 3, three_scores, three_truths, 6),
                 (2 / 3.0 + 1 + 0.5) / 3);
    /* F1: 2·2/(3 + 2), 2·1/(1 + 3), 2·1/(2 + 1) */
    assert_exact(classes("macro_f1", 3, three_scores, three_truths, 6),
                 (4 / 5.0 + 2 / 4.0 + 2 / 3.0) / 3);
    double with_gap[] = {0, NAN, 0, 0, 2, 2};
    assert_exact(classes("accuracy", 3, three_scores, with_gap, 6), 3 / 5.0);
}

static void a_class_that_never_occurs_is_left_out(void **state) {
    (void)state;
    double scores[] = {1, 0, 0, 1, 0, 0, 0, 1, 0}, truth[] = {0, 1, 1};
    /* predicted 0 0 1: recalls 1 and 1/2, F1 2/3 and 2/3; class 2 is nowhere */
    assert_exact(classes("balanced_accuracy", 3, scores, truth, 3), 0.75);
    assert_exact(classes("macro_f1", 3, scores, truth, 3), 2 / 3.0);
}

static void one_class_alone_has_accuracy_but_no_auroc(void **state) {
    (void)state;
    double scores[] = {1, 0, 3, 2}, truth[] = {0, 0}, positive[] = {1, 1};
    assert_exact(classes("accuracy", 2, scores, truth, 2), 1);
    assert_exact(classes("balanced_accuracy", 2, scores, truth, 2), 1);
    assert_exact(classes("macro_f1", 2, scores, truth, 2), 1);
    assert_true(isnan(classes("auroc", 2, scores, truth, 2)));
    assert_true(isnan(classes("auroc", 2, scores, positive, 2)));
    /* no positive anywhere: F1 says nothing; all positives missed: it is 0 */
    assert_true(isnan(classes("f1", 2, scores, truth, 2)));
    assert_exact(classes("f1", 2, scores, positive, 2), 0);
}

static void f1_is_that_of_the_second_of_two_classes(void **state) {
    (void)state;
    /* predicted 1 1 0 1, truth 1 0 1 1: TP 2, FP 1, FN 1 */
    double scores[] = {0, 1, 0, 1, 1, 0, 0, 1}, truth[] = {1, 0, 1, 1};
    assert_exact(classes("f1", 2, scores, truth, 4), 4 / 6.0);
    assert_true(isnan(classes("f1", 3, three_scores, three_truths, 6)));
}

static void auroc_counts_ordered_pairs_and_half_of_ties(void **state) {
    (void)state;
    /* scikit-learn's example: scores 0.1 0.4 0.35 0.8 of truths 0 0 1 1: 3 of 4 pairs ordered */
    double scores[] = {0, 0.1, 0, 0.4, 0, 0.35, 0, 0.8}, truth[] = {0, 0, 1, 1};
    assert_exact(classes("auroc", 2, scores, truth, 4), 0.75);
    double tied[] = {0, 1, 0, 2, 0, 2, 0, 3}; /* pairs: 1<2, 1<3, 2=2, 2<3: 3.5 of 4 */
    assert_exact(classes("auroc", 2, tied, truth, 4), 0.875);
    double equal[] = {0, 1, 0, 1, 0, 1, 0, 1};
    assert_exact(classes("auroc", 2, equal, truth, 4), 0.5);
    double saturated[] = {0, 1000, 0, 2000, 0, 3000, 0, 4000};
    assert_exact(classes("auroc", 2, saturated, truth, 4), 1);
}

/* Softmax is needed: the raw score of class 1 says nothing when the other scores differ. */
static void auroc_ranks_by_the_probability_of_the_class(void **state) {
    (void)state;
    double scores[] = {10, 5, 0, 1}, truth[] = {0, 1};
    assert_exact(classes("auroc", 2, scores, truth, 2), 1);
}

static void auroc_of_several_classes_is_the_mean_against_the_rest(void **state) {
    (void)state;
    /* Probabilities as log scores. Class 0: positives .7 .2, negatives .3 .1: 3 of 4 pairs; class
     * 1: positive .5, negatives .2 .5 .1: 2.5 of 3; class 2: positive .8, the rest .1 .3 .2: 3 of 3
     */
    double p[] = {.7, .2, .1, .2, .5, .3, .3, .5, .2, .1, .1, .8};
    double truth[] = {0, 0, 1, 2};
    for (size_t i = 0; i < sizeof p / sizeof *p; i++)
        p[i] = log(p[i]);
    assert_exact(classes("auroc", 3, p, truth, 4), (0.75 + 2.5 / 3 + 1) / 3);
    /* class 2 never true: left out; class 0 and 1 against each other: .7 .2 | .3 and .5 | .2 .5 */
    assert_exact(classes("auroc", 3, p, truth, 3), (0.5 + 0.75) / 2);
}

/* Every pair of a positive and a negative, by the definition. p [n][count] are probabilities. */
static double auroc_by_pairs(int count, const double *p, const double *truth, size_t n) {
    double sum = 0;
    int defined = 0;
    for (int c = count == 2 ? 1 : 0; c < count; c++) {
        double right = 0, pairs = 0;
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j < n; j++) {
                if (truth[i] != c || truth[j] == c || isnan(truth[j]))
                    continue;
                double a = p[i * (size_t)count + (size_t)c], b = p[j * (size_t)count + (size_t)c];
                right += a > b ? 1 : a == b ? 0.5 : 0;
                pairs++;
            }
        if (pairs == 0)
            continue;
        sum += right / pairs;
        defined++;
    }
    return sum / defined;
}

/* Steps out of a few kinds, so that many tie; some truths are missing, some classes rare. */
static void auroc_agrees_with_counting_all_pairs(void **state) {
    (void)state;
    enum { N = 150, KINDS = 40, MAX_CLASSES = 24 };
    static const int counts[] = {2, 3, 7, MAX_CLASSES};
    gsl_rng *rng = random_stream(1, "auroc");
    for (size_t k = 0; k < sizeof counts / sizeof counts[0]; k++) {
        int count = counts[k];
        double p[N * MAX_CLASSES], scores[N * MAX_CLASSES], truth[N];
        for (size_t i = 0; i < N; i++) {
            double total = 0, *row = p + i * (size_t)count, *score = scores + i * (size_t)count;
            for (int c = 0; c < count && i < KINDS; c++)
                score[c] = 4 * gsl_rng_uniform(rng);
            if (i >= KINDS)
                memcpy(score, scores + gsl_rng_uniform_int(rng, KINDS) * (size_t)count,
                       (size_t)count * sizeof *score);
            for (int c = 0; c < count; c++)
                total += row[c] = exp(score[c]);
            for (int c = 0; c < count; c++)
                row[c] /= total;
            unsigned long drawn = gsl_rng_uniform_int(rng, 2 * (unsigned long)count);
            truth[i] = i % 9 == 0 ? NAN : drawn < (unsigned long)count ? (double)drawn : 0;
        }
        assert_exact(classes("auroc", count, scores, truth, N), auroc_by_pairs(count, p, truth, N));
    }
    gsl_rng_free(rng);
}

/* A thousand classes took minutes when each needed sums over all others and a sort of all steps. */
static void auroc_of_a_thousand_classes_takes_a_moment(void **state) {
    (void)state;
    enum { N = 2000, CLASSES = 1000 };
    double *scores = calloc(N * CLASSES, sizeof *scores), truth[N];
    for (size_t i = 0; i < N; i++) {
        truth[i] = (double)(i % CLASSES);
        for (size_t c = 0; c < CLASSES; c++)
            scores[i * CLASSES + c] = (double)((i * 7 + c * 13) % 101) / 50;
        scores[i * CLASSES + i % CLASSES] = 50;
    }
    clock_t begin = clock();
    assert_exact(classes("auroc", CLASSES, scores, truth, N), 1);
    assert_true((double)(clock() - begin) / CLOCKS_PER_SEC < 5);
    free(scores);
}

static void infinite_scores_are_ordered_where_that_can_be(void **state) {
    (void)state;
    double sure[] = {0, INFINITY, 3, 1, -INFINITY, 0, 2, 1}, truth[] = {1, 0, 1, 0};
    assert_exact(classes("auroc", 2, sure, truth, 4), 1);
    double both[] = {INFINITY, INFINITY, 0, 1}, other[] = {1, 0};
    assert_true(isnan(classes("auroc", 2, both, other, 2)));
    double none[] = {-INFINITY, -INFINITY, 0, 1};
    assert_true(isnan(classes("auroc", 2, none, other, 2)));
}

static void a_score_is_undefined_only_where_predictions_are_finite(void **state) {
    (void)state;
    struct dataset dataset = {
        .task = TASK_CLASSIFICATION, .targets = 1, .horizon = 1, .width = 1, .outputs = 2};
    double finite[] = {0, 1, 0, 2}, blown[] = {0, 1, NAN, 2}, truth[] = {1, 1},
           missing[] = {1, NAN};
    struct predictions predictions = {
        .dataset = &dataset, .count = 2, .output = finite, .truth = truth};
    assert_true(score_is_undefined(&predictions, NAN));
    assert_false(score_is_undefined(&predictions, 0.5));
    assert_false(score_is_undefined(&predictions, INFINITY));
    predictions.output = blown;
    assert_false(score_is_undefined(&predictions, NAN));
    predictions.truth = missing; /* nobody asked for what is not a number */
    assert_true(score_is_undefined(&predictions, NAN));
    double one[] = {2, 2, 2}, far[] = {2, INFINITY, 2}; /* R2 of a constant truth */
    assert_exact(numbers("r2", 1, one, one, 3), 1);
    assert_false(isfinite(numbers("r2", 1, far, one, 3)));
}

static void log_loss_is_that_of_the_softmax(void **state) {
    (void)state;
    double scores[] = {0, log(3), 0, 0}, truth[] = {1, 0};
    assert_exact(classes("log_loss", 2, scores, truth, 2), (log(4 / 3.0) + log(2)) / 2);
    double shifted[] = {5000, 5000 + log(3), -5000, -5000};
    assert_near(classes("log_loss", 2, shifted, truth, 2), (log(4 / 3.0) + log(2)) / 2, 1e-11);
    double sure[] = {1000, 0}, wrong[] = {1};
    assert_exact(classes("log_loss", 2, sure, wrong, 1), 1000);
}

static void scores_that_are_not_numbers_are_never_right(void **state) {
    (void)state;
    double scores[] = {NAN, 0, 1, 0, 0, NAN, 0, 1}, truth[] = {1, 0, 0, 1};
    assert_exact(classes("accuracy", 2, scores, truth, 4), 0.5);
    assert_true(isnan(classes("log_loss", 2, scores, truth, 4)));
    assert_true(isnan(classes("auroc", 2, scores, truth, 4)));
}

static void metrics_are_found_by_name(void **state) {
    (void)state;
    assert_null(metric_find("accuracies"));
    assert_null(metric_find(""));
    for (size_t i = 0; metric_name(i) != NULL; i++)
        assert_ptr_equal(metric_find(metric_name(i)), metric_at(i));
    assert_false(metric_find("mse")->higher_is_better);
    assert_true(metric_find("auroc")->higher_is_better);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(errors_are_means_over_steps),
        cmocka_unit_test(r2_compares_with_the_mean_of_the_truth),
        cmocka_unit_test(several_targets_are_averaged),
        cmocka_unit_test(r2_of_a_constant_truth_is_one_or_zero),
        cmocka_unit_test(mase_divides_by_the_naive_error_of_each_target),
        cmocka_unit_test(smape_of_zero_for_zero_is_no_error),
        cmocka_unit_test(missing_truths_are_skipped),
        cmocka_unit_test(a_prediction_that_is_not_a_number_makes_the_score_undefined),
        cmocka_unit_test(nothing_scored_is_undefined_for_every_metric),
        cmocka_unit_test(classes_are_counted),
        cmocka_unit_test(a_class_that_never_occurs_is_left_out),
        cmocka_unit_test(one_class_alone_has_accuracy_but_no_auroc),
        cmocka_unit_test(f1_is_that_of_the_second_of_two_classes),
        cmocka_unit_test(auroc_counts_ordered_pairs_and_half_of_ties),
        cmocka_unit_test(auroc_ranks_by_the_probability_of_the_class),
        cmocka_unit_test(auroc_of_several_classes_is_the_mean_against_the_rest),
        cmocka_unit_test(auroc_agrees_with_counting_all_pairs),
        cmocka_unit_test(auroc_of_a_thousand_classes_takes_a_moment),
        cmocka_unit_test(infinite_scores_are_ordered_where_that_can_be),
        cmocka_unit_test(a_score_is_undefined_only_where_predictions_are_finite),
        cmocka_unit_test(log_loss_is_that_of_the_softmax),
        cmocka_unit_test(scores_that_are_not_numbers_are_never_right),
        cmocka_unit_test(metrics_are_found_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
