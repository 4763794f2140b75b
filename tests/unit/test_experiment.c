#include "config/experiment.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "support/experiment_fixture.h"

#define TWO_MODELS                                                                                 \
    "{\"dataset\": {\"name\": \"lorenz\"}, \"models\": [{\"cell\": \"lstm\"},"                     \
    " {\"cell\": \"cfc\", \"hidden\": 8, \"backbone\": {\"units\": 16},"                           \
    " \"train\": {\"epochs\": 3}}], \"train\": {\"epochs\": 7, \"batch\": 5}}"

static void assert_loads(struct fixture *fixture, const char *config, const char *assignment) {
    if (!load(fixture, config, assignment))
        fail_msg("%s", fixture->error.text);
}

static void assert_refused(struct fixture *fixture, const char *config, const char *words) {
    assert_false(load(fixture, config, NULL));
    if (strstr(fixture->error.text, words) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", fixture->error.text, words);
    assert_non_null(strstr(fixture->error.text, fixture->path));
}

static void a_small_config_gets_names_metrics_and_baselines(void **state) {
    struct fixture *fixture = *state;
    assert_loads(fixture, TWO_MODELS, NULL);
    const struct experiment *experiment = &fixture->experiment;
    assert_string_equal(experiment->name, "two_words");
    assert_string_equal(experiment->models[0].name, "lstm");
    assert_string_equal(experiment->models[1].name, "cfc");
    assert_string_equal(experiment->reference, "lstm");
    assert_string_equal(experiment->metric, "mse");
    assert_true(experiment->model_count > 2);
    assert_string_equal(experiment->models[2].name, "persistence");
    assert_null(experiment->models[2].cell);
    assert_int_equal(experiment->seeds.count, 3);
}

static void a_model_changes_the_training_for_itself_alone(void **state) {
    struct fixture *fixture = *state;
    assert_loads(fixture, TWO_MODELS, NULL);
    const struct model_plan *models = fixture->experiment.models;
    assert_int_equal(models[0].train.epochs, 7);
    assert_int_equal(models[1].train.epochs, 3);
    assert_int_equal(models[1].train.batch, 5);
}

static void an_assignment_overrides_the_file(void **state) {
    struct fixture *fixture = *state;
    assert_loads(fixture, TWO_MODELS, "models[1].hidden=9");
    assert_int_equal(fixture->experiment.models[1].network.hidden, 9);
    assert_loads(fixture, TWO_MODELS, "seeds=[4]");
    assert_int_equal(fixture->experiment.seeds.items[0], 4);
}

static void the_resolved_config_has_every_default_and_loads_again_as_itself(void **state) {
    struct fixture *fixture = *state;
    assert_loads(fixture, TWO_MODELS, NULL);
    char *resolved = cJSON_Print(fixture->experiment.resolved);
    assert_non_null(strstr(resolved, "\"learning_rate\""));
    assert_non_null(strstr(resolved, "\"backbone\""));
    assert_loads(fixture, resolved, NULL);
    char *again = cJSON_Print(fixture->experiment.resolved);
    assert_string_equal(resolved, again);
    cJSON_free(resolved);
    cJSON_free(again);
}

static void baselines_can_be_chosen_or_left_out(void **state) {
    struct fixture *fixture = *state;
    assert_loads(fixture, TWO_MODELS, "baselines=[]");
    assert_int_equal(fixture->experiment.model_count, 2);
    assert_true(fixture->experiment.names_baselines);
    assert_loads(fixture, TWO_MODELS, "baselines=\"ar\"");
    assert_int_equal(fixture->experiment.model_count, 3);
    assert_string_equal(fixture->experiment.models[2].baseline, "ar");
}

static void a_built_in_data_set_brings_its_task(void **state) {
    struct fixture *fixture = *state;
    assert_loads(fixture, TWO_MODELS, "dataset.name=\"forced_pendulum\"");
    assert_string_equal(fixture->experiment.dataset.generator, "forced_pendulum");
}

static void an_unknown_key_names_file_path_and_remedy(void **state) {
    struct fixture *fixture = *state;
    assert_refused(fixture,
                   "{\"dataset\": {\"name\": \"lorenz\"}, \"models\": [{\"cell\": \"lstm\"},"
                   " {\"cell\": \"cfc\", \"hiden\": 3}]}",
                   ": models[1].hiden: unknown key; did you mean \"hidden\"?");
}

static void an_option_of_another_cell_is_unknown(void **state) {
    struct fixture *fixture = *state;
    assert_refused(fixture,
                   "{\"dataset\": {\"name\": \"lorenz\"},"
                   " \"models\": [{\"cell\": \"lstm\", \"backbone\": {}}]}",
                   ": models[0].backbone: unknown key");
}

static void an_error_in_the_shared_training_is_not_blamed_on_a_model(void **state) {
    struct fixture *fixture = *state;
    assert_refused(fixture,
                   "{\"dataset\": {\"name\": \"lorenz\"}, \"models\": [{\"cell\": \"lstm\"}],"
                   " \"train\": {\"epochs\": 0}}",
                   ": train.epochs: is 0");
}

static void a_forecast_refuses_a_cell_that_reads_the_future(void **state) {
    struct fixture *fixture = *state;
    static const char *const config =
        "{\"dataset\": {\"name\": \"lorenz\"}, \"models\": [{\"cell\": \"bilstm\"}]}";
    assert_refused(fixture, config, ": models[0].cell: \"bilstm\" reads each window from its end");
    assert_loads(fixture, config, "task.at=\"last\"");
}

static void names_must_differ(void **state) {
    struct fixture *fixture = *state;
    assert_refused(fixture,
                   "{\"dataset\": {\"name\": \"lorenz\"},"
                   " \"models\": [{\"cell\": \"lstm\"}, {\"cell\": \"lstm\", \"hidden\": 8}]}",
                   ": models[1].name: \"lstm\" is the name of models[0] already");
    assert_refused(fixture,
                   "{\"dataset\": {\"name\": \"lorenz\"},"
                   " \"models\": [{\"cell\": \"lstm\", \"name\": \"persistence\"}]}",
                   ": models[0].name: \"persistence\" is the name of a baseline");
}

static void names_must_be_fit_for_files(void **state) {
    struct fixture *fixture = *state;
    static const char *const bad[] = {"", "a b", "../x", "-o", ".hidden", "a/b", "\\u00e4"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char config[256];
        snprintf(config, sizeof config,
                 "{\"name\": \"%s\", \"dataset\": {\"name\": \"lorenz\"},"
                 " \"models\": [{\"cell\": \"lstm\"}]}",
                 bad[i]);
        assert_refused(fixture, config, ": name: ");
    }
}

static void random_bytes_for_a_config_are_refused(void **state) {
    struct fixture *fixture = *state;
    static const char *const broken[] = {
        "",
        "[]",
        "3",
        "null",
        "{",
        "{\"models\": null}",
        "{\"dataset\": 3, \"models\": []}",
        "{\"dataset\": {\"name\": \"lorenz\"}, \"models\": [null]}",
        "{\"dataset\": {\"name\": \"lorenz\"}, \"models\": [[]]}",
        "{\"dataset\": {\"name\": \"lorenz\"}, \"models\": {\"cell\": \"lstm\"}}",
        "{\"dataset\": {}, \"models\": [{\"cell\": \"lstm\"}], \"seeds\": [1e99]}",
        "{\"dataset\": {\"name\": \"lorenz\"}, \"models\": [{\"cell\": \"lstm\"}], \"task\": 3}",
        "{\"dataset\": {\"name\": \"lorenz\"}, \"models\": [{\"cell\": \"lstm\", \"train\": 3}]}",
        "{\"dataset\": {\"name\": \"lorenz\"}, \"models\": [{\"cell\": \"lstm\", \"name\": 3}]}",
    };
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++)
        if (load(fixture, broken[i], NULL))
            fail_msg("accepted: %s", broken[i]);
}

