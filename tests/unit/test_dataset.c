#include "data/pipeline/dataset.h"

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

static void write_file(const char *name, const char *text) {
    folder_write(&folder, name, text);
}

/* A file of rows "t,a,b": t = 0, 1, ..., a = first + t, b = -a. */
static void write_ramp(const char *name, int rows, int first) {
    char *text = malloc((size_t)rows * 48 + 16), *end = text + sprintf(text, "t,a,b\n");
    for (int row = 0; row < rows; row++)
        end += sprintf(end, "%d,%d,%d\n", row, first + row, -first - row);
    write_file(name, text);
    free(text);
}

static void load_here(struct loaded *loaded, const char *dataset, const char *task) {
    load(loaded, dataset, task, folder.path);
    if (!loaded->good)
        fail_msg("%s", loaded->error.text);
}

static double unscaled(const struct dataset *dataset, const struct series *series, int row,
                       int input) {
    return series->x[row * dataset->inputs + input] * dataset->input_scale[input] +
           dataset->input_offset[input];
}

static void chronological_split_keeps_order_and_shares(void **state) {
    (void)state;
    write_ramp("ramp.csv", 100, 0);
    struct loaded l;
    load_here(&l,
              "{\"csv\": \"ramp.csv\", \"inputs\": [\"a\"], "
              "\"split\": {\"train\": 0.7, \"valid\": 0.1, \"test\": 0.2}}",
              "{\"window\": 5}");
    const struct dataset *d = &l.dataset;
    assert_int_equal(d->train.series[0].rows, 70);
    assert_int_equal(d->valid.series[0].rows, 10);
    assert_int_equal(d->test.series[0].rows, 20);
    assert_float_equal(unscaled(d, &d->valid.series[0], 0, 0), 70, 1e-4);
    assert_float_equal(unscaled(d, &d->test.series[0], 19, 0), 99, 1e-4);
    unload(&l);
}

static void forecast_truth_ends_at_the_border_of_its_split(void **state) {
    (void)state;
    write_ramp("ramp.csv", 100, 0);
    struct loaded l;
    load_here(&l, "{\"csv\": \"ramp.csv\", \"inputs\": [\"a\", \"b\"], \"scale\": \"none\"}",
              "{\"window\": 5, \"horizon\": 2}");
    const struct dataset *d = &l.dataset;
    const struct series *train = &d->train.series[0];
    assert_int_equal(d->width, 4);
    assert_int_equal(d->outputs, 4);
    for (int row = 0; row < train->rows; row++) {
        for (int h = 0; h < 2; h++) {
            real a = train->y[row * 4 + h * 2], b = train->y[row * 4 + h * 2 + 1];
            if (row + h + 1 < train->rows)
                assert_true(a == (real)(row + h + 1) && b == -a);
            else
                assert_true(isnan(a) && isnan(b));
        }
    }
    unload(&l);
}

static void scaling_is_fitted_on_training_rows_alone(void **state) {
    (void)state;
    write_ramp("ramp.csv", 100, 0);
    struct loaded l;
    static const char options[] = "{\"csv\": \"ramp.csv\", \"inputs\": [\"a\"], \"scale\": \"%s\", "
                                  "\"split\": {\"valid\": 0.25, \"test\": 0.25}}";
    char text[256];
    snprintf(text, sizeof text, options, "standard");
    load_here(&l, text, "{\"window\": 5}");
    assert_float_equal(l.dataset.input_offset[0], 24.5, 1e-12);
    assert_float_equal(l.dataset.input_scale[0], sqrt((50 * 50 - 1) / 12.0), 1e-12);
    assert_float_equal(l.dataset.input_std[0], 1, 1e-12);
    assert_float_equal(l.dataset.target_offset[0], 24.5, 1e-12);
    assert_int_equal(l.dataset.target_input[0], 0);
    unload(&l);
    snprintf(text, sizeof text, options, "minmax");
    load_here(&l, text, "{\"window\": 5}");
    assert_float_equal(l.dataset.train.series[0].x[0], 0, 1e-6);
    assert_float_equal(l.dataset.train.series[0].x[49], 1, 1e-6);
    assert_float_equal(l.dataset.valid.series[0].x[0], 50 / 49.0, 1e-6);
    unload(&l);
    snprintf(text, sizeof text, options, "none");
    load_here(&l, text, "{\"window\": 5}");
    assert_float_equal(l.dataset.test.series[0].x[0], 75, 0);
    assert_float_equal(l.dataset.input_std[0], sqrt((50 * 50 - 1) / 12.0), 1e-9);
    unload(&l);
}

static void constant_columns_are_only_shifted(void **state) {
    (void)state;
    write_file("flat.csv", "a,b\n1,7\n2,7\n3,7\n4,7\n5,7\n6,7\n7,7\n8,7\n9,7\n10,7\n");
    struct loaded l;
    load_here(&l, "{\"csv\": \"flat.csv\", \"split\": {\"valid\": 0.3, \"test\": 0.3}}",
              "{\"window\": 2}");
    assert_true(l.dataset.input_scale[1] == 1 && l.dataset.input_offset[1] == 7);
    assert_true(l.dataset.train.series[0].x[1] == 0);
    unload(&l);
}

