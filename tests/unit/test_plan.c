#include "config/plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "record/record.h"
#include "support/folder.h"

#define CONFIG                                                                                     \
    "{\"dataset\": {\"name\": \"damped_oscillator\", \"series\": 9, \"rows\": 40},"                \
    " \"task\": {\"window\": 8}, \"models\": [{\"cell\": \"lstm\", \"hidden\": 4},"                \
    " {\"cell\": \"cfc\", \"hidden\": 4, \"name\": \"mine\"}], \"seeds\": [0, 5]}"

/* A plan and all it stands on. */
struct planned {
    struct experiment experiment;
    struct dataset dataset;
    struct plan plan;
    struct arena arena;
    struct error error;
    bool good;
};

static void make(struct planned *planned, const char *config, const char *assignment) {
    *planned = (struct planned){0};
    struct folder folder = folder_new();
    char path[2 * FOLDER_PATH];
    folder_write(&folder, "config.json", config);
    struct experiment *experiment = &planned->experiment;
    planned->good =
        experiment_load(experiment, folder_path(&folder, "config.json", path), &assignment,
                        assignment != NULL, &planned->error) &&
        dataset_load(&planned->dataset, &experiment->dataset, &experiment->task, &planned->arena,
                     &planned->error) &&
        plan_make(&planned->plan, experiment, &planned->dataset, &planned->arena, &planned->error);
    folder_remove(&folder);
}

static void unmake(struct planned *planned) {
    experiment_free(&planned->experiment);
    arena_free(&planned->arena);
}

static void assert_made(const struct planned *planned) {
    if (!planned->good)
        fail_msg("%s", planned->error.text);
}

/* The hash of trial 0 (an LSTM) with an assignment on top. */
static void hash_with(const char *assignment, char hash[TRIAL_HASH_TEXT]) {
    struct planned planned;
    make(&planned, CONFIG, assignment);
    assert_made(&planned);
    memcpy(hash, planned.plan.trials[0].hash, TRIAL_HASH_TEXT);
    unmake(&planned);
}

static void networks_have_every_seed_and_baselines_the_first(void **state) {
    (void)state;
    struct planned planned;
    make(&planned, CONFIG, NULL);
    assert_made(&planned);
    static const char *const names[] = {"damped_oscillator-lstm-s0", "damped_oscillator-lstm-s5",
                                        "damped_oscillator-mine-s0", "damped_oscillator-mine-s5",
                                        "damped_oscillator-persistence-s0"};
    assert_true(planned.plan.trial_count > 4);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        assert_string_equal(planned.plan.trials[i].name, names[i]);
    assert_null(planned.plan.trials[4].network);
    unmake(&planned);
}

static void a_stem_is_name_and_hash_and_no_two_are_alike(void **state) {
    (void)state;
    struct planned planned;
    make(&planned, CONFIG, NULL);
    assert_made(&planned);
    for (size_t i = 0; i < planned.plan.trial_count; i++) {
        const struct trial_plan *trial = &planned.plan.trials[i];
        char stem[256];
        snprintf(stem, sizeof stem, "%s-%s", trial->name, trial->hash);
        assert_string_equal(trial->stem, stem);
        assert_int_equal(strlen(trial->hash), 8);
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(trial->hash, planned.plan.trials[j].hash);
    }
    unmake(&planned);
}

static void whatever_determines_the_outcome_changes_the_hash(void **state) {
    (void)state;
    char hash[TRIAL_HASH_TEXT], changed[TRIAL_HASH_TEXT];
    hash_with(NULL, hash);
    static const char *const assignments[] = {"seeds=[1]",
                                              "models[0].hidden=5",
                                              "models[0].forget_bias=1",
                                              "train.epochs=11",
                                              "train.batch=7",
                                              "train.checkpoint=true",
                                              "task.window=9",
                                              "dataset.seed=3",
                                              "dataset.rows=41",
                                              "dataset.scale=\"none\"",
                                              "evaluate.units=\"scaled\"",
                                              "evaluate.noise.types=[]",
                                              "evaluate.ood=[{\"name\": \"x\", \"resample\": 2}]"};
    for (size_t i = 0; i < sizeof assignments / sizeof assignments[0]; i++) {
        hash_with(assignments[i], changed);
        if (strcmp(hash, changed) == 0)
            fail_msg("%s does not change the hash", assignments[i]);
    }
}

static void what_does_not_determine_the_outcome_keeps_the_hash(void **state) {
    (void)state;
    char hash[TRIAL_HASH_TEXT], changed[TRIAL_HASH_TEXT];
    hash_with(NULL, hash);
    static const char *const assignments[] = {
        "name=\"other\"",     "limits.seconds=5",          "limits.memory=100",
        "reference=\"mine\"", "models[1].hidden=9",        "baselines=[]",
        "seeds=[0]",          "train.learning_rate=0.001", "train.threads=2"};
    for (size_t i = 0; i < sizeof assignments / sizeof assignments[0]; i++) {
        hash_with(assignments[i], changed);
        if (strcmp(hash, changed) != 0)
            fail_msg("%s changes the hash", assignments[i]);
    }
}

