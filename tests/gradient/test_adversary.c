/* Adversarial training: the steps go where finite differences say the loss grows, never leave the box, and
 * leave alone what was not observed; an update is made where they end. */
#include "math/random.h"
#include "support/training_case.h"
#include "train/passes.h"
#include "train/segment.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { WINDOWS = 3, T = 7, INPUTS = 3 };

/* The batch as the adversary leaves it. */
static struct passes attacked(struct training_case *test, const char *json) {
    struct train_options options = training_options(test, json);
    struct memory_cost memory = {0};
    struct passes passes =
        passes_begin(&test->network, test->dataset, WINDOWS, &options, &memory, &test->arena);
    gsl_rng *dropout = random_stream(0, "dropout");
    passes_train(&passes, test->params, &test->dataset->train, NULL, 0, WINDOWS, dropout);
    gsl_rng_free(dropout);
    return passes;
}

static double loss_of(const struct passes *passes, struct training_case *test,
                      const struct batch *batch, real *out, real *workspace) {
    struct sequence sequence = segment_of((struct batch *)batch, INPUTS, 0, T);
    network_forward(&test->network, test->params, &sequence, PHASE_TRAIN, out, NULL, workspace);
    return passes->loss
        ->evaluate(test->dataset, (size_t)batch->steps * (size_t)batch->size, out, batch->y, NULL)
        .sum;
}

static bool is_present(const struct batch *batch, size_t i) {
    return batch->mask[i / INPUTS] != 0;
}

/* One step from a known place, against central differences of the loss. */
static void check_step(const char *model) {
    struct training_case test;
    struct error error;
    if (!training_case_create(&test, model, WINDOWS, T, &error))
        fail_msg("%s: %s", model, error.text);
    struct passes passes = attacked(&test, "{\"adversarial\": {\"epsilon\": 0.3, \"steps\": 1}}");
    struct batch *batch = &passes.memory[0].batch;
    size_t count = (size_t)T * WINDOWS * INPUTS;
    const struct network *network = &test.network;
    real *out = ARENA_NEW(&test.arena, real, T * WINDOWS * network->outputs);
    real *workspace =
        ARENA_NEW(&test.arena, real, network_workspace(network, T, WINDOWS, PHASE_TRAIN));
    real *after = ARENA_NEW(&test.arena, real, count);
    memcpy(after, batch->x, count * sizeof(real));
    /* Back to where the adversary began: the same draws again. */
    const real *clean = passes.memory[0].x;
    memcpy(batch->x, clean, count * sizeof(real));
    gsl_rng *rng = random_stream(passes.slices[0].attack, "adversary");
    adversary_start(&passes.adversary, test.dataset, batch, rng);
    gsl_rng_free(rng);
    size_t moved = 0;
    for (size_t i = 0; i < count; i++) {
        double begin = (double)batch->x[i], h = 1e-5;
        batch->x[i] = (real)(begin + h);
        double above = loss_of(&passes, &test, batch, out, workspace);
        batch->x[i] = (real)(begin - h);
        double below = loss_of(&passes, &test, batch, out, workspace);
        batch->x[i] = (real)begin;
        double slope = (above - below) / (2 * h);
        double next = fmin(fmax(begin + (slope > 0 ? 0.02 : -0.02), (double)clean[i] - 0.3),
                           (double)clean[i] + 0.3);
        if (is_present(batch, i) && fabs(slope) > 1e-7) {
            moved++;
            if (!(fabs((double)after[i] - next) < 1e-12))
                fail_msg("%s: value %zu goes to %g, not %g; the slope is %g", model, i,
                         (double)after[i], next, slope);
        }
    }
    assert_true(moved > count / 3);
    passes_end(&passes);
    training_case_free(&test);
}

static void a_step_goes_where_finite_differences_say_the_loss_grows(void **state) {
    (void)state;
    check_step("{\"cell\": \"lstm\", \"hidden\": 5}");
    check_step("{\"cell\": \"gru\", \"hidden\": 5, \"layers\": 2}");
    check_step("{\"cell\": \"ltc\", \"hidden\": 5}");
    check_step("{\"cell\": \"cfc\", \"hidden\": 5, \"time_input\": true}");
    check_step("{\"cell\": \"lem\", \"hidden\": 5}");
    check_step("{\"cell\": \"lrc\", \"hidden\": 5}");
}

static void it_never_leaves_the_box(void **state) {
    (void)state;
    struct training_case test;
    struct error error;
    assert_true(
        training_case_create(&test, "{\"cell\": \"gru\", \"hidden\": 5}", WINDOWS, T, &error));
    test.dataset->input_std[1] = 4;
    struct passes passes =
        attacked(&test, "{\"adversarial\": {\"epsilon\": 0.1, \"steps\": 30, \"rate\": 0.03}}");
    const struct batch *batch = &passes.memory[0].batch;
    const real *clean = passes.memory[0].x;
    size_t at_the_edge = 0;
    for (size_t i = 0; i < (size_t)T * WINDOWS * INPUTS; i++) {
        double far = fabs((double)(batch->x[i] - clean[i]));
        double box = 0.1 * test.dataset->input_std[i % INPUTS];
        assert_true(far <= box * (1 + 1e-12));
        assert_true(is_present(batch, i) || far == 0);
        at_the_edge += far > 0.999 * box;
    }
    assert_true(at_the_edge > (size_t)T * WINDOWS); /* 30 steps reach it */
    passes_end(&passes);
    training_case_free(&test);
}

static void the_loss_of_the_update_is_that_of_the_moved_inputs(void **state) {
    (void)state;
    struct training_case test;
    struct error error;
    assert_true(
        training_case_create(&test, "{\"cell\": \"gru\", \"hidden\": 5}", WINDOWS, T, &error));
    struct train_options options = training_options(
        &test, "{\"adversarial\": {\"epsilon\": 0.5, \"steps\": 20, \"rate\": 0.1}}");
    struct memory_cost memory = {0};
    struct passes passes =
        passes_begin(&test.network, test.dataset, WINDOWS, &options, &memory, &test.arena);
    const struct split *split = &test.dataset->train;
    gsl_rng *dropout = random_stream(0, "dropout");
    double moved = passes_train(&passes, test.params, split, NULL, 0, WINDOWS, dropout).sum;
    double clean = passes_loss(&passes, test.params, split, NULL, 0, WINDOWS).sum;
    assert_true(moved > clean); /* and what only scores is not moved */
    gsl_rng_free(dropout);
    passes_end(&passes);
    training_case_free(&test);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_step_goes_where_finite_differences_say_the_loss_grows),
        cmocka_unit_test(it_never_leaves_the_box),
        cmocka_unit_test(the_loss_of_the_update_is_that_of_the_moved_inputs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
