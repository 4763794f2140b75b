#include "support/training_case.h"

#include "base/json.h"
#include "math/random.h"
#include "support/toy_dataset.h"

#include <gsl/gsl_randist.h>
#include <stdio.h>
#include <stdlib.h>

enum { INPUTS = 3, TARGETS = 2, STRIDE = 2 };

/* Every seventh row or so is missing, and time passes unevenly. */
static void make_irregular(struct series *series, gsl_rng *rng, struct arena *arena) {
    series->present = ARENA_NEW(arena, real, series->rows);
    for (int t = 0; t < series->rows; t++) {
        series->present[t] = gsl_rng_uniform(rng) > 0.15;
        series->time[t] = (t > 0 ? series->time[t - 1] : 0) + 0.5 + gsl_rng_uniform(rng);
    }
}

static void create_data(struct training_case *test, int windows, int window) {
    struct toy toy = {.task = TASK_FORECAST,
                      .rows = window + STRIDE * (windows - 1) + 1,
                      .inputs = INPUTS,
                      .targets = TARGETS,
                      .window = window,
                      .stride = STRIDE};
    gsl_rng *rng = random_stream(3, "training case");
    real *x = ARENA_NEW(&test->arena, real, toy.rows * INPUTS);
    for (int i = 0; i < toy.rows * INPUTS; i++)
        x[i] = (real)gsl_ran_gaussian(rng, 1);
    test->dataset = toy_dataset(&toy, x, NULL, &test->arena);
    test->dataset->valid = test->dataset->test;
    make_irregular(test->dataset->train.series, rng, &test->arena);
    gsl_rng_free(rng);
}

bool training_case_create(struct training_case *test, const char *model, int windows, int window,
                          struct error *error) {
    *test = (struct training_case){.options = cJSON_CreateArray()};
    cJSON *config = cJSON_Parse(model);
    const struct cell_type *type = cell_type_find(json_string(config, "cell", ""));
    struct network_options options = {0};
    void *own = arena_alloc(&test->arena, type->options_size);
    struct field_target targets[] = {{network_fields, &options}, {type->options, own}};
    bool made =
        fields_read(targets, type->options != NULL ? 2 : 1, config, "", &test->arena, error);
    cJSON_Delete(config);
    options.cell_options = own;
    if (!made ||
        !network_create(&test->network, &options, INPUTS, 0, TARGETS, 1, &test->arena, error))
        return false;
    test->params = ARENA_NEW(&test->arena, real, test->network.params.size);
    network_init(&test->network, test->params, 1);
    create_data(test, windows, window);
    return true;
}

void training_case_free(struct training_case *test) {
    cJSON_Delete(test->options);
    arena_free(&test->arena);
}

struct train_options training_options(struct training_case *test, const char *json) {
    struct train_options options = {0};
    struct error error;
    struct field_target target = {train_fields, &options};
    cJSON *config = cJSON_Parse(json);
    cJSON_AddItemToArray(test->options, config);
    if (!fields_read(&target, 1, config, "train", &test->arena, &error)) {
        fprintf(stderr, "%s\n", error.text);
        abort();
    }
    return options;
}
