/* How rows become series, and what a series knows of its own past. */
#include "data/pipeline/batch.h"

#include "evaluate/score.h"
#include "model/baseline.h"
#include "support/folder_fixture.h"
#include "support/loading.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void load_here(struct loaded *loaded, const char *dataset, const char *task) {
    load(loaded, dataset, task, folder.path);
    if (!loaded->good)
        fail_msg("%s", loaded->error.text);
}

/* A file of `rows` rows: `print` writes row number `row` to `end` and returns its length. */
static void write_rows(const char *name, const char *header, int rows,
                       int (*print)(char *end, int row)) {
    char *text = malloc((size_t)rows * 80 + 80), *end = text + sprintf(text, "%s\n", header);
    for (int row = 0; row < rows; row++)
        end += print(end, row);
    folder_write(&folder, name, text);
    free(text);
}

static bool has_note(const struct dataset *dataset, const char *text) {
    for (size_t i = 0; i < dataset->notes.count; i++)
        if (strstr(dataset->notes.items[i].what, text) != NULL)
            return true;
    return false;
}

static double value_at(const struct dataset *dataset, const struct series *series, int row,
                       int input) {
    struct scaling scaling = series_scaling(dataset, series);
    return (double)series->x[row * dataset->inputs + input] * scaling.input_scale[input] +
           scaling.input_offset[input];
}

/* --- groups and order ------------------------------------------------------------------------ */

static int turns(char *end, int row) { /* three series, row by row in turn; series k has k, 3 + k */
    return sprintf(end, "%c,%d,%d\n", "bca"[row % 3], row / 3, row);
}

static void groups_row_by_row_in_turn_are_joined(void **state) {
    (void)state;
    write_rows("turns.csv", "id,t,y", 90, turns);
    struct loaded l;
    load_here(&l, "{\"csv\": \"turns.csv\", \"group\": \"id\", \"time\": \"t\"}",
              "{\"window\": 2}");
    const struct dataset *d = &l.dataset;
    assert_int_equal(d->train.series_count, 3);
    assert_string_equal(d->train.series[0].name, "turns.csv b");
    assert_string_equal(d->train.series[2].name, "turns.csv a");
    assert_int_equal(d->train.series[1].rows, 21);
    assert_float_equal(value_at(d, &d->train.series[2], 20, 0), 62, 1e-4);
    assert_true(d->test.series[2].time[0] == 26);
    assert_true(has_note(d, "first in row 4"));
    unload(&l);
}

static int descending(char *end, int row) { /* the newest first; two series, one after the other */
    return sprintf(end, "%d,2020-01-%02d,%d\n", row / 30, 30 - row % 30,
                   100 * (row / 30) - row % 30);
}

static void rows_are_sorted_by_time_on_request_alone(void **state) {
    (void)state;
    write_rows("newest.csv", "id,day,y", 60, descending);
    assert_load_fails("{\"csv\": \"newest.csv\", \"group\": \"id\", \"time\": \"day\"}",
                      "{\"window\": 2}", folder.path, "row 2", "\"order\": \"sort\"", NULL);
    assert_load_fails("{\"csv\": \"newest.csv\", \"order\": \"sort\"}", "{\"window\": 2}",
                      folder.path, "dataset.time", NULL);
    assert_load_fails("{\"csv\": \"newest.csv\", \"order\": \"sorted\"}", "{\"window\": 2}",
                      folder.path, "dataset.order", NULL);
    struct loaded l;
    load_here(
        &l, "{\"csv\": \"newest.csv\", \"group\": \"id\", \"time\": \"day\", \"order\": \"sort\"}",
        "{\"window\": 2}");
    const struct dataset *d = &l.dataset;
    assert_int_equal(d->train.series_count, 2);
    assert_float_equal(value_at(d, &d->train.series[0], 0, 0), -29, 1e-4);
    assert_float_equal(value_at(d, &d->test.series[1], d->test.series[1].rows - 1, 0), 100, 1e-4);
    unload(&l);
}

