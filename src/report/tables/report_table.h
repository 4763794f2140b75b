/* Tables of text: what the exporters render. */
#ifndef REPORT_TABLES_REPORT_TABLE_H
#define REPORT_TABLES_REPORT_TABLE_H

#include "report/results/results.h"

/* More models than these are not shown side by side, only the best. */
enum {
    MAX_SIDE_BY_SIDE = 10,
    MAX_BASELINES_BESIDE = 3,
    MAX_MODEL_COLUMNS = MAX_SIDE_BY_SIDE + MAX_BASELINES_BESIDE
};

struct report_cell {
    const char *text;
    bool best;          /* stands out: the best of its column (or row) among the networks */
    const char *swatch; /* the colour of the model it names, or NULL */
};

struct report_column {
    const char *title;
    bool left;          /* text; numbers are at the right */
    const char *swatch; /* the colour of the model it names, or NULL */
};

/* Rows from `baseline_row` on belong to baselines and are set apart. */
struct report_table {
    const char *name;  /* "noise": what programs and pictures call it */
    const char *title; /* "Robustness to noise" */
    const char *note;  /* how to read it; may be "" */
    struct report_column *columns;
    size_t column_count;
    struct report_cell *cells; /* [row_count][column_count] */
    size_t row_count;
    size_t baseline_row; /* row_count when there are no baselines or rows are not models */
    bool details;        /* long: folded in HTML, left out where nothing folds */
};

struct report_table table_new(const char *name, const char *title, size_t max_rows,
                              size_t max_columns, struct arena *arena);
void table_add_column(struct report_table *table, const char *title, bool left);
void table_add_model_column(struct report_table *table, const struct model_results *model);

/* Adds a column for each of the models that fit; returns their number. */
size_t table_add_models(struct report_table *table, const struct dataset_results *dataset,
                        const struct model_results *shown[MAX_MODEL_COLUMNS]);

/* Marks the best of values [count], which stand in every `stride`th cell from the first one on; NaN
 * is not in the running. */
void table_mark_best(struct report_cell *first, size_t stride, const double *values, size_t count,
                     bool higher_is_better);

/* All columns must be there before the first row. Cells hold NO_VALUE. */
struct report_cell *table_add_row(struct report_table *table);

struct report_cell model_cell(const struct model_results *model);

#endif
