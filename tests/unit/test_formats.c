/* Files that hold one measurement or one series a row. */
#include "data/formats/long_format.h"
#include "data/formats/ts_format.h"
#include "data/formats/wide_format.h"
#include "data/pipeline/source.h"

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

static const char *file(const char *name) {
    static char path[512];
    snprintf(path, sizeof path, "%s/%s", folder.path, name);
    return path;
}

static void read_as(const struct dataset_options *options, const char *name, const char *text,
                    struct table *table) {
    struct dataset_options all = *options;
    struct error error;
    folder_write(&folder, name, text);
    if (!table_read(&all, file(name), table, &error))
        fail_msg("%s", error.text);
}

static void assert_refused(const struct dataset_options *options, const char *name,
                           const char *text, const char *first, const char *second) {
    struct dataset_options all = *options;
    struct table table;
    struct error error;
    folder_write(&folder, name, text);
    assert_false(table_read(&all, file(name), &table, &error));
    if (strstr(error.text, first) == NULL || strstr(error.text, second) == NULL)
        fail_msg("\"%s\" does not mention \"%s\" and \"%s\"", error.text, first, second);
}

static double cell(const struct table *table, const char *column, size_t row) {
    size_t position;
    struct error error;
    if (!table_find(table, column, &position, &error))
        fail_msg("%s", error.text);
    return table->columns[position].values[row];
}

/* --- long ------------------------------------------------------------------------------------ */

static const struct dataset_options long_format = {
    .format = FORMAT_LONG, .time = "t", .variable = "what", .value = "v"};

static void measurements_become_columns_in_order_of_time(void **state) {
    (void)state;
    struct table table;
    /* by variable, as melt() writes it; HR is not measured at 3 */
    read_as(&long_format, "long.csv",
            "t,what,v,unit\n2,HR,80,x\n1,HR,70,x\n1,T,36.5,y\n2,T,37,y\n3,T,38,y\n", &table);
    assert_int_equal(table.rows, 3);
    assert_int_equal(table.column_count, 3);
    for (size_t row = 0; row < 3; row++)
        assert_true(cell(&table, "t", row) == (double)row + 1);
    assert_true(cell(&table, "HR", 0) == 70 && cell(&table, "HR", 1) == 80);
    assert_true(isnan(cell(&table, "HR", 2)) && cell(&table, "T", 2) == 38);
    table_free(&table);
}

static void measurements_of_series_stay_apart(void **state) {
    (void)state;
    struct table table;
    struct dataset_options options = long_format;
    options.group = "id";
    read_as(&options, "long.csv",
            "id,t,what,v\np,2020-01-01,a,1\nq,2020-01-01,a,2\np,2020-01-01,b,3\nq,2020-01-02,b,4\n"
            "q,2020-01-02,b,5\n",
            &table);
    assert_int_equal(table.rows, 3);
    assert_true(cell(&table, "a", 0) == 1 && cell(&table, "b", 0) == 3);
    assert_true(cell(&table, "a", 1) == 2 && isnan(cell(&table, "b", 1)));
    assert_true(cell(&table, "b", 2) == 5); /* the last counts, and it is said */
    assert_int_equal(table.notes.count, 1);
    assert_non_null(strstr(table.notes.items[0].what, "some measurements repeat"));
    table_free(&table);
}

static void categories_stay_with_the_rows(void **state) {
    (void)state;
    struct table table;
    struct dataset_options options = long_format;
    const char *site = "site";
    options.categorical = (struct string_list){1, &site};
    read_as(&options, "long.csv", "t,what,v,site\n1,a,1,\n1,b,2,n\n2,a,3,m\n2,b,4,m\n", &table);
    assert_int_equal(table.rows, 2);
    assert_int_equal(table.column_count, 4); /* t, site, a, b */
    assert_true(cell(&table, "site", 0) == 1 && cell(&table, "site", 1) == 0);
    assert_true(cell(&table, "b", 1) == 4);
    table_free(&table);
}

static double step_of(const struct table *table, const char *column, size_t from) {
    size_t position;
    struct error error;
    assert_true(table_find(table, column, &position, &error));
    return time_between(&table->columns[position], from, from + 1);
}

