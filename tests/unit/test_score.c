#include "evaluate/score.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/near.h"
#include "support/toy_dataset.h"

enum { ROWS = 23, INPUTS = 2 };

/* Two inputs: t and -t. */
static struct dataset *ramps(int horizon, bool last_only, struct arena *arena) {
    real x[ROWS * INPUTS];
    for (int t = 0; t < ROWS; t++) {
        x[INPUTS * t] = (real)t;
        x[INPUTS * t + 1] = (real)-t;
    }
    struct toy toy = {.task = TASK_FORECAST,
                      .rows = ROWS,
                      .inputs = INPUTS,
                      .targets = INPUTS,
                      .horizon = horizon,
                      .window = 5,
                      .stride = 3,
                      .last_only = last_only};
    return toy_dataset(&toy, x, NULL, arena);
}

/* Says for every horizon that nothing changes. */
static void repeat_inputs(void *model, const struct batch *batch, real *out) {
    int horizon = *(int *)model;
    for (int step = 0; step < batch->steps * batch->size; step++)
        for (int k = 0; k < horizon * INPUTS; k++)
            out[step * horizon * INPUTS + k] = batch->x[step * INPUTS + k % INPUTS];
}

static double mse_of(const struct predictions *predictions) {
    const struct metric_type *metric = metric_find("mse");
    double value;
    score_predictions(predictions, &metric, 1, &value);
    return value;
}

static void every_step_of_every_window_is_scored_in_order(void **state) {
    (void)state;
    struct arena arena = {0};
    int horizon = 2;
    struct dataset *dataset = ramps(horizon, false, &arena);
    assert_int_equal(dataset->test.window_count, 6); /* starts 0, 3, ..., 15 */
    for (int size = 1; size <= 8; size++) {
        struct predictor predictor = {&horizon, size, repeat_inputs};
        struct predictions predictions =
            predict_split(&predictor, dataset, &dataset->test, true, &arena);
        assert_int_equal(predictions.count, 6 * 5);
        for (size_t n = 0; n < predictions.count; n++) {
            double row = (double)(n / 5 * 3 + n % 5);
            const double truth[] = {row + 1, -row - 1, row + 2, -row - 2};
            for (size_t k = 0; k < 4; k++) {
                assert_near(predictions.truth[4 * n + k], truth[k], 0);
                assert_near(predictions.output[4 * n + k], k % 2 == 0 ? row : -row, 0);
            }
        }
        assert_near(mse_of(&predictions), 2.5, 1e-12); /* errors 1 and 2 */
    }
    arena_free(&arena);
}

static void only_last_steps_are_scored_when_the_task_says_so(void **state) {
    (void)state;
    struct arena arena = {0};
    int horizon = 1;
    struct dataset *dataset = ramps(horizon, true, &arena);
    struct predictor predictor = {&horizon, 4, repeat_inputs};
    struct predictions predictions =
        predict_split(&predictor, dataset, &dataset->test, true, &arena);
    assert_int_equal(predictions.count, dataset->test.window_count);
    for (size_t n = 0; n < predictions.count; n++)
        assert_near(predictions.truth[2 * n], (double)(3 * n + 5), 0);
    arena_free(&arena);
}

static void numbers_come_back_in_units_of_the_data_when_asked_for(void **state) {
    (void)state;
    struct arena arena = {0};
    int horizon = 2;
    struct dataset *dataset = ramps(horizon, false, &arena);
    dataset->target_scale[1] = 10;
    dataset->target_offset[1] = 1000;
    struct predictor predictor = {&horizon, 4, repeat_inputs};
    struct predictions scaled = predict_split(&predictor, dataset, &dataset->test, false, &arena);
    struct predictions data = predict_split(&predictor, dataset, &dataset->test, true, &arena);
    assert_false(scaled.data_units);
    assert_true(data.data_units);
    for (size_t i = 0; i < 4 * data.count; i++) {
        bool second = i % 2 == 1; /* [horizon][targets] */
        assert_near(data.truth[i], second ? 10 * scaled.truth[i] + 1000 : scaled.truth[i], 0);
        assert_near(data.output[i], second ? 10 * scaled.output[i] + 1000 : scaled.output[i], 0);
    }
    assert_near(mse_of(&scaled), 2.5, 1e-12);
    assert_near(mse_of(&data), 2.5 * (1 + 100) / 2, 1e-9);
    arena_free(&arena);
}

static void steps_without_a_truth_are_left_out(void **state) {
    (void)state;
    struct arena arena = {0};
    int horizon = 2;
    struct dataset *dataset = ramps(horizon, false, &arena);
    real *y = dataset->test.series->y;
    for (int k = 0; k < 4; k++)
        y[4 * 7 + k] = (real)NAN; /* row 7 is in the windows from 3 and 6 */
    y[4 * 9] = (real)NAN;         /* a single number of row 9 */
    struct predictor predictor = {&horizon, 4, repeat_inputs};
    struct predictions predictions =
        predict_split(&predictor, dataset, &dataset->test, true, &arena);
    assert_int_equal(predictions.count, 6 * 5 - 2);
    assert_false(isnan(mse_of(&predictions)));
    arena_free(&arena);
}

static void a_split_without_windows_has_no_score(void **state) {
    (void)state;
    struct arena arena = {0};
    int horizon = 1;
    struct dataset *dataset = ramps(horizon, false, &arena);
    dataset->test.window_count = 0;
    struct predictor predictor = {&horizon, 4, repeat_inputs};
    struct predictions predictions =
        predict_split(&predictor, dataset, &dataset->test, true, &arena);
    assert_int_equal(predictions.count, 0);
    assert_true(isnan(mse_of(&predictions)));
    arena_free(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_step_of_every_window_is_scored_in_order),
        cmocka_unit_test(only_last_steps_are_scored_when_the_task_says_so),
        cmocka_unit_test(numbers_come_back_in_units_of_the_data_when_asked_for),
        cmocka_unit_test(steps_without_a_truth_are_left_out),
        cmocka_unit_test(a_split_without_windows_has_no_score),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
