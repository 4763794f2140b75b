#include "data/formats/idx.h"

#include "base/file.h"

#include <stdint.h>
#include <string.h>

enum { UNSIGNED_BYTE = 8, MAX_DIMENSIONS = 3 };

/* An IDX file in memory. */
struct idx {
    size_t sizes[MAX_DIMENSIONS];
    const unsigned char *data; /* [sizes[0]][sizes[1]]... */
};

/* The header: two zero bytes, the type, the number of dimensions, each size in 4 bytes, the highest
 * first. */
static bool parse(const char *path, size_t dimensions, struct idx *idx, struct arena *arena,
                  struct error *error) {
    size_t size, expected = 1;
    const unsigned char *bytes = (const unsigned char *)file_read(path, arena, &size, error);
    if (bytes == NULL)
        return false;
    if (size < 4 || bytes[0] != 0 || bytes[1] != 0 || bytes[2] != UNSIGNED_BYTE)
        return error_set(error, "%s: is no IDX file of unsigned bytes", path);
    if (bytes[3] != dimensions || size < 4 + 4 * dimensions)
        return error_set(error, "%s: has %d dimensions, not %zu", path, bytes[3], dimensions);
    for (size_t d = 0; d < dimensions; d++) {
        const unsigned char *text = bytes + 4 + 4 * d;
        idx->sizes[d] =
            (size_t)text[0] << 24 | (size_t)text[1] << 16 | (size_t)text[2] << 8 | text[3];
        if (__builtin_mul_overflow(expected, idx->sizes[d], &expected))
            expected = SIZE_MAX;
    }
    idx->data = bytes + 4 + 4 * dimensions;
    if (expected == 0 || expected != size - 4 - 4 * dimensions)
        return error_set(error, "%s: should hold %zu bytes of data but holds %zu; is it cut off?",
                         path, expected, size - 4 - 4 * dimensions);
    return true;
}

/* The path of the labels, or NULL when there is none. */
static const char *labels_path(const char *path, struct arena *arena) {
    static const char images[] = "images-idx3";
    const char *place = strstr(path_name(path), images);
    if (place == NULL)
        return NULL;
    const char *labels =
        arena_printf(arena, "%.*slabels-idx1%s", (int)(place - path), path, place + strlen(images));
    return file_exists(labels) ? labels : NULL;
}

static double *add_column(struct table *table, const char *name) {
    struct column *column = &table->columns[table->column_count++];
    column->name = name;
    column->values = mem_resize(NULL, table->rows * sizeof(double));
    return column->values;
}

static void fill(struct table *table, const struct idx *images, const struct idx *labels) {
    size_t rows = images->sizes[1], columns = images->sizes[2];
    table->rows = images->sizes[0] * rows;
    table->columns = ARENA_NEW(&table->arena, struct column, columns + 2);
    for (size_t k = 0; k < columns; k++) {
        double *values = add_column(table, arena_printf(&table->arena, "x%zu", k + 1));
        for (size_t row = 0; row < table->rows; row++)
            values[row] = images->data[row * columns + k] / 255.0;
    }
    double *number = add_column(table, "image");
    for (size_t row = 0; row < table->rows; row++)
        number[row] = (double)(row / rows);
    double *label = labels->data != NULL ? add_column(table, "label") : NULL;
    for (size_t row = 0; label != NULL && row < table->rows; row++)
        label[row] = labels->data[row / rows];
}

bool idx_read(const char *path, struct table *table, struct error *error) {
    struct arena arena = {0};
    struct idx images = {.data = NULL}, labels = {.data = NULL};
    *table = (struct table){0};
    const char *beside = labels_path(path, &arena);
    bool good = parse(path, 3, &images, &arena, error) &&
                (beside == NULL || parse(beside, 1, &labels, &arena, error));
    if (good && beside != NULL && labels.sizes[0] != images.sizes[0])
        good = error_set(error, "%s: has %zu labels for %zu images", beside, labels.sizes[0],
                         images.sizes[0]);
    if (good) {
        table->path = arena_strdup(&table->arena, path);
        fill(table, &images, &labels);
    }
    arena_free(&arena);
    return good;
}
