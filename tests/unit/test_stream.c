/* Streams that change, and what their errors say, on cases with a known answer. */
#include "base/json.h"
#include "data/generators/generator.h"
#include "evaluate/adaptation/prequential.h"
#include "evaluate/adaptation/splice.h"
#include "math/random.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "support/near.h"

/* --- errors with a known answer --------------------------------------------------------------- */

enum { VISIT = 100, WARM_UP = 10, ROWS = 4 * VISIT };

/* a b a c: at each change the error jumps, stays there for so many rows, and falls to the level. */
struct course {
    double level[4];
    double jump;
    int rows[4];
};

static struct visit visits[] = {{0, 0, 100}, {1, 100, 200}, {0, 200, 300}, {2, 300, 400}};

static struct prequential measure(const struct course *course, int series, int smooth,
                                  struct arena *arena) {
    struct stream stream = {.rows = ROWS,
                            .visit_count = 4,
                            .warm_up = WARM_UP,
                            .visits = visits,
                            .split = {.series_count = series}};
    const struct stream_options options = {.smooth = smooth, .fading = 0.9};
    double *errors = ARENA_NEW(arena, double, series *ROWS);
    for (int s = 0; s < series; s++)
        for (int row = 0; row < ROWS; row++) {
            int v = row / VISIT, age = row % VISIT;
            double error = age < course->rows[v] ? course->jump : course->level[v];
            /* Series differ, and their mean is the course. */
            errors[s * ROWS + row] = error * (series == 1 ? 1 : s == 0 ? 0.5 : 1.5);
        }
    return prequential_measure(&stream, &options, errors, arena);
}

static const struct course usual = {{1, 2, 1, 4}, 10, {0, 30, 20, 0}};

static void recovery_takes_as_long_as_the_error_stays_up(void **state) {
    (void)state;
    struct arena arena = {0};
    for (int series = 1; series <= 2; series++) {
        struct prequential result = measure(&usual, series, 1, &arena);
        assert_near(result.changes[0].level, 2, 1e-12);
        assert_near(result.changes[0].recovery, 30, 0);
        assert_near(result.changes[0].excess, 30 * 8, 1e-9);
        assert_near(result.changes[1].recovery, 20, 0);
        assert_near(result.changes[1].excess, 20 * 9, 1e-9);
        assert_near(result.changes[2].recovery, 0, 0);
        assert_near(result.changes[2].excess, 0, 1e-9);
        assert_near(result.recovery, 50 / 3.0, 1e-9);
        assert_near(result.excess, (240 + 180) / 3.0, 1e-9);
        assert_near(result.relative_excess, (120 + 180) / 3.0, 1e-9);
        assert_int_equal(result.never, 0);
        assert_near(result.level, 4, 1e-12);
    }
    arena_free(&arena);
}

/* Over the next 10 rows k of 10 and 10 - k of 2 make 2 + 0.8 k: at most 2.4 with none of 10. */
static void smoothing_looks_ahead_and_waits_for_the_last_high_row(void **state) {
    (void)state;
    struct arena arena = {0};
    struct prequential result = measure(&usual, 1, 10, &arena);
    assert_near(result.changes[0].recovery, 30, 0);
    struct course small = usual;
    small.jump = 3; /* 2 + 0.1 k: at most 2.4 with 4 of them left */
    small.level[2] = 3;
    assert_near(measure(&small, 1, 10, &arena).changes[0].recovery, 26, 0);
    arena_free(&arena);
}

static void never_counts_as_the_whole_visit(void **state) {
    (void)state;
    struct arena arena = {0};
    /* One row in ten is a spike until the end: never ten rows in a row at the level. */
    double errors[ROWS];
    struct stream stream = {
        .rows = ROWS, .visit_count = 4, .visits = visits, .split = {.series_count = 1}};
    const struct stream_options options = {.smooth = 100, .fading = 1};
    for (int row = 0; row < ROWS; row++)
        errors[row] = row >= 100 && row < 200 ? (row < 180 ? 9 : 1) : 1;
    struct prequential result = prequential_measure(&stream, &options, errors, &arena);
    assert_true(isinf(result.changes[0].recovery));
    assert_int_equal(result.never, 1);
    assert_near(result.recovery, 100 / 3.0, 1e-9);
    for (int row = 100; row < 200; row++)
        errors[row] = INFINITY;
    result = prequential_measure(&stream, &options, errors, &arena);
    assert_true(isinf(result.mean) && isinf(result.excess) && isinf(result.relative_excess));
    assert_near(result.recovery, 100 / 3.0, 1e-9); /* the worst is never, not at once */
    arena_free(&arena);
}