/* Rows of `first` and `second` in turn. */
static void write_turns(const char *name, int rows, const char *first, const char *second) {
    char *text = malloc((size_t)rows * 32 + 16), *end = text + sprintf(text, "a\n");
    for (int row = 0; row < rows; row++)
        end += sprintf(end, "%s\n", row % 2 ? second : first);
    write_file(name, text);
    free(text);
}

static void columns_that_are_constant_but_for_rounding_are_only_shifted(void **state) {
    (void)state;
    static const char *const scales[] = {"standard", "global", "minmax"};
    static const struct {
        const char *first, *second;
        bool constant;
    } columns[] = {
        {"0.3", "0.30000000000000004", true},
        {"1e8", "100000000.00000003", true},
        {"-7e-12", "-7.000000000000001e-12", true},
        {"1e12", "1000000000002", false},
        {"100000001", "99999999", false},
        {"0", "1e-30", false},
        {"0.3", "0.3000001", false},
        {"5", "5", true},
    };
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        for (size_t k = 0; k < 3; k++) {
            write_turns("turns.csv", 2000, columns[i].first, columns[i].second);
            char text[128];
            snprintf(text, sizeof text, "{\"csv\": \"turns.csv\", \"scale\": \"%s\"}", scales[k]);
            struct loaded l;
            load_here(&l, text, "{\"window\": 2}");
            double apart = fabs(strtod(columns[i].second, NULL) - strtod(columns[i].first, NULL));
            double scale = columns[i].constant ? 1 : k == 2 ? apart : apart / 2;
            assert_float_equal((l.dataset.input_scale[0] / scale), 1, 1e-6);
            assert_float_equal((l.dataset.target_scale[0] / scale), 1, 1e-6);
            assert_true(isnan(l.dataset.naive_error[0]) == columns[i].constant);
            unload(&l);
        }
}

static void global_scale_of_large_values_does_not_cancel(void **state) {
    (void)state;
    static const double sizes[] = {0, 1e8, -1e8, 1e12};
    for (size_t i = 0; i < 4; i++) {
        char *text = malloc(200000), *end = text + sprintf(text, "a,b\n");
        for (int row = 0; row < 2000; row++)
            end += sprintf(end, "%.17g,%.17g\n", sizes[i] + row % 2 * 2, sizes[i] + row % 5);
        write_file("large.csv", text);
        free(text);
        struct loaded l;
        load_here(&l, "{\"csv\": \"large.csv\", \"scale\": \"global\"}", "{\"window\": 2}");
        /* a has mean 1 and variance 1, b mean 2 and variance 2: together 1.5 and 1.75 */
        assert_float_equal(l.dataset.input_scale[0], sqrt(1.75), 1e-3);
        assert_float_equal((l.dataset.input_offset[0] - sizes[i]), 1.5, 1e-3);
        unload(&l);
    }
}

static void one_training_row_is_only_shifted(void **state) {
    (void)state;
    write_file("few.csv", "a,b\n3,1\n4,2\n5,3\n6,4\n");
    struct loaded l;
    load_here(&l,
              "{\"csv\": \"few.csv\", \"inputs\": \"a\", \"targets\": \"b\", "
              "\"split\": {\"train\": 0.25, \"valid\": 0.25, \"test\": 0.5}}",
              "{\"type\": \"regression\", \"window\": 1}");
    assert_true(l.dataset.input_scale[0] == 1 && l.dataset.input_offset[0] == 3);
    assert_true(isnan(l.dataset.naive_error[0]));
    unload(&l);
}

static void every_csv_file_is_a_series_and_patterns_are_sorted(void **state) {
    (void)state;
    write_ramp("run-2.csv", 40, 200);
    write_ramp("run-1.csv", 40, 100);
    write_ramp("run-3.csv", 40, 300);
    struct loaded l;
    load_here(&l, "{\"csv\": [\"run-*.csv\", \"run-1.csv\"], \"inputs\": [\"a\"]}",
              "{\"window\": 3}");
    assert_int_equal(l.dataset.file_count, 3);
    assert_int_equal(l.dataset.train.series_count, 3);
    assert_string_equal(l.dataset.train.series[0].name, "run-1.csv");
    assert_float_equal(unscaled(&l.dataset, &l.dataset.train.series[2], 0, 0), 300, 1e-3);
    assert_int_equal(strlen(l.dataset.files[0].sha256), 64);
    unload(&l);
}

static void rows_of_one_group_are_one_series(void **state) {
    (void)state;
    char text[4096] = "who,a\n", *end = text + strlen(text);
    for (int row = 0; row < 60; row++)
        end += sprintf(end, "%s,%d\n", row < 20 ? "ann" : row < 40 ? "bob" : "ann", row);
    write_file("groups.csv", text);
    struct loaded l;
    load_here(&l, "{\"csv\": \"groups.csv\", \"group\": \"who\"}", "{\"window\": 2}");
    assert_int_equal(l.dataset.inputs, 1);
    assert_int_equal(l.dataset.train.series_count, 2);
    assert_string_equal(l.dataset.train.series[1].name, "groups.csv bob");
    assert_float_equal(unscaled(&l.dataset, &l.dataset.train.series[0], 19, 0), 19, 1e-3);
    assert_float_equal(unscaled(&l.dataset, &l.dataset.train.series[0], 20, 0), 40, 1e-3);
    assert_int_equal(l.dataset.notes.count, 1);
    assert_non_null(strstr(l.dataset.notes.items[0].what, "first in row 41"));
    unload(&l);
}