static void times_of_measurements_and_series_keep_every_digit(void **state) {
    (void)state;
    struct table table;
    struct dataset_options options = long_format;
    const char *time = "t";
    options.times = (struct string_list){1, &time};
    read_as(&options, "long.csv",
            "t,what,v\n1700000000123456789,a,1\n1700000000123456789,b,2\n"
            "1700000000123456799,a,3\n1700000000123456790,b,4\n",
            &table);
    assert_int_equal(table.rows, 3);
    assert_true(step_of(&table, "t", 0) == 1 && step_of(&table, "t", 1) == 9);
    assert_true(cell(&table, "b", 0) == 2 && cell(&table, "b", 1) == 4);
    table_free(&table);
    read_as(&options, "long.csv",
            "t,what,v\n2024-01-01T00:00:00.000000001,a,1\n2024-01-01T00:00:00.000000004,a,2\n",
            &table);
    assert_int_equal(table.rows, 2);
    assert_float_equal(step_of(&table, "t", 0), 3e-9, 1e-15);
    table_free(&table);
    read_as(&(struct dataset_options){0}, "a.ts",
            "@timestamps true\n@data\n(1700000000123456789,1),(1700000000123456792,2)\n", &table);
    assert_true(step_of(&table, "time", 0) == 3);
    table_free(&table);
    read_as(&(struct dataset_options){0}, "a.ts",
            "@timestamps true\n@data\n(2024-01-01T00:00:00.000000001,1),"
            "(2024-01-01T00:00:00.000000003,2)\n",
            &table);
    assert_float_equal(step_of(&table, "time", 0), 2e-9, 1e-15);
    table_free(&table);
}

static void clocks_may_go_beyond_a_day(void **state) {
    (void)state;
    struct table table;
    read_as(&long_format, "long.csv", "t,what,v\n00:07,HR,73\n47:37,HR,86\n47:37,Urine,\n", &table);
    assert_int_equal(table.rows, 2);
    assert_true(cell(&table, "t", 0) == 420 && cell(&table, "t", 1) == 47 * 3600 + 37 * 60);
    assert_true(isnan(cell(&table, "Urine", 1)));
    table_free(&table);
}

static void sodium_is_not_a_missing_name(void **state) {
    (void)state;
    struct table table;
    read_as(&long_format, "long.csv", "t,what,v\n1,Na,137\n1,K,4.4\n2,NA,139\n3,K,NA\n", &table);
    assert_true(cell(&table, "Na", 0) == 137 && cell(&table, "NA", 1) == 139);
    assert_true(cell(&table, "K", 0) == 4.4 && isnan(cell(&table, "K", 2)));
    table_free(&table);
}

static void repeated_measurements_are_averaged_on_a_grid_of_times(void **state) {
    (void)state;
    struct table table;
    struct dataset_options options = long_format;
    const char *text = "t,what,v\n00:00,HR,70\n00:01,HR,80\n00:01,T,36\n00:02,HR,90\n"
                       "00:02,HR,\n00:09,HR,60\n";
    options.time_grid = 180;
    read_as(&options, "long.csv", text, &table); /* the last counts */
    assert_int_equal(table.rows, 3);
    assert_true(cell(&table, "HR", 0) == 80 && cell(&table, "HR", 1) == 90);
    assert_true(cell(&table, "t", 1) == 180 && cell(&table, "t", 2) == 540);
    table_free(&table);
    options.repeats = REPEATS_MEAN;
    read_as(&options, "long.csv", text, &table);
    assert_int_equal(table.rows, 3);
    assert_true(cell(&table, "HR", 0) == 75 && cell(&table, "HR", 1) == 90);
    assert_true(cell(&table, "T", 0) == 36 && isnan(cell(&table, "T", 1)));
    table_free(&table);
}

static void numbers_can_name_variables(void **state) {
    (void)state;
    struct table table;
    read_as(&long_format, "long.csv", "t,what,v\n1,10,5\n1,9,6\n2,10,7\n", &table);
    assert_true(cell(&table, "10", 1) == 7 && cell(&table, "9", 0) == 6);
    table_free(&table);
}

