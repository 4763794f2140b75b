/* The norms of gradients by lag, against central differences. */
#include "support/training_case.h"
#include "train/gradient_lag.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "support/near.h"

enum { WINDOWS = 5, STEPS = 9, LAGS = 8 };

/* Outputs [O] of the last step of a window with x [T][I], all rows one time unit apart. */
static void last_output(const struct training_case *test, const real *x, real *out) {
    const struct network *network = &test->network;
    struct arena arena = {0};
    real *all = ARENA_NEW(&arena, real, STEPS * (size_t)network->outputs);
    real *workspace = ARENA_NEW(&arena, real, network_workspace(network, STEPS, 1, PHASE_EVALUATE));
    real elapsed[STEPS];
    for (int t = 0; t < STEPS; t++)
        elapsed[t] = 1;
    struct sequence sequence = {.steps = STEPS, .batch = 1, .x = x, .elapsed = elapsed};
    network_forward(network, test->params, &sequence, PHASE_EVALUATE, all, NULL, workspace);
    memcpy(out, all + (STEPS - 1) * network->outputs, (size_t)network->outputs * sizeof(real));
    arena_free(&arena);
}

static double norm_by_differences(const struct training_case *test, int lag) {
    const struct split *split = &test->dataset->test;
    int inputs = test->dataset->inputs, outputs = test->network.outputs;
    const double step = 1e-5;
    double mean = 0;
    for (size_t w = 0; w < split->window_count; w++) {
        real x[STEPS * 8], up[8], down[8];
        double square = 0;
        memcpy(x, split->series[0].x + split->windows[w].start * inputs,
               (size_t)(STEPS * inputs) * sizeof(real));
        for (int i = 0; i < inputs; i++) {
            real *own = &x[(STEPS - 1 - lag) * inputs + i], was = *own;
            *own = was + (real)step;
            last_output(test, x, up);
            *own = was - (real)step;
            last_output(test, x, down);
            *own = was;
            for (int o = 0; o < outputs; o++)
                square += pow(((double)up[o] - (double)down[o]) / (2 * step), 2);
        }
        mean += sqrt(square) / (double)split->window_count;
    }
    return mean;
}

static void check(const char *model) {
    struct training_case test;
    struct error error;
    if (!training_case_create(&test, model, WINDOWS, STEPS, &error))
        fail_msg("%s", error.text);
    assert_int_equal(test.dataset->test.window_count, WINDOWS);
    struct gradient_lag measured =
        gradient_lag_measure(&test.network, test.dataset, test.params, LAGS, &test.arena);
    double largest = 0;
    for (int k = 0; k < LAGS; k++) {
        double expected = norm_by_differences(&test, k);
        assert_near(measured.norm[k], expected, 1e-7 * fmax(1, expected));
        assert_true(expected > 0);
        largest = fmax(largest, expected);
    }
    assert_near(measured.largest, largest, 1e-7);
    assert_near(measured.growth, largest / measured.norm[0], 1e-7);
    for (int k = LAGS - 1; k >= (int)measured.lag_1pct; k--)
        assert_true(k > measured.lag_1pct || measured.norm[k] <= 0.01 * largest);
    training_case_free(&test);
}

static void norms_by_lag_equal_finite_differences(void **state) {
    (void)state;
    check("{\"cell\": \"lstm\", \"hidden\": 5, \"layers\": 2}");
    check("{\"cell\": \"gru\", \"hidden\": 5}");
    check("{\"cell\": \"ltc\", \"hidden\": 5}");
    check("{\"cell\": \"ltc\", \"hidden\": 6, \"wiring\": {\"type\": \"auto_ncp\", \"units\": 8}}");
    check("{\"cell\": \"cfc\", \"hidden\": 5}");
    check("{\"cell\": \"bilstm\", \"hidden\": 4}");
}

static void a_window_that_is_too_short_is_refused(void **state) {
    (void)state;
    struct training_case test;
    struct error error;
    assert_true(
        training_case_create(&test, "{\"cell\": \"lstm\", \"hidden\": 3}", WINDOWS, STEPS, &error));
    assert_true(gradient_lag_check(&test.network, test.dataset, STEPS, &error));
    assert_false(gradient_lag_check(&test.network, test.dataset, STEPS + 1, &error));
    assert_non_null(strstr(error.text, "10 lags do not fit into the longest test window"));
    training_case_free(&test);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(norms_by_lag_equal_finite_differences),
        cmocka_unit_test(a_window_that_is_too_short_is_refused),
    };
    return cmocka_run_group_tests_name("gradient by lag", tests, NULL, NULL);
}
