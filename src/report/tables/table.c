#include "report/tables/table.h"

#include "report/tables/format.h"

struct table table_new(const char *name, const char *title, size_t most_rows, size_t most_columns,
                       struct arena *arena) {
    return (struct table){
        .name = name,
        .title = title,
        .note = "",
        .columns = ARENA_NEW(arena, struct column, most_columns + 1),
        .cells = ARENA_NEW(arena, struct cell, most_rows * most_columns + 1),
        .baseline_row = (size_t)-1,
    };
}

void table_add_column(struct table *table, const char *title, bool left) {
    table->columns[table->column_count++] = (struct column){.title = title, .left = left};
}

void table_add_model_column(struct table *table, const struct model_results *model) {
    table->columns[table->column_count++] =
        (struct column){.title = model->name, .swatch = model->colour};
}

struct cell *table_add_row(struct table *table) {
    struct cell *row = table->cells + table->row_count++ * table->column_count;
    for (size_t c = 0; c < table->column_count; c++)
        row[c] = (struct cell){.text = NO_VALUE};
    return row;
}

struct cell model_cell(const struct model_results *model) {
    return (struct cell){.text = model->name, .swatch = model->colour};
}