static void equal_times_of_a_series_name_the_row_of_the_file(void **state) {
    (void)state;
    folder_write(&folder, "twice.csv", "id,t,y\na,1,1\nb,1,1\na,2,1\nb,2,1\na,2,1\n");
    assert_load_fails("{\"csv\": \"twice.csv\", \"group\": \"id\", \"time\": \"t\"}",
                      "{\"window\": 1}", folder.path, "row 5", "equals", NULL);
    assert_load_fails("{\"csv\": \"twice.csv\", \"group\": \"id\", \"time\": \"t\", "
                      "\"order\": \"sort\"}",
                      "{\"window\": 1}", folder.path, "row 5", "equals", NULL);
}

static int holey(char *end, int row) {
    return sprintf(end, "%s,%d\n", row % 3 ? "" : "x", row);
}

static void rows_without_a_group_are_one_series(void **state) {
    (void)state;
    write_rows("holey.csv", "id,y", 60, holey);
    struct loaded l;
    load_here(&l, "{\"csv\": \"holey.csv\", \"group\": \"id\"}", "{\"window\": 2}");
    assert_int_equal(l.dataset.train.series_count, 2);
    assert_string_equal(l.dataset.train.series[1].name, "holey.csv missing");
    assert_int_equal(l.dataset.train.series[1].rows, 28);
    unload(&l);
}

/* --- the past of a series -------------------------------------------------------------------- */

static int season(char *end, int row) { /* a period of 40, longer than the test */
    return sprintf(end, "%d\n", (row * row) % 40 * 3 - row % 40);
}

static double baseline_mse(const struct dataset *dataset, const char *name, struct arena *arena) {
    struct baseline baseline = {.type = baseline_find(name), .dataset = dataset};
    struct error error;
    double sum = 0;
    size_t count = 0;
    assert_true(baseline.type->fit(&baseline, arena, &error));
    struct batch batch = batch_new(dataset, 7, arena);
    real *out = ARENA_NEW(arena, real, dataset->window * 7 * dataset->outputs);
    for (size_t first = 0; first < dataset->test.window_count; first += 7) {
        size_t left = dataset->test.window_count - first;
        batch_fill(&batch, dataset, &dataset->test, NULL, first, left < 7 ? (int)left : 7);
        baseline.type->predict(&baseline, &batch, out);
        for (int i = 0; i < batch.steps * batch.size * dataset->width; i++)
            if (!isnan(batch.y[i])) {
                sum += ((double)out[i] - batch.y[i]) * ((double)out[i] - batch.y[i]);
                count++;
            }
    }
    return sum / (double)count;
}

static void seasonal_baseline_looks_back_across_the_border(void **state) {
    (void)state;
    write_rows("season.csv", "y", 200, season);
    static const char *const datasets[] = {
        "{\"csv\": \"season.csv\", \"period\": 40}",
        "{\"csv\": \"season.csv\", \"period\": 40, \"scale\": \"series\"}",
        "{\"csv\": \"season.csv\", \"period\": 40, \"split\": {\"context\": true}}",
        "{\"csv\": \"season.csv\", \"period\": 40, \"split\": {\"train\": 0.15, \"valid\": 0.15, "
        "\"test\": 0.7}}", /* no training row has one a season before it */
        "{\"csv\": \"season.csv\", \"period\": 40, \"split\": {\"train\": 0.5, \"valid\": 0.1, "
        "\"test\": 0.3}}",
    };
    for (size_t i = 0; i < sizeof datasets / sizeof *datasets; i++) {
        struct loaded l;
        load_here(&l, datasets[i], "{\"window\": 6, \"horizon\": 3}");
        assert_float_equal(baseline_mse(&l.dataset, "seasonal", &l.arena), 0, 1e-10);
        unload(&l);
    }
}

static int sparse(char *end, int row) { /* b is observed once, in row 50 */
    return row == 50 ? sprintf(end, "%d,7\n", row)
                     : sprintf(end, "%d,%s\n", row, row > 90 ? "7" : "");
}

