#include "experiment/deploy/streaming.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "data/pipeline/batch.h"
#include "data/pipeline/source.h"
#include "support/folder.h"
#include "support/loading.h"
#include "support/near.h"

enum { ROWS = 60 };

/* An untrained network on a small file: what it puts out does not matter, only that it is the
 * same. */
struct fixture {
    struct folder folder;
    struct loaded loaded;
    struct network network;
    real *params;
    struct arena arena;
    char csv[2 * FOLDER_PATH], model[2 * FOLDER_PATH];
};

/* Irregular times, two inputs with holes, a group, a label. */
static void write_csv(const struct folder *folder) {
    char text[8192] = "t,a,b,run,label\n";
    double time = 3;
    for (int i = 0; i < ROWS; i++) {
        size_t used = strlen(text);
        char a[24] = "", b[24] = "";
        if (i % 7 != 3)
            snprintf(a, sizeof a, "%.4f", 5 + 2 * sin(i));
        if (i % 7 != 3 && i % 5 != 2)
            snprintf(b, sizeof b, "%.4f", -100 * cos(i));
        time += 0.5 + (i % 3) * 0.75;
        snprintf(text + used, sizeof text - used, "%.4f,%s,%s,%d,%s\n", time, a, b, i / 20,
                 i % 2 ? "odd" : "even");
    }
    folder_write(folder, "data.csv", text);
}

static void make(struct fixture *fixture, const char *dataset, const char *task, const char *cell) {
    *fixture = (struct fixture){0};
    struct error error;
    fixture->folder = folder_new();
    write_csv(&fixture->folder);
    folder_path(&fixture->folder, "data.csv", fixture->csv);
    folder_path(&fixture->folder, "model.safetensors", fixture->model);
    load(&fixture->loaded, dataset, task, fixture->folder.path);
    if (!fixture->loaded.good)
        fail_msg("%s", fixture->loaded.error.text);

    const struct dataset *data = &fixture->loaded.dataset;
    cJSON *config = cJSON_CreateObject();
    cJSON_AddStringToObject(config, "name", "mine");
    cJSON_AddStringToObject(config, "cell", cell);
    cJSON_AddNumberToObject(config, "hidden", 5);
    cJSON_AddNumberToObject(config, "layers", 2);
    cJSON_AddTrueToObject(config, "time_input");
    const struct cell_type *type = cell_type_find(cell);
    void *options = arena_alloc(&fixture->arena, type->options_size + 1);
    cJSON *defaults = cJSON_CreateObject();
    struct field_target target = {type->options, options};
    if (type->options != NULL)
        assert_true(fields_read(&target, 1, defaults, "", &fixture->arena, &error));
    struct network_options network = {
        .cell = cell, .hidden = 5, .layers = 2, .time_input = true, .cell_options = options};
    assert_true(network_create(&fixture->network, &network, data->inputs, data->flags,
                               data->outputs, 1, &fixture->arena, &error));
    fixture->params = ARENA_NEW(&fixture->arena, real, fixture->network.params.size);
    network_init(&fixture->network, fixture->params, 1);
    if (!saved_model_write(fixture->model, &fixture->network, fixture->params, data, config,
                           "data-mine-s0", &error))
        fail_msg("%s", error.text);
    cJSON_Delete(config);
    cJSON_Delete(defaults);
}

static void unmake(struct fixture *fixture) {
    unload(&fixture->loaded);
    arena_free(&fixture->arena);
    folder_remove(&fixture->folder);
}

/* What the network puts out for the first training series as a whole, scaled: [T][O]. */
static real *sequence_outputs(struct fixture *fixture, int *steps) {
    const struct dataset *data = &fixture->loaded.dataset;
    const struct network *network = &fixture->network;
    struct batch batch = batch_new(data, 1, &fixture->arena);
    batch_fill(&batch, data, &data->train, NULL, 0, 1);
    *steps = batch.steps;
    struct sequence sequence = {.steps = batch.steps,
                                .batch = 1,
                                .x = batch.x,
                                .elapsed = batch.elapsed,
                                .mask = batch.mask};
    real *out = ARENA_NEW(&fixture->arena, real, batch.steps * network->outputs);
    real *workspace = ARENA_NEW(&fixture->arena, real,
                                network_workspace(network, batch.steps, 1, PHASE_EVALUATE));
    network_forward(network, fixture->params, &sequence, PHASE_EVALUATE, out, NULL, workspace);
    return out;
}