static void broken_long_files_are_refused(void **state) {
    (void)state;
    struct dataset_options options = long_format;
    assert_refused(&options, "long.csv", "t,what,v\n1,a,high\n2,a,low\n", "dataset.value", "text");
    assert_refused(&options, "long.csv", "t,what,v\n1,a,1\n2,,2\n", "row 2", "no variable");
    assert_refused(&options, "long.csv", "t,what,v\n1,a,1\n,a,2\n", "row 2", "no time");
    assert_refused(&options, "long.csv", "t,what,v\nsoon,a,1\nlater,a,2\n", "row 1", "no time");
    assert_refused(&options, "long.csv", "t,what,v\n1,t,1\n2,t,2\n", "variable is called",
                   "rename");
    assert_refused(&options, "long.csv", "t,what,val\n1,a,1\n2,a,2\n", "dataset.value",
                   "did you mean");
    options.variable = NULL;
    assert_refused(&options, "long.csv", "t,what,v\n1,a,1\n2,a,2\n", "dataset.variable", "needs");
}

static void files_need_not_measure_the_same_variables(void **state) {
    (void)state;
    char text[8192], name[16];
    for (int i = 0; i < 4; i++) {
        char *end = text + sprintf(text, "t,what,v\n");
        for (int row = 0; row < 40; row++)
            end += sprintf(end, "%d,HR,%d\n%d,%s,%d\n", row, row % 7 + i, row, i % 2 ? "T" : "pH",
                           row);
        snprintf(name, sizeof name, "p%d.csv", i);
        folder_write(&folder, name, text);
    }
    struct loaded l;
    load_good(
        &l,
        "{\"csv\": \"p*.csv\", \"format\": \"long\", \"time\": \"t\", \"variable\": \"what\", "
        "\"value\": \"v\", "
        "\"missing\": \"mask\", \"targets\": \"HR\"}",
        "{\"window\": 4}", folder.path);
    assert_int_equal(l.dataset.inputs, 6);
    assert_string_equal(l.dataset.input_names[1], "pH");
    assert_string_equal(l.dataset.input_names[2], "T");
    const real *x = l.dataset.train.series[1].x; /* flags of HR, pH, T */
    assert_true(x[3] == 1 && x[4] == 0 && x[5] == 1);
    unload(&l);
    assert_load_fails(
        "{\"csv\": \"p*.csv\", \"format\": \"long\", \"time\": \"t\", \"variable\": \"what\", "
        "\"value\": \"v\", \"missing\": \"mask\", \"inputs\": \"ph\"}",
        "{\"window\": 4}", folder.path, "did you mean \"pH\"", NULL);
}

