/* The memory tasks and the capacity metric, against what is known of them. */
#include "data/generators/generator.h"
#include "evaluate/score.h"
#include "math/random.h"

#include <gsl/gsl_multifit.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "support/near.h"

static struct table generate(const char *name, const char *parameters, int rows, int seed) {
    struct table table;
    struct error error;
    cJSON *json = cJSON_Parse(parameters);
    gsl_rng *rng = random_stream((uint64_t)seed, "test");
    if (!generator_run(generator_find(name), json, 0, rows, rng, &table, &error))
        fail_msg("%s", error.text);
    gsl_rng_free(rng);
    cJSON_Delete(json);
    return table;
}

/* MC of outputs [count][width] for truths [count][width]. */
static double capacity(double *output, double *truth, size_t count, int width) {
    struct dataset dataset = {
        .task = TASK_REGRESSION, .targets = width, .horizon = 1, .width = width, .outputs = width};
    struct predictions predictions = {
        .dataset = &dataset, .count = count, .output = output, .truth = truth};
    const struct metric_type *metric = metric_find("memory_capacity");
    double value;
    score_predictions(&predictions, &metric, 1, &value);
    return value;
}

/* A linear readout of the last `units` inputs u(t-1) ... for each of `lags` targets, fitted on the
 * first half of a series and scored on the second. */
static double capacity_of_delay_line(int units, int lags, int rows) {
    char parameters[40];
    snprintf(parameters, sizeof parameters, "{\"lags\": %d}", lags);
    struct table table = generate("delay_recall", parameters, rows, 3);
    const double *u = table.columns[0].values;
    int half = rows / 2, width = lags;
    struct arena arena = {0};
    double *output = ARENA_NEW(&arena, double, half *width);
    double *truth = ARENA_NEW(&arena, double, half *width);
    gsl_matrix *states = gsl_matrix_alloc((size_t)(half - lags), (size_t)units);
    gsl_matrix *covariance = gsl_matrix_alloc((size_t)units, (size_t)units);
    gsl_vector *y = gsl_vector_alloc((size_t)(half - lags)), *w = gsl_vector_alloc((size_t)units);
    gsl_multifit_linear_workspace *work =
        gsl_multifit_linear_alloc((size_t)(half - lags), (size_t)units);
    for (int k = 0; k < lags; k++) {
        double squares;
        const double *lag = table.columns[k + 1].values;
        for (int t = lags; t < half; t++) {
            gsl_vector_set(y, (size_t)(t - lags), lag[t]);
            for (int i = 0; i < units; i++)
                gsl_matrix_set(states, (size_t)(t - lags), (size_t)i, u[t - 1 - i]);
        }
        gsl_multifit_linear(states, y, w, covariance, &squares, work);
        for (int t = 0; t < half; t++) {
            output[t * width + k] = 0;
            for (int i = 0; i < units; i++)
                output[t * width + k] += gsl_vector_get(w, (size_t)i) * u[half + t - 1 - i];
            truth[t * width + k] = lag[half + t];
        }
    }
    double mc = capacity(output, truth, (size_t)half, width);
    gsl_multifit_linear_free(work);
    gsl_matrix_free(states);
    gsl_matrix_free(covariance);
    gsl_vector_free(y);
    gsl_vector_free(w);
    arena_free(&arena);
    table_free(&table);
    return mc;
}

/* Jaeger 2001: n exactly for a delay line of n units. Each of the K - n lags beyond adds the square
 * of a sample correlation, 1 / rows on average. */
static void a_delay_line_of_n_units_has_capacity_n(void **state) {
    (void)state;
    assert_near(capacity_of_delay_line(1, 12, 8000), 1, 0.02);
    assert_near(capacity_of_delay_line(5, 12, 8000), 5, 0.02);
    assert_near(capacity_of_delay_line(8, 8, 8000), 8, 1e-9);
}

static void a_constant_output_remembers_nothing(void **state) {
    (void)state;
    double truth[] = {1, 2, 3, 4, 5, 7}, output[] = {2, -2, 2, -4, 2, -7};
    assert_near(capacity(output, truth, 3, 2), 1, 1e-12); /* the sign is of no account */
    double once[] = {1, NAN, 3, 1};
    assert_near(capacity(once, once, 2, 2), 1, 1e-12); /* one truth says nothing */
    assert_true(isnan(capacity(once, once, 1, 2)));
}

