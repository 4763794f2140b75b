#include "report/tables/report_table.h"

#include "report/tables/format.h"

struct report_table table_new(const char *name, const char *title, size_t max_rows,
                              size_t max_columns, struct arena *arena) {
    return (struct report_table){
        .name = name,
        .title = title,
        .note = "",
        .columns = ARENA_NEW(arena, struct report_column, max_columns + 1),
        .cells = ARENA_NEW(arena, struct report_cell, max_rows * max_columns + 1),
        .baseline_row = (size_t)-1,
    };
}

void table_add_column(struct report_table *table, const char *title, bool left) {
    table->columns[table->column_count++] = (struct report_column){.title = title, .left = left};
}

void table_add_model_column(struct report_table *table, const struct model_results *model) {
    table->columns[table->column_count++] =
        (struct report_column){.title = model->name, .swatch = model->colour};
}

struct report_cell *table_add_row(struct report_table *table) {
    struct report_cell *row = table->cells + table->row_count++ * table->column_count;
    for (size_t c = 0; c < table->column_count; c++)
        row[c] = (struct report_cell){.text = NO_VALUE};
    return row;
}

struct report_cell model_cell(const struct model_results *model) {
    return (struct report_cell){.text = model->name, .swatch = model->colour};
}
