#include "fuzz/fuzz.h"

#include "base/utf8.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

const char *fuzz_file(const uint8_t *data, size_t size) {
    static char path[64];
    static int descriptor = -1;
    if (descriptor < 0) {
        descriptor = memfd_create("fuzz", 0);
        /* Of this process, for a program that is started to read it. */
        snprintf(path, sizeof path, "/proc/%ld/fd/%d", (long)getpid(), descriptor);
    }
    fuzz_require(descriptor >= 0 && ftruncate(descriptor, 0) == 0 &&
                     pwrite(descriptor, data, size, 0) == (ssize_t)size,
                 "the file in memory is written");
    return path;
}

const char *fuzz_folder(const char *name, const uint8_t *data, size_t size) {
    static char folder[] = "/tmp/liquidbench-fuzz-XXXXXX";
    static char path[sizeof folder + 64];
    if (path[0] == '\0') {
        fuzz_require(mkdtemp(folder) != NULL, "the folder is made");
        snprintf(path, sizeof path, "%s/%s", folder, name);
        char *slash = strrchr(path, '/');
        *slash = '\0';
        fuzz_require(mkdir(path, 0700) == 0 || errno == EEXIST, "its folder is made");
        *slash = '/';
    }
    FILE *file = fopen(path, "w");
    bool written = file != NULL && fwrite(data, 1, size, file) == size;
    written = file != NULL && fclose(file) == 0 && written;
    fuzz_require(written, "the file is written");
    return folder;
}

char *fuzz_text(const uint8_t *data, size_t size) {
    char *text = malloc(size + 1);
    fuzz_require(text != NULL, "there is memory");
    memcpy(text, data, size);
    text[size] = '\0';
    return text;
}

void fuzz_require(bool condition, const char *what) {
    if (condition)
        return;
    fprintf(stderr, "not so: %s\n", what);
    abort();
}

void fuzz_check_error(bool accepted, const struct error *error) {
    fuzz_require(accepted || error->text[0] != '\0', "a refusal comes with a message");
    fuzz_require(!accepted || error->text[0] == '\0', "no message comes without a refusal");
}

void fuzz_use(double value) {
    static volatile double last;
    last = value;
    (void)last;
}

static void check_column(const struct column *column, size_t rows) {
    fuzz_require(column->name != NULL && utf8_is_valid(column->name), "a column has a name");
    for (size_t i = 0; i < column->label_count; i++)
        fuzz_require(utf8_is_valid(column->labels[i]) &&
                         (i == 0 || strcmp(column->labels[i - 1], column->labels[i]) < 0),
                     "labels are distinct and sorted");
    for (size_t row = 0; row < rows; row++) {
        double value = column->values[row];
        fuzz_use(column->rest != NULL ? column->rest[row] : value);
        fuzz_require(!isinf(value), "a value is finite or missing");
        if (column->type == COLUMN_LABEL && !isnan(value))
            fuzz_require(value >= 0 && value < (double)column->label_count, "a label is known");
    }
}

void fuzz_check_table(const struct table *table) {
    for (size_t i = 0; i < table->column_count; i++)
        check_column(&table->columns[i], table->rows);
}

int fuzz_numbers(bool (*read)(const char *path, struct table *table, struct error *error),
                 const uint8_t *data, size_t size) {
    struct table table = {0};
    struct error error = {0};
    bool accepted = read(fuzz_file(data, size), &table, &error);
    fuzz_check_error(accepted, &error);
    for (size_t i = 0; accepted && i < table.column_count; i++)
        for (size_t row = 0; row < table.rows; row++)
            fuzz_use(table.columns[i].values[row]);
    table_free(&table);
    return 0;
}