static void persistence_repeats_what_the_series_showed_before_the_split(void **state) {
    (void)state;
    write_rows("sparse.csv", "a,b", 100, sparse);
    struct loaded l;
    load_here(&l,
              "{\"csv\": \"sparse.csv\", \"missing\": \"mask\", \"targets\": \"b\", "
              "\"split\": {\"train\": 0.6, \"valid\": 0.35, \"test\": 0.05}, \"scale\": \"none\"}",
              "{\"window\": 1}");
    assert_float_equal(baseline_mse(&l.dataset, "persistence", &l.arena), 0, 0);
    unload(&l);
}

/* --- context --------------------------------------------------------------------------------- */

static int count(char *end, int row) {
    return sprintf(end, "%d,%d,%d\n", row, row % 7, row % 2);
}

static void context_makes_every_row_of_a_split_a_target(void **state) {
    (void)state;
    write_rows("count.csv", "a,b,c", 200, count);
    static const char dataset[] =
        "{\"csv\": \"count.csv\", \"inputs\": \"a\", %s \"scale\": \"none\", \"split\": "
        "{\"train\": 0.5, \"valid\": 0.25, \"test\": 0.25, \"context\": true}}";
    char text[256];
    struct loaded l;
    /* the protocol of the ETT benchmarks: a window for each of the split's rows as first target */
    snprintf(text, sizeof text, dataset, "");
    load_here(&l, text, "{\"window\": 24, \"horizon\": 8, \"at\": \"last\"}");
    assert_int_equal(l.dataset.train.window_count, 100 - 24 - 8 + 1);
    assert_int_equal(l.dataset.valid.window_count, 50 - 8 + 1);
    assert_int_equal(l.dataset.test.window_count, 50 - 8 + 1);
    struct batch batch = batch_new(&l.dataset, 1, &l.arena);
    batch_fill(&batch, &l.dataset, &l.dataset.test, NULL, 0, 1);
    assert_true(batch.x[0] == 126 && batch.x[23] == 149);
    assert_true(batch.y[23 * 8] == 150 && batch.y[23 * 8 + 7] == 157);
    unload(&l);
    /* at every step: what lies before the border is seen, not scored */
    load_here(&l, text, "{\"window\": 24}");
    const struct series *test = &l.dataset.test.series[0];
    assert_int_equal(test->rows, 50 + 24);
    assert_int_equal(test->history.rows, 126);
    assert_true(isnan(test->y[22]) && test->y[23] == 150 && test->x[23] == 149);
    unload(&l);
    /* the same step: the last window's first row is one later */
    snprintf(text, sizeof text, dataset, "\"targets\": \"b\",");
    load_here(&l, text, "{\"window\": 24, \"type\": \"regression\", \"at\": \"last\"}");
    assert_int_equal(l.dataset.test.window_count, 50);
    assert_int_equal(l.dataset.test.series[0].rows, 50 + 23);
    assert_true(l.dataset.test.series[0].y[23] == 150 % 7 && isnan(l.dataset.test.series[0].y[22]));
    unload(&l);
    assert_load_fails(text, "{\"window\": 0, \"type\": \"regression\"}", folder.path, "task.window",
                      NULL);
    assert_load_fails(
        "{\"csv\": \"count.csv\", \"split\": {\"method\": \"random\", \"context\": true}}",
        "{\"window\": 4}", folder.path, "dataset.split.context", NULL);
}

static void context_of_dropped_rows_counts_those_that_are_left(void **state) {
    (void)state;
    write_rows("count.csv", "a,b,c", 400, count);
    struct loaded l;
    load_here(&l,
              "{\"csv\": \"count.csv\", \"inputs\": \"a\", \"scale\": \"none\", \"drop\": 0.3, "
              "\"split\": {\"context\": true}}",
              "{\"window\": 10}");
    const struct dataset *d = &l.dataset;
    const struct series *test = &d->test.series[0];
    int own = 0;
    for (int row = 0; row < test->rows; row++)
        own += test->x[row] >= 340;
    assert_int_equal(test->rows - own, 10);
    assert_true(test->history.x[test->history.rows - 1] < test->x[0]);
    for (int row = 0; row < test->rows; row++) /* the truth stays that of the row which came next */
        assert_true(isnan(test->y[row]) ? test->x[row] < 339 : test->y[row] == test->x[row] + 1);
    unload(&l);
}

