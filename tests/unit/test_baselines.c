#include "model/baseline.h"

#include <gsl/gsl_randist.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "math/random.h"
#include "math/softmax.h"
#include "support/near.h"
#include "support/toy_dataset.h"

static struct baseline fitted(const char *name, const struct dataset *dataset,
                              struct arena *arena) {
    struct baseline baseline = {.type = baseline_find(name), .dataset = dataset};
    struct error error = {0};
    assert_non_null(baseline.type);
    assert_true(baseline.type->applies(dataset));
    if (!baseline.type->fit(&baseline, arena, &error))
        fail_msg("%s", error.text);
    return baseline;
}

/* Outputs [T][B][O] for the first `count` test windows. */
static real *predicted(const struct baseline *baseline, int count, struct batch *batch,
                       struct arena *arena) {
    const struct dataset *dataset = baseline->dataset;
    *batch = batch_new(dataset, count, arena);
    batch_fill(batch, dataset, &dataset->test, NULL, 0, count);
    real *out = ARENA_NEW(arena, real, dataset->window * count * dataset->outputs);
    baseline->type->predict(baseline, batch, out);
    return out;
}

/* Mean squared error of the first `count` test windows, in scaled units. */
static double error_of(const struct baseline *baseline, int count, struct arena *arena) {
    struct batch batch;
    const real *out = predicted(baseline, count, &batch, arena);
    double sum = 0;
    int known = 0;
    for (int i = 0; i < batch.steps * batch.size * baseline->dataset->width; i++) {
        if (isnan(batch.y[i]))
            continue;
        sum += pow((double)out[i] - (double)batch.y[i], 2);
        known++;
    }
    return sum / known;
}

static struct toy forecast(int rows, int inputs, int targets, int horizon, int window) {
    return (struct toy){.task = TASK_FORECAST,
                        .rows = rows,
                        .inputs = inputs,
                        .targets = targets,
                        .horizon = horizon,
                        .window = window,
                        .stride = 1};
}

static void persistence_repeats_the_last_value_for_every_horizon(void **state) {
    (void)state;
    struct arena arena = {0};
    real x[40];
    for (int i = 0; i < 40; i++)
        x[i] = (real)(i * i);
    struct toy toy = forecast(20, 2, 2, 3, 4);
    struct dataset *dataset = toy_dataset(&toy, x, NULL, &arena);
    struct baseline baseline = fitted("persistence", dataset, &arena);
    assert_int_equal(baseline.parameters, 0);
    struct batch batch;
    const real *out = predicted(&baseline, 5, &batch, &arena);
    for (int t = 0; t < 4; t++)
        for (int b = 0; b < 5; b++)
            for (int k = 0; k < 6; k++)
                assert_true(out[(t * 5 + b) * 6 + k] == x[2 * (b + t) + k % 2]);
    arena_free(&arena);
}

static void persistence_repeats_what_was_observed_and_not_what_was_filled_in(void **state) {
    (void)state;
    struct arena arena = {0};
    /* [6][a, b, a observed]: a is missing in row 1, row 3 is absent */
    real x[] = {1, 10, 1, 0, 11, 0, 3, 12, 1, 0, 0, 0, 5, 14, 1, 6, 15, 1};
    real present[] = {1, 1, 1, 0, 1, 1};
    struct toy toy = forecast(6, 3, 2, 1, 5);
    toy.flags = 1;
    struct dataset *dataset = toy_dataset(&toy, x, NULL, &arena);
    dataset->test.series->present = present;
    struct baseline baseline = fitted("persistence", dataset, &arena);
    struct batch batch;
    const real *out = predicted(&baseline, 1, &batch, &arena);
    const real expected[] = {1, 10, 1, 11, 3, 12, 3, 12, 5, 14};
    for (int i = 0; i < 10; i++)
        assert_true(out[i] == expected[i]);
    arena_free(&arena);
}