static void means_leave_out_the_warm_up_and_what_is_not_scored(void **state) {
    (void)state;
    struct arena arena = {0};
    struct prequential result = measure(&usual, 2, 1, &arena);
    double sum = 90 * 1 + 30 * 10 + 70 * 2 + 20 * 10 + 80 * 1 + 100 * 4;
    assert_int_equal(result.scored, 2 * (ROWS - WARM_UP));
    assert_near(result.mean, sum / (ROWS - WARM_UP), 1e-9);
    assert_near(result.fading, 4, 1e-3); /* 0.9^100 of the rest is left */
    assert_near(result.forgetting, (20 * 10 + 80) / 100.0 / 1, 1e-9);
    assert_int_equal(result.ages, VISIT);
    assert_near(result.since[0], (10 + 10 + 4) / 3.0, 1e-12);
    assert_near(result.since[25], (10 + 1 + 4) / 3.0, 1e-12);
    assert_near(result.since[99], (2 + 1 + 4) / 3.0, 1e-12);
    assert_true(isnan(result.error[WARM_UP - 1]) && result.error[WARM_UP] == 1);
    arena_free(&arena);
}

/* S = e1 α² + e2 α + e3, N = 1 + α + α² (Gama et al. 2013, eq. 3). */
static void fading_weighs_by_age(void **state) {
    (void)state;
    struct arena arena = {0};
    struct visit whole = {0, 0, 4};
    struct stream stream = {
        .rows = 4, .visit_count = 1, .visits = &whole, .split = {.series_count = 1}};
    const struct stream_options options = {.smooth = 1, .fading = 0.5};
    double errors[] = {8, NAN, 4, 1};
    struct prequential result = prequential_measure(&stream, &options, errors, &arena);
    assert_near(result.fading, (8 * 0.25 + 4 * 0.5 + 1) / 1.75, 1e-12);
    assert_true(isnan(result.forgetting) && isnan(result.recovery));
    struct prequential better = result;
    better.mean = result.mean / 4;
    assert_near(prequential_gain(&better, &result), 0.75, 1e-12);
    arena_free(&arena);
}

/* --- generators that drift -------------------------------------------------------------------- */

static bool drift_run(const char *name, const char *a, const char *b, const double *shares,
                      int rows, struct table *table) {
    struct error error;
    cJSON *json[] = {cJSON_Parse(a), cJSON_Parse(b)};
    const cJSON *parameters[] = {json[0], json[1]};
    const struct generator_drift drift = {2, parameters, shares};
    bool can = generator_can_drift(generator_find(name), &drift);
    gsl_rng *rng = random_stream(5, "test");
    if (can && !generator_run_drifting(generator_find(name), &drift, rows, rng, table, &error))
        fail_msg("%s", error.text);
    gsl_rng_free(rng);
    cJSON_Delete(json[0]);
    cJSON_Delete(json[1]);
    return can;
}

/* Every generator that can drift: two regimes that are the same give the series of one, bit for
 * bit; and with another regime from row 60 on, the rows before it stay, and later ones differ. */