static void the_order_of_keys_in_the_config_does_not_matter(void **state) {
    (void)state;
    char hash[TRIAL_HASH_TEXT];
    hash_with(NULL, hash);
    struct planned planned;
    make(&planned,
         "{\"seeds\": [0], \"models\": [{\"hidden\": 4, \"cell\": \"lstm\"}],"
         " \"task\": {\"window\": 8}, \"dataset\": {\"rows\": 40, \"series\": 9,"
         " \"name\": \"damped_oscillator\"}}",
         NULL);
    assert_made(&planned);
    assert_string_equal(planned.plan.trials[0].hash, hash);
    unmake(&planned);
}

static void a_baseline_that_does_not_fit_the_data_is_refused(void **state) {
    (void)state;
    struct planned planned;
    make(&planned, CONFIG, "baselines=[\"seasonal\"]");
    assert_false(planned.good);
    assert_non_null(strstr(planned.error.text, "\"seasonal\" does not apply"));
    assert_non_null(strstr(planned.error.text, "dataset.period"));
    unmake(&planned);
}

static void checkpointing_is_refused_for_cells_that_read_in_both_directions(void **state) {
    (void)state;
    struct planned planned;
    make(&planned,
         "{\"dataset\": {\"name\": \"damped_oscillator\"}, \"task\": {\"at\": \"last\"},"
         " \"models\": [{\"cell\": \"bilstm\"}], \"train\": {\"checkpoint\": true}}",
         NULL);
    assert_false(planned.good);
    assert_non_null(strstr(planned.error.text, "models[0]: train.checkpoint: a \"bilstm\" reads"));
    unmake(&planned);
}

/* --- records ---------------------------------------------------------------------------------- */

static void save(const struct planned *planned, const struct folder *folder, const char *key,
                 cJSON *value) {
    struct arena arena = {0};
    struct error error;
    const struct trial_plan *trial = &planned->plan.trials[0];
    cJSON *provenance = cJSON_CreateObject();
    cJSON *record = record_new(&planned->plan, trial, provenance);
    record_set_status(record, TRIAL_OK, NULL);
    if (key != NULL)
        record_set(record, key, value);
    assert_true(file_make_directory(path_join(&arena, folder->path, "trials"), &error));
    assert_true(json_save(record, record_path(&arena, folder->path, trial), &error));
    cJSON_Delete(record);
    cJSON_Delete(provenance);
    arena_free(&arena);
}

static void a_record_is_read_back_for_its_own_trial_alone(void **state) {
    (void)state;
    struct planned planned;
    struct folder folder = folder_new();
    struct record_summary summary;
    const struct plan *plan = &planned.plan;
    make(&planned, CONFIG, NULL);
    assert_made(&planned);
    const struct trial_plan *trial = &plan->trials[0];
    assert_false(record_read(folder.path, plan, trial, &summary));
    save(&planned, &folder, NULL, NULL);
    assert_true(record_read(folder.path, plan, trial, &summary));
    assert_int_equal(summary.status, TRIAL_OK);
    assert_false(record_read(folder.path, plan, &plan->trials[1], &summary));
    save(&planned, &folder, "hash", cJSON_CreateString("00000000"));
    assert_false(record_read(folder.path, plan, trial, &summary));
    save(&planned, &folder, "format", cJSON_CreateNumber(RECORD_FORMAT + 1));
    assert_false(record_read(folder.path, plan, trial, &summary));
    save(&planned, &folder, "status", cJSON_CreateString("splendid"));
    assert_false(record_read(folder.path, plan, trial, &summary));
    save(&planned, &folder, "metrics", cJSON_CreateNull());
    assert_false(record_read(folder.path, plan, trial, &summary));
    folder_remove(&folder);
    unmake(&planned);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(networks_have_every_seed_and_baselines_the_first),
        cmocka_unit_test(a_stem_is_name_and_hash_and_no_two_are_alike),
        cmocka_unit_test(whatever_determines_the_outcome_changes_the_hash),
        cmocka_unit_test(what_does_not_determine_the_outcome_keeps_the_hash),
        cmocka_unit_test(the_order_of_keys_in_the_config_does_not_matter),
        cmocka_unit_test(a_baseline_that_does_not_fit_the_data_is_refused),
        cmocka_unit_test(checkpointing_is_refused_for_cells_that_read_in_both_directions),
        cmocka_unit_test(a_record_is_read_back_for_its_own_trial_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
