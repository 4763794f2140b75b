/* Learning online: against PyTorch, and what must hold whatever the numbers. */
#include "train/online.h"

#include "base/json.h"
#include "math/random.h"
#include "model/baseline.h"
#include "support/toy_dataset.h"
#include "support/training_case.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "support/near.h"

/* --- PyTorch ---------------------------------------------------------------------------------- */

static real *read_reals(const cJSON *list, struct arena *arena) {
    real *values = ARENA_NEW(arena, real, cJSON_GetArraySize(list));
    int i = 0;
    for (const cJSON *item = list->child; item != NULL; item = item->next)
        values[i++] = (real)item->valuedouble;
    return values;
}

static void make_network(struct network *network, const cJSON *json, int outputs,
                         struct arena *arena) {
    const char *cell = strcmp(json_string(json, "cell", ""), "LSTM") == 0 ? "lstm" : "gru";
    const struct cell_type *type = cell_type_find(cell);
    struct network_options options = {
        .cell = cell, .hidden = (int)json_number(json, "hidden", 0), .layers = 1};
    void *own = arena_alloc(arena, type->options_size + 1);
    struct error error;
    cJSON *none = cJSON_CreateObject();
    struct field_target target = {type->options, own};
    if (type->options != NULL)
        assert_true(fields_read(&target, 1, none, "", arena, &error));
    cJSON_Delete(none);
    options.cell_options = own;
    assert_true(network_create(network, &options, 2, 0, outputs, 0, arena, &error));
}

static real *read_params(const struct network *network, const cJSON *json, struct arena *arena) {
    real *params = ARENA_NEW(arena, real, network->params.size);
    for (int i = 0; i < network->params.count; i++) {
        const struct param *param = &network->params.items[i];
        const cJSON *values = cJSON_GetObjectItemCaseSensitive(json, param->name);
        assert_non_null(values);
        assert_int_equal(cJSON_GetArraySize(values), param->size);
        memcpy(params + param->offset, read_reals(values, arena), param->size * sizeof(real));
    }
    return params;
}

/* The sum so far over ten and the product of both columns. */
static real *regression_truth(const real *x, int rows, struct arena *arena) {
    real *y = ARENA_NEW(arena, real, rows * 2);
    double sum = 0;
    for (int t = 0; t < rows; t++) {
        sum += (double)x[2 * t];
        y[2 * t] = (real)(sum / 10);
        y[2 * t + 1] = x[2 * t] * x[2 * t + 1];
    }
    return y;
}

static void check_against_pytorch(const cJSON *json) {
    struct arena arena = {0};
    bool forecast = strcmp(json_string(json, "task", ""), "forecast") == 0;
    struct toy toy = {.task = forecast ? TASK_FORECAST : TASK_REGRESSION,
                      .rows = (int)json_number(json, "rows", 0),
                      .inputs = 2,
                      .targets = 2,
                      .horizon = (int)json_number(json, "horizon", 0),
                      .window = 10,
                      .stride = 1};
    const real *x = read_reals(cJSON_GetObjectItem(json, "x"), &arena);
    const real *y = forecast ? NULL : regression_truth(x, toy.rows, &arena);
    struct dataset *dataset = toy_dataset(&toy, x, y, &arena);
    struct network network;
    make_network(&network, json, dataset->outputs, &arena);
    const real *params = read_params(&network, cJSON_GetObjectItem(json, "params"), &arena);
    const struct online_options options = {.every = (int)json_number(json, "every", 0),
                                           .steps = (int)json_number(json, "steps", 0),
                                           .updates = (int)json_number(json, "updates", 0),
                                           .delay = (int)json_number(json, "delay", 0),
                                           .optimizer = json_string(json, "optimizer", ""),
                                           .clip_norm = json_number(json, "clip_norm", 0)};
    struct online *online = online_begin(&network, dataset, &options, &arena);
    double *error = ARENA_NEW(&arena, double, toy.rows);
    long updates = online_run(online, params, json_number(json, "learning_rate", 0),
                              dataset->test.series, error);
    assert_true(updates > 15);
    const cJSON *expected = cJSON_GetObjectItem(json, "errors")->child;
    for (int t = 0; t < toy.rows; t++, expected = expected->next) {
        if (cJSON_IsNull(expected))
            assert_true(isnan(error[t]));
        else
            assert_near(error[t], expected->valuedouble, 1e-5);
    }
    arena_free(&arena);
}