static void a_change_leaves_the_rows_before_it(void **state) {
    (void)state;
    static const char *const changes[][2] = {
        {"damped_oscillator", "{\"frequency\": 3}"}, {"lorenz", "{\"rho\": 40}"},
        {"mackey_glass", "{\"tau\": 30}"},           {"forced_pendulum", "{\"force\": 1.4}"},
        {"irregular_sines", "{\"frequency\": 0.2}"}, {"fitzhugh_nagumo", "{\"current\": 0.2}"},
    };
    double shares[2 * 100];
    int drifting = 0;
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        const char *name = changes[i][0];
        struct table plain, same, changed;
        struct error error;
        gsl_rng *rng = random_stream(5, "test");
        assert_true(generator_run(generator_find(name), NULL, 0, 100, rng, &plain, &error));
        gsl_rng_free(rng);
        for (int row = 0; row < 100; row++) {
            shares[2 * row] = row < 60;
            shares[2 * row + 1] = row >= 60;
        }
        assert_true(drift_run(name, "{}", "{}", shares, 100, &same));
        assert_true(drift_run(name, "{}", changes[i][1], shares, 100, &changed));
        bool differs = false;
        for (size_t k = 0; k < plain.column_count; k++) {
            assert_memory_equal(plain.columns[k].values, same.columns[k].values,
                                100 * sizeof(double));
            for (int row = 0; row < 60; row++)
                assert_near(changed.columns[k].values[row], plain.columns[k].values[row], 1e-12);
            for (int row = 62; row < 100; row++)
                differs = differs || fabs(changed.columns[k].values[row] -
                                          plain.columns[k].values[row]) > 1e-3;
        }
        assert_true(differs);
        table_free(&plain);
        table_free(&same);
        table_free(&changed);
    }
    for (size_t i = 0; generator_at(i) != NULL; i++)
        drifting += generator_at(i)->generate_drifting != NULL;
    assert_int_equal(drifting, sizeof changes / sizeof changes[0]);
}

/* x'' = -ω² x without damping: x and v go on through the change, and each half is a sine of its own
 * frequency. */
static void an_oscillator_goes_on_through_a_change(void **state) {
    (void)state;
    double shares[2 * 200];
    struct table table;
    for (int row = 0; row < 200; row++) {
        shares[2 * row] = row < 100;
        shares[2 * row + 1] = row >= 100;
    }
    assert_true(
        drift_run("damped_oscillator", "{\"damping\": 0, \"frequency\": 1, \"amplitude\": 1}",
                  "{\"damping\": 0, \"frequency\": 2, \"amplitude\": 1}", shares, 200, &table));
    const double *x = table.columns[0].values, *v = table.columns[1].values;
    for (int row = 0; row < 200; row++) {
        int start = row < 100 ? 0 : 99;
        double omega = row < 100 ? 1 : 2, t = 0.1 * (row - start);
        assert_near(x[row], x[start] * cos(omega * t) + v[start] / omega * sin(omega * t), 1e-6);
    }
    table_free(&table);
    /* How time is sampled cannot change on the way. */
    assert_false(drift_run("lorenz", "{\"step\": 0.02}", "{\"step\": 0.01}", shares, 200, &table));
    assert_false(drift_run("adding", "{}", "{}", shares, 200, &table));
}

/* --- spliced ---------------------------------------------------------------------------------- */

enum { LENGTH = 50, REGIMES = 2 };

/* A data set with two regimes of one series each, of rows k * 1000 + row. */
static void make_regimes(struct dataset *dataset, struct task_options *task, int window,
                         struct split regimes[REGIMES], struct arena *arena) {
    *task = (struct task_options){.window = window};
    *dataset = (struct dataset){.task = TASK_FORECAST,
                                .window = window,
                                .inputs = 1,
                                .targets = 1,
                                .horizon = 2,
                                .width = 2,
                                .outputs = 2,
                                .task_options = task};
    for (int k = 0; k < REGIMES; k++) {
        struct series *series = ARENA_NEW(arena, struct series, 1);
        *series = (struct series){.name = "s",
                                  .rows = LENGTH,
                                  .time = ARENA_NEW(arena, double, LENGTH),
                                  .x = ARENA_NEW(arena, real, LENGTH),
                                  .y = ARENA_NEW(arena, real, 2 * LENGTH)};
        for (int row = 0; row < LENGTH; row++) {
            series->time[row] = 100 + 2 * row;
            series->x[row] = (real)(1000 * k + row);
            for (int h = 0; h < 2; h++)
                series->y[2 * row + h] = (real)(1000 * k + row + h + 1);
        }
        regimes[k] = (struct split){.series = series, .series_count = 1};
    }
}

