/* A parameter budget: every model gets the size that comes closest. */
#include "config/match.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/experiment_fixture.h"

/* What a data set has to say here. */
static const struct dataset data = {.inputs = 4, .outputs = 3};

/* `models` and `match` as JSON with ' for ". */
static bool size(struct fixture *fixture, const char *models, const char *match) {
    char config[2048];
    snprintf(config, sizeof config,
             "{'dataset': {'name': 'lorenz'}, 'task': {'at': 'last'}, 'models': [%s], "
             "'match': %s, 'seeds': [3]}",
             models, match);
    for (char *quote = config; (quote = strchr(quote, '\'')) != NULL;)
        *quote = '"';
    return load(fixture, config, NULL) &&
           match_models(&fixture->experiment, &data, &fixture->error);
}

static void assert_refused(struct fixture *fixture, const char *models, const char *match,
                           const char *words) {
    assert_false(size(fixture, models, match));
    if (strstr(fixture->error.text, words) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", fixture->error.text, words);
}

/* Parameters of a model with `more` units than it has; 0: impossible. */
static long count(const struct model_plan *model, int more) {
    struct arena arena = {0};
    struct error error;
    struct network network;
    struct network_options options = model->network;
    options.hidden += more;
    bool made = network_create(&network, &options, data.inputs, 0, data.outputs, 3, &arena, &error);
    long parameters = made ? (long)network.params.size : 0;
    arena_free(&arena);
    return parameters;
}

static void every_cell_gets_the_size_closest_to_the_budget(void **state) {
    struct fixture *fixture = *state;
    enum { BUDGET = 5000 };
    const char *cell;
    for (size_t i = 0; (cell = cell_type_name(i)) != NULL; i++) {
        char model[64];
        snprintf(model, sizeof model, "{'cell': '%s'}", cell);
        if (!size(fixture, model, "{'parameters': 5000}"))
            fail_msg("%s", fixture->error.text);
        const struct model_plan *sized = &fixture->experiment.models[0];
        long here = labs(count(sized, 0) - BUDGET);
        if (here > labs(count(sized, 1) - BUDGET) ||
            (sized->network.hidden > 1 && here > labs(count(sized, -1) - BUDGET)))
            fail_msg("%s: another size than %d comes closer to %d parameters", cell,
                     sized->network.hidden, BUDGET);
    }
}

static void wired_models_are_sized_by_their_units(void **state) {
    struct fixture *fixture = *state;
    assert_true(size(fixture,
                     "{'cell': 'ltc', 'wiring': {'type': 'auto_ncp', 'units': 30, 'outputs': 5}}, "
                     "{'cell': 'cfc', 'wiring': {'type': 'random'}}",
                     "{'parameters': 3000}"));
    for (int i = 0; i < 2; i++) {
        const struct model_plan *model = &fixture->experiment.models[i];
        double parameters = (double)count(model, 0);
        assert_true(parameters > 0.95 * 3000 && parameters < 1.05 * 3000);
    }
}

static void models_whose_heads_share_the_units_get_a_multiple_of_them(void **state) {
    struct fixture *fixture = *state;
    assert_true(size(fixture, "{'cell': 'slstm', 'heads': 3}", "{'parameters': 3000}"));
    const struct model_plan *model = &fixture->experiment.models[0];
    assert_int_equal(model->network.hidden % 3, 0);
    long here = labs(count(model, 0) - 3000);
    assert_true(here <= labs(count(model, 3) - 3000) && here <= labs(count(model, -3) - 3000));
}

static void a_model_may_be_the_measure(void **state) {
    struct fixture *fixture = *state;
    assert_true(
        size(fixture, "{'cell': 'gru'}, {'cell': 'lstm', 'hidden': 17}", "{'model': 'lstm'}"));
    const struct model_plan *models = fixture->experiment.models;
    assert_int_equal(models[1].network.hidden, 17);
    assert_int_equal(models[0].network.hidden, 20);
}

static void sizes_stand_in_the_resolved_config(void **state) {
    struct fixture *fixture = *state;
    assert_true(size(fixture, "{'cell': 'ltc', 'wiring': {'type': 'auto_ncp', 'units': 30}}",
                     "{'parameters': 900}"));
    const struct model_plan *model = &fixture->experiment.models[0];
    const cJSON *hidden = cJSON_GetObjectItemCaseSensitive(model->config, "hidden");
    const cJSON *wiring = cJSON_GetObjectItemCaseSensitive(model->config, "wiring");
    const cJSON *units = cJSON_GetObjectItemCaseSensitive(wiring, "units");
    assert_int_equal(hidden->valueint, model->network.hidden);
    assert_int_equal(units->valueint, model->network.hidden);
    assert_int_not_equal(units->valueint, 30);
}

static void without_a_budget_sizes_stay(void **state) {
    struct fixture *fixture = *state;
    assert_true(size(fixture, "{'cell': 'gru', 'hidden': 5}", "{}"));
    assert_int_equal(fixture->experiment.models[0].network.hidden, 5);
}

static void impossible_budgets_are_refused(void **state) {
    struct fixture *fixture = *state;
    assert_refused(fixture, "{'cell': 'lstm'}", "{'model': 'lstn'}", "did you mean \"lstm\"?");
    assert_refused(fixture, "{'cell': 'lstm'}", "{'model': 'lstm', 'parameters': 9}", "not both");
    assert_refused(fixture, "{'cell': 'lstm'}", "{'parameters': -9}", "match.parameters");
    assert_refused(fixture,
                   "{'cell': 'ltc', 'wiring': {'type': 'ncp', 'inter': 3, 'command': 2, 'motor': "
                   "1}}",
                   "{'parameters': 900}", "models[0].wiring");
    assert_refused(fixture,
                   "{'cell': 'lstm'}, {'cell': 'ltc', 'wiring': {'type': 'auto_ncp', 'inter': 3}}",
                   "{'parameters': 900}", "models[1]: wiring.inter");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_cell_gets_the_size_closest_to_the_budget, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(wired_models_are_sized_by_their_units, set_up, tear_down),
        cmocka_unit_test_setup_teardown(models_whose_heads_share_the_units_get_a_multiple_of_them,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_model_may_be_the_measure, set_up, tear_down),
        cmocka_unit_test_setup_teardown(sizes_stand_in_the_resolved_config, set_up, tear_down),
        cmocka_unit_test_setup_teardown(without_a_budget_sizes_stay, set_up, tear_down),
        cmocka_unit_test_setup_teardown(impossible_budgets_are_refused, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