/* Streaming the file through the saved model gives what the network gives for the series. */
static void assert_streams_alike(const char *dataset, const char *task, const char *cell) {
    struct fixture fixture;
    struct saved_model model;
    struct table table;
    struct streaming streaming;
    size_t at;
    struct error error;
    make(&fixture, dataset, task, cell);
    const struct dataset *data = &fixture.loaded.dataset;
    struct scaling scaling = series_scaling(data, &data->train.series[0]);
    int steps;
    const real *expected = sequence_outputs(&fixture, &steps);
    if (!saved_model_read(&model, fixture.model, &error))
        fail_msg("%s", error.text);
    struct dataset_options options = {0};
    assert_true(table_read(&options, fixture.csv, &table, &error));
    if (!streaming_start(&streaming, &model, &table, &fixture.arena, &error))
        fail_msg("%s", error.text);
    double values[64], sum;
    for (int t = 0; t < steps; t++) {
        if (!streaming_next(&streaming, values, &at, &error))
            fail_msg("%s", error.text);
        const real *out = expected + t * data->outputs;
        sum = 0;
        for (int k = 0; k < data->outputs; k++)
            sum += exp((double)out[k]);
        for (int k = 0; k < data->outputs; k++) {
            double wanted = model.classes > 0
                                ? exp((double)out[k]) / sum
                                : (double)out[k] * scaling.target_scale[k % data->targets] +
                                      scaling.target_offset[k % data->targets];
            assert_near(values[k], wanted, 1e-5 * (1 + fabs(wanted)));
        }
    }
    saved_model_free(&model);
    table_free(&table);
    unmake(&fixture);
}

#define SPLIT "\"split\": {\"train\": 0.5, \"valid\": 0.25, \"test\": 0.25}"

static void a_forecast_with_a_mask_and_irregular_times_streams_as_it_was_trained(void **state) {
    (void)state;
    assert_streams_alike("{\"csv\": \"data.csv\", \"time\": \"t\", \"inputs\": [\"a\", \"b\"],"
                         " \"missing\": \"mask\", " SPLIT "}",
                         "{\"window\": 0, \"horizon\": 3}", "ltc");
}

static void forward_filled_inputs_stream_as_they_were_trained(void **state) {
    (void)state;
    assert_streams_alike("{\"csv\": \"data.csv\", \"inputs\": [\"b\", \"a\"], \"time\": \"t\","
                         " \"missing\": \"forward\", \"scale\": \"minmax\", " SPLIT "}",
                         "{\"window\": 0}", "lstm");
}

static void mean_filled_inputs_stream_as_they_were_trained(void **state) {
    (void)state;
    assert_streams_alike("{\"csv\": \"data.csv\", \"inputs\": [\"b\", \"a\"],"
                         " \"missing\": \"mean\", \"scale\": \"none\", " SPLIT "}",
                         "{\"window\": 0}", "cfc");
}

static void a_series_streams_in_its_own_scale(void **state) {
    (void)state;
    assert_streams_alike("{\"csv\": \"data.csv\", \"inputs\": [\"b\", \"a\"], \"targets\": [\"a\"],"
                         " \"group\": \"run\", \"missing\": \"mask\", \"scale\": \"series\", " SPLIT
                         "}",
                         "{\"window\": 0, \"horizon\": 2}", "lstm");
}

static void a_classification_streams_probabilities(void **state) {
    (void)state;
    assert_streams_alike("{\"csv\": \"data.csv\", \"inputs\": [\"b\", \"a\"],"
                         " \"targets\": [\"label\"], \"missing\": \"mean\", " SPLIT "}",
                         "{\"type\": \"classification\", \"window\": 0}", "lstm");
}

