/* Windows normalised by themselves: gradients against central differences, through the trainer's
 * passes, and what the outputs do when the data is shifted and scaled. */
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

/* Outputs are in units of twice the first input plus 1, and of the second. */
static const int target_input[] = {0, 1};
static const double scale[] = {2, 1}, shift[] = {1, 0};

static struct passes begin(struct training_case *test, const char *model) {
    struct error error;
    struct memory_cost memory = {0};
    assert_true(training_case_create(test, model, WINDOWS, T, &error));
    assert_int_equal(test->network.outputs, 2);
    network_set_targets(&test->network, 2, target_input, scale, shift);
    struct train_options options = training_options(test, "{}");
    return passes_begin(&test->network, test->dataset, WINDOWS, &options, &memory, &test->arena);
}

static void check_gradient(const char *model) {
    struct training_case test;
    struct passes passes = begin(&test, model);
    const struct split *split = &test.dataset->train;
    gsl_rng *dropout = random_stream(0, "dropout");
    size_t n = test.network.params.size;
    for (size_t i = 0; i < n; i++)
        test.params[i] += 0.01 * (double)(i % 7);
    struct loss_sum loss = passes_train(&passes, test.params, split, NULL, 0, WINDOWS, dropout);
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
        if (!(fabs((above - below) / 2e-5 - gradient[i]) < 1e-6 * fmax(1, fabs(gradient[i]))))
            fail_msg("%s: gradient %zu is %g, not %g", model, i, gradient[i],
                     (above - below) / 2e-5);
    }
    gsl_rng_free(dropout);
    passes_end(&passes);
    training_case_free(&test);
}

static void normalized_gradients_match_finite_differences(void **state) {
    (void)state;
    check_gradient("{\"cell\": \"gru\", \"hidden\": 4, \"normalize\": \"last\"}");
    check_gradient("{\"cell\": \"gru\", \"hidden\": 4, \"normalize\": \"revin\"}");
    check_gradient("{\"cell\": \"gru\", \"hidden\": 4, \"normalize\": \"revin_fixed\"}");
    check_gradient("{\"cell\": \"lstm\", \"hidden\": 3, \"layers\": 2, \"normalize\": \"revin\", "
                   "\"time_input\": true, \"readout\": \"mean\"}");
}

/* Outputs [T][B][O] for the case's windows, whose inputs are first multiplied and shifted. */
static const real *outputs(struct training_case *test, const char *model, real factor,
                           real offset) {
    struct passes passes = begin(test, model);
    struct network_predictor network = passes_predictor(&passes, test->params);
    struct predictor predictor = network_predictor(&network, WINDOWS);
    struct batch batch = batch_new(test->dataset, WINDOWS, &test->arena);
    batch_fill(&batch, test->dataset, &test->dataset->train, NULL, 0, WINDOWS);
    for (int i = 0; i < T * WINDOWS * test->dataset->inputs; i++)
        batch.x[i] = batch.x[i] * factor + offset;
    real *out = ARENA_NEW(&test->arena, real, T * WINDOWS * 2);
    predictor.predict(predictor.model, &batch, out);
    passes_end(&passes);
    return out;
}

static void check_shift(const char *model, real factor, double tolerance) {
    struct training_case plain, moved;
    const real *before = outputs(&plain, model, 1, 0), *after = outputs(&moved, model, factor, 10);
    for (int i = 0; i < T * WINDOWS * 2; i++) {
        int target = i % 2;
        double x = (before[i] - shift[target]) / scale[target] * factor + 10;
        assert_true(fabs(after[i] - (x * scale[target] + shift[target])) < tolerance);
    }
    training_case_free(&plain);
    training_case_free(&moved);
}

static void outputs_move_with_the_window(void **state) {
    (void)state;
    check_shift("{\"cell\": \"gru\", \"hidden\": 4, \"normalize\": \"last\"}", 1, 1e-9);
    check_shift("{\"cell\": \"gru\", \"hidden\": 4, \"normalize\": \"revin\"}", 3, 1e-3);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(normalized_gradients_match_finite_differences),
        cmocka_unit_test(outputs_move_with_the_window),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
