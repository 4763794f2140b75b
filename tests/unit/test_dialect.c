/* How files of many kinds are read: what the table is, or that both readings are named. */
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

static bool read_text(const char *text, struct csv_options options, struct table *table) {
    struct folder folder = folder_new();
    char path[2 * FOLDER_PATH];
    folder_path(&folder, "data.csv", path);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    last_error = (struct error){0};
    bool read = csv_read(path, &options, table, &last_error);
    folder_remove(&folder);
    return read;
}

/* What a table holds: names, then the numbers of the rows, as in "a b | 1 2 | 3 4". */
static void describe(const struct table *table, char *text, size_t size) {
    size_t used = 0;
    for (size_t i = 0; i < table->column_count; i++)
        used += (size_t)snprintf(text + used, size - used, "%s%s", i > 0 ? " " : "",
                                 table->columns[i].name);
    for (size_t row = 0; row < table->rows; row++) {
        used += (size_t)snprintf(text + used, size - used, " |");
        for (size_t i = 0; i < table->column_count; i++) {
            const struct column *column = &table->columns[i];
            double value = column->values[row];
            if (isnan(value))
                used += (size_t)snprintf(text + used, size - used, " -");
            else if (column->type == COLUMN_LABEL)
                used += (size_t)snprintf(text + used, size - used, " '%s'",
                                         column->labels[(size_t)value]);
            else
                used += (size_t)snprintf(text + used, size - used, " %.10g", value);
        }
    }
}

static void assert_table(const char *text, struct csv_options options, const char *expected) {
    struct table table;
    char found[2000];
    if (!read_text(text, options, &table))
        fail_msg("\"%s\": %s", text, last_error.text);
    describe(&table, found, sizeof found);
    table_free(&table);
    if (strcmp(found, expected) != 0)
        fail_msg("\"%s\" is read as \"%s\", not \"%s\"", text, found, expected);
}

static void assert_reads(const char *text, const char *expected) {
    assert_table(text, (struct csv_options){0}, expected);
}

static void assert_refuses(const char *text, const char *message) {
    struct table table;
    if (read_text(text, (struct csv_options){0}, &table)) {
        table_free(&table);
        fail_msg("\"%s\" was read", text);
    }
    if (strstr(last_error.text, message) == NULL)
        fail_msg("\"%s\": \"%s\" does not say \"%s\"", text, last_error.text, message);
}

static void decimal_commas_are_read(void **state) {
    (void)state;
    assert_reads("t;v\n2024-01-01 00:00:00;20,00\n2024-01-01 01:00:00;20,28\n",
                 "t v | 1704067200 20 | 1704070800 20.28");
    assert_reads("20,00;53,00\n20,28;52,99\n", "x1 x2 | 20 53 | 20.28 52.99");
    assert_reads("v\n20,00\n20,28\n", "v | 20 | 20.28");
    assert_reads("a\tb\n-1,5\t2\n0,25\t3\n", "a b | -1.5 2 | 0.25 3");
    assert_reads("a b\n1,5 2,5\n3,5 4,5\n", "a b | 1.5 2.5 | 3.5 4.5");
    assert_reads("a,b\n\"1,5\",2\n\"3,25\",4\n", "a b | 1.5 2 | 3.25 4");
    assert_reads("a;b\n1.234,5;7\n2.000,25;8\n", "a b | 1234.5 7 | 2000.25 8");
    assert_reads("a|b\r\n1,5|2\r\n3,5|4\r\n", "a b | 1.5 2 | 3.5 4");
}

