/* What is for training, what for validation and what for the test. */
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

static void load_here(struct loaded *loaded, const char *dataset, const char *task) {
    load(loaded, dataset, task, folder.path);
    if (!loaded->good)
        fail_msg("%s", loaded->error.text);
}

/* a = first, first + 1, ... */
static void write_count(const char *name, int rows, int first) {
    char *text = malloc((size_t)rows * 16 + 16), *end = text + sprintf(text, "a\n");
    for (int row = 0; row < rows; row++)
        end += sprintf(end, "%d\n", first + row);
    folder_write(&folder, name, text);
    free(text);
}

/* Days from 2015-11-01 on: 150 rows of site n and as many of site s. */
static void write_days(void) {
    static const int lengths[] = {30, 31, 31, 29, 31};
    char text[20000], *end = text + sprintf(text, "site,day,a\n");
    for (int site = 0; site < 2; site++)
        for (int month = 0, row = 0; month < 5; month++)
            for (int day = 1; day <= lengths[month] && row < 150; day++, row++)
                end += sprintf(end, "%c,%d-%02d-%02d,%d\n", "ns"[site], month < 2 ? 2015 : 2016,
                               (month + 10) % 12 + 1, day, row);
    folder_write(&folder, "days.csv", text);
}

static void windows_of_a_random_split_are_all_used(void **state) {
    (void)state;
    static const struct {
        const char *split;
        int count;
        size_t valid, test, train;
    } cases[] = {
        {"", 91, 13, 13, 65},
        {"", 100, 15, 15, 70},
        {"", 20, 3, 3, 14},
        {", \"valid\": 0.29, \"test\": 0.57", 100, 29, 57, 14},
        {", \"train\": 0.7, \"valid\": 0.15, \"test\": 0.15", 91, 13, 13, 65},
        {", \"train\": 0.6, \"valid\": 0.3, \"test\": 0.1", 33, 9, 3, 21},
        {", \"train\": 0.58, \"valid\": 0.1, \"test\": 0.1", 50, 5, 5, 29},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        write_count("count.csv", cases[i].count + 4, 0);
        char text[256];
        snprintf(text, sizeof text,
                 "{\"csv\": \"count.csv\", \"split\": {\"method\": \"random\"%s}}", cases[i].split);
        struct loaded l;
        load_here(&l, text, "{\"window\": 4}");
        assert_int_equal(l.dataset.valid.window_count, cases[i].valid);
        assert_int_equal(l.dataset.test.window_count, cases[i].test);
        assert_int_equal(l.dataset.train.window_count, cases[i].train);
        unload(&l);
    }
}

static void rows_of_a_cut_in_time_are_all_used(void **state) {
    (void)state;
    for (int rows = 20; rows < 60; rows++)
        for (int valid = 10; valid <= 45; valid += 5) {
            write_count("count.csv", rows, 0);
            char text[256];
            snprintf(text, sizeof text,
                     "{\"csv\": \"count.csv\", \"split\": {\"valid\": 0.%02d, \"test\": 0.25}}",
                     valid);
            struct loaded l;
            load_here(&l, text, "{\"window\": 1, \"horizon\": 1, \"at\": \"last\"}");
            assert_int_equal(l.dataset.train.series[0].rows + l.dataset.valid.series[0].rows +
                                 l.dataset.test.series[0].rows,
                             rows);
            unload(&l);
        }
}