/* As PhysioNet 2012 has it. */
static void outcomes_stand_in_a_file_of_their_own(void **state) {
    (void)state;
    char text[512], name[16], outcomes[512] = "RecordID,SOFA,death\n";
    for (int i = 0; i < 10; i++) {
        snprintf(text, sizeof text,
                 "Time,Parameter,Value\n00:00,RecordID,%d\n00:00,Age,%d\n00:07,Na,%d\n%s", 100 + i,
                 40 + i, 130 + i, i == 0 ? "03:00,HR,70\n03:00,HR,80\n" : "");
        snprintf(name, sizeof name, "%d.txt", 100 + i);
        folder_write(&folder, name, text);
        sprintf(outcomes + strlen(outcomes), "%d,%d,%d\n", 109 - i, i, i % 2);
    }
    folder_write(&folder, "outcomes.txt", outcomes);
    static const char dataset[] =
        "{\"csv\": \"1*.txt\", \"format\": \"long\", \"time\": \"Time\", \"variable\": "
        "\"Parameter\", \"value\": \"Value\", \"repeats\": \"mean\", \"time_unit\": 3600, "
        "\"missing\": \"mask_zero\", \"scale\": \"minmax\", \"inputs\": [\"Age\", \"Na\", "
        "\"HR\", \"ICUType\"], \"targets\": \"death\", \"outcomes\": {\"csv\": "
        "\"outcomes.txt\", \"key\": \"RecordID\"}, \"split\": {\"method\": \"files\", "
        "\"valid\": 0, \"test\": 0.2, \"seed\": 42}}";
    static const char task[] = "{\"type\": \"classification\", \"at\": \"last\", \"window\": 0}";
    struct loaded l;
    load_good(&l, dataset, task, folder.path);
    const struct dataset *data = &l.dataset;
    assert_int_equal(data->inputs, 8);
    assert_int_equal(data->train.window_count, 8);
    assert_int_equal(data->test.window_count, 2);
    /* NumPy's RandomState(42).permutation(10) begins with 8, 1. */
    assert_string_equal(data->test.series[0].name, "101.txt");
    assert_string_equal(data->test.series[1].name, "108.txt");
    /* Without validation, training windows stand for it. */
    assert_true(data->has_no_validation);
    assert_int_equal(data->valid.window_count, 2);
    assert_ptr_equal(data->valid.series, data->train.series);
    const struct series *first = &data->train.series[0];
    assert_int_equal(first->rows, 3);
    assert_true(first->time[2] == 3 && first->y[2] == 1); /* 100 is the last row, i = 9 */
    const real *x = first->x; /* Age, Na, HR, ICUType; then which were observed */
    assert_true(x[0] == 0 && x[1] == 0 && x[4] == 1 && x[5] == 0);
    assert_true(x[8 + 0] == 0 && x[8 + 4] == 0 && x[8 + 5] == 1);
    assert_true(x[16 + 6] == 1 && x[16 + 3] == 0 && x[16 + 7] == 0);
    assert_true(data->input_offset[2] == 75); /* the mean of 70 and 80 */
    unload(&l);
    folder_write(&folder, "outcomes.txt", "RecordID,death\n100,1\n101,0\n");
    assert_load_fails(dataset, task, folder.path, "outcomes.txt has no row about \"102\"", NULL);
    folder_write(&folder, "outcomes.txt", "RecordID,death\n100,1\n100,0\n");
    assert_load_fails(dataset, task, folder.path, "two rows are about \"100\"", NULL);
}

/* The last value stands for a missing one, and before the first 0 after scaling. */
static void a_mask_may_go_with_the_last_value(void **state) {
    (void)state;
    folder_write(&folder, "gaps.csv", "a,b\n,1\n10,2\n,3\n20,4\n15,5\n10,6\n20,7\n,8\n10,9\n");
    struct loaded l;
    load_good(&l,
              "{\"csv\": \"gaps.csv\", \"missing\": \"mask_forward\", \"scale\": \"minmax\", "
              "\"inputs\": \"a\", \"targets\": \"b\", \"split\": {\"train\": 0.6, "
              "\"valid\": 0.2, \"test\": 0.2}}",
              "{\"type\": \"regression\", \"window\": 1}", folder.path);
    const real *x = l.dataset.train.series[0].x;
    static const double expected[] = {0, 0, 0, 1, 0, 0, 1, 1, 0.5, 1};
    for (size_t i = 0; i < 10; i++)
        assert_true(fabs((double)x[i] - expected[i]) < 1e-6);
    unload(&l);
}

/* --- wide ------------------------------------------------------------------------------------ */

static const struct dataset_options wide_format = {.format = FORMAT_WIDE};

static void every_row_becomes_a_series(void **state) {
    (void)state;
    struct table table;
    read_as(&wide_format, "wide.tsv", "1\t0.5\t0.6\t0.7\n2\t1.5\tNaN\t1.7\n1\t2.5\t2.6\tNaN\n",
            &table);
    assert_int_equal(table.rows, 3 + 3 + 2); /* what is missing at the end is not there */
    assert_true(cell(&table, "series", 3) == 2 && cell(&table, "label", 3) == 2);
    assert_true(cell(&table, "x", 2) == 0.7 && isnan(cell(&table, "x", 4)) &&
                cell(&table, "x", 7) == 2.6);
    table_free(&table);
}

static void names_in_the_first_column_name_the_series(void **state) {
    (void)state;
    struct table table;
    read_as(&wide_format, "wide.csv",
            "\"V1\",\"V2\",\"V3\",\"V4\"\n\"Y1\",\"5\",\"6\",\"7\"\n\"Y2\",\"8\",\"9\",\n", &table);
    assert_int_equal(table.rows, 5);
    assert_string_equal(table.columns[0].labels[(size_t)table.columns[0].values[4]], "Y2");
    table_free(&table);
}

