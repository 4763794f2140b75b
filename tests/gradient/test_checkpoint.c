/* Checkpointing gives the gradient that a pass over whole windows gives: for every cell that
 * streams, in double precision, with irregular times, absent steps and dropout. */
#include "math/random.h"
#include "support/training_case.h"
#include "train/passes.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* Seven segments of 8 steps and one of 3; more rows than any cell works on at once. */
enum { WINDOWS = 5, T = 59 };

struct outcome {
    double train, score; /* losses with and without dropout */
    real *gradient;
};

static struct outcome run(struct training_case *test, const char *json) {
    struct train_options options = training_options(test, json);
    struct memory_cost memory = {0};
    struct passes passes =
        passes_begin(&test->network, test->dataset, WINDOWS, &options, &memory, &test->arena);
    const struct split *split = &test->dataset->train;
    gsl_rng *dropout = random_stream(0, "dropout");
    struct outcome outcome = {
        .train = passes_train(&passes, test->params, split, NULL, 0, WINDOWS, dropout).sum,
        .score = passes_loss(&passes, test->params, split, NULL, 0, WINDOWS).sum,
        .gradient = passes_gradient(&passes),
    };
    gsl_rng_free(dropout);
    passes_end(&passes);
    return outcome;
}

static void assert_agree(const char *model, const char *what, double value, double expected,
                         double size) {
    if (!(fabs(value - expected) <= 1e-10 * size))
        fail_msg("%s: %s is %.17g with checkpointing, and %.17g without", model, what, value,
                 expected);
}

static void check(const char *model) {
    struct training_case test;
    struct error error;
    if (!training_case_create(&test, model, WINDOWS, T, &error))
        fail_msg("%s: %s", model, error.text);
    struct outcome whole = run(&test, "{}"), parts = run(&test, "{\"checkpoint\": true}");
    double largest = 0;
    for (size_t i = 0; i < test.network.params.size; i++)
        largest = fmax(largest, fabs((double)whole.gradient[i]));
    assert_true(largest > 0);
    assert_agree(model, "the training loss", parts.train, whole.train, whole.train);
    assert_agree(model, "the loss", parts.score, whole.score, whole.score);
    for (size_t i = 0; i < test.network.params.size; i++)
        assert_agree(model, "a gradient", (double)parts.gradient[i], (double)whole.gradient[i],
                     largest);
    training_case_free(&test);
}

static void checkpointing_gives_the_same_gradient_for_every_cell_that_streams(void **state) {
    (void)state;
    const struct cell_type *type;
    for (size_t i = 0; (type = cell_type_at(i)) != NULL; i++) {
        char model[100];
        snprintf(model, sizeof model, "{\"cell\": \"%s\", \"hidden\": 5, \"layers\": 2}",
                 type->name);
        if (type->streams)
            check(model);
    }
    check("{\"cell\": \"ltc\", \"hidden\": 5, \"mixed_memory\": true, \"time_input\": true}");
    check("{\"cell\": \"ltc\", \"wiring\": {\"type\": \"auto_ncp\", \"units\": 11}}");
    check("{\"cell\": \"cfc\", \"wiring\": {\"type\": \"auto_ncp\", \"units\": 11}}");
    check("{\"cell\": \"lstm\", \"hidden\": 5, \"peephole\": true}");
    check("{\"cell\": \"lstm\", \"hidden\": 5, \"readout\": \"mean\"}");
    check("{\"cell\": \"tcn\", \"hidden\": 5, \"layers\": 2, \"dropout\": 0.3}");
    check("{\"cell\": \"liquids4\", \"hidden\": 3, \"layers\": 2, \"block\": \"lru\"}");
}

static void dropout_is_the_same_in_segments(void **state) {
    (void)state;
    check("{\"cell\": \"cfc\", \"hidden\": 5, \"layers\": 2, \"backbone\": "
          "{\"units\": 6, \"layers\": 3, \"dropout\": 0.3}}");
    check("{\"cell\": \"cfc\", \"hidden\": 5, \"mixed_memory\": true, \"variant\": \"hasani2022\", "
          "\"backbone\": {\"units\": 6, \"layers\": 2, \"dropout\": 0.3}}");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(checkpointing_gives_the_same_gradient_for_every_cell_that_streams),
        cmocka_unit_test(dropout_is_the_same_in_segments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