static void split_by_files_takes_lists_of_patterns(void **state) {
    (void)state;
    for (int i = 0; i < 5; i++) {
        char name[16];
        snprintf(name, sizeof name, "f%d.csv", i);
        write_ramp(name, 20, 100 * i);
    }
    struct loaded l;
    load_here(
        &l,
        "{\"inputs\": [\"a\"], \"split\": {\"method\": \"files\", \"train\": [\"f[0-2].csv\"], "
        "\"valid\": \"f3.csv\", \"test\": [\"f4.csv\"]}}",
        "{\"window\": 4}");
    assert_int_equal(l.dataset.train.series_count, 3);
    assert_string_equal(l.dataset.valid.series[0].name, "f3.csv");
    assert_float_equal(unscaled(&l.dataset, &l.dataset.test.series[0], 0, 0), 400, 1e-2);
    unload(&l);
}

static void split_by_files_takes_shares_in_numpys_order(void **state) {
    (void)state;
    for (int i = 0; i < 20; i++) {
        char name[16];
        snprintf(name, sizeof name, "s%02d.csv", i);
        write_ramp(name, 20, 100 * i);
    }
    struct loaded l;
    load_here(&l,
              "{\"csv\": \"s*.csv\", \"inputs\": [\"a\"], \"split\": {\"method\": \"files\", "
              "\"test\": 0.15, \"valid\": 0.1, \"seed\": 125487}}",
              "{\"window\": 4}");
    /* RandomState(125487).permutation(20) begins 7 5 8 12 2: three for the test, two to validate */
    assert_int_equal(l.dataset.test.series_count, 3);
    assert_string_equal(l.dataset.test.series[0].name, "s05.csv");
    assert_string_equal(l.dataset.test.series[1].name, "s07.csv");
    assert_string_equal(l.dataset.test.series[2].name, "s08.csv");
    assert_string_equal(l.dataset.valid.series[0].name, "s02.csv");
    assert_string_equal(l.dataset.valid.series[1].name, "s12.csv");
    assert_int_equal(l.dataset.train.series_count, 15);
    unload(&l);
}

static void random_split_draws_windows_as_numpy_does(void **state) {
    (void)state;
    write_ramp("ramp.csv", 43, 0);
    struct loaded l;
    load_here(
        &l,
        "{\"csv\": \"ramp.csv\", \"inputs\": [\"a\"], \"targets\": [\"b\"], "
        "\"split\": {\"method\": \"random\", \"valid\": 0.1, \"test\": 0.15, \"seed\": 893429}}",
        "{\"type\": \"regression\", \"window\": 4, \"stride\": 2}");
    /* 20 windows; RandomState(893429).permutation(20) begins 14 19 | 4 9 7 | 18 10 ... */
    const struct dataset *d = &l.dataset;
    assert_int_equal(d->valid.window_count, 2);
    assert_int_equal(d->test.window_count, 3);
    assert_int_equal(d->train.window_count, 15);
    assert_int_equal(d->valid.windows[0].start, 28);
    assert_int_equal(d->valid.windows[1].start, 38);
    assert_int_equal(d->test.windows[0].start, 8);
    assert_int_equal(d->train.windows[0].start, 36);
    unload(&l);
}

static void random_split_scales_by_rows_that_training_windows_cover(void **state) {
    (void)state;
    write_ramp("ramp.csv", 40, 0);
    struct loaded l;
    load_here(&l,
              "{\"csv\": \"ramp.csv\", \"inputs\": [\"a\"], \"targets\": [\"b\"], "
              "\"split\": {\"method\": \"random\", \"valid\": 0.2, \"test\": 0.2, \"seed\": 1}}",
              "{\"type\": \"regression\", \"window\": 4, \"stride\": 4}");
    double sum = 0;
    for (size_t i = 0; i < l.dataset.train.window_count; i++)
        for (int row = 0; row < 4; row++)
            sum += l.dataset.train.windows[i].start + row;
    assert_int_equal(l.dataset.train.window_count, 6);
    assert_float_equal(l.dataset.input_offset[0], sum / 24, 1e-9);
    unload(&l);
}

static void share_of_validation_beside_files_is_drawn_from_training_windows(void **state) {
    (void)state;
    write_ramp("ramp.csv", 43, 0);
    write_ramp("other.csv", 20, 0);
    struct loaded l;
    load_here(&l,
              "{\"inputs\": [\"a\"], \"targets\": [\"b\"], \"split\": {\"method\": \"files\", "
              "\"train\": [\"ramp.csv\"], \"test\": [\"other.csv\"], \"valid\": 0.1, "
              "\"seed\": 893429}}",
              "{\"type\": \"regression\", \"window\": 4, \"stride\": 2, \"test_stride\": 4}");
    assert_int_equal(l.dataset.valid.window_count, 2);
    assert_int_equal(l.dataset.valid.windows[0].start, 28);
    assert_int_equal(l.dataset.train.window_count, 18);
    assert_int_equal(l.dataset.test.window_count, 5);
    assert_string_equal(l.dataset.test.series[0].name, "other.csv");
    unload(&l);
}