static void persistence_converts_units_of_inputs_to_those_of_targets(void **state) {
    (void)state;
    struct arena arena = {0};
    real x[] = {1, 2, 3, 4};
    struct toy toy = forecast(4, 1, 1, 1, 2);
    struct dataset *dataset = toy_dataset(&toy, x, NULL, &arena);
    dataset->input_scale[0] = 10;
    dataset->input_offset[0] = 5;
    dataset->target_scale[0] = 2;
    dataset->target_offset[0] = 1;
    struct baseline baseline = fitted("persistence", dataset, &arena);
    struct batch batch;
    const real *out = predicted(&baseline, 1, &batch, &arena);
    assert_near((double)out[0], ((1 * 10 + 5) - 1) / 2.0, 1e-6);
    arena_free(&arena);
}

static void a_target_that_is_no_input_gets_its_training_mean(void **state) {
    (void)state;
    struct arena arena = {0};
    real x[] = {0, 1, 2, 3, 4, 5}, y[] = {4, 8, (real)NAN, 6, 100, 100};
    struct toy toy = forecast(6, 1, 1, 1, 4);
    toy.stride = 4;
    struct dataset *dataset = toy_dataset(&toy, x, y, &arena);
    dataset->target_input[0] = -1;
    struct baseline baseline = fitted("persistence", dataset, &arena);
    assert_int_equal(baseline.parameters, 1);
    struct batch batch;
    const real *out = predicted(&baseline, 1, &batch, &arena);
    for (int t = 0; t < 4; t++)
        assert_near((double)out[t], 6, 1e-6);
    dataset->task = TASK_REGRESSION;
    baseline = fitted("persistence", dataset, &arena);
    assert_near((double)predicted(&baseline, 1, &batch, &arena)[3], 6, 1e-6);
    arena_free(&arena);
}

static void classes_score_their_log_frequency(void **state) {
    (void)state;
    struct arena arena = {0};
    real x[7] = {0}, y[] = {1, 1, 0, 1, (real)NAN, 1, 0};
    struct toy toy = {.task = TASK_CLASSIFICATION,
                      .rows = 7,
                      .inputs = 1,
                      .targets = 1,
                      .classes = 3,
                      .window = 7,
                      .stride = 1};
    struct dataset *dataset = toy_dataset(&toy, x, y, &arena);
    struct baseline baseline = fitted("persistence", dataset, &arena);
    assert_int_equal(baseline.parameters, 3);
    struct batch batch;
    const real *out = predicted(&baseline, 1, &batch, &arena);
    for (int t = 0; t < 7; t++) { /* counts 2, 4, 0, each and one more */
        assert_near((double)out[3 * t], log(3 / 9.0), 1e-6);
        assert_near((double)out[3 * t + 1], log(5 / 9.0), 1e-6);
        assert_near((double)out[3 * t + 2], log(1 / 9.0), 1e-6);
    }
    assert_false(baseline_find("ar")->applies(dataset));
    assert_false(baseline_find("seasonal")->applies(dataset));
    arena_free(&arena);
}

/* scikit-learn 1.9, LogisticRegression(tol=1e-12) of (x - x.mean(0)) / x.std(0). */
static void logistic_agrees_with_scikit_learn(void **state) {
    (void)state;
    struct arena arena = {0};
    real x[48], y[24];
    for (int t = 0; t < 24; t++) {
        x[2 * t] = (real)(sin(1.7 * t) * 3 + 5);
        x[2 * t + 1] = (real)cos(0.9 * t * t);
        y[t] = x[2 * t] > (real)6.5 ? 2 : x[2 * t + 1] > 0;
    }
    y[5] = 0;
    y[11] = 2;
    struct toy toy = {.task = TASK_CLASSIFICATION,
                      .rows = 24,
                      .inputs = 2,
                      .targets = 1,
                      .classes = 3,
                      .window = 24,
                      .stride = 1};
    struct dataset *dataset = toy_dataset(&toy, x, y, &arena);
    struct baseline baseline = fitted("logistic", dataset, &arena);
    assert_int_equal(baseline.parameters, 9);
    struct batch batch;
    const real *out = predicted(&baseline, 1, &batch, &arena);
    static const struct {
        int row;
        double log_probability[3];
    } expected[] = {{0, {-4.263790, -0.151423, -2.067934}},
                    {1, {-4.044724, -1.470328, -0.284175}},
                    {5, {-0.715133, -4.242014, -0.700183}},
                    {23, {-2.884318, -2.241878, -0.176918}}};
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        double scores[3];
        for (int c = 0; c < 3; c++)
            scores[c] = (double)out[3 * expected[i].row + c];
        double total = log_sum_exp(scores, 3, -1);
        for (int c = 0; c < 3; c++)
            assert_near(scores[c] - total, expected[i].log_probability[c], 1e-3);
    }
    arena_free(&arena);
}