static void thousands_are_read(void **state) {
    (void)state;
    assert_reads("a,b\n\"2,000.5\",1\n\"1,027.5\",2\n", "a b | 2000.5 1 | 1027.5 2");
    assert_reads("a;b\n1'234.5;1\n2'000'000;2\n", "a b | 1234.5 1 | 2000000 2");
    assert_reads("a;b\n1 234,5;1\n2 000 000,0;2\n", "a b | 1234.5 1 | 2000000 2");
    assert_reads("a;b\n1\xC2\xA0"
                 "234,5;1\n2\xE2\x80\xAF"
                 "000,5;2\n",
                 "a b | 1234.5 1 | 2000.5 2");
    /* Between blanks, in quotes or with blanks that do not break. */
    assert_reads("a b\n1 \"1 234,5\"\n2 \"2 000,5\"\n", "a b | 1 1234.5 | 2 2000.5");
    assert_reads("a b\n20,39 1\xC2\xA0"
                 "234,5\n21,03 2\xC2\xA0"
                 "000,5\n",
                 "a b | 20.39 1234.5 | 21.03 2000.5");
    /* The other column shows what the comma is. */
    assert_reads("a\tb\n2,000\t1.5\n2,500\t2.5\n", "a b | 2000 1.5 | 2500 2.5");
    assert_reads("a\tb\n2,000\t1,5\n2,500\t2,5\n", "a b | 2 1.5 | 2.5 2.5");
    assert_reads("a;b\n2.000;53.25\n2.500;52.25\n", "a b | 2 53.25 | 2.5 52.25");
}

static void two_equally_good_readings_are_named(void **state) {
    (void)state;
    assert_refuses("load\tflow\n2,000\t53\n2,027\t52\n",
                   "data.csv:2: \"2,000\" may be 2000 or 2; set dataset.thousands to \",\" for the "
                   "first, dataset.decimal to \",\" for the second");
    /* Between semicolons, groups of three digits behind a point are as likely thousands. */
    assert_refuses("t;load\n0;998\n1;999\n2;1.000\n3;1.001\n",
                   "data.csv:4: \"1.000\" may be 1 or 1000; set dataset.decimal to \".\" for the "
                   "first, dataset.thousands to \".\" for the second");
    assert_refuses("t;load\n0;151.173\n1;156.504\n", "\"151.173\" may be 151.173 or 151173");
    assert_reads("t;load\n0;1.512\n1;0.998\n", "t load | 0 1.512 | 1 0.998");
    assert_reads("t;load\n0;1.512\n1;1.5\n", "t load | 0 1.512 | 1 1.5");
    assert_reads("t,load\n0,1.512\n1,2.164\n", "t load | 0 1.512 | 1 2.164");
    assert_reads("t\tload\n0\t1.512\n1\t2.164\n", "t load | 0 1.512 | 1 2.164");
    assert_refuses("20,00\n20,28\n20,05\n",
                   "data.csv:1: \"20,00\" may be one number or two columns");
    assert_refuses("0,20,00\n1,20,28\n2,20,05\n", "\"20,00\" may be one number or two columns");
    assert_refuses("20,1\n20,3\n20,2\n19,8\n19,9\n20,0\n20,4\n",
                   "may be one number or two columns");
    assert_refuses("1,050.5\n1,151.5\n", "may be one number or two columns");
    assert_refuses("0\n20.50\n20.28\n",
                   "data.csv:1: the first row (\"0\") may be names of columns");
    assert_refuses("0,1\n0.5,1.25\n0.75,3.5\n", "set dataset.header to \"yes\" or \"no\"");
    assert_refuses("0,1,2,3\n7,9,3,4\n5,6,1,2\n", "may be names of columns or data");
    assert_refuses("t,temp\n0,20,00\n1,20,28\n", "data.csv:2: ");
}

static void the_settings_choose_between_readings(void **state) {
    (void)state;
    const char *text = "load\tflow\n2,000\t53\n2,027\t52\n";
    assert_table(text, (struct csv_options){.decimal = ','}, "load flow | 2 53 | 2.027 52");
    assert_table(text, (struct csv_options){.thousands = ','}, "load flow | 2000 53 | 2027 52");
    text = "20,00\n20,28\n20,05\n";
    assert_table(text, (struct csv_options){.decimal = ','}, "x1 | 20 | 20.28 | 20.05");
    assert_table(text, (struct csv_options){.delimiter = ','}, "x1 x2 | 20 0 | 20 28 | 20 5");
    assert_table("1,050\n1,151\n", (struct csv_options){.thousands = ','}, "x1 | 1050 | 1151");
    text = "0\n20.50\n20.28\n";
    assert_table(text, (struct csv_options){.header = CSV_HEADER_YES}, "0 | 20.5 | 20.28");
    assert_table(text, (struct csv_options){.header = CSV_HEADER_NO}, "x1 | 0 | 20.5 | 20.28");
}

