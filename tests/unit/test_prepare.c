#include "data/catalogue/prepare.h"

#include "data/catalogue/checksums.h"
#include "data/pipeline/source.h"
#include "support/folder_fixture.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static bool run(const char *const *from, size_t count, const char *last, const char *calendar,
                struct error *error) {
    struct prepare_options options = {.file = "out.csv",
                                      .from = {count, (const char **)from},
                                      .last = last,
                                      .calendar = calendar};
    return card_prepare(&options, folder.path, error);
}

/* Reads out.csv. */
static struct table written(void) {
    struct dataset_options options = {0};
    struct arena arena = {0};
    struct error error;
    struct table table;
    if (!table_read(&options, path_join(&arena, folder.path, "out.csv"), &table, &error))
        fail_msg("%s", error.text);
    arena_free(&arena);
    return table;
}

static void columns_of_files_stand_side_by_side(void **state) {
    (void)state;
    struct error error;
    folder_write(&folder, "x.txt", "  1.5e+000 -2\n  0.25 4\n");
    folder_write(&folder, "y.txt", "3\n5\n");
    if (!run((const char *const[]){"x.txt", "y.txt"}, 2, "class", NULL, &error))
        fail_msg("%s", error.text);
    struct table table = written();
    assert_int_equal(table.rows, 2);
    assert_int_equal(table.column_count, 3);
    assert_string_equal(table.columns[2].name, "class");
    assert_true(table.columns[0].values[0] == 1.5 && table.columns[1].values[1] == 4);
    assert_true(table.columns[2].values[1] == 5);
    table_free(&table);
}

static void files_of_different_length_are_refused(void **state) {
    (void)state;
    struct error error;
    folder_write(&folder, "x.txt", "1 2\n3 4\n5 6\n");
    folder_write(&folder, "y.txt", "3\n5\n");
    assert_false(run((const char *const[]){"x.txt", "y.txt"}, 2, NULL, NULL, &error));
    assert_non_null(strstr(error.text, "has 2 rows"));
    folder_write(&folder, "y.txt", "a\nb\nc\n");
    assert_false(run((const char *const[]){"x.txt", "y.txt"}, 2, NULL, NULL, &error));
}

static void calendar_adds_weekday_and_time_of_day(void **state) {
    (void)state;
    struct error error;
    /* A Tuesday, noon of the Sunday after, and a Monday before 1970. */
    folder_write(&folder, "t.csv",
                 "when,v\n1969-12-29 06:59:59,3\n2012-10-02 09:00:00,1\n2012-10-07 12:30:00,2\n");
    if (!run((const char *const[]){"t.csv"}, 1, NULL, "when", &error))
        fail_msg("%s", error.text);
    struct table table = written();
    size_t weekday, sine;
    assert_true(table_find(&table, "weekday", &weekday, &error));
    assert_true(table_find(&table, "hour_sine", &sine, &error));
    assert_true(table.columns[weekday].values[0] == 0);
    assert_true(table.columns[weekday].values[1] == 1);
    assert_true(table.columns[weekday].values[2] == 6);
    assert_true(fabs(table.columns[sine].values[0] - sin(M_PI * 6 / 24)) < 1e-12);
    assert_true(fabs(table.columns[sine].values[1] - sin(M_PI * 9 / 24)) < 1e-12);
    assert_true(table.columns[sine].values[2] == 1);
    table_free(&table);
    assert_false(run((const char *const[]){"t.csv"}, 1, NULL, "v", &error));
    assert_non_null(strstr(error.text, "holds no dates"));
    folder_write(&folder, "t.csv", "when,v\n10/2/2012 9:00,3\n10/2/2012 10:00,1\n");
    assert_false(run((const char *const[]){"t.csv"}, 1, NULL, "when", &error));
    assert_non_null(strstr(error.text, "holds no dates that can be read"));
    assert_non_null(strstr(error.text, "2012-10-02 09:00:00"));
    /* One other usual way of writing dates, where no second one fits. */
    folder_write(&folder, "t.csv", "when,v\n10/2/2012 9:00,3\n10/31/2012 18:30,1\n");
    if (!run((const char *const[]){"t.csv"}, 1, NULL, "when", &error))
        fail_msg("%s", error.text);
    table = written();
    assert_true(table_find(&table, "weekday", &weekday, &error));
    assert_true(table_find(&table, "hour_sine", &sine, &error));
    assert_true(table.columns[weekday].values[0] == 1 && table.columns[weekday].values[1] == 2);
    assert_true(fabs(table.columns[sine].values[1] - sin(M_PI * 18 / 24)) < 1e-12);
    table_free(&table);
    /* Times with fractions of a second carry more than one number each. */
    folder_write(&folder, "t.csv", "when,v\n2012-10-02 09:00:00.1,3\n2012-10-02 09:00:00.2,1\n");
    folder_write(&folder, "u.csv", "then\n2012-10-02 09:00:00.1\n2012-10-02 09:00:00.2\n");
    assert_true(run((const char *const[]){"t.csv", "u.csv"}, 2, "last", "last", &error));
}

static void checksums_name_the_file_that_differs(void **state) {
    (void)state;
    struct arena arena = {0};
    struct checksums sums;
    struct error error;
    folder_write(&folder, "abc", "abc"); /* the example of FIPS 180 */
    folder_write(&folder, "sums",
                 "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  abc\n");
    const char *path = path_join(&arena, folder.path, "sums");
    assert_true(checksums_read(path, &arena, &sums, &error));
    assert_true(checksums_verify(&sums, folder.path, &error));
    folder_write(&folder, "abc", "abd");
    assert_false(checksums_verify(&sums, folder.path, &error));
    assert_non_null(strstr(error.text, "abc has the wrong checksum"));
    static const char *const bad[] = {
        "ba78  abc\n", "text\n",
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  ../abc\n"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        folder_write(&folder, "sums", bad[i]);
        assert_false(checksums_read(path, &arena, &sums, &error));
        assert_non_null(strstr(error.text, "line 1"));
    }
    arena_free(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_of_files_stand_side_by_side),
        cmocka_unit_test(files_of_different_length_are_refused),
        cmocka_unit_test(calendar_adds_weekday_and_time_of_day),
        cmocka_unit_test(checksums_name_the_file_that_differs),
    };
    return cmocka_run_group_tests_name("prepare", tests, make_folder, remove_folder);
}
