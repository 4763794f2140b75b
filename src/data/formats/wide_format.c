#include "data/formats/wide_format.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool check_columns(const struct table *table, struct error *error) {
    if (table->column_count < 2)
        return error_set(error,
                         "%s: has one column; \"format\": \"wide\" has a label and then the values "
                         "of a series in each row",
                         table->path);
    for (size_t i = 1; i < table->column_count; i++) {
        const struct column *column = &table->columns[i];
        if (column->type == COLUMN_LABEL)
            return column_refuse_text(table, i, error) ||
                   error_prefix(error,
                                "\"format\": \"wide\" has a label first and numbers after it");
        if (column->type == COLUMN_TIME)
            return error_set(error, "%s: column %zu holds dates, not numbers", table->path, i + 1);
    }
    return true;
}

/* Values of a row up to the last that is there. */
static size_t series_length(const struct table *table, size_t row) {
    size_t length = table->column_count - 1;
    while (length > 0 && isnan(table->columns[length].values[row]))
        length--;
    return length;
}

static double *room(size_t rows) {
    return mem_resize(NULL, rows * sizeof(double));
}

static void replace_columns(struct table *table, struct column *columns, size_t count,
                            size_t rows) {
    for (size_t i = 0; i < table->column_count; i++)
        column_free(&table->columns[i]);
    table->columns = columns;
    table->column_count = count;
    table->rows = rows;
}

bool table_from_wide(struct table *table, struct error *error) {
    if (!check_columns(table, error))
        return false;
    size_t rows = 0;
    for (size_t i = 0; i < table->rows; i++) {
        size_t length = series_length(table, i);
        if (length == 0)
            return error_set(error, "%s: row %zu has no values", table->path, i + 1);
        rows += length;
    }
    const struct column *label = &table->columns[0];
    bool is_name = label->type == COLUMN_LABEL && label->label_count == table->rows;
    struct column *columns = ARENA_NEW(&table->arena, struct column, 3);
    columns[0] = (struct column){.name = SERIES_COLUMN};
    if (is_name)
        columns[0] = *label;
    columns[1] = *label;
    columns[1].is_row_number = true; /* no input, unless it is named */
    columns[0].name = SERIES_COLUMN;
    columns[1].name = LABEL_COLUMN;
    columns[2] = (struct column){.name = "x"};
    for (int k = 0; k < 3; k++) {
        columns[k].values = room(rows);
        columns[k].rest = NULL; /* the label's goes with its old column */
    }
    size_t row = 0;
    for (size_t i = 0; i < table->rows; i++)
        for (size_t k = 0; k < series_length(table, i); k++, row++) {
            columns[0].values[row] = is_name ? label->values[i] : (double)(i + 1);
            columns[1].values[row] = label->values[i];
            columns[2].values[row] = table->columns[k + 1].values[i];
        }
    replace_columns(table, columns, 3, rows);
    return true;
}
