#include "data/pipeline/batch.h"

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

/* Rows a = 0, 1, ..., rows-1. */
static void write_count(const char *name, int rows) {
    char *text = malloc((size_t)rows * 12 + 8), *end = text + sprintf(text, "a\n");
    for (int row = 0; row < rows; row++)
        end += sprintf(end, "%d\n", row);
    folder_write(&folder, name, text);
    free(text);
}

/* The windows of one series of `rows` rows. */
static size_t count_windows(int rows, const char *task) {
    write_count("test.csv", rows);
    write_count("train.csv", 2000);
    write_count("valid.csv", 1999);
    struct loaded l;
    load_here(&l,
              "{\"split\": {\"method\": \"files\", \"train\": \"train.csv\", "
              "\"valid\": \"valid.csv\", \"test\": \"test.csv\"}}",
              task);
    size_t count = l.dataset.test.window_count;
    const struct window *last = &l.dataset.test.windows[count - 1];
    assert_true(last->start + last->length + l.dataset.horizon <= rows);
    unload(&l);
    return count;
}

static void forecast_windows_end_a_horizon_before_the_series_does(void **state) {
    (void)state;
    /* Starts 0, 10, ..., 960: the half-cheetah protocol. */
    assert_int_equal(count_windows(1000, "{\"window\": 32, \"stride\": 10}"), 97);
    assert_int_equal(count_windows(33, "{\"window\": 32}"), 1);
    assert_int_equal(count_windows(34, "{\"window\": 32}"), 2);
    assert_int_equal(count_windows(36, "{\"window\": 32, \"horizon\": 4}"), 1);
    assert_int_equal(count_windows(100, "{\"window\": 10, \"stride\": 1, \"test_stride\": 50}"), 2);
    assert_int_equal(count_windows(100, "{\"window\": 10, \"stride\": 100000000}"), 1);
}

static void windows_start_at_multiples_of_the_stride_and_reach_the_end(void **state) {
    (void)state;
    folder_write(&folder, "labels.csv",
                 "a,l\n0,0\n1,1\n2,0\n3,1\n4,0\n5,1\n6,0\n7,1\n8,0\n9,1\n10,0\n11,1\n12,0\n13,1\n"
                 "14,0\n15,1\n16,0\n17,1\n18,0\n19,1\n");
    struct loaded l;
    load_here(&l,
              "{\"csv\": \"labels.csv\", \"targets\": [\"l\"], "
              "\"split\": {\"train\": 0.5, \"valid\": 0.25, \"test\": 0.25}}",
              "{\"type\": \"classification\", \"window\": 4, \"stride\": 3, \"test_stride\": 1}");
    assert_int_equal(l.dataset.train.window_count, 3);
    assert_int_equal(l.dataset.train.windows[2].start, 6);
    assert_int_equal(l.dataset.test.window_count, 2);
    unload(&l);
}

static void windows_without_truth_are_left_out(void **state) {
    (void)state;
    char text[1024] = "a,y\n", *end = text + strlen(text);
    for (int row = 0; row < 40; row++)
        end += sprintf(end, row % 10 == 4 ? "%d,%d\n" : "%d,\n", row, row);
    folder_write(&folder, "sparse.csv", text);
    static const char data[] = "{\"csv\": \"sparse.csv\", \"targets\": [\"y\"], \"missing\": "
                               "\"mean\", \"split\": {\"valid\": 0.25, \"test\": 0.25}}";
    struct loaded l;
    load_here(&l, data, "{\"type\": \"regression\", \"window\": 5, \"stride\": 5}");
    assert_int_equal(l.dataset.train.window_count, 2); /* rows 0-4 and 10-14 of 20 */
    assert_int_equal(l.dataset.train.windows[1].start, 10);
    unload(&l);
    load_here(&l, data, "{\"type\": \"regression\", \"window\": 3, \"at\": \"last\"}");
    assert_int_equal(l.dataset.train.window_count, 2); /* those that end with rows 4 and 14 */
    assert_int_equal(l.dataset.train.windows[0].start, 2);
    unload(&l);
}

