#include "data/pipeline/categories.h"

#include "data/formats/table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_CATEGORIES = 1000 };

static bool find_text(const struct table *table, const char *name, size_t *position,
                      struct error *error) {
    if (!table_find(table, name, position, error))
        return false;
    const struct column *column = &table->columns[*position];
    return column->type == COLUMN_LABEL || column->is_empty ||
           error_set(error, "%s: column \"%s\" is not text", table->path, column->name);
}

bool categories_collect(struct categories *categories, const struct table *table, const char *name,
                        size_t first, size_t rows, struct arena *arena, struct error *error) {
    size_t position;
    if (!find_text(table, name, &position, error))
        return false;
    const struct column *column = &table->columns[position];
    bool *known = mem_resize(NULL, column->label_count + 1);
    memset(known, false, column->label_count + 1);
    for (size_t i = 0; i < categories->count; i++)
        for (size_t k = 0; k < column->label_count; k++)
            known[k] = known[k] || (strcmp(categories->items[i].column, column->name) == 0 &&
                                    strcmp(categories->items[i].text, column->labels[k]) == 0);
    bool good = true;
    for (size_t row = first; good && row < first + rows; row++) {
        double value = column->values[row];
        if (isnan(value) || known[(size_t)value])
            continue;
        known[(size_t)value] = true;
        if (categories->items == NULL)
            categories->items = ARENA_NEW(arena, struct category, MAX_CATEGORIES);
        good = categories->count < MAX_CATEGORIES ||
               error_set(error, "column \"%s\" makes more than %d categories; is it an id?", name,
                         MAX_CATEGORIES);
        if (good)
            categories->items[categories->count++] =
                (struct category){arena_strdup(arena, column->name),
                                  arena_strdup(arena, column->labels[(size_t)value])};
    }
    free(known);
    return good;
}

static int compare(const void *a, const void *b) {
    return strcmp(((const struct category *)a)->text, ((const struct category *)b)->text);
}

void categories_sort(struct categories *categories, size_t first) {
    if (categories->count > first)
        qsort(categories->items + first, categories->count - first, sizeof *categories->items,
              compare);
}

const char *category_name(const struct category *category, struct arena *arena) {
    return arena_printf(arena, "%s=%s", category->column, category->text);
}

/* 1 where the column has the text, 0 where it has a different one. */
static double *indicate(const struct column *column, const char *text, size_t rows) {
    double *values = mem_resize(NULL, rows * sizeof *values), wanted = NAN;
    for (size_t k = 0; k < column->label_count; k++)
        if (strcmp(column->labels[k], text) == 0)
            wanted = (double)k;
    for (size_t row = 0; row < rows; row++)
        values[row] = isnan(column->values[row]) ? NAN : column->values[row] == wanted;
    return values;
}

bool categories_expand(const struct categories *categories, struct table *table,
                       struct error *error) {
    if (categories->count == 0)
        return true;
    size_t count = table->column_count, position;
    struct column *columns = ARENA_NEW(&table->arena, struct column, count + categories->count);
    memcpy(columns, table->columns, count * sizeof *columns);
    table->columns = columns;
    for (size_t i = 0; i < categories->count; i++) {
        const struct category *category = &categories->items[i];
        if (!find_text(table, category->column, &position, error))
            return error_prefix(error, "dataset.categorical");
        columns[table->column_count++] = (struct column){
            .name = category_name(category, &table->arena),
            .values = indicate(&columns[position], category->text, table->rows),
        };
    }
    table_index(table);
    return true;
}