static void names_may_be_numbers_dates_and_years(void **state) {
    (void)state;
    assert_reads("date,0,1,OT\n2024-01-01,20.5,3,4\n2024-01-02,21.5,5,6\n",
                 "date 0 1 OT | 1704067200 20.5 3 4 | 1704153600 21.5 5 6");
    assert_reads("0,1\n20.00,53.00\n20.28,52.99\n", "0 1 | 20 53 | 20.28 52.99");
    assert_reads("0,1,2\n0.5,0.25,0.125\n0.1,0.2,0.3\n", "0 1 2 | 0.5 0.25 0.125 | 0.1 0.2 0.3");
    assert_reads("month,2019,2020\nm0,20.00,53.00\nm1,20.28,52.90\n",
                 "month 2019 2020 | 'm0' 20 53 | 'm1' 20.28 52.9");
    assert_reads("2019;2020;2021\n1,50;2,50;3,50\n4,25;5,25;6,25\n",
                 "2019 2020 2021 | 1.5 2.5 3.5 | 4.25 5.25 6.25");
    assert_reads("t,1.5,2.5\n0,20.25,3\n1,20.5,4\n", "t 1.5 2.5 | 0 20.25 3 | 1 20.5 4");
    assert_reads("2024-01-01,2024-01-02\n1,2\n3,4\n", "2024-01-01 2024-01-02 | 1 2 | 3 4");
    assert_reads("0,1\n2024-01-01,5\n2024-01-02,6\n", "0 1 | 1704067200 5 | 1704153600 6");
    assert_reads("t,y\n0,1\n1,0\n", "t y | 0 1 | 1 0");
    /* Numbers alone over whole numbers are data. */
    assert_reads("1,2\n3,4\n", "x1 x2 | 1 2 | 3 4");
    assert_reads("0,1,2\n3,4,5\n", "x1 x2 x3 | 0 1 2 | 3 4 5");
    /* A stopgap in the first row is no name. */
    assert_reads("None,5.5\n2.5,6.5\n3.5,7.5\n", "x1 x2 | 'None' 5.5 | '2.5' 6.5 | '3.5' 7.5");
}

static void lines_above_the_table_are_passed_over(void **state) {
    (void)state;
    assert_reads("Station,Berlin\nLatitude,52.5\n\nt,temp,p\n0,1,2\n1,3,4\n",
                 "t temp p | 0 1 2 | 1 3 4");
    assert_reads("My export,,\nt,temp,p\n0,1,2\n1,3,4\n", "t temp p | 0 1 2 | 1 3 4");
    assert_reads("Station;Berlin\nt;temp;note\n0;1,5;a\n1;2,5;\n",
                 "t temp note | 0 1.5 'a' | 1 2.5 -");
    assert_reads("\"x\",\"y\"\n\"r1\",1,2\n\"r2\",3,4\n", "row x y | 'r1' 1 2 | 'r2' 3 4");
    assert_reads("t,temp\n0,1\n1,2\n,\n,\n", "t temp | 0 1 | 1 2");
    assert_reads("t,temp\n0,1\n,\n1,2\n", "t temp | 0 1 | - - | 1 2");
    assert_refuses("t,temp\n0,1\n1,2\nSource: DWD\n",
                   "data.csv:4: has 1 fields where the rows above have 2; if \"Source: DWD\" is a "
                   "remark, take it out, or set dataset.comment");
    assert_reads("t,temp,\ns,C,\n0,1,\n", "t temp | 's' 'C' | '0' '1'");
    assert_refuses("a,b\n0,1,2\n3,4,5\n2,7,1\n", "has 3 fields where the header has 2 names");
    assert_reads("# logger v1\nt,v\n0,20\n1,21\n", "t v | 0 20 | 1 21");
    assert_reads("# a\n# b\n\nt,v\n0,20\n# gap\n1,21\n# end\n", "t v | 0 20 | 1 21");
    assert_reads("% Matlab\n1 2\n3 4\n", "x1 x2 | 1 2 | 3 4");
    assert_reads("// x, y\nt;v\n0;20\n1;21\n", "t v | 0 20 | 1 21");
    assert_reads("# t v\n0.0 20\n1.0 21\n", "t v | 0 20 | 1 21");
    assert_reads("# t,v\n0,20\n1,21\n", "t v | 0 20 | 1 21");
    assert_reads("#t\tv\n0\t20\n1\t21\n", "t v | 0 20 | 1 21");
    assert_reads("sep=;\nt;v\n0;20\n1;21\n", "t v | 0 20 | 1 21");
    assert_reads("\xef\xbb\xbfsep=;\r\nt;v\r\n0;20,5\r\n1;21,5\r\n", "t v | 0 20.5 | 1 21.5");
    assert_reads("\"sep=|\"\nt|v\n0|20\n1|21\n", "t v | 0 20 | 1 21");
    assert_reads("Plant 7\n\nt;v\n0;20\n1;21\n", "t v | 0 20 | 1 21");
    assert_reads("t,v\n0,20\n# a gap, of two, hours\n1,21\n", "t v | 0 20 | 1 21");
    assert_table("a\nb,c,d\nt,v\n0,20\n1,21\n", (struct csv_options){.skip = 2},
                 "t v | 0 20 | 1 21");
    assert_table("t,v\n;x\n0,20\n1,21\n", (struct csv_options){.comment = ";"},
                 "t v | 0 20 | 1 21");
    assert_table("#a,v\n#1,20\n#2,21\n", (struct csv_options){.comment = ""},
                 "#a v | '#1' 20 | '#2' 21");
    assert_table("t,v\ns,degC\n0,20\n1,21\n", (struct csv_options){.header = CSV_HEADER_UNITS},
                 "t v | 0 20 | 1 21");
}

