/* Liquid-S4 in float: its two forms over long sequences, and extreme numbers. */
#include "support/cells.h"
#include "support/two_forms.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void convolution_agrees_with_the_recurrence_over_784_steps(void **state) {
    (void)state;
    struct form_difference found =
        compare_forms("{\"cell\": \"liquids4\", \"hidden\": 20}", 784, 2, true);
    if (!(found.forward <= 1e-5 && found.backward <= 1e-4))
        fail_msg("outputs differ by %.3g, gradients by %.3g", found.forward, found.backward);
}

/* One stream of three steps: outputs, from parameters that `change` changed. */
static void run_three_steps(real elapsed, real input, void (*change)(const struct cell *, real *),
                            real y[3]) {
    struct cell_case test;
    struct error error;
    assert_true(cell_case_create(&test, "{\"cell\": \"liquids4\", \"hidden\": 1}", 1, 0, &error));
    const struct cell *cell = &test.cell;
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    real *params = ARENA_NEW(&test.arena, real, test.params.size);
    real *workspace =
        ARENA_NEW(&test.arena, real, cell->type->workspace(cell, 3, 1, PHASE_EVALUATE));
    const real x[] = {input, input, input}, times[] = {elapsed, elapsed, elapsed * 2};
    struct sequence sequence = {
        .steps = 3, .batch = 1, .phase = PHASE_EVALUATE, .x = x, .elapsed = times};
    cell->type->init(cell, params, rng);
    if (change != NULL)
        change(cell, params);
    cell->type->forward(cell, params, &sequence, y, NULL, workspace);
    gsl_rng_free(rng);
    cell_case_free(&test);
}

static void any_elapsed_time_gives_finite_outputs(void **state) {
    (void)state;
    static const real times[] = {0, 1e-30f, 1e-6f, 1, 1e4f, 1e9f, 1e30f};
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
        real y[3];
        run_three_steps(times[i], 1, NULL, y);
        for (int t = 0; t < 3; t++)
            assert_true(isfinite((double)y[t]));
    }
}

static void nan_in_the_input_reaches_the_output(void **state) {
    (void)state;
    real y[3];
    run_three_steps(1, (real)NAN, NULL, y);
    assert_true(isnan((double)y[0]) && isnan((double)y[2]));
}

/* In "log_dt", the first tensor after the input map's 1 weight and 1 bias. */
static void lose_a_parameter(const struct cell *cell, real *params) {
    params[cell->offset[0] + 2] = (real)NAN;
}

static void nan_in_a_parameter_reaches_the_output(void **state) {
    (void)state;
    real y[3];
    run_three_steps(1, 1, lose_a_parameter, y);
    assert_true(isnan((double)y[0]) && isnan((double)y[2]));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(convolution_agrees_with_the_recurrence_over_784_steps),
        cmocka_unit_test(any_elapsed_time_gives_finite_outputs),
        cmocka_unit_test(nan_in_the_input_reaches_the_output),
        cmocka_unit_test(nan_in_a_parameter_reaches_the_output),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