/* Such times have a rest beside their double. */
static void exact_times_may_stand_in_the_first_column(void **state) {
    (void)state;
    struct table table;
    read_as(&wide_format, "wide.csv",
            "2024-01-31T00:00:00.1,1,2\n2024-01-31T00:00:00.2,3,4\n2024-01-31T00:00:00.3,5,6\n",
            &table);
    assert_int_equal(table.rows, 6);
    assert_true(cell(&table, "series", 5) == 3 && cell(&table, "x", 5) == 6);
    table_free(&table);
}

static void wide_files_are_classified_series_by_series(void **state) {
    (void)state;
    char text[2][8192];
    for (int i = 0; i < 2; i++) {
        char *end = text[i];
        for (int row = 0; row < 20; row++) {
            end += sprintf(end, "%d", row % 2 ? -1 : 1);
            for (int k = 0; k < 12; k++)
                end += sprintf(end, ",%d", (row % 2 ? k : 12 - k) + row + i);
            end += sprintf(end, "\n");
        }
    }
    folder_write(&folder, "U_TRAIN.csv", text[0]);
    folder_write(&folder, "U_TEST.csv", text[1]);
    static const char *const scales[] = {"standard", "series"};
    for (int i = 0; i < 2; i++) {
        char dataset[256];
        snprintf(dataset, sizeof dataset,
                 "{\"format\": \"wide\", \"scale\": \"%s\", \"split\": {\"method\": \"files\", "
                 "\"train\": "
                 "\"U_TRAIN.csv\", \"test\": \"U_TEST.csv\", \"valid\": 0.2}}",
                 scales[i]);
        struct loaded l;
        load_good(&l, dataset, "{\"type\": \"classification\", \"at\": \"last\", \"window\": 0}",
                  folder.path);
        const struct dataset *d = &l.dataset;
        assert_int_equal(d->train.window_count, 16);
        assert_int_equal(d->valid.window_count, 4);
        assert_int_equal(d->test.window_count, 20);
        assert_int_equal(d->window, 12);
        assert_int_equal(d->inputs, 1);
        assert_string_equal(d->class_names[0], "-1");
        assert_true(d->test.series[1].y[11] == 0 && d->test.series[2].y[11] == 1);
        double sum = 0; /* each series has its own scale, known when its last row is */
        for (int row = 0; row < 12; row++)
            sum += (double)d->test.series[3].x[row];
        assert_true(i == 0 || fabs(sum) < 1e-5);
        unload(&l);
    }
}

static void broken_wide_files_are_refused(void **state) {
    (void)state;
    assert_refused(&wide_format, "wide.csv", "1\n2\n1\n", "one column", "wide");
    assert_refused(&wide_format, "wide.csv", "1,2,3\n1,,\n2,3,4\n", "row 2", "no values");
    assert_refused(&wide_format, "wide.csv", "1,x,3\n1,y,3\n2,z,4\n", "column 2", "text");
}

/* --- .ts ------------------------------------------------------------------------------------- */

static const struct dataset_options by_name = {0};

static void ts_files_are_read_with_their_classes(void **state) {
    (void)state;
    struct table table;
    read_as(&by_name, "u.ts",
            "# a comment\n@problemName Test\n@timestamps false\n@missing true\n@univariate true\n"
            "@classLabel true run walk\n@data\n1,2,?,4:walk\n\n5,NaN,7 : run\r\n",
            &table);
    assert_int_equal(table.rows, 4 + 3);
    assert_int_equal(table.column_count, 3);
    assert_true(cell(&table, "series", 3) == 1 && cell(&table, "series", 4) == 2);
    assert_true(cell(&table, "x", 1) == 2 && isnan(cell(&table, "x", 2)) &&
                cell(&table, "x", 6) == 7);
    assert_string_equal(table.columns[2].labels[(size_t)cell(&table, "label", 0)], "walk");
    table_free(&table);
}