static void whole_columns_decide_on_their_kind(void **state) {
    (void)state;
    assert_reads("a,b\nFalse,1\nTrue,2\n", "a b | 0 1 | 1 2");
    assert_reads("a,b\nyes,1\nNO,2\n,3\n", "a b | 1 1 | 0 2 | - 3");
    assert_reads("a,b\n20.5%,1\n-3 %,2\n", "a b | 20.5 1 | -3 2");
    assert_reads("a,b\n20240131,1\n20240201,2\n", "a b | 1706659200 1 | 1706745600 2");
    assert_reads("a,b\n20240131,1\n20240201,2\n20240299,3\n",
                 "a b | 20240131 1 | 20240201 2 | 20240299 3");
    /* The odd field first, in the middle, last: the column is text, and nothing is rounded. */
    assert_reads("a,b\ninf,1\n2.50,2\n3.50,3\n", "a b | 'inf' 1 | '2.50' 2 | '3.50' 3");
    assert_reads("a,b\n1.50,1\n-,2\n3.50,3\n", "a b | '1.50' 1 | '-' 2 | '3.50' 3");
    assert_reads("a,b\n1.50,1\n2.50,2\n1e999,3\n", "a b | '1.50' 1 | '2.50' 2 | '1e999' 3");
    assert_reads("id,b\n00000000000000000001,1\nx,2\n", "id b | '00000000000000000001' 1 | 'x' 2");
    const char *tokens[] = {"-9999", "None"};
    assert_table("a,b\n-9999.0,1\nNone,2\n5,-9999\n",
                 (struct csv_options){.missing_tokens = {2, tokens}}, "a b | - 1 | - 2 | 5 -");
}

static void groups_and_classes_stay_as_they_are_written(void **state) {
    (void)state;
    const char *names[] = {"g"};
    const char *text = "g,v\n007,1\n12345678901234567890,2\n12345678901234567891,3\n";
    assert_table(text, (struct csv_options){.group = "g"},
                 "g v | '007' 1 | '12345678901234567890' 2 | '12345678901234567891' 3");
    assert_table(text, (struct csv_options){.labels = {1, names}},
                 "g v | '007' 1 | '12345678901234567890' 2 | '12345678901234567891' 3");
    assert_table("g,v\n1.0,1\n2.0,2\n", (struct csv_options){.labels = {1, names}},
                 "g v | 1 1 | 2 2");
    assert_table("g,v\nNA,1\nFR,2\n,3\n", (struct csv_options){.labels = {1, names}},
                 "g v | - 1 | 'FR' 2 | - 3");
    assert_table("g,v\nNA,1\nFR,2\n,3\n",
                 (struct csv_options){.labels = {1, names}, .keep_na = true},
                 "g v | 'NA' 1 | 'FR' 2 | - 3");
}