static void errors_are_those_of_a_pytorch_loop(void **state) {
    (void)state;
    struct error error;
    cJSON *cases = json_load("tests/reference/online.json", &error);
    if (cases == NULL)
        fail_msg("%s", error.text);
    int count = 0;
    for (const cJSON *json = cases->child; json != NULL; json = json->next, count++)
        check_against_pytorch(json);
    assert_true(count >= 4);
    cJSON_Delete(cases);
}

/* --- what must hold --------------------------------------------------------------------------- */

static const struct online_options usual = {
    .every = 3, .steps = 8, .updates = 1, .optimizer = "adam", .clip_norm = 1};

enum { ROWS = 60 };

/* Errors on a series of the case, with or without gaps. */
static long run(struct training_case *test, const struct online_options *options, double rate,
                const struct series *series, double *error) {
    struct online *online = online_begin(&test->network, test->dataset, options, &test->arena);
    return online_run(online, test->params, rate, series, error);
}

static void create(struct training_case *test, const char *model) {
    struct error error;
    if (!training_case_create(test, model, (ROWS - 10) / 2 + 1, 9, &error))
        fail_msg("%s", error.text);
}

static const char *const models[] = {
    "{\"cell\": \"lstm\", \"hidden\": 4, \"layers\": 2}",
    "{\"cell\": \"ltc\", \"hidden\": 5}",
    "{\"cell\": \"cfc\", \"hidden\": 5, \"time_input\": true}",
    "{\"cell\": \"bilstm\", \"hidden\": 3}",
    "{\"cell\": \"gru\", \"hidden\": 4, \"readout\": \"mean\"}",
};

static void without_updates_online_is_frozen(void **state) {
    (void)state;
    for (size_t m = 0; m < sizeof models / sizeof models[0]; m++) {
        struct training_case test;
        create(&test, models[m]);
        const struct series *series = test.dataset->train.series; /* with gaps */
        int rows = series->rows;
        double frozen[ROWS + 9], none[ROWS + 9], late[ROWS + 9], online[ROWS + 9];
        assert_true(rows >= 50 && rows < ROWS + 9);
        struct online_options no_updates = usual, never = usual;
        no_updates.updates = 0;
        never.every = 1000;
        assert_int_equal(run(&test, &usual, 0, series, frozen), 0);
        assert_int_equal(run(&test, &no_updates, 0.01, series, none), 0);
        assert_int_equal(run(&test, &never, 0.01, series, late), 0);
        assert_true(run(&test, &usual, 0.01, series, online) > 10);
        assert_memory_equal(frozen, none, (size_t)rows * sizeof(double));
        assert_memory_equal(frozen, late, (size_t)rows * sizeof(double));
        assert_memory_equal(frozen, online, 8 * sizeof(double));
        assert_true(frozen[rows - 5] != online[rows - 5]);
        training_case_free(&test);
    }
}

/* Of a network that streams, the errors of one pass over the whole series. */
static void frozen_errors_are_those_of_one_pass(void **state) {
    (void)state;
    for (size_t m = 0; m < 3; m++) {
        struct training_case test;
        create(&test, models[m]);
        const struct series *series = test.dataset->test.series; /* without gaps */
        size_t rows = (size_t)series->rows, outputs = (size_t)test.network.outputs;
        double error[ROWS + 9];
        run(&test, &usual, 0, series, error);
        real *out = ARENA_NEW(&test.arena, real, rows * outputs);
        real *elapsed = ARENA_NEW(&test.arena, real, rows);
        for (size_t t = 0; t < rows; t++)
            elapsed[t] = 1;
        struct sequence all = {.steps = (int)rows, .batch = 1, .x = series->x, .elapsed = elapsed};
        network_forward(&test.network, test.params, &all, PHASE_EVALUATE, out, NULL,
                        ARENA_NEW(&test.arena, real,
                                  network_workspace(&test.network, (int)rows, 1, PHASE_EVALUATE)));
        for (size_t t = 0; t + 1 < rows; t++)
            assert_near(error[t],
                        row_error(test.dataset, out + t * outputs, series->y + t * outputs), 1e-5);
        training_case_free(&test);
    }
}

/* Row r is predicted after the update that follows row r - 1, if there is one. Every truth that is
 * not due by then becomes another one, but for that of row r itself, by which it is scored: its
 * error stays, bit for bit. */