/* Classes that a plane parts, an input that is constant, one that is far from 0, and gaps. */
static void logistic_takes_what_is_separable_constant_and_missing(void **state) {
    (void)state;
    struct arena arena = {0};
    real x[60], y[20];
    for (int t = 0; t < 20; t++) {
        x[3 * t] = (real)(1e6 + t);
        x[3 * t + 1] = 7;
        x[3 * t + 2] = t == 3 ? (real)NAN : (real)(t % 4);
        y[t] = t == 4 ? (real)NAN : t >= 10;
    }
    struct toy toy = {.task = TASK_CLASSIFICATION,
                      .rows = 20,
                      .inputs = 3,
                      .targets = 1,
                      .classes = 2,
                      .window = 20,
                      .stride = 1};
    struct dataset *dataset = toy_dataset(&toy, x, y, &arena);
    struct baseline baseline = fitted("logistic", dataset, &arena);
    struct batch batch;
    const real *out = predicted(&baseline, 1, &batch, &arena);
    for (int t = 0; t < 20; t++)
        if (t != 3)
            assert_true((out[2 * t + 1] > out[2 * t]) == (t >= 10));
    toy.task = TASK_REGRESSION;
    assert_false(baseline.type->applies(toy_dataset(&toy, x, y, &arena)));
    toy.task = TASK_CLASSIFICATION;
    for (int t = 0; t < 20; t++)
        x[3 * t] = (real)NAN;
    dataset = toy_dataset(&toy, x, y, &arena);
    baseline = (struct baseline){.type = baseline_find("logistic"), .dataset = dataset};
    struct error error = {0};
    assert_false(baseline.type->fit(&baseline, &arena, &error));
    assert_string_equal(error.text, "no training step has all its inputs and a class");
    arena_free(&arena);
}

static void only_the_last_steps_count_when_only_they_are_scored(void **state) {
    (void)state;
    struct arena arena = {0};
    real x[6] = {0}, y[] = {9, 9, 1, 9, 9, 3};
    struct toy toy = {.task = TASK_REGRESSION,
                      .rows = 6,
                      .inputs = 1,
                      .targets = 1,
                      .window = 3,
                      .stride = 3,
                      .last_only = true};
    struct dataset *dataset = toy_dataset(&toy, x, y, &arena);
    struct baseline baseline = fitted("persistence", dataset, &arena);
    struct batch batch;
    assert_near((double)predicted(&baseline, 1, &batch, &arena)[0], 2, 1e-6);
    arena_free(&arena);
}

/* A season of 12 rows, with something on top that repeats less exactly. */
static struct dataset *months(int horizon, int window, bool repeats, struct arena *arena) {
    real x[120];
    for (int t = 0; t < 120; t++)
        x[t] = (real)((t * 7) % 12 + (repeats ? 0 : t));
    struct toy toy = forecast(120, 1, 1, horizon, window);
    struct dataset *dataset = toy_dataset(&toy, x, NULL, arena);
    dataset->has_period = true;
    dataset->period = 12;
    return dataset;
}

static void seasonal_looks_back_further_than_the_window(void **state) {
    (void)state;
    struct arena arena = {0};
    for (int horizon = 1; horizon <= 30; horizon += 7) {
        struct dataset *dataset = months(horizon, 4, false, &arena);
        struct baseline baseline = fitted("seasonal", dataset, &arena);
        struct batch batch;
        int count = 80;
        const real *x = dataset->test.series->x, *out = predicted(&baseline, count, &batch, &arena);
        for (int t = 0; t < 4; t++)
            for (int b = 0; b < count; b++)
                for (int h = 0; h < horizon; h++) {
                    int row = b + t + 1 + h;
                    while (row > b + t)
                        row -= 12;
                    assert_true(out[(t * count + b) * horizon + h] == x[row < 0 ? b + t : row]);
                }
    }
    arena_free(&arena);
}