static void dropped_rows_deduct_the_horizon_once(void **state) {
    (void)state;
    write_rows("count.csv", "a,b,c", 400, count);
    struct loaded l;
    load_here(&l, "{\"csv\": \"count.csv\", \"inputs\": \"a\", \"drop\": 0.3}",
              "{\"window\": 10, \"horizon\": 5}");
    const struct split *train = &l.dataset.train;
    int rows = train->series[0].rows, width = l.dataset.width;
    const struct window *last = &train->windows[train->window_count - 1];
    assert_int_equal(train->window_count, rows - 10 + 1);
    assert_int_equal(last->start + last->length, rows);
    for (int k = 0; k < width; k++)
        assert_false(isnan(train->series[0].y[(rows - 1) * width + k]));
    unload(&l);
}

/* --- scales ---------------------------------------------------------------------------------- */

static int two_sizes(char *end,
                     int row) { /* a around 1000, b around 1, c constant but for rounding */
    int k = row / 100, t = row % 100;
    const char *flat = t % 2 ? "0.30000000000000004" : "0.3";
    if (k == 2)
        return sprintf(end, "c,%s,5\n", flat);
    return sprintf(end, "%c,%d,%d\n", "ab"[k], (k == 0 ? 1000 : 1) * (1 + t % 4), 10 * t + k);
}

static void every_series_can_have_its_own_scale(void **state) {
    (void)state;
    write_rows("sizes.csv", "id,y,z", 300, two_sizes);
    struct loaded l;
    load_here(
        &l, "{\"csv\": \"sizes.csv\", \"group\": \"id\", \"inputs\": \"y\", \"scale\": \"series\"}",
        "{\"window\": 4}");
    const struct dataset *d = &l.dataset;
    for (int k = 0; k < 3; k++) {
        const struct series *train = &d->train.series[k], *test = &d->test.series[k];
        double sum = 0, square = 0;
        for (int row = 0; row < train->rows; row++) {
            sum += (double)train->x[row];
            square += (double)train->x[row] * (double)train->x[row];
        }
        assert_float_equal((sum / train->rows), 0, 1e-6);
        assert_float_equal((square / train->rows), k < 2, 1e-6);
        assert_ptr_equal(train->scaling, test->scaling);
        assert_true(test->scaling->target_scale[0] == test->scaling->input_scale[0]);
    }
    assert_float_equal(value_at(d, &d->test.series[0], 0, 0), 1000 * (1 + 85 % 4), 1e-2);
    assert_float_equal(d->input_std[0], sqrt(2 / 3.0), 1e-9);
    assert_float_equal(d->input_mean[0], 0, 0);
    unload(&l);
}

static void a_target_that_is_no_input_keeps_the_scale_of_all_series(void **state) {
    (void)state;
    write_rows("sizes.csv", "id,y,z", 300, two_sizes);
    struct loaded l;
    load_here(&l,
              "{\"csv\": \"sizes.csv\", \"group\": \"id\", \"inputs\": \"y\", \"targets\": \"z\", "
              "\"scale\": \"series\"}",
              "{\"window\": 4, \"type\": \"regression\"}");
    for (int k = 0; k < 3; k++)
        assert_true(l.dataset.train.series[k].scaling->target_scale[0] ==
                    l.dataset.target_scale[0]);
    unload(&l);
}

static int ramp(char *end, int row) {
    return sprintf(end, "%d\n", 5 * row);
}