static void times_are_exact(void **state) {
    (void)state;
    const char *names[] = {"t"};
    struct csv_options options = {.time = {1, names}};
    struct table table;
    assert_true(read_text("t\n1706745600000000001\n1706745600000000004\n1706745600000000011\n",
                          options, &table));
    assert_true(time_between(&table.columns[0], 0, 1) == 3);
    assert_true(time_between(&table.columns[0], 1, 2) == 7);
    table_free(&table);
    assert_true(read_text("t\n1706745600.000000001\n1706745600.000000004\n", options, &table));
    assert_float_equal(time_between(&table.columns[0], 0, 1), 3e-9, 1e-15);
    table_free(&table);
    assert_true(read_text("t\n-1706745600,000000004\n-1706745600,000000001\n",
                          (struct csv_options){.time = {1, names}, .decimal = ','}, &table));
    assert_float_equal(time_between(&table.columns[0], 0, 1), 3e-9, 1e-15);
    table_free(&table);
    assert_true(
        read_text("t\n2024-02-01T00:00:00.000000001Z\n2024-02-01T01:00:00.000000004+01:00\n",
                  options, &table));
    assert_float_equal(time_between(&table.columns[0], 0, 1), 3e-9, 1e-15);
    table_free(&table);
}

static void several_columns_make_one_time(void **state) {
    (void)state;
    const char *parts[] = {"year", "month", "day", "hour"};
    assert_table("year,month,day,hour,v\n2024,1,31,23,5\n2024,2,1,0,6\n",
                 (struct csv_options){.time = {4, parts}},
                 "year month day hour v year month day hour | 2024 1 31 23 5 1706742000 | 2024 2 1 "
                 "0 6 1706745600");
    const char *clock[] = {"date", "time"};
    assert_table(
        "date;time;v\n2024-01-31;23:30;5\n2024-02-01;00:00:30;6\n",
        (struct csv_options){.time = {2, clock}},
        "date time v date time | 1706659200 '23:30' 5 1706743800 | 1706745600 '00:00:30' 6 "
        "1706745630");
    assert_table("date;time;v\n31.01.2024;23:30;5\n01.02.2024;00:00;6\n",
                 (struct csv_options){.time = {2, clock}, .time_format = "%d.%m.%Y %H:%M"},
                 "date time v date time | '31.01.2024' '23:30' 5 1706743800 | '01.02.2024' '00:00' "
                 "6 1706745600");
}

static void other_encodings_are_refused_with_the_command_that_converts(void **state) {
    (void)state;
    assert_refuses("t,temp\xE9rature\n0,1\n1,2\n", "data.csv:1: character 7 is not UTF-8");
    assert_refuses("t,v\n0,1\n1,\xB0"
                   "C\n",
                   "data.csv:3: character 3 is not UTF-8 (byte 0xB0); "
                   "convert the file, for example with `iconv -f");
    assert_reads("t,temp\xC3\xA9rature\n0,1\n1,2\n", "t temp\xC3\xA9rature | 0 1 | 1 2");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decimal_commas_are_read),
        cmocka_unit_test(thousands_are_read),
        cmocka_unit_test(two_equally_good_readings_are_named),
        cmocka_unit_test(the_settings_choose_between_readings),
        cmocka_unit_test(names_may_be_numbers_dates_and_years),
        cmocka_unit_test(lines_above_the_table_are_passed_over),
        cmocka_unit_test(whole_columns_decide_on_their_kind),
        cmocka_unit_test(groups_and_classes_stay_as_they_are_written),
        cmocka_unit_test(times_are_exact),
        cmocka_unit_test(several_columns_make_one_time),
        cmocka_unit_test(other_encodings_are_refused_with_the_command_that_converts),
    };
    return cmocka_run_group_tests_name("dialect", tests, NULL, NULL);
}