static void a_class_that_a_ts_file_names_twice_is_one_class(void **state) {
    (void)state;
    struct table table;
    size_t label;
    struct error error;
    read_as(&by_name, "twice.ts", "@classLabel true b a b\n@data\n1,2:b\n3:a\n", &table);
    assert_true(table_find(&table, LABEL_COLUMN, &label, &error));
    assert_int_equal(table.columns[label].label_count, 2);
    assert_true(cell(&table, LABEL_COLUMN, 0) == 1 && cell(&table, LABEL_COLUMN, 2) == 0);
    table_free(&table);
}

static void ts_files_may_have_dimensions_of_unequal_length(void **state) {
    (void)state;
    struct table table;
    read_as(&by_name, "m.ts",
            "@problemName Test\n@timestamps false\n@univariate false\n@dimensions 2\n@equalLength "
            "false\n"
            "@classLabel false\n@data\n1,2,3:4,5,6\n7,8:9\n",
            &table);
    assert_int_equal(table.rows, 5);
    assert_int_equal(table.column_count, 3);
    assert_true(cell(&table, "x2", 2) == 6 && cell(&table, "x1", 4) == 8);
    assert_true(isnan(cell(&table, "x2", 4)));
    table_free(&table);
}

static void ts_files_may_have_times_and_target_numbers(void **state) {
    (void)state;
    struct table table;
    read_as(&by_name, "t.ts",
            "@problemName Test\n@timestamps true\n@univariate false\n@targetLabel true\n@data\n"
            "(0,1),(2.5,2):(0,3),(2.5,?):0.75\n(1,5):(1,6):-2\n",
            &table);
    assert_int_equal(table.rows, 3);
    assert_true(cell(&table, "time", 1) == 2.5 && isnan(cell(&table, "x2", 1)));
    assert_true(cell(&table, "label", 1) == 0.75 && cell(&table, "label", 2) == -2);
    table_free(&table);
    read_as(&by_name, "t.ts",
            "@timestamps true\n@univariate true\n@classLabel true a b\n@data\n"
            "(2020-01-01 00:00:00,1),(2020-01-01 00:00:30,2):a\n",
            &table);
    assert_int_equal(table.columns[1].type, COLUMN_TIME);
    assert_true(cell(&table, "time", 1) - cell(&table, "time", 0) == 30);
    table_free(&table);
}

static void broken_ts_files_name_the_line(void **state) {
    (void)state;
#define HEAD "@problemName T\n@timestamps false\n@univariate true\n@classLabel true a b\n@data\n"
    assert_refused(&by_name, "b.ts", HEAD "1,2:c\n", "line 6", "none of the classes");
    assert_refused(&by_name, "b.ts", HEAD "1,2:a\n1,x:b\n", "line 7", "no number: \"x\"");
    assert_refused(&by_name, "b.ts", HEAD "1,2:a\n1,2:3,4:b\n", "line 7", "2 dimensions");
    assert_refused(&by_name, "b.ts", HEAD "1,2\n", "line 6", "label");
    assert_refused(&by_name, "b.ts", HEAD "1,,2:a\n", "line 6", "no number");
    assert_refused(&by_name, "b.ts", HEAD, "b.ts", "no series");
    assert_refused(&by_name, "b.ts", "@problemName T\n", "b.ts", "no line @data");
    assert_refused(&by_name, "b.ts", "1,2,3\n", "line 1", "@problemName");
    assert_refused(&by_name, "b.ts", "@classLabel true\n@data\n1:a\n", "line 1", "classes");
    assert_refused(&by_name, "b.ts", "@timestamps maybe\n@data\n1:a\n", "line 1", "true or false");
    assert_refused(&by_name, "b.ts", "@timestamps true\n@data\n1,2\n", "line 3", "(time,value)");
    assert_refused(&by_name, "b.ts", "@timestamps true\n@data\n(1,2):(2,3)\n", "line 3",
                   "same times");
    assert_refused(&by_name, "b.ts", "@timestamps true\n@data\n(1,2),(2020-01-01,3)\n", "line 3",
                   "another kind");
    assert_refused(&by_name, "b.ts", "@timestamps true\n@data\n(1)\n", "line 3", "no value");
    assert_refused(&by_name, "b.ts", "@timestamps true\n@data\n(inf,1)\n", "line 3", "no time");
    assert_refused(&by_name, "b.ts", "@timestamps true\n@data\n(1e999,1)\n", "line 3", "no time");
    assert_refused(&by_name, "b.ts", "@classLabel true \xe9 b\n@data\n1:b\n", "line 1", "UTF-8");
    assert_refused(&by_name, "b.ts", "@classLabel true a b\n@targetLabel true\n@data\n1:7\n",
                   "line 3", "only one");
}