static void groups_begin_with_a_fresh_state(void **state) {
    (void)state;
    struct fixture fixture;
    struct saved_model model;
    struct table table;
    struct streaming streaming;
    size_t at;
    struct error error;
    make(&fixture,
         "{\"csv\": \"data.csv\", \"inputs\": [\"a\"], \"group\": \"run\", \"missing\": "
         "\"forward\"}",
         "{\"window\": 2}", "lstm");
    assert_true(saved_model_read(&model, fixture.model, &error));
    struct dataset_options options = {0};
    assert_true(table_read(&options, fixture.csv, &table, &error));
    size_t column;
    assert_true(table_find(&table, "a", &column, &error));
    for (int i = 0; i < 20; i++) /* the second run repeats the first */
        table.columns[column].values[20 + i] = table.columns[column].values[i];
    assert_true(streaming_start(&streaming, &model, &table, &fixture.arena, &error));
    double first[20], value;
    for (int i = 0; i < 40; i++) {
        assert_true(streaming_next(&streaming, &value, &at, &error));
        if (i < 20)
            first[i] = value;
        else
            assert_near(value, first[i - 20], 0);
    }
    saved_model_free(&model);
    table_free(&table);
    unmake(&fixture);
}

static void a_file_that_is_cut_off_or_changed_is_refused(void **state) {
    (void)state;
    struct fixture fixture;
    struct saved_model model;
    struct error error;
    make(&fixture,
         "{\"csv\": \"data.csv\", \"inputs\": [\"a\", \"b\"], \"missing\": \"mean\", " SPLIT "}",
         "{\"window\": 8}", "ltc");
    struct arena arena = {0};
    size_t size;
    char *content = file_read(fixture.model, &arena, &size, &error);
    assert_non_null(content);
    for (size_t cut = 0; cut < size; cut += 97) {
        assert_true(file_write(fixture.model, content, cut, &error));
        assert_false(saved_model_read(&model, fixture.model, &error));
        assert_non_null(strstr(error.text, "model.safetensors"));
        saved_model_free(&model);
    }
    for (size_t at = 0; at < 4000 && at < size;
         at += 13) { /* whatever it says, it does not crash */
        content[at] ^= 0x15;
        assert_true(file_write(fixture.model, content, size, &error));
        saved_model_read(&model, fixture.model, &error);
        saved_model_free(&model);
        content[at] ^= 0x15;
    }
    arena_free(&arena);
    unmake(&fixture);
}

/* Sets "hidden" in the file's description of the model to digits of the same number. */
static void claim_hidden(const struct fixture *fixture, const char *digits) {
    struct arena arena = {0};
    struct error error;
    size_t size;
    char *content = file_read(fixture->model, &arena, &size, &error);
    assert_non_null(content);
    static const char key[] = "\\\"hidden\\\":";
    char *found = memmem(content, size, key, strlen(key));
    assert_non_null(found);
    found += strlen(key);
    size_t length = strspn(found, "0123456789");
    char *longer = arena_alloc(&arena, size + 8);
    size_t before = (size_t)(found - content), extra = strlen(digits) - length;
    memcpy(longer, content, before);
    memcpy(longer + before, digits, strlen(digits));
    memcpy(longer + before + strlen(digits), found + length, size - before - length);
    longer[0] = (char)(longer[0] + (char)extra); /* of the header, whose length comes first */
    assert_true(file_write(fixture->model, longer, size + extra, &error));
    arena_free(&arena);
}

static void a_size_that_its_tensors_do_not_have_takes_no_memory(void **state) {
    (void)state;
    static const char *const cells[] = {"lstm", "ltc", "liquids4", "bilstm"};
    for (size_t i = 0; i < sizeof cells / sizeof cells[0]; i++) {
        struct fixture fixture;
        struct saved_model model;
        struct error error;
        make(&fixture,
             "{\"csv\": \"data.csv\", \"inputs\": [\"a\", \"b\"], \"missing\": \"mean\", " SPLIT
             "}",
             "{\"window\": 8}", cells[i]);
        claim_hidden(&fixture, "65536");
        assert_false(saved_model_read(&model, fixture.model, &error));
        assert_non_null(strstr(error.text, "model.hidden: 65536"));
        saved_model_free(&model);
        unmake(&fixture);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_forecast_with_a_mask_and_irregular_times_streams_as_it_was_trained),
        cmocka_unit_test(forward_filled_inputs_stream_as_they_were_trained),
        cmocka_unit_test(mean_filled_inputs_stream_as_they_were_trained),
        cmocka_unit_test(a_series_streams_in_its_own_scale),
        cmocka_unit_test(a_classification_streams_probabilities),
        cmocka_unit_test(groups_begin_with_a_fresh_state),
        cmocka_unit_test(a_file_that_is_cut_off_or_changed_is_refused),
        cmocka_unit_test(a_size_that_its_tensors_do_not_have_takes_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
