/* Liquid-S4 as a convolution gives the numbers and the gradients of its recurrence, which
 * test_cell_gradients.c compares with finite differences. In double precision. */
#include "support/two_forms.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static void expect_same(const char *options, int steps, int batch, bool carried) {
    char model[128];
    snprintf(model, sizeof model, "{\"cell\": \"liquids4\", %s}", options);
    struct form_difference found = compare_forms(model, steps, batch, carried);
    if (!(found.forward <= 1e-11 && found.backward <= 1e-9))
        fail_msg("%s, %d steps of %d streams%s: outputs differ by %.3g, gradients by %.3g", model,
                 steps, batch, carried ? " with state" : "", found.forward, found.backward);
}

static void convolution_agrees_with_the_recurrence(void **state) {
    (void)state;
    /* Around one and two chunks of 32 steps, and more. */
    static const int lengths[] = {2, 3, 31, 32, 33, 64, 65, 150};
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++)
        for (int carried = 0; carried < 2; carried++)
            expect_same("\"hidden\": 5, \"state\": 3", lengths[i], 3, carried);
}

static void convolution_agrees_for_every_width_and_degree(void **state) {
    (void)state;
    for (int carried = 0; carried < 2; carried++) {
        expect_same("\"hidden\": 1, \"state\": 1", 40, 1, carried);
        expect_same("\"hidden\": 16, \"state\": 16", 40, 2, carried);
        expect_same("\"hidden\": 19, \"state\": 5, \"dt_min\": 0.5, \"dt_max\": 2", 70, 2, carried);
        expect_same("\"hidden\": 3, \"state\": 2, \"liquid_degree\": 1", 40, 2, carried);
        expect_same("\"hidden\": 3, \"state\": 2, \"liquid_degree\": 3", 40, 2, carried);
        expect_same("\"hidden\": 3, \"state\": 2, \"liquid_degree\": 5", 40, 2, carried);
        expect_same("\"hidden\": 3, \"state\": 2, \"liquid_degree\": 5", 3, 2, carried);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(convolution_agrees_with_the_recurrence),
        cmocka_unit_test(convolution_agrees_for_every_width_and_degree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