static void a_series_without_training_rows_is_scaled_by_its_first_window(void **state) {
    (void)state;
    write_rows("one.csv", "y", 60, season);
    write_rows("two.csv", "y", 61, season);
    write_rows("new.csv", "y", 60, ramp);
    struct loaded l;
    load_here(&l,
              "{\"scale\": \"series\", \"split\": {\"method\": \"files\", \"train\": \"one.csv\", "
              "\"valid\": \"two.csv\", \"test\": \"new.csv\"}}",
              "{\"window\": 10}");
    const struct series *test = &l.dataset.test.series[0];
    assert_null(test->fit);
    assert_float_equal(test->scaling->input_offset[0], 22.5, 1e-9); /* of 0, 5, ... 45 */
    assert_float_equal(test->scaling->input_scale[0], 5 * sqrt(99 / 12.0), 1e-9);
    for (int row = 0; row < 59; row++) /* nothing is scored that the scale was not known for */
        assert_true(isnan(test->y[row]) == (row < 9));
    unload(&l);
}

/* --- MASE ------------------------------------------------------------------------------------ */

static void predict_last(void *model, const struct batch *batch, real *out) {
    (void)model;
    for (int i = 0; i < batch->steps * batch->size; i++)
        out[i] = batch->x[i];
}

static double repeat_mase(const struct dataset *dataset, bool data_units, struct arena *arena) {
    struct predictor predictor = {.batch = 8, .predict = predict_last};
    struct predictions predictions =
        predict_split(&predictor, dataset, &dataset->test, data_units, arena);
    const struct metric_type *mase = metric_find("mase");
    double value;
    score_predictions(&predictions, &mase, 1, &value);
    return value;
}

static void mase_scales_every_series_by_its_own_naive_error(void **state) {
    (void)state;
    write_rows("sizes.csv", "id,y,z", 300, two_sizes);
    static const char *const scales[] = {"standard", "series", "none", "minmax"};
    for (size_t i = 0; i < 4; i++) {
        struct loaded l;
        char text[256];
        snprintf(
            text, sizeof text,
            "{\"csv\": \"sizes.csv\", \"group\": \"id\", \"inputs\": \"y\", \"scale\": \"%s\"}",
            scales[i]);
        load_here(&l, text, "{\"window\": 1}");
        /* 1 1 1 -3: the mean difference of 70 training rows is (52 * 1 + 17 * 3) / 69 (rows 1 .. 69
         * of which 17 come from 4 to 1); the 14 of the test's rows 86 .. 99 have 4 such (88, 92,
         * 96) = 3; c has no naive error and is left out */
        double naive = (52 * 1 + 17 * 3) / 69.0, error = (11 * 1 + 3 * 3) / 14.0;
        assert_float_equal(repeat_mase(&l.dataset, true, &l.arena), error / naive, 1e-3);
        assert_float_equal(repeat_mase(&l.dataset, false, &l.arena), error / naive, 1e-3);
        assert_true(isnan(l.dataset.fits[2].naive_error[0]));
        unload(&l);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(groups_row_by_row_in_turn_are_joined),
        cmocka_unit_test(rows_are_sorted_by_time_on_request_alone),
        cmocka_unit_test(equal_times_of_a_series_name_the_row_of_the_file),
        cmocka_unit_test(rows_without_a_group_are_one_series),
        cmocka_unit_test(seasonal_baseline_looks_back_across_the_border),
        cmocka_unit_test(persistence_repeats_what_the_series_showed_before_the_split),
        cmocka_unit_test(context_makes_every_row_of_a_split_a_target),
        cmocka_unit_test(context_of_dropped_rows_counts_those_that_are_left),
        cmocka_unit_test(dropped_rows_deduct_the_horizon_once),
        cmocka_unit_test(every_series_can_have_its_own_scale),
        cmocka_unit_test(a_target_that_is_no_input_keeps_the_scale_of_all_series),
        cmocka_unit_test(a_series_without_training_rows_is_scaled_by_its_first_window),
        cmocka_unit_test(mase_scales_every_series_by_its_own_naive_error),
    };
    return cmocka_run_group_tests_name("series", tests, make_folder, remove_folder);
}