static void ranges_of_dates_have_both_their_ends(void **state) {
    (void)state;
    write_days();
    static const struct {
        const char *train, *valid, *test;
        int rows[3];
        double test_first;
    } cases[] = {
        {"..2015-12-31", "2016-01-01..2016-01-31", "2016-02-01..", {61, 31, 58}, 92},
        {"..2015", "2016-01", "2016-02..2016-02", {61, 31, 29}, 92},
        {"2015-11-11..2015-12",
         "2016-01-01..2016-01-10",
         "2016-02-02..2016-02-11",
         {51, 10, 10},
         93},
        {"2015-12..2016-03-31", "2015-11-11..2015-11-20", "..2015-11-10", {120, 10, 10}, 0},
        {"..2015-12-31T00:00", "2016-01-01..2016-01-31 12:00", "2016-02-01..", {61, 31, 58}, 92},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[512], valid[64];
        snprintf(valid, sizeof valid, "%s%s", cases[i].valid,
                 strstr(cases[i].valid, "..") ? "" : "..2016-01");
        snprintf(
            text, sizeof text,
            "{\"csv\": \"days.csv\", \"time\": \"day\", \"group\": \"site\", \"scale\": \"none\", "
            "\"split\": {\"train\": \"%s\", \"valid\": \"%s\", \"test\": \"%s\"}}",
            cases[i].train, valid, cases[i].test);
        struct loaded l;
        load_here(&l, text, "{\"window\": 4}");
        for (int s = 0; s < 2; s++) {
            assert_int_equal(l.dataset.train.series[s].rows, cases[i].rows[0]);
            assert_int_equal(l.dataset.valid.series[s].rows, cases[i].rows[1]);
            assert_int_equal(l.dataset.test.series[s].rows, cases[i].rows[2]);
            assert_true((double)l.dataset.test.series[s].x[0] == cases[i].test_first);
        }
        unload(&l);
    }
}

static void without_a_range_validation_is_the_end_of_the_training_rows(void **state) {
    (void)state;
    write_days();
    struct loaded l;
    load_here(
        &l,
        "{\"csv\": \"days.csv\", \"time\": \"day\", \"group\": \"site\", \"scale\": \"none\", "
        "\"split\": "
        "{\"train\": \"..2015-12-30\", \"valid\": 0.2, \"test\": \"2016..\", \"context\": true}}",
        "{\"window\": 4}");
    assert_int_equal(l.dataset.train.series[1].rows, 48);
    assert_int_equal(l.dataset.valid.series[1].rows, 12 + 4);
    assert_true(l.dataset.valid.series[1].x[4] == 48);
    assert_true(l.dataset.test.series[1].x[0] == 57); /* four days before 2016 */
    unload(&l);
}

static void ranges_of_numbers_work_alike(void **state) {
    (void)state;
    char text[4096] = "t,a\n", *end = text + strlen(text);
    for (int row = 0; row < 100; row++)
        end += sprintf(end, "%g,%d\n", row * 0.5, row);
    folder_write(&folder, "numbers.csv", text);
    struct loaded l;
    load_here(&l,
              "{\"csv\": \"numbers.csv\", \"time\": \"t\", \"split\": "
              "{\"train\": \"..24.5\", \"valid\": \"25..37\", \"test\": \"37.5..\"}}",
              "{\"window\": 4}");
    assert_int_equal(l.dataset.train.series[0].rows, 50);
    assert_int_equal(l.dataset.valid.series[0].rows, 25);
    assert_int_equal(l.dataset.test.series[0].rows, 25);
    unload(&l);
}