static void a_spliced_stream_goes_on_where_a_regime_left_off(void **state) {
    (void)state;
    struct arena arena = {0};
    struct dataset dataset;
    struct task_options task;
    struct split regimes[REGIMES], split;
    struct error error;
    double shares[2 * 60];
    make_regimes(&dataset, &task, 5, regimes, &arena);
    for (int row = 0; row < 60; row++) {
        shares[2 * row] = row < 20 || row >= 40;
        shares[2 * row + 1] = 1 - shares[2 * row];
    }
    struct splice splice = {.dataset = &dataset,
                            .regimes = regimes,
                            .regime_count = 2,
                            .shares = shares,
                            .rows = 60,
                            .series = 1};
    if (!splice_make(&splice, &arena, &split, &error))
        fail_msg("%s", error.text);
    const struct series *series = &split.series[0];
    for (int row = 0; row < 60; row++) {
        int own = row < 20 ? row : row < 40 ? 1000 + row - 20 : row - 20;
        assert_true(series->x[row] == (real)own && series->present[row] == 1);
        assert_true(row == 0 || series->time[row] == series->time[row - 1] + 2);
        /* What comes after the stretch is not known. */
        for (int h = 0; h < 2; h++)
            if (row % 20 + h + 1 < 20)
                assert_true(series->y[2 * row + h] == (real)(own + h + 1));
            else
                assert_true(isnan(series->y[2 * row + h]));
    }
    splice.rows = 120;
    double *longer = ARENA_NEW(&arena, double, 240);
    for (int row = 0; row < 120; row++)
        longer[2 * row] = 1;
    splice.shares = longer;
    assert_false(splice_make(&splice, &arena, &split, &error));
    assert_non_null(strstr(error.text, "regime 1 has 50 rows"));
    arena_free(&arena);
}

/* On the way blocks of a window come from either regime, more and more from the new one. */
static void a_gradual_change_mixes_blocks_of_both_regimes(void **state) {
    (void)state;
    struct arena arena = {0};
    struct dataset dataset;
    struct task_options task;
    struct split regimes[REGIMES], split;
    struct error error;
    double shares[2 * 60];
    make_regimes(&dataset, &task, 2, regimes, &arena);
    for (int row = 0; row < 60; row++) {
        shares[2 * row + 1] = row < 10 ? 0 : row >= 50 ? 1 : (row - 9.5) / 40;
        shares[2 * row] = 1 - shares[2 * row + 1];
    }
    struct splice splice = {.dataset = &dataset,
                            .regimes = regimes,
                            .regime_count = 2,
                            .shares = shares,
                            .rows = 60,
                            .series = 1};
    if (!splice_make(&splice, &arena, &split, &error))
        fail_msg("%s", error.text);
    int early = 0, late = 0, before = 0, after = 0;
    for (int row = 0; row < 60; row++) {
        bool new = split.series[0].x[row] >= 1000;
        before += new &&row < 10;
        early += new &&row >= 10 && row < 30;
        late += new &&row >= 30 && row < 50;
        after += new &&row >= 50;
    }
    assert_true(before == 0 && after == 10 && early < late && early + late > 8 &&
                early + late < 32);
    arena_free(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(recovery_takes_as_long_as_the_error_stays_up),
        cmocka_unit_test(smoothing_looks_ahead_and_waits_for_the_last_high_row),
        cmocka_unit_test(never_counts_as_the_whole_visit),
        cmocka_unit_test(means_leave_out_the_warm_up_and_what_is_not_scored),
        cmocka_unit_test(fading_weighs_by_age),
        cmocka_unit_test(a_change_leaves_the_rows_before_it),
        cmocka_unit_test(an_oscillator_goes_on_through_a_change),
        cmocka_unit_test(a_spliced_stream_goes_on_where_a_regime_left_off),
        cmocka_unit_test(a_gradual_change_mixes_blocks_of_both_regimes),
    };
    return cmocka_run_group_tests_name("streams", tests, NULL, NULL);
}