static void seasonal_knows_the_period_at_another_sampling_rate(void **state) {
    (void)state;
    struct arena arena = {0};
    struct dataset *dataset = months(1, 4, true, &arena);
    struct baseline baseline = fitted("seasonal", dataset, &arena);
    struct series *series = dataset->test.series;
    series->rows /= 2;
    for (int j = 0; j < series->rows; j++) {
        series->x[j] = series->x[2 * j];
        series->y[j] = series->y[2 * j];
        series->time[j] = series->time[2 * j];
    }
    struct batch batch;
    const real *out = predicted(&baseline, 50, &batch, &arena);
    for (int b = 6; b < 50; b++) {
        /* the value a season before the target lies between two rows: either is near */
        int t = 3, earlier = b + t - 6;
        assert_true(out[t * 50 + b] == series->x[earlier] ||
                    out[t * 50 + b] == series->x[earlier + 1]);
    }
    arena_free(&arena);
}

static void seasonal_without_a_whole_season_in_training_is_persistence(void **state) {
    (void)state;
    struct arena arena = {0};
    struct dataset *dataset = months(2, 4, false, &arena);
    dataset->period = 500;
    struct baseline baseline = fitted("seasonal", dataset, &arena);
    struct baseline persistence = fitted("persistence", dataset, &arena);
    struct batch batch;
    const real *out = predicted(&baseline, 20, &batch, &arena);
    assert_memory_equal(out, predicted(&persistence, 20, &batch, &arena), 4 * 20 * 2 * sizeof *out);
    dataset->has_period = false;
    assert_false(baseline.type->applies(dataset));
    arena_free(&arena);
}

/* x_t = 2 cos(w) x_(t-1) - x_(t-2): two lags tell all. */
static void ar_continues_a_sine(void **state) {
    (void)state;
    struct arena arena = {0};
    real x[400];
    for (int t = 0; t < 400; t++)
        x[t] = (real)(3 + sin(0.3 * t));
    struct toy toy = forecast(400, 1, 1, 5, 8);
    struct dataset *dataset = toy_dataset(&toy, x, NULL, &arena);
    dataset->last_only = true;
    struct baseline baseline = fitted("ar", dataset, &arena);
    assert_int_equal(baseline.parameters, 5 * (8 + 1));
    assert_true(error_of(&baseline, 100, &arena) < 1e-6);
    assert_true(error_of(&baseline, 100, &arena) <
                1e-4 * error_of(&(struct baseline){.type = baseline_find("persistence"),
                                                   .dataset = dataset,
                                                   .fitted = (double[5]){0}},
                                100, &arena));
    arena_free(&arena);
}

/* y = 2 a - b before + 0.5, with noise: least squares recovers it within its standard errors. */
static void ar_recovers_a_linear_regression(void **state) {
    (void)state;
    struct arena arena = {0};
    enum { MANY = 3000 };
    real x[2 * MANY], y[MANY];
    gsl_rng *rng = random_stream(1, "ar test");
    for (int t = 0; t < MANY; t++) {
        x[2 * t] = (real)(5 + gsl_ran_gaussian(rng, 1));
        x[2 * t + 1] = (real)gsl_ran_gaussian(rng, 2);
        double before = t == 0 ? 0 : (double)x[2 * t - 1];
        y[t] = (real)(2 * (double)x[2 * t] - before + 0.5 + gsl_ran_gaussian(rng, 0.1));
    }
    gsl_rng_free(rng);
    struct toy toy = {.task = TASK_REGRESSION,
                      .rows = MANY,
                      .inputs = 2,
                      .targets = 1,
                      .window = 3,
                      .stride = 1,
                      .last_only = true};
    struct dataset *dataset = toy_dataset(&toy, x, y, &arena);
    struct baseline baseline = fitted("ar", dataset, &arena);
    assert_near(error_of(&baseline, 2000, &arena), 0.01, 0.001);
    /* the response to a unit of each input */
    real probe[] = {5, 0, 5, 0, 5, 0, 5, 0, 5, 0, 6, 0, 5, 0, 5, 1, 5, 0};
    struct batch batch = {.steps = 3, .size = 1};
    real out[3], base;
    batch.x = probe;
    baseline.type->predict(&baseline, &batch, out);
    base = out[2];
    assert_near((double)base, 10.5, 0.02);
    batch.x = probe + 6;
    baseline.type->predict(&baseline, &batch, out);
    assert_near((double)(out[2] - base), 2, 0.02);
    batch.x = probe + 12;
    baseline.type->predict(&baseline, &batch, out);
    assert_near((double)(out[2] - base), -1, 0.01);
    arena_free(&arena);
}