static void ranges_that_cannot_be_are_refused(void **state) {
    (void)state;
    write_days();
    static const char *const cases[][5] = {
        {"..2015-12-31", "2015-12-31..2016-01-31", "2016-02..", "overlap", "\"valid\""},
        {"..2015-12", "2016-01..2016-01", "2016-01-31..", "overlap", "\"test\""},
        {"..2015-12-31", "2016-01..2016-01", "2030-01..", "no row lies in 2030-01..", "2016-03-29"},
        {"..2015-12-31", "2016-01..2016-01", "2016-03..2016-02", "earlier one first", "test"},
        {"..yesterday", "2016-01..2016-01", "2016-02..", "no range of the times", "train"},
        {"..2015-12-31", "2016-01..2016-01", "february", "ranges", "files"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[512];
        snprintf(text, sizeof text,
                 "{\"csv\": \"days.csv\", \"time\": \"day\", \"group\": \"site\", \"split\": "
                 "{\"train\": \"%s\", \"valid\": \"%s\", \"test\": \"%s\"}}",
                 cases[i][0], cases[i][1], cases[i][2]);
        assert_load_fails(text, "{\"window\": 4}", folder.path, "dataset.split",
                          i == 5 ? "range" : cases[i][3], cases[i][4], NULL);
    }
    assert_load_fails(
        "{\"csv\": \"days.csv\", \"group\": \"site\", \"split\": {\"train\": \"..2015\", "
        "\"test\": \"2016..\"}}",
        "{\"window\": 4}", folder.path, "dataset.time", NULL);
    assert_load_fails("{\"csv\": \"days.csv\", \"group\": \"site\", \"time\": \"day\", \"split\": "
                      "{\"train\": \"..2015\"}}",
                      "{\"window\": 4}", folder.path, "dataset.split.test", NULL);
}

/* Groups g0 ... g9 of 20 rows each, in two files. */
static void write_groups(void) {
    for (int file = 0; file < 2; file++) {
        char text[8192], *end = text + sprintf(text, "id,a\n"), name[16];
        for (int group = 0; group < 10; group++)
            for (int row = 0; row < 20; row++)
                end += sprintf(end, "g%d,%d\n", group, 1000 * file + 100 * group + row);
        snprintf(name, sizeof name, "groups%d.csv", file);
        folder_write(&folder, name, text);
    }
}

static void whole_groups_go_into_one_split(void **state) {
    (void)state;
    write_groups();
    struct loaded l;
    load_here(&l,
              "{\"csv\": \"groups*.csv\", \"group\": \"id\", \"split\": {\"method\": \"groups\", "
              "\"test\": [\"g3\", \"g7\"], \"valid\": 0.25}}",
              "{\"window\": 4}");
    const struct dataset *d = &l.dataset;
    assert_int_equal(d->test.series_count, 4); /* of both files */
    assert_string_equal(d->test.series[0].name, "groups0.csv g3");
    assert_string_equal(d->test.series[3].name, "groups1.csv g7");
    assert_int_equal(d->valid.series_count, 4);
    assert_int_equal(d->train.series_count, 12);
    for (int i = 0; i < 12; i++) /* no group is in two splits */
        for (int k = 0; k < 4; k++)
            assert_string_not_equal(strchr(d->train.series[i].name, ' '),
                                    strchr(d->valid.series[k].name, ' '));
    unload(&l);
    load_here(&l,
              "{\"csv\": \"groups*.csv\", \"group\": \"id\", \"split\": {\"method\": \"groups\", "
              "\"train\": [\"g1\", \"g2\"], \"valid\": [\"g3\"], \"test\": \"g4\"}}",
              "{\"window\": 4}");
    assert_int_equal(l.dataset.train.series_count, 4);
    assert_int_equal(l.dataset.valid.series_count, 2);
    unload(&l);
    load_here(&l,
              "{\"csv\": \"groups0.csv\", \"group\": \"id\", \"split\": {\"method\": \"groups\", "
              "\"valid\": 0.2, \"test\": 0.3, \"seed\": 4}}",
              "{\"window\": 4}");
    assert_int_equal(l.dataset.train.series_count, 5);
    assert_int_equal(l.dataset.valid.series_count, 2);
    assert_int_equal(l.dataset.test.series_count, 3);
    unload(&l);
}

static void groups_that_cannot_be_are_refused(void **state) {
    (void)state;
    write_groups();
    static const char *const cases[][3] = {
        {"\"test\": [\"g33\"]", "dataset.split.test: there is no group or file \"g33\"",
         "did you mean \"g3\""},
        {"\"test\": [\"g3\"], \"valid\": \"g3\"", "group \"g3\" is in both", "\"test\""},
        {"\"test\": []", "names no group", "test"},
        {"\"test\": 0.6, \"valid\": 0.5", "more than 1", ""},
        {"\"test\": 0.05", "10 groups are too few", ""},
        {"\"test\": [true]", "list of groups", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[256];
        snprintf(text, sizeof text,
                 "{\"csv\": \"groups0.csv\", \"group\": \"id\", \"split\": {\"method\": "
                 "\"groups\", %s}}",
                 cases[i][0]);
        assert_load_fails(text, "{\"window\": 4}", folder.path, cases[i][1], cases[i][2], NULL);
    }
    assert_load_fails("{\"csv\": \"groups0.csv\", \"group\": \"id\", \"hold_out\": [\"q3\"]}",
                      "{\"window\": 2}", folder.path, "dataset.hold_out", "did you mean \"g3\"",
                      NULL);
}

static void the_same_bytes_in_two_splits_are_refused(void **state) {
    (void)state;
    write_count("one.csv", 60, 0);
    write_count("same.csv", 60, 0);
    write_count("other.csv", 60, 7);
    write_count("third.csv", 60, 9);
    static const char *const refused[] = {
        "\"split\": {\"method\": \"files\", \"train\": \"one.csv\", \"valid\": \"other.csv\", "
        "\"test\": "
        "\"same.csv\"}",
        "\"split\": {\"method\": \"files\", \"train\": [\"one.csv\", \"third.csv\"], \"test\": "
        "[\"same.csv\", "
        "\"other.csv\"]}",
        "\"csv\": [\"one.csv\", \"same.csv\"], \"split\": {\"method\": \"random\"}",
        "\"csv\": [\"one.csv\", \"same.csv\", \"other.csv\"], \"split\": {\"method\": \"groups\", "
        "\"train\": "
        "\"one.csv\", \"valid\": \"other.csv\", \"test\": \"same.csv\"}",
        "\"csv\": [\"one.csv\", \"same.csv\"], \"hold_out\": \"same.csv\"",
    };
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        char text[256];
        snprintf(text, sizeof text, "{%s}", refused[i]);
        assert_load_fails(text, "{\"window\": 4}", folder.path, "one.csv", "same.csv", "same bytes",
                          NULL);
    }
    struct loaded l; /* cut in time, nothing of the test is in training */
    load_here(&l, "{\"csv\": [\"one.csv\", \"same.csv\"]}", "{\"window\": 4}");
    unload(&l);
}

static void short_series_are_counted_in_one_line(void **state) {
    (void)state;
    char text[8192] = "id,a\n", *end = text + strlen(text);
    for (int group = 0; group < 6; group++)
        for (int row = 0; row < (group < 2 ? 3 : group < 4 ? 20 : 100); row++)
            end += sprintf(end, "%d,%d\n", group, row);
    folder_write(&folder, "short.csv", text);
    struct loaded l;
    load_here(&l, "{\"csv\": \"short.csv\", \"group\": \"id\"}", "{\"window\": 8}");
    assert_int_equal(l.dataset.notes.count, 1);
    assert_string_equal(
        l.dataset.notes.items[0].what,
        "series too short for a window, which takes 9 rows (task.window + "
        "task.horizon), are left out: 2 of 6 in training, 4 of 6 in validation, 4 of "
        "6 in test");
    unload(&l);
}

/* The last epoch counts then; what is called validation is the first training windows. */
static void without_validation_training_windows_stand_for_it(void **state) {
    (void)state;
    char text[1024], *end = text + sprintf(text, "a\n");
    for (int row = 0; row < 100; row++)
        end += sprintf(end, "%d\n", row);
    folder_write(&folder, "hundred.csv", text);
    struct loaded l;
    load_good(&l, "{\"csv\": \"hundred.csv\", \"split\": {\"valid\": 0, \"test\": 0.2}}",
              "{\"window\": 5}", folder.path);
    assert_int_equal(l.dataset.train.series[0].rows, 80);
    assert_ptr_equal(l.dataset.valid.series, l.dataset.train.series);
    assert_int_equal(l.dataset.valid.window_count, l.dataset.test.window_count);
    for (size_t i = 0; i < l.dataset.notes.count; i++)
        assert_null(strstr(l.dataset.notes.items[i].what, "too short"));
    unload(&l);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_validation_training_windows_stand_for_it),
        cmocka_unit_test(windows_of_a_random_split_are_all_used),
        cmocka_unit_test(rows_of_a_cut_in_time_are_all_used),
        cmocka_unit_test(ranges_of_dates_have_both_their_ends),
        cmocka_unit_test(without_a_range_validation_is_the_end_of_the_training_rows),
        cmocka_unit_test(ranges_of_numbers_work_alike),
        cmocka_unit_test(ranges_that_cannot_be_are_refused),
        cmocka_unit_test(whole_groups_go_into_one_split),
        cmocka_unit_test(groups_that_cannot_be_are_refused),
        cmocka_unit_test(the_same_bytes_in_two_splits_are_refused),
        cmocka_unit_test(short_series_are_counted_in_one_line),
    };
    return cmocka_run_group_tests_name("splits", tests, make_folder, remove_folder);
}