static void batch_is_time_major_in_the_order_asked_for(void **state) {
    (void)state;
    write_count("count.csv", 100);
    struct loaded l;
    load_here(&l, "{\"csv\": \"count.csv\", \"scale\": \"none\"}", "{\"window\": 6}");
    struct batch batch = batch_new(&l.dataset, 4, &l.arena);
    const size_t order[] = {9, 5, 0, 7};
    batch_fill(&batch, &l.dataset, &l.dataset.train, order, 1, 3);
    assert_int_equal(batch.steps, 6);
    assert_int_equal(batch.size, 3);
    assert_false(batch.has_absent);
    for (int t = 0; t < 6; t++) {
        for (int b = 0; b < 3; b++) {
            assert_true(batch.x[t * 3 + b] == (real)((int)order[1 + b] + t));
            assert_true(batch.y[t * 3 + b] == (real)((int)order[1 + b] + t + 1));
            assert_true(batch.elapsed[t * 3 + b] == 1 && batch.mask[t * 3 + b] == 1);
        }
    }
    batch_fill(&batch, &l.dataset, &l.dataset.train, NULL, 3, 2);
    assert_true(batch.x[0] == 3 && batch.x[1] == 4 && batch.x[2] == 4);
    unload(&l);
}

static void only_the_last_step_is_scored_when_the_task_says_so(void **state) {
    (void)state;
    write_count("count.csv", 100);
    struct loaded l;
    load_here(&l, "{\"csv\": \"count.csv\", \"scale\": \"none\"}",
              "{\"window\": 4, \"at\": \"last\"}");
    struct batch batch = batch_new(&l.dataset, 2, &l.arena);
    batch_fill(&batch, &l.dataset, &l.dataset.train, NULL, 0, 2);
    for (int i = 0; i < 6; i++)
        assert_true(isnan(batch.y[i]));
    assert_true(batch.y[6] == 4 && batch.y[7] == 5);
    unload(&l);
}

static void whole_series_are_windows_padded_to_the_longest(void **state) {
    (void)state;
    static const int rows[] = {5, 9, 7, 4};
    for (int i = 0; i < 4; i++) {
        char name[16];
        snprintf(name, sizeof name, "v%d.csv", i);
        write_count(name, rows[i]);
    }
    struct loaded l;
    load_here(&l,
              "{\"scale\": \"none\", \"split\": {\"method\": \"files\", \"train\": [\"v0.csv\", "
              "\"v1.csv\"], \"valid\": \"v2.csv\", \"test\": \"v3.csv\"}}",
              "{\"window\": 0}");
    assert_int_equal(l.dataset.window, 8);
    assert_int_equal(l.dataset.train.window_count, 2);
    struct batch batch = batch_new(&l.dataset, 2, &l.arena);
    batch_fill(&batch, &l.dataset, &l.dataset.train, NULL, 0, 2);
    assert_int_equal(batch.steps, 8);
    assert_true(batch.has_absent);
    for (int t = 0; t < 8; t++) {
        assert_true(batch.mask[t * 2] == (t < 4) && batch.mask[t * 2 + 1] == 1);
        assert_true(t < 4 ? batch.y[t * 2] == (real)(t + 1) : isnan(batch.y[t * 2]));
        assert_true(batch.x[t * 2] == (t < 4 ? (real)t : 0));
        assert_true(batch.elapsed[t * 2] == 1);
    }
    batch_fill(&batch, &l.dataset, &l.dataset.test, NULL, 0, 1);
    assert_int_equal(batch.steps, 3);
    unload(&l);
}