static const char holes[] = "a,b\n1,10\n,20\n3,\n4,40\n,\n6,60\n7,70\n8,80\n9,90\n,100\n11,110\n"
                            "12,120\n";

static void missing_values_are_an_error_by_default(void **state) {
    (void)state;
    write_file("holes.csv", holes);
    assert_load_fails("{\"csv\": \"holes.csv\"}", "{\"window\": 2}", folder.path,
                      "holes.csv: row 2 of column \"a\" is missing", "dataset.missing", NULL);
}

static void forward_fill_repeats_the_last_value_across_splits(void **state) {
    (void)state;
    write_file("holes.csv", holes);
    struct loaded l;
    load_here(&l,
              "{\"csv\": \"holes.csv\", \"missing\": \"forward\", \"scale\": \"none\", "
              "\"split\": {\"valid\": 0.25, \"test\": 0.25}}",
              "{\"window\": 2}");
    const struct dataset *d = &l.dataset;
    assert_true(d->train.series[0].x[2] == 1);          /* row 2, a */
    assert_true(d->train.series[0].x[2 * 2 + 1] == 20); /* row 3, b */
    assert_true(d->test.series[0].x[0] == 9);           /* row 10, a: from the validation rows */
    assert_true(isnan(d->train.series[0].y[0]));        /* truth is never made up */
    unload(&l);
}

static void mean_fill_takes_the_training_mean(void **state) {
    (void)state;
    write_file("holes.csv", holes);
    struct loaded l;
    load_here(&l,
              "{\"csv\": \"holes.csv\", \"missing\": \"mean\", \"scale\": \"none\", "
              "\"split\": {\"valid\": 0.25, \"test\": 0.25}}",
              "{\"window\": 2}");
    double mean = (1 + 3 + 4 + 6) / 4.0;
    assert_float_equal(l.dataset.train.series[0].x[2], mean, 1e-6);
    assert_float_equal(l.dataset.test.series[0].x[0], mean, 1e-6);
    assert_null(l.dataset.train.series[0].present);
    unload(&l);
}

static void zero_fill_takes_zero_in_the_units_of_the_data(void **state) {
    (void)state;
    write_file("holes.csv", "a,b\n10,1\n12,1\n,1\n14,1\n16,1\n18,1\n20,1\n22,1\n24,1\n26,1\n"
                            "10,1\n12,1\n13,1\n14,1\n16,1\n18,1\n20,1\n22,1\n24,1\n26,1\n");
    struct loaded l;
    load_here(&l, "{\"csv\": \"holes.csv\", \"missing\": \"zero\"}", "{\"window\": 1}");
    assert_float_equal(unscaled(&l.dataset, &l.dataset.train.series[0], 2, 0), 0, 1e-4);
    assert_true(l.dataset.input_mean[0] == 0);
    unload(&l);
}

static void global_scale_has_one_mean_and_deviation_for_all_inputs(void **state) {
    (void)state;
    write_ramp("ramp.csv", 100, 0);
    struct loaded l;
    load_here(&l,
              "{\"csv\": \"ramp.csv\", \"inputs\": [\"a\", \"b\"], \"targets\": [\"a\"], "
              "\"scale\": \"global\", \"split\": {\"train\": 0.7, \"valid\": 0.1, \"test\": 0.2}}",
              "{\"window\": 5}");
    /* a = 0 .. 69 and b = -a: together mean 0, mean square sum of k^2 / 70. */
    assert_float_equal(l.dataset.input_offset[0], 0, 1e-9);
    assert_float_equal(l.dataset.input_scale[0], sqrt(69.0 * 70 * 139 / 6 / 70), 1e-9);
    assert_true(l.dataset.input_scale[1] == l.dataset.input_scale[0]);
    assert_float_equal(l.dataset.target_offset[0], 34.5, 1e-9);
    unload(&l);
}

static void mask_adds_observed_flags_and_marks_absent_rows(void **state) {
    (void)state;
    write_file("holes.csv", holes);
    struct loaded l;
    load_here(&l,
              "{\"csv\": \"holes.csv\", \"missing\": \"mask\", "
              "\"split\": {\"valid\": 0.25, \"test\": 0.25}}",
              "{\"window\": 2}");
    const struct dataset *d = &l.dataset;
    const struct series *train = &d->train.series[0];
    assert_int_equal(d->inputs, 4);
    assert_int_equal(d->flags, 2);
    assert_int_equal(d->targets, 2);
    assert_string_equal(d->input_names[2], "a observed");
    assert_float_equal(train->x[4], 0, 1e-7);                  /* row 2, a: the mean */
    assert_true(train->x[4 + 2] == 0 && train->x[4 + 3] == 1); /* its flags */
    assert_non_null(train->present);
    assert_true(train->present[0] == 1 && train->present[1] == 1 && train->present[4] == 0);
    assert_null(d->valid.series[0].present);
    unload(&l);
}