static void truths_that_are_not_due_change_no_bit(void **state) {
    (void)state;
    for (size_t m = 0; m < sizeof models / sizeof models[0]; m++)
        for (int delay = 0; delay < 5; delay += 2) {
            struct training_case test;
            create(&test, models[m]);
            struct online_options options = usual;
            options.delay = delay;
            const struct split *split = &test.dataset->train;
            size_t width = (size_t)test.dataset->width;
            double before[ROWS + 9], after[ROWS + 9];
            bool matters = false;
            run(&test, &options, 0.01, split->series, before);
            for (int r = 20; r < 40; r++) {
                struct split changed = split_copy(split, test.dataset, &test.arena);
                struct series *own = changed.series;
                for (int row = 0; row < own->rows; row++)
                    for (size_t k = 0; row != r && k < width; k++)
                        if (row + 1 + delay > r - 1)
                            own->y[(size_t)row * width + k] += (real)(1 + row);
                run(&test, &options, 0.01, own, after);
                assert_memory_equal(&before[r], &after[r], sizeof(double));
                matters = matters || before[r + 15] != after[r + 15];
            }
            assert_true(matters); /* once it is due, a truth counts */
            training_case_free(&test);
        }
}

/* --- baselines -------------------------------------------------------------------------------- */

static const char *const linear_baselines[] = {"ar", "nlinear", "dlinear"};
enum { LINEAR_BASELINES = 3, WINDOW = 6 };

/* Two series that depend on each other, with noise; from row `change` on in another way. */
static struct dataset *make_linear(int rows, int change, int horizon, struct arena *arena) {
    gsl_rng *rng = random_stream(3, "linear");
    real *x = ARENA_NEW(arena, real, rows * 2);
    for (int t = 1; t < rows; t++) {
        double own = t < change ? 0.8 : -0.8, a = (double)x[2 * t - 2], b = (double)x[2 * t - 1];
        x[2 * t] = (real)(own * a + 0.3 * b + 0.3 * (gsl_rng_uniform(rng) - 0.5));
        x[2 * t + 1] = (real)(0.2 - 0.5 * a + 0.3 * (gsl_rng_uniform(rng) - 0.5));
    }
    gsl_rng_free(rng);
    const struct toy toy = {.task = TASK_FORECAST,
                            .rows = rows,
                            .inputs = 2,
                            .targets = 2,
                            .horizon = horizon,
                            .window = WINDOW,
                            .stride = WINDOW};
    return toy_dataset(&toy, x, NULL, arena);
}

static struct recursive *make_learner(const char *name, const struct dataset *dataset,
                                      struct arena *arena) {
    struct baseline *baseline = ARENA_NEW(arena, struct baseline, 1);
    struct error error;
    *baseline = (struct baseline){.type = baseline_find(name), .dataset = dataset};
    if (!baseline->type->fit(baseline, arena, &error))
        fail_msg("%s", error.text);
    return baseline->type->learner(baseline, arena);
}

static void predict_baseline(void *model, const struct batch *batch, real *out) {
    const struct baseline *baseline = model;
    baseline->type->predict(baseline, batch, out);
}

static void frozen_baselines_err_as_their_predictions_do(void **state) {
    (void)state;
    for (size_t i = 0; i < LINEAR_BASELINES; i++) {
        struct arena arena = {0};
        const struct dataset *dataset = make_linear(200, 100, 3, &arena);
        struct recursive *learner = make_learner(linear_baselines[i], dataset, &arena);
        struct baseline own = *learner->baseline;
        const struct predictor predictor = {&own, 16, predict_baseline};
        double expected[200], frozen[200];
        predictor_run(&predictor, dataset, dataset->test.series, expected);
        assert_int_equal(recursive_run(learner, &usual, 0, dataset->test.series, frozen), 0);
        for (int t = 0; t + 3 < 200; t++)
            assert_near(frozen[t], expected[t], 1e-5);
        arena_free(&arena);
    }
}

