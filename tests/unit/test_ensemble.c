/* An ensemble predicts the mean of its members, of classes the mean of their probabilities. */
#include "train/ensemble.h"

#include "support/training_case.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/near.h"

enum { MEMBERS = 3, WINDOWS = 11, WINDOW = 6, OUTPUTS = 2, NUMBERS = WINDOW * WINDOWS * OUTPUTS };

struct case_of_members {
    struct training_case training;
    struct ensemble ensemble;
    struct batch batch;
    real members[MEMBERS][NUMBERS]; /* [T][B][O] of each by itself */
    real out[NUMBERS];
};

static void predict_both(struct case_of_members *test, bool classifies) {
    struct error error;
    if (!training_case_create(&test->training, "{\"cell\": \"gru\", \"hidden\": 4}", WINDOWS,
                              WINDOW, &error))
        fail_msg("%s", error.text);
    struct arena *arena = &test->training.arena;
    const struct network *network = &test->training.network;
    const real **params = ARENA_NEW(arena, const real *, MEMBERS);
    test->batch = batch_new(test->training.dataset, WINDOWS, arena);
    batch_fill(&test->batch, test->training.dataset, &test->training.dataset->test, NULL, 0,
               WINDOWS);
    size_t workspace = network_workspace(network, WINDOW, WINDOWS, PHASE_EVALUATE);
    test->ensemble = (struct ensemble){
        .network = {.network = network,
                    .segment = WINDOW,
                    .state = ARENA_NEW(arena, real, WINDOWS * network->state),
                    .workspace = ARENA_NEW(arena, real, workspace)},
        .params = params,
        .members = MEMBERS,
        .classifies = classifies,
    };
    for (int m = 0; m < MEMBERS; m++) {
        real *own = ARENA_NEW(arena, real, network->params.size);
        network_init(network, own, (uint64_t)m);
        params[m] = own;
        struct network_predictor alone = test->ensemble.network;
        alone.params = own;
        struct predictor predictor = network_predictor(&alone, WINDOWS);
        predictor.predict(predictor.model, &test->batch, test->members[m]);
    }
    struct predictor predictor = ensemble_predictor(&test->ensemble, WINDOWS);
    predictor.predict(predictor.model, &test->batch, test->out);
}

static void an_ensemble_predicts_the_mean_of_its_members(void **state) {
    (void)state;
    struct case_of_members test;
    predict_both(&test, false);
    for (int n = 0; n < NUMBERS; n++) {
        double sum = 0;
        for (int m = 0; m < MEMBERS; m++)
            sum += (double)test.members[m][n];
        assert_near((double)test.out[n], sum / MEMBERS, 1e-6);
    }
    assert_true(test.members[0][0] != test.members[1][0]);
    training_case_free(&test.training);
}

static void an_ensemble_of_classes_has_the_mean_of_the_probabilities(void **state) {
    (void)state;
    struct case_of_members test;
    predict_both(&test, true);
    for (int n = 0; n < NUMBERS; n += OUTPUTS) {
        double sum = 0; /* of the first class: 1 / (1 + exp(b - a)) */
        for (int m = 0; m < MEMBERS; m++)
            sum += 1 / (1 + exp((double)(test.members[m][n + 1] - test.members[m][n])));
        assert_near(exp((double)test.out[n]), sum / MEMBERS, 1e-6);
        assert_near(exp((double)test.out[n + 1]), 1 - sum / MEMBERS, 1e-6);
    }
    training_case_free(&test.training);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_ensemble_predicts_the_mean_of_its_members),
        cmocka_unit_test(an_ensemble_of_classes_has_the_mean_of_the_probabilities),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