static void classes_are_the_union_over_all_files(void **state) {
    (void)state;
    write_file("one.csv", "a,l\n1,sit\n2,run\n3,sit\n4,run\n5,sit\n6,sit\n");
    write_file("two.csv", "a,l\n1,lie\n2,run\n3,lie\n4,run\n5,run\n6,run\n");
    struct loaded l;
    load_here(&l,
              "{\"targets\": [\"l\"], \"split\": {\"method\": \"files\", \"train\": \"one.csv\", "
              "\"valid\": 0.3, \"test\": \"two.csv\"}}",
              "{\"type\": \"classification\", \"window\": 2, \"class_weights\": [1, 2, 3]}");
    const struct dataset *d = &l.dataset;
    assert_int_equal(d->outputs, 3);
    assert_int_equal(d->width, 1);
    assert_int_equal(d->inputs, 1);
    assert_string_equal(d->class_names[0], "lie");
    assert_string_equal(d->class_names[2], "sit");
    assert_true(d->train.series[0].y[0] == 2 && d->test.series[0].y[0] == 0);
    assert_true(d->target_scale[0] == 1 && d->target_offset[0] == 0);
    unload(&l);
}

static void numbers_can_be_classes_in_the_order_of_their_size(void **state) {
    (void)state;
    char text[512] = "a,l\n", *end = text + strlen(text);
    for (int row = 0; row < 30; row++)
        end += sprintf(end, "%d,%d\n", row, row % 2 ? 10 : 2);
    write_file("classes.csv", text);
    struct loaded l;
    load_here(&l, "{\"csv\": \"classes.csv\", \"targets\": [\"l\"]}",
              "{\"type\": \"classification\", \"window\": 2}");
    assert_string_equal(l.dataset.class_names[0], "2");
    assert_string_equal(l.dataset.class_names[1], "10");
    assert_true(l.dataset.train.series[0].y[1] == 1);
    unload(&l);
}

static void time_is_counted_in_median_training_steps(void **state) {
    (void)state;
    char text[2048] = "t,a\n", *end = text + strlen(text);
    double t = 1e9;
    for (int row = 0; row < 40; row++, t += row % 4 == 0 ? 30 : 10)
        end += sprintf(end, "%.0f,%d\n", t, row);
    write_file("gaps.csv", text);
    struct loaded l;
    load_here(&l, "{\"csv\": \"gaps.csv\", \"time\": \"t\"}", "{\"window\": 2}");
    const double *time = l.dataset.train.series[0].time;
    assert_true(l.dataset.time_unit == 10);
    assert_int_equal(l.dataset.inputs, 1);
    assert_float_equal(time[1] - time[0], 1, 1e-12);
    assert_float_equal(time[4] - time[3], 3, 1e-12);
    unload(&l);
    load_here(&l, "{\"csv\": \"gaps.csv\", \"time\": \"t\", \"time_unit\": 60}", "{\"window\": 2}");
    assert_float_equal(l.dataset.train.series[0].time[1], 1 / 6.0, 1e-12);
    unload(&l);
}

static void times_that_do_not_increase_are_refused_with_their_row(void **state) {
    (void)state;
    write_file("back.csv", "t,a\n1,1\n2,2\n2,3\n3,4\n");
    assert_load_fails("{\"csv\": \"back.csv\", \"time\": \"t\"}", "{\"window\": 1}", folder.path,
                      "back.csv: row 3", "equals", NULL);
    write_file("back.csv", "t,a\n2020-01-01,1\n2020-01-02,2\n2019-12-31,3\n");
    assert_load_fails("{\"csv\": \"back.csv\", \"time\": \"t\"}", "{\"window\": 1}", folder.path,
                      "row 3", "earlier", NULL);
    write_file("back.csv", "t,a\n1,1\n,2\n3,4\n");
    assert_load_fails("{\"csv\": \"back.csv\", \"time\": \"t\"}", "{\"window\": 1}", folder.path,
                      "row 2 has no time", NULL);
}

static void naive_error_is_that_of_the_season(void **state) {
    (void)state;
    char text[1024] = "a\n", *end = text + strlen(text);
    for (int row = 0; row < 40; row++)
        end += sprintf(end, "%d\n", 10 * (row % 4) + row / 4);
    write_file("season.csv", text);
    struct loaded l;
    load_here(&l, "{\"csv\": \"season.csv\", \"period\": 4}", "{\"window\": 2}");
    assert_true(l.dataset.has_period && l.dataset.period == 4);
    assert_float_equal(l.dataset.naive_error[0], 1, 1e-12);
    unload(&l);
    load_here(&l, "{\"csv\": \"season.csv\"}", "{\"window\": 2}");
    assert_true(!l.dataset.has_period && l.dataset.period == 1);
    assert_true(l.dataset.naive_error[0] > 10);
    unload(&l);
}

static void default_inputs_leave_out_time_labels_and_row_numbers(void **state) {
    (void)state;
    char text[4096] = "\"when\",\"a\",\"l\",\"b\"\n", *end = text + strlen(text);
    for (int row = 0; row < 30; row++)
        end += sprintf(end, "\"%d\",2020-01-%02d,%d,%s,%d\n", row + 1, row + 1, row,
                       row % 2 ? "x" : "y", -row);
    write_file("mixed.csv", text);
    struct loaded l;
    load_here(&l, "{\"csv\": \"mixed.csv\"}", "{\"window\": 2}");
    assert_int_equal(l.dataset.inputs, 2);
    assert_string_equal(l.dataset.input_names[0], "a");
    assert_string_equal(l.dataset.input_names[1], "b");
    unload(&l);
    load_here(&l, "{\"csv\": \"mixed.csv\", \"targets\": [\"b\"]}",
              "{\"type\": \"regression\", \"window\": 2}");
    assert_int_equal(l.dataset.inputs, 1);
    assert_int_equal(l.dataset.target_input[0], -1);
    unload(&l);
}

