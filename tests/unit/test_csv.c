#include "data/text/csv.h"

#include "support/folder.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct error last_error;

/* Writes the bytes to a file, reads it as CSV, removes it. */
static bool read_bytes(const char *text, size_t size, struct csv_options options,
                       struct table *table) {
    struct folder folder = folder_new();
    char path[2 * FOLDER_PATH];
    folder_path(&folder, "data.csv", path);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    fwrite(text, 1, size, file);
    fclose(file);
    last_error = (struct error){0};
    bool read = csv_read(path, &options, table, &last_error);
    folder_remove(&folder);
    return read;
}

static struct table read_with(const char *text, struct csv_options options) {
    struct table table;
    if (!read_bytes(text, strlen(text), options, &table))
        fail_msg("%s", last_error.text);
    return table;
}

static struct table read_text(const char *text) {
    return read_with(text, (struct csv_options){0});
}

static void assert_refused(const char *text, const char *message) {
    struct table table;
    if (read_bytes(text, strlen(text), (struct csv_options){0}, &table)) {
        table_free(&table);
        fail_msg("was read, but should have failed with \"%s\"", message);
    }
    if (strstr(last_error.text, message) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", last_error.text, message);
}

/* Reads it and requires numbers, or else times, of every column. */
static void assert_column_refused(const char *text,
                                  bool (*refuse)(const struct table *, size_t, struct error *),
                                  const char *message) {
    struct table table = read_text(text);
    bool refused = false;
    for (size_t i = 0; i < table.column_count && !refused; i++)
        refused = table.columns[i].type == COLUMN_LABEL && !refuse(&table, i, &last_error) &&
                  strstr(last_error.text, message) != NULL;
    table_free(&table);
    if (!refused)
        fail_msg("\"%s\" does not say \"%s\"", last_error.text, message);
}

static void assert_shape(const struct table *table, size_t rows, size_t columns) {
    assert_int_equal(table->rows, rows);
    assert_int_equal(table->column_count, columns);
}

static double value(const struct table *table, size_t row, size_t column) {
    return table->columns[column].values[row];
}

static const char *label(const struct table *table, size_t row, size_t column) {
    return table->columns[column].labels[(size_t)value(table, row, column)];
}

static void header_names_columns_of_numbers(void **state) {
    (void)state;
    struct table table = read_text("a,b\n1,-2.5\n3e2, 4 \n");
    assert_shape(&table, 2, 2);
    assert_string_equal(table.columns[1].name, "b");
    assert_true(value(&table, 0, 1) == -2.5);
    assert_true(value(&table, 1, 0) == 300);
    assert_true(value(&table, 1, 1) == 4);
    table_free(&table);
}

static void file_without_header_gets_numbered_names(void **state) {
    (void)state;
    struct table table = read_text("1,2\n3,4");
    assert_shape(&table, 2, 2);
    assert_string_equal(table.columns[1].name, "x2");
    assert_true(value(&table, 1, 1) == 4);
    table_free(&table);
}

static void header_can_be_said(void **state) {
    (void)state;
    struct table table =
        read_with("2019,2020\n1,2\n", (struct csv_options){.header = CSV_HEADER_YES});
    assert_shape(&table, 1, 2);
    assert_string_equal(table.columns[0].name, "2019");
    table_free(&table);
    table = read_with("a,b\nc,d\n", (struct csv_options){.header = CSV_HEADER_NO});
    assert_shape(&table, 2, 2);
    assert_string_equal(label(&table, 0, 0), "a");
    table_free(&table);
}

static void first_row_of_numbers_and_labels_is_data(void **state) {
    (void)state;
    struct table table = read_text("1.5,walk\n2.5,run\n");
    assert_shape(&table, 2, 2);
    table_free(&table);
}

static void delimiters_are_detected(void **state) {
    (void)state;
    static const char *const texts[] = {
        "a,b,c\n1,2,3\n4,5,6\n",
        "a;b;c\n1;2;3\n4;5;6\n",
        "a\tb\tc\n1\t2\t3\n4\t5\t6\n",
        "a b c\n1 2 3\n4 5 6\n",
        "  a   b c\n 1  2\t3  \n4 5   6\n",
        "\"a,x;y\";b;c\n1;2;3\n4;5;6\n",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct table table = read_text(texts[i]);
        assert_shape(&table, 2, 3);
        assert_true(value(&table, 1, 2) == 6);
        table_free(&table);
    }
}

static void delimiter_can_be_said(void **state) {
    (void)state;
    struct table table = read_with("a;b,c\n1;2\n", (struct csv_options){.delimiter = ';'});
    assert_shape(&table, 1, 2);
    assert_string_equal(table.columns[1].name, "b,c");
    table_free(&table);
}

static void one_column_with_blanks_in_its_name_stays_one(void **state) {
    (void)state;
    struct table table = read_text("monthly mean\n1\n2\n");
    assert_shape(&table, 2, 1);
    assert_string_equal(table.columns[0].name, "monthly mean");
    table_free(&table);
}

static void quotes_crlf_and_byte_order_mark_are_understood(void **state) {
    (void)state;
    struct table table =
        read_text("\xef\xbb\xbf\"a\",\"b \"\"x\"\"\"\r\n\"1\",\"two, or\r\nthree\"\r\n2,four\r\n");
    assert_shape(&table, 2, 2);
    assert_string_equal(table.columns[0].name, "a");
    assert_string_equal(table.columns[1].name, "b \"x\"");
    assert_string_equal(label(&table, 0, 1), "two, or\r\nthree");
    table_free(&table);
}

static void row_numbers_without_a_name_are_set_apart(void **state) {
    (void)state;
    struct table table = read_text("\"a\",\"b\"\n\"1\",5,6\n\"2\",7,8\n");
    assert_shape(&table, 2, 3);
    assert_true(table.columns[0].is_row_number);
    assert_string_equal(table.columns[1].name, "a");
    assert_true(value(&table, 1, 2) == 8);
    table_free(&table);
    table = read_text(",a,b\n0,5,6\n1,7,8\n");
    assert_true(table.columns[0].is_row_number);
    assert_string_equal(table.columns[2].name, "b");
    table_free(&table);
}

static void delimiter_at_the_end_of_rows_does_not_shift_names(void **state) {
    (void)state;
    struct table table = read_text("a,b\n1,2,\n3,4,\n");
    assert_shape(&table, 2, 2);
    assert_string_equal(table.columns[0].name, "a");
    assert_false(table.columns[0].is_row_number);
    table_free(&table);
    static const char *const texts[] = {
        "a,b,\n1,2,\n3,4,\n", "a,b,\n1,2\n3,4\n",      "1,2,\n3,4,\n",
        "a,b\n1,2\n3,4,\n",   "a;b;;\n1;2;;\n3;4;;\n", ",a,b\n,1,2\n,3,4\n",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        table = read_text(texts[i]);
        assert_shape(&table, 2, 2);
        assert_true(value(&table, 1, 0) == 3 && value(&table, 1, 1) == 4);
        table_free(&table);
    }
}

static void missing_tokens_become_nan(void **state) {
    (void)state;
    struct table table = read_text("a,b\n1,\n2,NA\n3,NaN\n4,nan\n5,null\n6,?\n7,\"\"\n8,9\n");
    assert_shape(&table, 8, 2);
    for (size_t row = 0; row < 7; row++)
        assert_true(isnan(value(&table, row, 1)));
    assert_int_equal(table.columns[1].type, COLUMN_NUMBER);
    assert_true(value(&table, 7, 1) == 9);
    table_free(&table);
}

static void column_types_follow_from_the_first_value(void **state) {
    (void)state;
    struct table table = read_text("t,n,l\n2020-01-01,?,?\n2020-01-02 12:00,1,x\n,2,7\n");
    assert_int_equal(table.columns[0].type, COLUMN_TIME);
    assert_int_equal(table.columns[1].type, COLUMN_NUMBER);
    assert_int_equal(table.columns[2].type, COLUMN_LABEL);
    assert_true(value(&table, 1, 0) - value(&table, 0, 0) == 1.5 * 86400);
    assert_true(isnan(value(&table, 2, 0)));
    assert_string_equal(label(&table, 2, 2), "7");
    table_free(&table);
}

static void labels_are_sorted_whatever_the_order_of_rows(void **state) {
    (void)state;
    struct table table = read_text("a,l\n1,run\n2,lie\n3,run\n4,sit\n");
    assert_int_equal(table.columns[1].label_count, 3);
    assert_string_equal(table.columns[1].labels[0], "lie");
    assert_true(value(&table, 0, 1) == 1 && value(&table, 2, 1) == 1 && value(&table, 3, 1) == 2);
    table_free(&table);
}

static void thousands_of_labels_are_kept_apart(void **state) {
    (void)state;
    enum { N = 5000 };
    char *text = malloc(N * 16), *end = text;
    for (int i = 0; i < N; i++)
        end += sprintf(end, "%d,name%d\n", i, i % 3000);
    struct table table = read_text(text);
    free(text);
    assert_int_equal(table.columns[1].label_count, 3000);
    assert_string_equal(label(&table, 4000, 1), "name1000");
    table_free(&table);
}

static void numbers_are_those_of_strtod(void **state) {
    (void)state;
    enum { N = 20000, WIDTH = 32 };
    char(*numbers)[WIDTH] = calloc(N, WIDTH), *text = malloc(N * WIDTH), *end = text;
    uint64_t random = 1;
    for (int i = 0; i < N; i++) {
        random = random * 6364136223846793005u + 1442695040888963407u;
        double size = (double)(int64_t)random / pow(10, (double)(random % 23));
        snprintf(numbers[i], WIDTH, i % 2 ? "%.*g" : "%.*f", (int)(random >> 32) % 18, size);
        end += sprintf(end, "%s\n", numbers[i]);
    }
    struct table table = read_with(text, (struct csv_options){.header = CSV_HEADER_NO});
    assert_shape(&table, N, 1);
    for (int i = 0; i < N; i++) {
        double expected = strtod(numbers[i], NULL);
        assert_memory_equal(&table.columns[0].values[i], &expected, sizeof expected);
    }
    table_free(&table);
    free(text);
    free(numbers);
}

/* Lines with quotation marks and lines without are read by different means. */
static void lines_with_and_without_quotes_may_take_turns(void **state) {
    (void)state;
    enum { N = 100000 };
    char *text = malloc(N * 24), *end = text;
    for (int i = 0; i < N; i++)
        end += sprintf(end,
                       i % 40000 == 7   ? "%d,\"many\n\nlines\"\n"
                       : i % 30000 == 9 ? "%d, one\r"
                                        : "%d,\tone \r\n",
                       i);
    struct table table = read_text(text);
    assert_shape(&table, N, 2);
    for (size_t i = 0; i < N; i++) {
        assert_true(value(&table, i, 0) == (double)i);
        assert_string_equal(label(&table, i, 1), i % 40000 == 7 ? "many\n\nlines" : "one");
    }
    table_free(&table);
    sprintf(end, "x,one\n");
    assert_column_refused(text, column_refuse_numbers, "data.csv:100007: column 1");
    free(text);
}

static void names_file_line_and_column_of_a_bad_number(void **state) {
    (void)state;
    assert_column_refused("a,b\n1,2\n3,4\n5,x6\n", column_refuse_numbers,
                          "data.csv:4: column 2 (b): \"x6\" is not a number");
    assert_column_refused("a,b\r\n\r\n1,2\r\n\r\n3,1.2.3\r\n", column_refuse_numbers,
                          "data.csv:5: column 2 (b): \"1.2.3\"");
    assert_column_refused("l,b\n\"x\ny\",2\nz,no\n", column_refuse_numbers,
                          "data.csv:4: column 2 (b): \"no\"");
    assert_column_refused("a\n1\n0x10\n", column_refuse_numbers, "is not a number");
    assert_column_refused("a\n1\ninf\n", column_refuse_numbers, "is not a number");
    assert_column_refused("a\n1\n1e999\n", column_refuse_numbers,
                          "data.csv:3: column 1 (a): \"1e999\" is too large");
}

static void names_file_line_and_column_of_a_bad_time(void **state) {
    (void)state;
    assert_column_refused("t,b\n2020-01-01,2\n2020-02-31,4\n", column_refuse_times,
                          "data.csv:3: column 1 (t): \"2020-02-31\" is not a time");
}

static void rows_of_another_length_are_refused(void **state) {
    (void)state;
    assert_refused("a,b\n1,2\n3\n", "data.csv:3: has 1 fields where the rows above have 2");
    assert_refused("a,b\n1,2\n3,4,5\n", "data.csv:3: has 3 fields");
    assert_refused("a,b,c\n1\n", "data.csv:2: has 1 fields where the header has 3 names");
    assert_refused("a,b\n1,2,3,4\n", "data.csv:2: has 4 fields");
    assert_refused("1,2\n3,4,5\n", "data.csv:2: has 3 fields");
}

static void files_that_hold_no_table_are_refused(void **state) {
    (void)state;
    assert_refused("", "holds no rows of data");
    assert_refused("\n\n\n", "holds no rows of data");
    assert_refused("a,b\n", "holds no rows of data");
    assert_refused("\xef\xbb\xbf", "holds no rows of data");
    assert_refused(",,\n,,\n", "holds no values");
    assert_refused("a,a\n1,2\n", "both called \"a\"");
    assert_refused("\xff\xfe"
                   "a",
                   "UTF-16");
    struct table table;
    struct csv_options options = {0};
    assert_false(csv_read("/nonexistent/x.csv", &options, &table, &last_error));
    assert_non_null(strstr(last_error.text, "/nonexistent/x.csv: No such file"));
    assert_false(csv_read("/tmp", &options, &table, &last_error));
}

static void broken_quotes_are_refused(void **state) {
    (void)state;
    assert_refused("a,b\n1,2\n\"3,4\n5,6\n", "never closed");
    assert_refused("a,b\n1,2\n\"3\"x,4\n", "data.csv:3: a quotation mark");
}

static void zero_bytes_are_refused(void **state) {
    (void)state;
    struct table table;
    static const char text[] = "a,b\n1,2\n3\0,4\n";
    assert_false(read_bytes(text, sizeof text - 1, (struct csv_options){0}, &table));
    assert_non_null(strstr(last_error.text, "data.csv:3: holds a zero byte"));
}

/* The row takes no field of the row before it. */
static void a_time_without_its_last_part_is_missing(void **state) {
    (void)state;
    static const char *parts[] = {"year", "x3"};
    struct table table = read_with("year,b,\n2020,1,3\n2021,2,4\n2022,2\n2023,2,5\n",
                                   (struct csv_options){.time = {2, parts}});
    assert_shape(&table, 4, 4);
    assert_true(isnan(value(&table, 2, 2)) && isnan(value(&table, 2, 3)));
    assert_true(!isnan(value(&table, 1, 3)) && !isnan(value(&table, 3, 3)));
    table_free(&table);
}

static void broken_quotes_below_comments_are_what_is_said(void **state) {
    (void)state;
    struct table table;
    static const char text[] = "// remark\n\"a\"b,c\n";
    assert_false(read_bytes(text, strlen(text), (struct csv_options){.comment = "//"}, &table));
    assert_non_null(strstr(last_error.text, "data.csv:2: a quotation mark"));
}

static void one_row_and_one_column_suffice(void **state) {
    (void)state;
    struct table table = read_text("5");
    assert_shape(&table, 1, 1);
    assert_true(value(&table, 0, 0) == 5);
    table_free(&table);
}

static void columns_are_found_by_name_or_number(void **state) {
    (void)state;
    struct table table = read_text("temp,humidity\n1,2\n");
    size_t position;
    assert_true(table_find(&table, "humidity", &position, &last_error));
    assert_int_equal(position, 1);
    assert_true(table_find(&table, "1", &position, &last_error));
    assert_int_equal(position, 0);
    assert_false(table_find(&table, "humidty", &position, &last_error));
    assert_non_null(strstr(last_error.text, "did you mean \"humidity\"?"));
    assert_false(table_find(&table, "3", &position, &last_error));
    assert_false(table_find(&table, "0", &position, &last_error));
    table_free(&table);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(header_names_columns_of_numbers),
        cmocka_unit_test(file_without_header_gets_numbered_names),
        cmocka_unit_test(header_can_be_said),
        cmocka_unit_test(first_row_of_numbers_and_labels_is_data),
        cmocka_unit_test(delimiters_are_detected),
        cmocka_unit_test(delimiter_can_be_said),
        cmocka_unit_test(one_column_with_blanks_in_its_name_stays_one),
        cmocka_unit_test(quotes_crlf_and_byte_order_mark_are_understood),
        cmocka_unit_test(row_numbers_without_a_name_are_set_apart),
        cmocka_unit_test(delimiter_at_the_end_of_rows_does_not_shift_names),
        cmocka_unit_test(missing_tokens_become_nan),
        cmocka_unit_test(column_types_follow_from_the_first_value),
        cmocka_unit_test(labels_are_sorted_whatever_the_order_of_rows),
        cmocka_unit_test(thousands_of_labels_are_kept_apart),
        cmocka_unit_test(numbers_are_those_of_strtod),
        cmocka_unit_test(lines_with_and_without_quotes_may_take_turns),
        cmocka_unit_test(names_file_line_and_column_of_a_bad_number),
        cmocka_unit_test(names_file_line_and_column_of_a_bad_time),
        cmocka_unit_test(rows_of_another_length_are_refused),
        cmocka_unit_test(files_that_hold_no_table_are_refused),
        cmocka_unit_test(broken_quotes_are_refused),
        cmocka_unit_test(zero_bytes_are_refused),
        cmocka_unit_test(a_time_without_its_last_part_is_missing),
        cmocka_unit_test(broken_quotes_below_comments_are_what_is_said),
        cmocka_unit_test(one_row_and_one_column_suffice),
        cmocka_unit_test(columns_are_found_by_name_or_number),
    };
    return cmocka_run_group_tests_name("csv", tests, NULL, NULL);
}