static void ar_does_not_fit_noise(void **state) {
    (void)state;
    struct arena arena = {0};
    enum { FEW = 60 };
    real x[FEW], y[FEW];
    gsl_rng *rng = random_stream(2, "ar test");
    for (int t = 0; t < FEW; t++) {
        x[t] = (real)gsl_ran_gaussian(rng, 1);
        y[t] = (real)gsl_ran_gaussian(rng, 1);
    }
    struct toy toy = {.task = TASK_REGRESSION,
                      .rows = FEW,
                      .inputs = 1,
                      .targets = 1,
                      .window = 20,
                      .stride = 1,
                      .last_only = true};
    struct dataset *dataset = toy_dataset(&toy, x, y, &arena); /* 41 windows, 20 lags */
    struct baseline baseline = fitted("ar", dataset, &arena);
    for (int t = 0; t < FEW; t++) {
        dataset->test.series->x[t] = (real)gsl_ran_gaussian(rng, 1);
        dataset->test.series->y[t] = (real)gsl_ran_gaussian(rng, 1);
    }
    gsl_rng_free(rng);
    double error = error_of(&baseline, 41, &arena);
    assert_true(error < 2); /* least squares without a penalty doubles the variance */
    arena_free(&arena);
}

static void ar_stays_finite_on_constants_copies_and_one_row(void **state) {
    (void)state;
    struct arena arena = {0};
    real x[90], y[30];
    for (int t = 0; t < 30; t++) {
        x[3 * t] = 7;
        x[3 * t + 1] = x[3 * t + 2] = (real)(t % 4);
        y[t] = (real)(t % 4);
    }
    struct toy toy = {
        .task = TASK_REGRESSION, .rows = 30, .inputs = 3, .targets = 1, .window = 5, .stride = 1};
    struct dataset *dataset = toy_dataset(&toy, x, y, &arena);
    struct baseline baseline = fitted("ar", dataset, &arena);
    assert_true(error_of(&baseline, 20, &arena) < 1e-9);
    toy.rows = toy.window = 1;
    dataset = toy_dataset(&toy, x, y, &arena);
    baseline = fitted("ar", dataset, &arena);
    assert_true(error_of(&baseline, 1, &arena) < 1e-9);
    arena_free(&arena);
}

static void ar_uses_fewer_lags_when_inputs_are_many(void **state) {
    (void)state;
    struct arena arena = {0};
    enum { WIDE = 300, LONG = 40 };
    real *x = ARENA_NEW(&arena, real, WIDE * LONG);
    real *y = ARENA_NEW(&arena, real, LONG);
    for (int t = 0; t < LONG; t++)
        y[t] = x[t * WIDE + 17] = (real)(t % 3);
    struct toy toy = {.task = TASK_REGRESSION,
                      .rows = LONG,
                      .inputs = WIDE,
                      .targets = 1,
                      .window = 10,
                      .stride = 5};
    struct dataset *dataset = toy_dataset(&toy, x, y, &arena);
    struct baseline baseline = fitted("ar", dataset, &arena);
    assert_int_equal(baseline.parameters, WIDE + 1);
    assert_true(error_of(&baseline, 5, &arena) < 1e-9);
    arena_free(&arena);
}