static void same_data_has_the_same_checksum_and_other_data_another(void **state) {
    (void)state;
    struct loaded l[3];
    load_here(&l[0], "{\"name\": \"lorenz\", \"series\": 8, \"rows\": 50}", "{}");
    load_here(&l[1], "{\"name\": \"lorenz\", \"series\": 8, \"rows\": 50}", "{\"window\": 8}");
    load_here(&l[2], "{\"name\": \"lorenz\", \"series\": 8, \"rows\": 50, \"seed\": 1}", "{}");
    assert_string_equal(l[0].dataset.sha256, l[1].dataset.sha256);
    assert_string_not_equal(l[0].dataset.sha256, l[2].dataset.sha256);
    for (int i = 0; i < 3; i++)
        unload(&l[i]);
}

static void generated_series_go_whole_into_one_split(void **state) {
    (void)state;
    struct loaded l;
    load_here(&l, "{\"generator\": \"irregular_sines\", \"series\": 20, \"rows\": 60}",
              "{\"window\": 16}");
    assert_int_equal(l.dataset.task, TASK_REGRESSION);
    assert_string_equal(l.dataset.input_names[0], "noisy");
    assert_int_equal(l.dataset.train.series_count, 14);
    assert_int_equal(l.dataset.valid.series_count, 3);
    assert_int_equal(l.dataset.test.series_count, 3);
    assert_int_equal(l.dataset.test.series[0].rows, 60);
    unload(&l);
}

static void shifted_parameters_make_other_series_in_the_same_scale(void **state) {
    (void)state;
    struct loaded l;
    load_here(&l,
              "{\"name\": \"damped_oscillator\", \"parameters\": {\"amplitude\": 1}, "
              "\"series\": 20, \"rows\": 50}",
              "{\"window\": 10, \"test_stride\": 5}");
    cJSON *parameters = cJSON_Parse("{\"damping\": 0, \"frequency\": [2, 2]}");
    struct split split;
    assert_true(dataset_load_shifted(&l.dataset, parameters, NULL, &l.arena, &split, &l.error));
    cJSON_Delete(parameters);
    assert_int_equal(split.series_count, l.dataset.test.series_count);
    assert_int_equal(split.window_count, 8 * 3);
    for (int row = 0; row < 50; row++) {
        double x = unscaled(&l.dataset, &split.series[0], row, 0);
        double v = unscaled(&l.dataset, &split.series[0], row, 1);
        assert_float_equal(x * x + v * v / 4, 1, 1e-4); /* the amplitude of training remains */
    }
    parameters = cJSON_Parse("{\"dumping\": 0}");
    assert_false(dataset_load_shifted(&l.dataset, parameters, NULL, &l.arena, &split, &l.error));
    assert_non_null(strstr(l.error.text, "did you mean \"damping\""));
    cJSON_Delete(parameters);
    assert_false(dataset_load_shifted(&l.dataset, NULL, NULL, &l.arena, &split, &l.error));
    unload(&l);
}

static void shifted_files_are_read_in_the_same_scale(void **state) {
    (void)state;
    write_ramp("ramp.csv", 60, 0);
    write_file("far.csv", "b,t,a\n-1000,0,1000\n-1001,1,1001\n-1002,2,1002\n-1003,3,1003\n");
    struct loaded l;
    load_here(&l, "{\"csv\": \"ramp.csv\", \"time\": \"t\"}", "{\"window\": 2}");
    const char *file = "far.csv";
    struct string_list files = {1, &file};
    struct split split;
    assert_true(dataset_load_shifted(&l.dataset, NULL, &files, &l.arena, &split, &l.error));
    assert_float_equal(unscaled(&l.dataset, &split.series[0], 1, 0), 1001, 1e-2);
    assert_int_equal(split.window_count, 2);
    file = "none.csv";
    assert_false(dataset_load_shifted(&l.dataset, NULL, &files, &l.arena, &split, &l.error));
    assert_non_null(strstr(l.error.text, "none.csv: no such file"));
    cJSON *parameters = cJSON_CreateObject();
    assert_false(dataset_load_shifted(&l.dataset, parameters, NULL, &l.arena, &split, &l.error));
    cJSON_Delete(parameters);
    unload(&l);
}

static void dropped_rows_leave_their_time_and_the_truth_of_the_next_row(void **state) {
    (void)state;
    struct loaded l;
    load_here(&l,
              "{\"csv\": \"ramp.csv\", \"inputs\": [\"a\"], \"scale\": \"none\", \"drop\": 0.4, "
              "\"drop_seed\": 3}",
              "{\"window\": 5}");
    assert_true(l.good);
    const struct series *series = &l.dataset.train.series[0];
    assert_true(series->rows > 10 && series->rows < 100);
    int gaps = 0;
    for (int row = 0; row < series->rows; row++) {
        double step = row == 0 ? 1 : series->time[row] - series->time[row - 1];
        gaps += step > 1;
        assert_true(step >= 1);
        assert_true(row == 0 || series->x[row] - series->x[row - 1] == (real)step);
        assert_true(series->y[row] == series->x[row] + 1);
    }
    assert_true(gaps > 3);
    unload(&l);
    assert_load_fails("{\"csv\": \"ramp.csv\", \"drop\": 0.1, \"split\": {\"method\": \"random\"}}",
                      "{}", folder.path, "dataset.drop", NULL);
}