static void delay_recall_asks_for_what_came_before(void **state) {
    (void)state;
    struct table table = generate("delay_recall", "{\"lags\": 3}", 50, 1);
    assert_int_equal(table.column_count, 4);
    const double *u = table.columns[0].values;
    for (size_t k = 1; k <= 3; k++)
        for (size_t t = 0; t < 50; t++)
            if (t < k)
                assert_true(isnan(table.columns[k].values[t]));
            else
                assert_true(table.columns[k].values[t] == u[t - k] && fabs(u[t]) <= 1);
    table_free(&table);
}

static void the_answer_1_scores_a_sixth_on_adding(void **state) {
    (void)state;
    enum { SERIES = 20000 };
    double sum = 0;
    for (int seed = 0; seed < SERIES; seed++) {
        struct table table = generate("adding", "{}", 12, seed);
        double error = table.columns[2].values[11] - 1;
        sum += error * error;
        table_free(&table);
    }
    /* The squared error has a deviation of 0.18. */
    assert_near(sum / SERIES, 1.0 / 6, 3 * 0.18 / sqrt(SERIES));
}

/* The number that bits of -1 and 1 stand for. */
static int number_of(const struct table *table, size_t column, int bits, size_t row) {
    int number = 0;
    for (int i = 0; i < bits; i++)
        number += table->columns[column + (size_t)i].values[row] > 0 ? 1 << i : 0;
    return number;
}

static void associative_recall_asks_for_the_value_of_one_of_the_keys(void **state) {
    (void)state;
    int answers[8] = {0};
    for (int seed = 0; seed < 200; seed++) {
        struct table table = generate("associative_recall", "{\"pairs\": 16}", 20, seed);
        int asked = number_of(&table, 0, 4, 19), answer = -1;
        for (size_t row = 0; row < 16; row++) {
            for (size_t other = 0; other < row; other++)
                assert_int_not_equal(number_of(&table, 0, 4, row), number_of(&table, 0, 4, other));
            if (number_of(&table, 0, 4, row) == asked)
                answer = number_of(&table, 4, 3, row);
        }
        assert_true(answer == (int)table.columns[8].values[19]);
        assert_true(table.columns[7].values[19] == 1 && table.columns[7].values[18] == 0);
        assert_true(table.columns[4].values[19] == 0 && table.columns[0].values[17] == 0);
        answers[answer]++;
        table_free(&table);
    }
    for (int i = 0; i < 8; i++)
        assert_true(answers[i] > 5);
}

static void assert_refused(const char *name, const char *parameters, int rows, const char *why) {
    struct table table;
    struct error error;
    cJSON *json = cJSON_Parse(parameters);
    gsl_rng *rng = random_stream(0, "test");
    assert_false(generator_run(generator_find(name), json, 0, rows, rng, &table, &error));
    if (strstr(error.text, why) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", error.text, why);
    gsl_rng_free(rng);
    cJSON_Delete(json);
}

static void what_does_not_fit_into_the_rows_is_refused(void **state) {
    (void)state;
    assert_refused("delay_recall", "{\"lags\": 20}", 20, "rows is 20, but recalling a delay of 20");
    assert_refused("delay_recall", "{\"lags\": 65}", 100, "at most 64");
    assert_refused("delay_recall", "{\"lags\": 1e9}", 100, "at most 64");
    assert_refused("associative_recall", "{\"pairs\": 8}", 8, "8 pairs and a question take 9");
    assert_refused("associative_recall", "{\"pairs\": 17}", 40, "no more than 16 keys");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_delay_line_of_n_units_has_capacity_n),
        cmocka_unit_test(a_constant_output_remembers_nothing),
        cmocka_unit_test(delay_recall_asks_for_what_came_before),
        cmocka_unit_test(the_answer_1_scores_a_sixth_on_adding),
        cmocka_unit_test(associative_recall_asks_for_the_value_of_one_of_the_keys),
        cmocka_unit_test(what_does_not_fit_into_the_rows_is_refused),
    };
    return cmocka_run_group_tests_name("memory", tests, NULL, NULL);
}