static void ts_files_are_classified_series_by_series(void **state) {
    (void)state;
    for (int i = 0; i < 2; i++) {
        char text[8192],
            *end = text + sprintf(text, "@problemName T\n@timestamps false\n@univariate false\n"
                                        "@classLabel true up down\n@data\n");
        for (int row = 0; row < 20; row++) {
            for (int k = 0; k < 8 + row % 3; k++)
                end += sprintf(end, "%s%d", k ? "," : "", row % 2 ? k + i : -k);
            for (int k = 0; k < 8 + row % 3; k++)
                end += sprintf(end, "%s%d", k ? "," : ":", k * k % 5);
            end += sprintf(end, ":%s\n", row % 2 ? "up" : "down");
        }
        folder_write(&folder, i == 0 ? "T_TRAIN.ts" : "T_TEST.ts", text);
    }
    struct loaded l;
    load_good(
        &l,
        "{\"split\": {\"method\": \"files\", \"train\": \"T_TRAIN.ts\", \"test\": \"T_TEST.ts\", "
        "\"valid\": 0.2}}",
        "{\"type\": \"classification\", \"at\": \"last\", \"window\": 0}", folder.path);
    assert_int_equal(l.dataset.inputs, 2);
    assert_int_equal(l.dataset.window, 10);
    assert_int_equal(l.dataset.test.window_count, 20);
    assert_string_equal(l.dataset.class_names[1], "up");
    unload(&l);
}

static void timestamps_of_ts_files_are_the_times(void **state) {
    (void)state;
    char text[8192], *end = text + sprintf(text, "@problemName T\n@timestamps true\n@data\n");
    for (int row = 0; row < 60; row++)
        end += sprintf(end, "%s(%d,%d)", row ? "," : "", row * row, row % 5);
    folder_write(&folder, "timed.ts", text);
    struct loaded l;
    load_good(&l, "{\"csv\": \"timed.ts\", \"time_unit\": 1}", "{\"window\": 4}", folder.path);
    assert_int_equal(l.dataset.inputs, 1);
    assert_true(l.dataset.train.series[0].time[3] == 9);
    unload(&l);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(measurements_become_columns_in_order_of_time),
        cmocka_unit_test(measurements_of_series_stay_apart),
        cmocka_unit_test(categories_stay_with_the_rows),
        cmocka_unit_test(times_of_measurements_and_series_keep_every_digit),
        cmocka_unit_test(clocks_may_go_beyond_a_day),
        cmocka_unit_test(numbers_can_name_variables),
        cmocka_unit_test(sodium_is_not_a_missing_name),
        cmocka_unit_test(repeated_measurements_are_averaged_on_a_grid_of_times),
        cmocka_unit_test(outcomes_stand_in_a_file_of_their_own),
        cmocka_unit_test(a_mask_may_go_with_the_last_value),
        cmocka_unit_test(broken_long_files_are_refused),
        cmocka_unit_test(files_need_not_measure_the_same_variables),
        cmocka_unit_test(every_row_becomes_a_series),
        cmocka_unit_test(names_in_the_first_column_name_the_series),
        cmocka_unit_test(exact_times_may_stand_in_the_first_column),
        cmocka_unit_test(wide_files_are_classified_series_by_series),
        cmocka_unit_test(broken_wide_files_are_refused),
        cmocka_unit_test(ts_files_are_read_with_their_classes),
        cmocka_unit_test(a_class_that_a_ts_file_names_twice_is_one_class),
        cmocka_unit_test(ts_files_may_have_dimensions_of_unequal_length),
        cmocka_unit_test(ts_files_may_have_times_and_target_numbers),
        cmocka_unit_test(broken_ts_files_name_the_line),
        cmocka_unit_test(timestamps_of_ts_files_are_the_times),
        cmocka_unit_test(ts_files_are_classified_series_by_series),
    };
    return cmocka_run_group_tests_name("formats", tests, make_folder, remove_folder);
}
