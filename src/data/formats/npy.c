#include "data/formats/npy.h"

#include "base/file.h"
#include "base/little_endian.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct npy_header {
    char kind; /* 'f', 'i', 'u' or 'b' */
    size_t item_size;
    bool fortran_order;
    size_t rows, columns;
    size_t data_start; /* bytes before the numbers */
};

/* The text after "'key':" in the header, a Python dict; NULL when absent. */
static const char *find_value(const char *header, const char *key) {
    const char *found = strstr(header, key);
    found = found != NULL ? strchr(found, ':') : NULL;
    return found != NULL ? found + 1 + strspn(found + 1, " ") : NULL;
}

static bool parse_type(const char *text, struct npy_header *header, struct error *error) {
    if (text == NULL || *text != '\'' || strlen(text) < 5)
        return error_set(error, "holds records or objects; save one plain array of numbers");
    char order = text[1];
    header->kind = text[2];
    header->item_size = (size_t)(text[3] - '0');
    size_t size = header->item_size;
    bool known = text[4] == '\'' && ((header->kind == 'f' && (size == 4 || size == 8)) ||
                                     ((header->kind == 'i' || header->kind == 'u') &&
                                      (size == 1 || size == 2 || size == 4 || size == 8)) ||
                                     (header->kind == 'b' && size == 1));
    if (!known || (order == '>' && size > 1))
        return error_set(error,
                         "holds numbers of type %.6s; save them as float64, for example "
                         "with array.astype('<f8')",
                         text);
    return true;
}

static bool parse_shape(const char *text, struct npy_header *header, struct error *error) {
    if (text == NULL || *text != '(')
        return error_set(error, "has a header without a shape");
    char *end;
    unsigned long long sizes[2] = {0, 1};
    int dimensions = 0;
    for (text++; *text != ')' && *text != '\0'; dimensions++) {
        unsigned long long size = strtoull(text, &end, 10);
        if (end == text || dimensions == 2)
            return error_set(error, "must have one or two dimensions (rows, columns)");
        sizes[dimensions] = size < SIZE_MAX ? size : SIZE_MAX;
        text = end + strspn(end, ", L");
    }
    header->rows = sizes[0];
    header->columns = sizes[1];
    if (dimensions == 0 || header->rows == 0 || header->columns == 0)
        return error_set(error, "holds no rows of numbers");
    return true;
}

static bool parse_header(const char *content, size_t size, struct npy_header *header,
                         struct arena *arena, struct error *error) {
    if (size < 12 || memcmp(content, "\x93NUMPY", 6) != 0)
        return error_set(error, "is not a NumPy .npy file");
    const uint8_t *bytes = (const uint8_t *)content;
    bool is_long = bytes[6] >= 2;
    size_t length = bytes[8] | (size_t)bytes[9] << 8;
    if (is_long)
        length |= (size_t)bytes[10] << 16 | (size_t)bytes[11] << 24;
    size_t start = is_long ? 12 : 10;
    if (length > size - start)
        return error_set(error, "is cut off in its header");
    header->data_start = start + length;
    const char *text = arena_printf(arena, "%.*s", (int)length, content + start);
    const char *order = find_value(text, "'fortran_order'");
    header->fortran_order = order != NULL && strncmp(order, "True", 4) == 0;
    if (!parse_type(find_value(text, "'descr'"), header, error) ||
        !parse_shape(find_value(text, "'shape'"), header, error))
        return false;
    size_t numbers = (size - header->data_start) / header->item_size;
    if (header->columns > numbers || header->rows > numbers / header->columns)
        return error_set(error, "is cut off: its header promises %zu x %zu numbers", header->rows,
                         header->columns);
    return true;
}

#define CASE(letter, bits, type)                                                                   \
    case letter << 8 | bits / 8: {                                                                 \
        type value;                                                                                \
        little_endian_copy(&value, bytes, sizeof value);                                           \
        return (double)value;                                                                      \
    }

static double number_at(const char *bytes, const struct npy_header *header) {
    switch (header->kind << 8 | (int)header->item_size) {
        CASE('f', 32, float)
        CASE('f', 64, double)
        CASE('i', 8, int8_t)
        CASE('i', 16, int16_t)
        CASE('i', 32, int32_t)
        CASE('i', 64, int64_t)
        CASE('u', 8, uint8_t)
        CASE('u', 16, uint16_t)
        CASE('u', 32, uint32_t)
        CASE('u', 64, uint64_t)
        CASE('b', 8, uint8_t)
    }
    return NAN;
}

static void fill_table(const char *data, const struct npy_header *header, struct table *table) {
    size_t rows = header->rows, columns = header->columns;
    table->rows = rows;
    table->column_count = columns;
    table->columns = ARENA_NEW(&table->arena, struct column, columns);
    for (size_t k = 0; k < columns; k++) {
        struct column *column = &table->columns[k];
        column->name = arena_printf(&table->arena, "x%zu", k + 1);
        column->values = mem_resize(NULL, rows * sizeof(double));
        for (size_t row = 0; row < rows; row++) {
            size_t position = header->fortran_order ? k * rows + row : row * columns + k;
            column->values[row] = number_at(data + position * header->item_size, header);
        }
    }
}

/* The first number that is infinite; NaN means missing, but an infinity is a mistake. */
static bool check_finite(const struct table *table, struct error *error) {
    for (size_t k = 0; k < table->column_count; k++)
        for (size_t row = 0; row < table->rows; row++)
            if (isinf(table->columns[k].values[row]))
                return error_set(error, "row %zu, column %zu: is infinite", row + 1, k + 1);
    return true;
}

bool npy_parse(const char *path, const char *content, size_t size, struct table *table,
               struct error *error) {
    *table = (struct table){0};
    struct arena arena = {0};
    struct npy_header header = {0};
    bool read = parse_header(content, size, &header, &arena, error);
    if (read) {
        table->path = arena_strdup(&table->arena, path);
        fill_table(content + header.data_start, &header, table);
        read = check_finite(table, error);
    }
    arena_free(&arena);
    if (!read)
        table_free(table);
    return read || error_prefix(error, "%s", path);
}

bool npy_read(const char *path, struct table *table, struct error *error) {
    struct arena arena = {0};
    size_t size = 0;
    *table = (struct table){0};
    const char *content = file_read(path, &arena, &size, error);
    bool read = content != NULL && npy_parse(path, content, size, table, error);
    arena_free(&arena);
    return read;
}
