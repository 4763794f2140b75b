/* A readout that is the mean over time: its gradients against central differences, through the
 * trainer's passes, with absent steps, and its outputs against the readouts of each step. */
#include "math/random.h"
#include "support/training_case.h"
#include "train/passes.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { WINDOWS = 3, T = 7 };

static const char *const mean = "{\"cell\": \"gru\", \"hidden\": 4, \"readout\": \"mean\"}";
static const char *const each = "{\"cell\": \"gru\", \"hidden\": 4}";

static struct passes begin(struct training_case *test) {
    struct train_options options = training_options(test, "{}");
    struct memory_cost memory = {0};
    return passes_begin(&test->network, test->dataset, WINDOWS, &options, &memory, &test->arena);
}

static void mean_readout_gradient_matches_finite_differences(void **state) {
    (void)state;
    struct training_case test;
    struct error error;
    assert_true(training_case_create(&test, mean, WINDOWS, T, &error));
    struct passes passes = begin(&test);
    const struct split *split = &test.dataset->train;
    gsl_rng *dropout = random_stream(0, "dropout");
    struct loss_sum loss = passes_train(&passes, test.params, split, NULL, 0, WINDOWS, dropout);
    size_t n = test.network.params.size;
    real *gradient = ARENA_NEW(&test.arena, real, n);
    for (size_t i = 0; i < n; i++)
        gradient[i] = passes_gradient(&passes)[i] * loss.weight;
    for (size_t i = 0; i < n; i++) {
        real kept = test.params[i];
        test.params[i] = kept + 1e-5;
        double above = passes_loss(&passes, test.params, split, NULL, 0, WINDOWS).sum;
        test.params[i] = kept - 1e-5;
        double below = passes_loss(&passes, test.params, split, NULL, 0, WINDOWS).sum;
        test.params[i] = kept;
        assert_true(fabs((above - below) / 2e-5 - gradient[i]) < 1e-6 * fmax(1, fabs(gradient[i])));
    }
    gsl_rng_free(dropout);
    passes_end(&passes);
    training_case_free(&test);
}

/* Outputs [T][B][O] of a network for the case's windows. */
static const real *outputs(struct training_case *test, const char *model, struct batch *batch) {
    struct error error;
    assert_true(training_case_create(test, model, WINDOWS, T, &error));
    struct passes passes = begin(test);
    struct network_predictor network = passes_predictor(&passes, test->params);
    struct predictor predictor = network_predictor(&network, WINDOWS);
    *batch = batch_new(test->dataset, WINDOWS, &test->arena);
    batch_fill(batch, test->dataset, &test->dataset->train, NULL, 0, WINDOWS);
    real *out = ARENA_NEW(&test->arena, real, T * WINDOWS * test->network.outputs);
    predictor.predict(predictor.model, batch, out);
    passes_end(&passes);
    return out;
}

static void mean_readout_is_the_mean_of_the_readouts_of_the_present_steps(void **state) {
    (void)state;
    struct training_case averaging, plain;
    struct batch batch, other;
    const real *means = outputs(&averaging, mean, &batch), *steps = outputs(&plain, each, &other);
    int O = plain.network.outputs, absent = 0;
    for (int b = 0; b < WINDOWS; b++)
        for (int o = 0; o < O; o++) {
            double sum = 0;
            int seen = 0;
            for (int t = 0; t < T; t++) {
                int row = t * WINDOWS + b;
                absent += batch.mask[row] == 0;
                if (batch.mask[row] != 0) {
                    sum += steps[row * O + o];
                    seen++;
                }
                double expected = seen > 0 ? sum / seen : steps[row * O + o];
                assert_true(fabs(means[row * O + o] - expected) < 1e-12);
            }
        }
    assert_true(absent > 0);
    training_case_free(&averaging);
    training_case_free(&plain);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mean_readout_gradient_matches_finite_differences),
        cmocka_unit_test(mean_readout_is_the_mean_of_the_readouts_of_the_present_steps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