static void elapsed_time_of_absent_steps_goes_to_the_next_present_one(void **state) {
    (void)state;
    folder_write(&folder, "gaps.csv", "t,a\n0,0\n1,1\n3,\n4,\n6,4\n7,5\n8,6\n9,7\n10,8\n");
    folder_write(&folder, "more.csv", "t,a\n0,0\n1,1\n2,1\n3,1\n4,1\n5,1\n6,1\n");
    folder_write(&folder, "last.csv", "t,a\n0,0\n1,1\n2,1\n3,1\n4,1\n5,1\n6,2\n");
    struct loaded l;
    load_here(
        &l,
        "{\"time\": \"t\", \"missing\": \"mask\", \"split\": {\"method\": \"files\", \"train\": "
        "\"gaps.csv\", \"valid\": \"more.csv\", \"test\": \"last.csv\"}}",
        "{\"window\": 6}");
    struct batch batch = batch_new(&l.dataset, 1, &l.arena);
    batch_fill(&batch, &l.dataset, &l.dataset.train, NULL, 0, 1);
    static const real elapsed[] = {1, 1, 2, 3, 5, 1}, mask[] = {1, 1, 0, 0, 1, 1};
    for (int t = 0; t < 6; t++) {
        assert_true(batch.elapsed[t] == elapsed[t]);
        assert_true(batch.mask[t] == mask[t]);
    }
    assert_true(batch.has_absent);
    /* A window that begins within the gap: its first step counts 1. */
    batch_fill(&batch, &l.dataset, &l.dataset.train, NULL, 2, 1);
    assert_true(batch.elapsed[0] == 1 && batch.elapsed[1] == 2 && batch.elapsed[2] == 4);
    unload(&l);
}

static void copies_can_be_changed_without_the_original(void **state) {
    (void)state;
    write_count("count.csv", 100);
    struct loaded l;
    load_here(&l, "{\"csv\": \"count.csv\", \"scale\": \"none\"}", "{\"window\": 6}");
    struct split copy = split_copy(&l.dataset.test, &l.dataset, &l.arena);
    assert_int_equal(copy.window_count, l.dataset.test.window_count);
    assert_ptr_equal(copy.windows, l.dataset.test.windows);
    real before = l.dataset.test.series[0].x[0];
    assert_true(copy.series[0].x[0] == before && copy.series[0].present[0] == 1);
    copy.series[0].x[0] = -1;
    copy.series[0].time[0] = -1;
    copy.series[0].present[0] = 0;
    assert_true(l.dataset.test.series[0].x[0] == before);
    assert_true(l.dataset.test.series[0].time[0] != -1);
    assert_null(l.dataset.test.series[0].present);
    unload(&l);
}

static void windows_can_be_made_anew_with_another_length(void **state) {
    (void)state;
    write_count("count.csv", 100);
    struct loaded l;
    load_here(&l, "{\"csv\": \"count.csv\"}", "{\"window\": 10}");
    struct split copy = split_copy(&l.dataset.test, &l.dataset, &l.arena);
    split_make_windows(&copy, &l.dataset, 5, 5, &l.arena);
    assert_int_equal(copy.window_count, 2); /* 15 rows, the last without truth */
    split_make_windows(&copy, &l.dataset, 50, 5, &l.arena);
    assert_int_equal(copy.window_count, 0);
    split_make_windows(&copy, &l.dataset, 0, 1, &l.arena);
    assert_int_equal(copy.window_count, 1); /* no longer than the batches of the data set */
    assert_int_equal(copy.windows[0].length, 10);
    unload(&l);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forecast_windows_end_a_horizon_before_the_series_does),
        cmocka_unit_test(windows_start_at_multiples_of_the_stride_and_reach_the_end),
        cmocka_unit_test(windows_without_truth_are_left_out),
        cmocka_unit_test(batch_is_time_major_in_the_order_asked_for),
        cmocka_unit_test(only_the_last_step_is_scored_when_the_task_says_so),
        cmocka_unit_test(whole_series_are_windows_padded_to_the_longest),
        cmocka_unit_test(elapsed_time_of_absent_steps_goes_to_the_next_present_one),
        cmocka_unit_test(copies_can_be_changed_without_the_original),
        cmocka_unit_test(windows_can_be_made_anew_with_another_length),
    };
    return cmocka_run_group_tests_name("windows and batches", tests, make_folder, remove_folder);
}
