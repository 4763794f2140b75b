#include "data/formats/npy.h"

#include "base/little_endian.h"
#include "support/folder.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct error last_error;

static bool read_bytes(const void *bytes, size_t size, struct table *table) {
    struct folder folder = folder_new();
    char path[2 * FOLDER_PATH];
    folder_path(&folder, "data.npy", path);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    fwrite(bytes, 1, size, file);
    fclose(file);
    last_error = (struct error){0};
    bool read = npy_read(path, table, &last_error);
    folder_remove(&folder);
    return read;
}

/* A file of format `version` with this header text and these numbers of `width` bytes after it. */
static bool read_array(int version, const char *header, const void *numbers, size_t size,
                       size_t width, struct table *table) {
    unsigned char bytes[1024] = "\x93NUMPY";
    size_t start = version == 1 ? 10 : 12, length = strlen(header);
    bytes[6] = (unsigned char)version;
    bytes[8] = (unsigned char)(length & 255);
    bytes[9] = (unsigned char)(length >> 8);
    memcpy(bytes + start, header, length);
    for (size_t i = 0; i < size; i += width)
        little_endian_copy(bytes + start + length + i, (const char *)numbers + i, width);
    return read_bytes(bytes, start + length + size, table);
}

static void assert_refused(const char *header, size_t size, const char *message) {
    struct table table;
    static const double numbers[8] = {0};
    assert_false(read_array(1, header, numbers, size, 8, &table));
    if (strstr(last_error.text, message) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", last_error.text, message);
}

static void rows_and_columns_of_doubles_are_read(void **state) {
    (void)state;
    const double numbers[] = {1, 2, 3, 4, 5, NAN};
    struct table table;
    assert_true(read_array(1, "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), }\n",
                           numbers, sizeof numbers, sizeof *numbers, &table));
    assert_int_equal(table.rows, 2);
    assert_int_equal(table.column_count, 3);
    assert_string_equal(table.columns[2].name, "x3");
    assert_true(table.columns[1].values[1] == 5);
    assert_true(isnan(table.columns[2].values[1]));
    table_free(&table);
}

static void fortran_order_is_transposed(void **state) {
    (void)state;
    const double numbers[] = {1, 4, 2, 5, 3, 6};
    struct table table;
    assert_true(read_array(2, "{'descr': '<f8', 'fortran_order': True, 'shape': (2, 3), }\n",
                           numbers, sizeof numbers, sizeof *numbers, &table));
    assert_true(table.columns[0].values[1] == 4 && table.columns[2].values[0] == 3);
    table_free(&table);
}

static void vectors_and_other_number_types_are_read(void **state) {
    (void)state;
    struct table table;
    const float singles[] = {1.5f, -2};
    assert_true(read_array(1, "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", singles,
                           sizeof singles, sizeof *singles, &table));
    assert_int_equal(table.rows, 2);
    assert_int_equal(table.column_count, 1);
    assert_true(table.columns[0].values[0] == 1.5);
    table_free(&table);
    const int16_t integers[] = {-7, 300};
    assert_true(read_array(3, "{'descr': '<i2', 'fortran_order': False, 'shape': (1, 2), }",
                           integers, sizeof integers, sizeof *integers, &table));
    assert_true(table.columns[0].values[0] == -7 && table.columns[1].values[0] == 300);
    table_free(&table);
    const uint8_t flags[] = {1, 0};
    assert_true(read_array(1, "{'descr': '|b1', 'fortran_order': False, 'shape': (2, 1), }", flags,
                           sizeof flags, sizeof *flags, &table));
    assert_true(table.columns[0].values[0] == 1 && table.columns[0].values[1] == 0);
    table_free(&table);
}

static void unusable_arrays_are_refused_with_the_reason(void **state) {
    (void)state;
    assert_refused("{'descr': '>f8', 'fortran_order': False, 'shape': (1, 1), }", 8, "astype");
    assert_refused("{'descr': '<c8', 'fortran_order': False, 'shape': (1, 1), }", 8, "astype");
    assert_refused("{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (1,), }", 8,
                   "plain array");
    assert_refused("{'descr': '<f8', 'fortran_order': False, 'shape': (1, 1, 1), }", 8,
                   "one or two dimensions");
    assert_refused("{'descr': '<f8', 'fortran_order': False, 'shape': (), }", 8, "no rows");
    assert_refused("{'descr': '<f8', 'fortran_order': False, 'shape': (0, 3), }", 0, "no rows");
    assert_refused("{'descr': '<f8', 'fortran_order': False, }", 8, "without a shape");
}

static void cut_off_files_are_refused(void **state) {
    (void)state;
    struct table table;
    assert_refused("{'descr': '<f8', 'fortran_order': False, 'shape': (2, 2), }", 24, "cut off");
    assert_refused("{'descr': '<f8', 'fortran_order': False, 'shape': (4294967296, 4294967296), }",
                   64, "cut off");
    assert_refused(
        "{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999999999999999, 1)}", 64,
        "cut off");
    assert_false(read_bytes("", 0, &table));
    assert_non_null(strstr(last_error.text, "not a NumPy"));
    assert_false(read_bytes("\x93NUMPY\1\0\xff\xff{'descr'", 18, &table));
    assert_non_null(strstr(last_error.text, "cut off in its header"));
    assert_false(read_bytes("a,b\n1,2\n3,4\n5,6\n", 16, &table));
}

static void infinite_numbers_are_refused_with_their_place(void **state) {
    (void)state;
    struct table table;
    const double numbers[] = {1, 2, 3, -INFINITY};
    assert_false(read_array(1, "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 2), }",
                            numbers, sizeof numbers, sizeof *numbers, &table));
    assert_non_null(strstr(last_error.text, "row 2, column 2: is infinite"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_and_columns_of_doubles_are_read),
        cmocka_unit_test(fortran_order_is_transposed),
        cmocka_unit_test(vectors_and_other_number_types_are_read),
        cmocka_unit_test(unusable_arrays_are_refused_with_the_reason),
        cmocka_unit_test(cut_off_files_are_refused),
        cmocka_unit_test(infinite_numbers_are_refused_with_their_place),
    };
    return cmocka_run_group_tests_name("npy", tests, NULL, NULL);
}