static void unusable_options_are_refused_with_a_remedy(void **state) {
    (void)state;
    write_ramp("ramp.csv", 30, 0);
    static const char forecast[] = "{\"window\": 2}";
    static const char ramp[] = "{\"csv\": \"ramp.csv\"}";
    assert_load_fails("{}", forecast, folder.path, "needs \"csv\"", NULL);
    assert_load_fails("{\"csv\": \"rump.csv\"}", forecast, folder.path, "dataset.csv",
                      "rump.csv: no such file", NULL);
    assert_load_fails("{\"csv\": \"ramp.csv\", \"path\": \"/nowhere\"}", forecast, folder.path,
                      "dataset.path", "no folder /nowhere", "--set dataset.path", NULL);
    assert_load_fails("{\"csv\": \"ramp.csv\", \"inputs\": [\"c\"]}", forecast, folder.path,
                      "dataset.inputs", "no column \"c\"", NULL);
    assert_load_fails("{\"csv\": \"ramp.csv\", \"inputs\": [\"a\", \"a\"]}", forecast, folder.path,
                      "twice", NULL);
    assert_load_fails("{\"csv\": \"ramp.csv\", \"split\": {\"train\": 0.8, \"test\": 0.3}}",
                      forecast, folder.path, "more than 1", NULL);
    assert_load_fails("{\"csv\": \"ramp.csv\", \"split\": {\"test\": 0}}", forecast, folder.path,
                      "dataset.split.test", "between 0 and 1", NULL);
    assert_load_fails("{\"csv\": \"ramp.csv\", \"split\": {\"test\": [\"ramp.csv\"]}}", forecast,
                      folder.path, "\"method\": \"files\"", NULL);
    assert_load_fails("{\"split\": {\"method\": \"files\", \"train\": \"ramp.csv\", \"test\": "
                      "\"ramp.csv\"}}",
                      forecast, folder.path, "both \"train\" and \"test\"", NULL);
    assert_load_fails("{\"csv\": \"ramp.csv\", \"generator\": \"lorenz\"}", forecast, folder.path,
                      "both a generator and files", NULL);
    assert_load_fails("{\"csv\": \"ramp.csv\", \"parameters\": {}}", forecast, folder.path,
                      "belong to a generator", NULL);
    assert_load_fails(ramp, "{\"window\": 500}", folder.path, "training split has no window",
                      "task.window", NULL);
    assert_load_fails(ramp, "{\"type\": \"regression\"}", folder.path, "dataset.targets", NULL);
    assert_load_fails(ramp, "{\"class_weights\": [1]}", folder.path, "no classes", NULL);
    assert_load_fails("{\"csv\": \"ramp.csv\", \"targets\": [\"b\"]}",
                      "{\"type\": \"regression\", \"horizon\": 2}", folder.path, "task.horizon",
                      NULL);
    assert_load_fails("{\"csv\": \"ramp.csv\", \"targets\": [\"b\"]}",
                      "{\"type\": \"classification\", \"class_weights\": [1, 2]}", folder.path,
                      "2 weights for 30 classes", NULL);
}

static void unusable_columns_are_refused_with_a_remedy(void **state) {
    (void)state;
    static const char forecast[] = "{\"window\": 1}";
    write_file("text.csv", "a,l\n1,x\n2,y\n3,x\n4,x\n5,x\n6,x\n7,x\n");
    assert_load_fails("{\"csv\": \"text.csv\", \"inputs\": [\"l\"]}", forecast, folder.path,
                      "text.csv:2: column 2 (l): \"x\" is not a number", NULL);
    assert_load_fails("{\"csv\": \"text.csv\", \"time\": \"l\"}", forecast, folder.path,
                      "dataset.time", "\"x\" is not a time", NULL);
    write_file("text.csv", "l\nx\ny\nz\n");
    assert_load_fails("{\"csv\": \"text.csv\"}", forecast, folder.path, "no column of numbers",
                      NULL);
    write_file("text.csv", "a,l\n1,x\n2,x\n3,x\n4,x\n5,x\n6,x\n7,x\n");
    assert_load_fails("{\"csv\": \"text.csv\", \"targets\": [\"l\"]}",
                      "{\"type\": \"classification\", \"window\": 1}", folder.path, "has 1 class",
                      NULL);
    write_file("huge.csv", "a\n1\n2\n1e300\n4\n5\n6\n7\n8\n9\n");
    assert_load_fails("{\"csv\": \"huge.csv\"}", forecast, folder.path, "row 3", "too large", NULL);
    write_file("void.csv", "a,b\n1,\n2,\n3,\n4,\n5,\n6,\n7,\n8,\n9,\n10,\n11,\n12,\n13,\n14,5\n");
    assert_load_fails("{\"csv\": \"void.csv\", \"missing\": \"mean\"}", forecast, folder.path,
                      "\"b\" has no value in the training rows", NULL);
    write_file("void.csv", "a,b\n1,\n2,\n3,\n4,\n5,\n6,\n7,\n8,\n9,\n10,\n11,\n12,\n13,\n14,\n");
    assert_load_fails("{\"csv\": \"void.csv\", \"inputs\": [\"a\", \"b\"]}", forecast, folder.path,
                      "void.csv: column \"b\" is empty", NULL);
    write_file("one.csv", "a\n1\n");
    assert_load_fails("{\"csv\": \"one.csv\"}", forecast, folder.path, "has no window", NULL);
}