static void the_schema_knows_every_cell_and_its_options(void **state) {
    (void)state;
    cJSON *schema = experiment_schema();
    char *text = cJSON_PrintUnformatted(schema);
    const char *name;
    for (size_t i = 0; (name = cell_type_name(i)) != NULL; i++) {
        char wanted[64];
        snprintf(wanted, sizeof wanted, "\"const\":\"%s\"", name);
        assert_non_null(strstr(text, wanted));
    }
    assert_non_null(strstr(text, "\"backbone\""));
    assert_non_null(strstr(text, "\"required\":[\"dataset\",\"models\"]"));
    cJSON_free(text);
    cJSON_Delete(schema);
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(a_small_config_gets_names_metrics_and_baselines),
        TEST(a_model_changes_the_training_for_itself_alone),
        TEST(an_assignment_overrides_the_file),
        TEST(the_resolved_config_has_every_default_and_loads_again_as_itself),
        TEST(baselines_can_be_chosen_or_left_out),
        TEST(a_built_in_data_set_brings_its_task),
        TEST(an_unknown_key_names_file_path_and_remedy),
        TEST(an_option_of_another_cell_is_unknown),
        TEST(an_error_in_the_shared_training_is_not_blamed_on_a_model),
        TEST(a_forecast_refuses_a_cell_that_reads_the_future),
        TEST(names_must_differ),
        TEST(names_must_be_fit_for_files),
        TEST(random_bytes_for_a_config_are_refused),
        TEST(the_schema_knows_every_cell_and_its_options),
#undef TEST
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
