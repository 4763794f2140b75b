#include "data/formats/idx.h"

#include "base/file.h"
#include "support/folder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct folder folder;
static struct arena arena;

static int make_folder(void **state) {
    (void)state;
    folder = folder_new();
    return 0;
}

static int remove_folder(void **state) {
    (void)state;
    folder_remove(&folder);
    arena_free(&arena);
    return 0;
}

static const char *write_bytes(const char *name, const void *bytes, size_t size) {
    struct error error;
    const char *path = path_join(&arena, folder.path, name);
    if (!file_write(path, bytes, size, &error))
        fail_msg("%s", error.text);
    return path;
}

/* Two images of 2 rows and 3 columns, with labels 7 and 4. */
static const unsigned char images[] = {0, 0, 8, 3,  0,   0,  0,  2,  0,   0,   0,   2,   0,   0,
                                       0, 3, 0, 51, 255, 10, 20, 30, 100, 101, 102, 103, 104, 105};
static const unsigned char labels[] = {0, 0, 8, 1, 0, 0, 0, 2, 7, 4};

static void every_row_of_an_image_is_a_row_with_number_and_label(void **state) {
    (void)state;
    struct table table;
    struct error error;
    write_bytes("a-labels-idx1-ubyte", labels, sizeof labels);
    const char *path = write_bytes("a-images-idx3-ubyte", images, sizeof images);
    if (!idx_read(path, &table, &error))
        fail_msg("%s", error.text);
    assert_int_equal(table.rows, 4);
    assert_int_equal(table.column_count, 5);
    assert_string_equal(table.columns[2].name, "x3");
    assert_string_equal(table.columns[3].name, "image");
    assert_string_equal(table.columns[4].name, "label");
    assert_true(table.columns[0].values[0] == 0 && table.columns[1].values[0] == 0.2);
    assert_true(table.columns[2].values[0] == 1 && table.columns[0].values[1] == 10 / 255.0);
    assert_true(table.columns[3].values[1] == 0 && table.columns[3].values[2] == 1);
    assert_true(table.columns[4].values[1] == 7 && table.columns[4].values[3] == 4);
    table_free(&table);
}

static void images_without_labels_are_read_too(void **state) {
    (void)state;
    struct table table;
    struct error error;
    assert_true(
        idx_read(write_bytes("b-images-idx3-ubyte", images, sizeof images), &table, &error));
    assert_int_equal(table.column_count, 4);
    table_free(&table);
}

static void broken_files_are_refused(void **state) {
    (void)state;
    struct table table;
    struct error error;
    for (size_t size = 0; size < sizeof images; size++)
        assert_false(idx_read(write_bytes("c-images-idx3-ubyte", images, size), &table, &error));
    assert_non_null(strstr(error.text, "is it cut off?"));
    unsigned char huge[sizeof images];
    memcpy(huge, images, sizeof huge);
    memset(huge + 4, 255, 12);
    assert_false(idx_read(write_bytes("c-images-idx3-ubyte", huge, sizeof huge), &table, &error));
    assert_false(idx_read(write_bytes("c-idx", "text", 4), &table, &error));
    assert_non_null(strstr(error.text, "no IDX file"));
    write_bytes("d-labels-idx1-ubyte", "\0\0\10\1\0\0\0\1\7", 9);
    assert_false(
        idx_read(write_bytes("d-images-idx3-ubyte", images, sizeof images), &table, &error));
    assert_non_null(strstr(error.text, "has 1 labels for 2 images"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_of_an_image_is_a_row_with_number_and_label),
        cmocka_unit_test(images_without_labels_are_read_too),
        cmocka_unit_test(broken_files_are_refused),
    };
    return cmocka_run_group_tests_name("idx", tests, make_folder, remove_folder);
}
