#include "report/tables/report_table.h"

#include "report/tables/format.h"

#include <math.h>

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

size_t table_add_models(struct report_table *table, const struct dataset_results *dataset,
                        const struct model_results *shown[MAX_MODEL_COLUMNS]) {
    size_t count = select_models(dataset, MAX_SIDE_BY_SIDE, MAX_BASELINES_BESIDE, shown);
    for (size_t m = 0; m < count; m++)
        table_add_model_column(table, shown[m]);
    return count;
}

void table_mark_best(struct report_cell *first, size_t stride, const double *values, size_t count,
                     bool higher_is_better) {
    size_t best = count;
    for (size_t i = 0; i < count; i++)
        if (!isnan(values[i]) && (best == count || (higher_is_better ? values[i] > values[best]
                                                                     : values[i] < values[best])))
            best = i;
    if (best < count)
        first[best * stride].best = true;
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