static void ar_of_very_many_inputs_forecasts_each_from_its_own_past(void **state) {
    (void)state;
    struct arena arena = {0};
    enum { WIDE = 700, LONG = 200, LAGS = 10 };
    real *x = ARENA_NEW(&arena, real, WIDE * LONG);
    for (int i = 0; i < WIDE; i++)
        for (int t = 0; t < LONG; t++)
            x[t * WIDE + i] = (real)sin(0.1 + i + t * (0.1 + i * 0.001));
    struct toy toy = {.rows = LONG,
                      .inputs = WIDE,
                      .targets = WIDE,
                      .window = LAGS,
                      .stride = 3,
                      .last_only = true};
    struct dataset *dataset = toy_dataset(&toy, x, NULL, &arena);
    struct baseline baseline = fitted("ar", dataset, &arena);
    assert_int_equal(baseline.parameters, WIDE * (LAGS + 1));
    assert_true(error_of(&baseline, 5, &arena) < 1e-6);
    assert_non_null(strstr(baseline.type->note(dataset, &arena), "700 inputs"));
    dataset->inputs = 30;
    assert_non_null(strstr(baseline.type->note(dataset, &arena), "8 of the window's 10 lags"));
    dataset->inputs = 25;
    assert_null(baseline.type->note(dataset, &arena));
    arena_free(&arena);
}

static void ar_of_a_target_that_is_no_input_takes_the_inputs_that_correlate_with_it(void **state) {
    (void)state;
    struct arena arena = {0};
    enum { WIDE = 700, LONG = 120 };
    real *x = ARENA_NEW(&arena, real, WIDE * LONG);
    real *y = ARENA_NEW(&arena, real, LONG);
    for (int i = 0; i < WIDE; i++)
        for (int t = 0; t < LONG; t++)
            x[t * WIDE + i] = (real)sin(0.1 + i * i + t * (0.5 + i * 0.01));
    for (int t = 0; t < LONG; t++)
        y[t] = 3 * x[t * WIDE + 650] + 1;
    struct toy toy = {.task = TASK_REGRESSION,
                      .rows = LONG,
                      .inputs = WIDE,
                      .targets = 1,
                      .window = 2,
                      .stride = 1};
    struct dataset *dataset = toy_dataset(&toy, x, y, &arena);
    struct baseline baseline = fitted("ar", dataset, &arena);
    assert_true(error_of(&baseline, 5, &arena) < 1e-4);
    arena_free(&arena);
}

static void ar_says_when_there_is_nothing_to_fit(void **state) {
    (void)state;
    struct arena arena = {0};
    real x[] = {1, 2, 3}, y[] = {(real)NAN, (real)NAN, 1};
    struct toy toy = {
        .task = TASK_REGRESSION, .rows = 3, .inputs = 1, .targets = 1, .window = 3, .stride = 1};
    struct dataset *dataset = toy_dataset(&toy, x, y, &arena);
    dataset->train.series->y[2] = (real)NAN;
    struct baseline baseline = {.type = baseline_find("ar"), .dataset = dataset};
    struct error error = {0};
    assert_false(baseline.type->fit(&baseline, &arena, &error));
    assert_non_null(strstr(error.text, "ar: no training step"));
    arena_free(&arena);
}

/* Two targets, each a wave around a level of its own: linear in their own past. `shift` is added to
 * the last half of the rows. */
static struct dataset *waves(int rows, real shift, struct arena *arena) {
    real *x = ARENA_NEW(arena, real, 2 * rows), *y = ARENA_NEW(arena, real, 2 * 3 * rows);
    for (int t = 0; t < rows; t++)
        for (int k = 0; k < 2; k++)
            x[2 * t + k] = (real)(sin(0.3 * t + k) + 5 * k) + (t > rows / 2 ? shift : 0);
    for (int t = 0; t < rows; t++) /* [horizon][targets] */
        for (int p = 0; p < 3; p++)
            for (int k = 0; k < 2; k++)
                y[6 * t + 2 * p + k] = t + p + 1 < rows ? x[2 * (t + p + 1) + k] : (real)NAN;
    struct toy toy = forecast(rows, 2, 2, 3, 8);
    toy.last_only = true;
    return toy_dataset(&toy, x, y, arena);
}