static void a_target_at_the_same_step_is_no_input(void **state) {
    (void)state;
    char text[4096] = "a,copy,y,two,class\n", *end = text + strlen(text);
    for (int row = 0; row < 60; row++)
        end += sprintf(end, "%d,%d,%d,2,%d\n", row % 7, row % 5, row % 5, row % 2);
    write_file("copy.csv", text);
    static const char *const refused[][2] = {
        {"\"inputs\": [\"a\", \"y\"], \"targets\": [\"y\"]", "\"type\": \"regression\""},
        {"\"inputs\": [\"a\", \"3\"], \"targets\": [\"y\"]", "\"type\": \"regression\""},
        {"\"targets\": [\"y\"]", "\"type\": \"regression\""}, /* copy */
        {"\"inputs\": [\"a\", \"class\"], \"targets\": \"class\"", "\"type\": \"classification\""},
        {"\"inputs\": [\"copy\"], \"targets\": \"y\", \"missing\": \"mask\"",
         "\"type\": \"classification\""},
    };
    char dataset[256], task[128];
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        snprintf(dataset, sizeof dataset, "{\"csv\": \"copy.csv\", %s}", refused[i][0]);
        snprintf(task, sizeof task, "{%s, \"window\": 2}", refused[i][1]);
        assert_load_fails(dataset, task, folder.path, "dataset.inputs", "task.allow_target_input",
                          NULL);
        snprintf(task, sizeof task, "{%s, \"window\": 2, \"allow_target_input\": true}",
                 refused[i][1]);
        struct loaded l;
        load_here(&l, dataset, task);
        unload(&l);
    }
    struct loaded l; /* the past of a forecast's targets is no answer; constants tell nothing */
    load_here(&l, "{\"csv\": \"copy.csv\"}", "{\"window\": 2}");
    unload(&l);
    load_here(&l, "{\"csv\": \"copy.csv\", \"inputs\": \"a\", \"targets\": \"two\"}",
              "{\"type\": \"regression\", \"window\": 2}");
    unload(&l);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chronological_split_keeps_order_and_shares),
        cmocka_unit_test(forecast_truth_ends_at_the_border_of_its_split),
        cmocka_unit_test(scaling_is_fitted_on_training_rows_alone),
        cmocka_unit_test(constant_columns_are_only_shifted),
        cmocka_unit_test(columns_that_are_constant_but_for_rounding_are_only_shifted),
        cmocka_unit_test(global_scale_of_large_values_does_not_cancel),
        cmocka_unit_test(one_training_row_is_only_shifted),
        cmocka_unit_test(every_csv_file_is_a_series_and_patterns_are_sorted),
        cmocka_unit_test(rows_of_one_group_are_one_series),
        cmocka_unit_test(split_by_files_takes_lists_of_patterns),
        cmocka_unit_test(split_by_files_takes_shares_in_numpys_order),
        cmocka_unit_test(random_split_draws_windows_as_numpy_does),
        cmocka_unit_test(random_split_scales_by_rows_that_training_windows_cover),
        cmocka_unit_test(share_of_validation_beside_files_is_drawn_from_training_windows),
        cmocka_unit_test(missing_values_are_an_error_by_default),
        cmocka_unit_test(forward_fill_repeats_the_last_value_across_splits),
        cmocka_unit_test(mean_fill_takes_the_training_mean),
        cmocka_unit_test(zero_fill_takes_zero_in_the_units_of_the_data),
        cmocka_unit_test(global_scale_has_one_mean_and_deviation_for_all_inputs),
        cmocka_unit_test(mask_adds_observed_flags_and_marks_absent_rows),
        cmocka_unit_test(classes_are_the_union_over_all_files),
        cmocka_unit_test(numbers_can_be_classes_in_the_order_of_their_size),
        cmocka_unit_test(time_is_counted_in_median_training_steps),
        cmocka_unit_test(times_that_do_not_increase_are_refused_with_their_row),
        cmocka_unit_test(naive_error_is_that_of_the_season),
        cmocka_unit_test(default_inputs_leave_out_time_labels_and_row_numbers),
        cmocka_unit_test(same_data_has_the_same_checksum_and_other_data_another),
        cmocka_unit_test(generated_series_go_whole_into_one_split),
        cmocka_unit_test(shifted_parameters_make_other_series_in_the_same_scale),
        cmocka_unit_test(shifted_files_are_read_in_the_same_scale),
        cmocka_unit_test(dropped_rows_leave_their_time_and_the_truth_of_the_next_row),
        cmocka_unit_test(a_target_at_the_same_step_is_no_input),
        cmocka_unit_test(unusable_options_are_refused_with_a_remedy),
        cmocka_unit_test(unusable_columns_are_refused_with_a_remedy),
    };
    return cmocka_run_group_tests_name("dataset", tests, make_folder, remove_folder);
}