static void baselines_without_updates_are_frozen(void **state) {
    (void)state;
    for (size_t i = 0; i < LINEAR_BASELINES; i++) {
        struct arena arena = {0};
        const struct dataset *dataset = make_linear(200, 100, 1, &arena);
        const struct series *series = dataset->test.series;
        struct recursive *learner = make_learner(linear_baselines[i], dataset, &arena);
        struct online_options no_updates = usual, never = usual;
        no_updates.updates = 0;
        never.every = 1000;
        double frozen[200], online[200], again[200];
        assert_int_equal(recursive_run(learner, &usual, 0, series, frozen), 0);
        assert_int_equal(recursive_run(learner, &usual, 0.99, series, again), 66);
        assert_int_equal(recursive_run(learner, &no_updates, 0.99, series, online), 0);
        assert_memory_equal(frozen, online, sizeof frozen);
        assert_int_equal(recursive_run(learner, &never, 0.99, series, online), 0);
        assert_memory_equal(frozen, online, sizeof frozen);
        recursive_run(learner, &usual, 0.99, series, online); /* from the fit again */
        assert_memory_equal(again, online, sizeof again);
        assert_memory_equal(frozen, online, 3 * sizeof *frozen);
        assert_true(frozen[190] != online[190]);
        arena_free(&arena);
    }
}

static double mean_of(const double *values, int count) {
    double sum = 0;
    for (int i = 0; i < count; i++)
        sum += values[i] / count;
    return sum;
}

/* The noise alone leaves 2 · 0.3² / 12 / 2 = 0.0075. */
static void baselines_learn_what_has_changed(void **state) {
    (void)state;
    for (size_t i = 0; i < LINEAR_BASELINES; i++) {
        struct arena arena = {0};
        struct dataset *dataset = make_linear(800, 400, 1, &arena);
        struct recursive *learner;
        double frozen[800], online[800];
        dataset->train.window_count = 400 / WINDOW; /* before the change */
        learner = make_learner(linear_baselines[i], dataset, &arena);
        recursive_run(learner, &usual, 0, dataset->test.series, frozen);
        recursive_run(learner, &usual, 0.97, dataset->test.series, online);
        assert_true(mean_of(online + 600, 190) < 0.7 * mean_of(frozen + 600, 190));
        if (i == 0) /* the one that sees both series */
            assert_true(fabs(mean_of(online + 600, 190) - 0.0075) < 0.003);
        arena_free(&arena);
    }
}

/* A row's truth counts from the update on that follows the last of its horizon and the delay. */
static void baselines_see_no_truth_that_is_not_due(void **state) {
    (void)state;
    for (size_t i = 0; i < LINEAR_BASELINES; i++)
        for (int horizon = 1; horizon <= 3; horizon += 2)
            for (int delay = 0; delay < 5; delay += 2) {
                struct arena arena = {0};
                const struct dataset *dataset = make_linear(80, 40, horizon, &arena);
                struct recursive *learner = make_learner(linear_baselines[i], dataset, &arena);
                struct online_options options = usual;
                options.delay = delay;
                size_t width = (size_t)dataset->width;
                double before[80], after[80];
                bool matters = false;
                recursive_run(learner, &options, 0.99, dataset->test.series, before);
                for (int r = 20; r < 40; r++) {
                    struct split changed = split_copy(&dataset->test, dataset, &arena);
                    struct series *own = changed.series;
                    for (int row = 0; row < own->rows; row++)
                        for (size_t k = 0; row != r && k < width; k++)
                            if (row + (int)k / 2 + 1 + delay > r - 1)
                                own->y[(size_t)row * width + k] += (real)(1 + row);
                    recursive_run(learner, &options, 0.99, own, after);
                    assert_memory_equal(&before[r], &after[r], sizeof(double));
                    matters = matters || before[r + 15] != after[r + 15];
                }
                assert_true(matters);
                arena_free(&arena);
            }
}

/* Solves a [n][n] w = b by elimination; w takes the place of b. */
static void eliminate(size_t n, double *a, double *b) {
    for (size_t i = 0; i < n; i++) /* positive definite: no pivoting */
        for (size_t j = i + 1; j < n; j++) {
            double times = a[j * n + i] / a[i * n + i];
            for (size_t k = i; k < n; k++)
                a[j * n + k] -= times * a[i * n + k];
            b[j] -= times * b[i];
        }
    for (size_t i = n; i-- > 0;) {
        for (size_t k = i + 1; k < n; k++)
            b[i] -= a[i * n + k] * b[k];
        b[i] /= a[i * n + i];
    }
}

/* What `ar` predicts at a row, after all rows up to `learned` became due: the ridge regression of
 * the training's steps and those rows, written down once more from its definition. */