static void linear_baselines_forecast_what_is_linear_in_its_past(void **state) {
    (void)state;
    struct arena arena = {0};
    struct dataset *dataset = waves(300, 0, &arena);
    struct baseline nlinear = fitted("nlinear", dataset, &arena);
    struct baseline dlinear = fitted("dlinear", dataset, &arena);
    assert_true(error_of(&nlinear, 50, &arena) < 1e-6);
    assert_true(error_of(&dlinear, 50, &arena) < 1e-6);
    assert_int_equal(nlinear.parameters, 8 * 3);
    assert_int_equal(dlinear.parameters, 9 * 3);
    arena_free(&arena);
}

/* A level that never was before is no trouble for what is added to the last value. */
static void nlinear_follows_a_shift_of_level(void **state) {
    (void)state;
    struct arena arena = {0};
    struct dataset *dataset = waves(300, 0, &arena);
    struct baseline nlinear = fitted("nlinear", dataset, &arena);
    real probe[8 * 2], out[8 * 6];
    for (int t = 0; t < 8; t++)
        for (int k = 0; k < 2; k++)
            probe[2 * t + k] = (real)(sin(0.3 * t + k) + 100);
    const struct series *source = dataset->test.series;
    struct batch batch = {.steps = 8, .size = 1, .x = probe, .source = &source};
    nlinear.type->predict(&nlinear, &batch, out);
    for (int p = 0; p < 3; p++)
        for (int k = 0; k < 2; k++)
            assert_near((double)out[7 * 6 + 2 * p + k], sin(0.3 * (8 + p) + k) + 100, 0.02);
    arena_free(&arena);
}

static void linear_baselines_need_targets_among_the_inputs(void **state) {
    (void)state;
    struct arena arena = {0};
    struct dataset *dataset = waves(60, 0, &arena);
    assert_true(baseline_find("nlinear")->applies(dataset));
    dataset->target_input[1] = -1;
    assert_false(baseline_find("nlinear")->applies(dataset));
    dataset->task = TASK_REGRESSION;
    assert_false(baseline_find("dlinear")->applies(dataset));
    arena_free(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(persistence_repeats_the_last_value_for_every_horizon),
        cmocka_unit_test(persistence_repeats_what_was_observed_and_not_what_was_filled_in),
        cmocka_unit_test(persistence_converts_units_of_inputs_to_those_of_targets),
        cmocka_unit_test(a_target_that_is_no_input_gets_its_training_mean),
        cmocka_unit_test(classes_score_their_log_frequency),
        cmocka_unit_test(logistic_agrees_with_scikit_learn),
        cmocka_unit_test(logistic_takes_what_is_separable_constant_and_missing),
        cmocka_unit_test(only_the_last_steps_count_when_only_they_are_scored),
        cmocka_unit_test(seasonal_looks_back_further_than_the_window),
        cmocka_unit_test(seasonal_knows_the_period_at_another_sampling_rate),
        cmocka_unit_test(seasonal_without_a_whole_season_in_training_is_persistence),
        cmocka_unit_test(ar_continues_a_sine),
        cmocka_unit_test(ar_recovers_a_linear_regression),
        cmocka_unit_test(ar_does_not_fit_noise),
        cmocka_unit_test(ar_stays_finite_on_constants_copies_and_one_row),
        cmocka_unit_test(ar_uses_fewer_lags_when_inputs_are_many),
        cmocka_unit_test(ar_of_very_many_inputs_forecasts_each_from_its_own_past),
        cmocka_unit_test(ar_of_a_target_that_is_no_input_takes_the_inputs_that_correlate_with_it),
        cmocka_unit_test(ar_says_when_there_is_nothing_to_fit),
        cmocka_unit_test(linear_baselines_forecast_what_is_linear_in_its_past),
        cmocka_unit_test(nlinear_follows_a_shift_of_level),
        cmocka_unit_test(linear_baselines_need_targets_among_the_inputs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