static void brute_force(const struct dataset *dataset, const struct recursive *learner, double f,
                        int learned, int row, double out[2]) {
    enum { F = 2 * WINDOW };
    const struct series *series = dataset->test.series;
    double n = 0, mean[F + 2] = {0}, a[F * F], b[F];
    size_t windows = dataset->train.window_count;
    size_t count = windows * WINDOW + (size_t)learned + 1;
    struct arena arena = {0};
    double *samples = ARENA_NEW(&arena, double, count *(F + 2));
    double *weight = ARENA_NEW(&arena, double, count);
    for (size_t i = 0; i < count; i++) {
        bool trained = i < windows * WINDOW;
        int first = trained ? dataset->train.windows[i / WINDOW].start : 0;
        int own = trained ? first + (int)(i % WINDOW) : (int)(i - windows * WINDOW);
        weight[i] = pow(f, trained ? learned + 1 : learned - own);
        for (int lag = 0; lag < WINDOW; lag++)
            for (int k = 0; k < 2; k++)
                samples[i * (F + 2) + (size_t)(2 * lag + k)] =
                    (double)series->x[2 * (own - lag > first ? own - lag : first) + k];
        for (size_t k = 0; k < 2; k++)
            samples[i * (F + 2) + F + k] = (double)series->y[2 * (size_t)own + k];
        n += weight[i];
    }
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < F + 2; j++)
            mean[j] += weight[i] / n * samples[i * (F + 2) + j];
    for (size_t k = 0; k < 2; k++) {
        double trace = 0;
        memset(a, 0, sizeof a);
        memset(b, 0, sizeof b);
        for (size_t i = 0; i < count; i++)
            for (size_t p = 0; p < F; p++) {
                double own = weight[i] * (samples[i * (F + 2) + p] - mean[p]);
                b[p] += own * (samples[i * (F + 2) + F + k] - mean[F + k]);
                for (size_t q = 0; q < F; q++)
                    a[p * F + q] += own * (samples[i * (F + 2) + q] - mean[q]);
            }
        for (size_t p = 0; p < F; p++)
            trace += a[p * F + p];
        for (size_t p = 0; p < F; p++)
            a[p * F + p] += learner->regressions[0].penalty[k] * trace;
        eliminate(F, a, b);
        out[k] = mean[F + k];
        for (int lag = 0; lag < WINDOW; lag++)
            for (int c = 0; c < 2; c++)
                out[k] +=
                    b[2 * lag + c] * ((double)series->x[2 * (row - lag) + c] - mean[2 * lag + c]);
    }
    arena_free(&arena);
}

static void recursive_least_squares_are_the_closed_form_of_all_samples(void **state) {
    (void)state;
    struct arena arena = {0};
    struct dataset *dataset = make_linear(120, 60, 1, &arena);
    const struct series *series = dataset->test.series;
    double error[120], out[2];
    dataset->train.window_count = 8;
    struct recursive *learner = make_learner("ar", dataset, &arena);
    for (int i = 0; i < 2; i++) {
        double f = i == 0 ? 1 : 0.97;
        recursive_run(learner, &usual, f, series, error);
        for (int row = 9; row < 119; row += 11) {
            /* the update before it came after row `now`, and learned from all before that */
            int now = row / usual.every * usual.every - 1;
            brute_force(dataset, learner, f, now - 1, row, out);
            double expected = 0;
            for (int k = 0; k < 2; k++)
                expected += pow(out[k] - (double)series->y[2 * row + k], 2) / 2;
            assert_near(error[row], expected, 1e-5);
        }
    }
    arena_free(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(errors_are_those_of_a_pytorch_loop),
        cmocka_unit_test(without_updates_online_is_frozen),
        cmocka_unit_test(frozen_errors_are_those_of_one_pass),
        cmocka_unit_test(truths_that_are_not_due_change_no_bit),
        cmocka_unit_test(frozen_baselines_err_as_their_predictions_do),
        cmocka_unit_test(baselines_without_updates_are_frozen),
        cmocka_unit_test(baselines_learn_what_has_changed),
        cmocka_unit_test(baselines_see_no_truth_that_is_not_due),
        cmocka_unit_test(recursive_least_squares_are_the_closed_form_of_all_samples),
    };
    return cmocka_run_group_tests_name("online", tests, NULL, NULL);
}
