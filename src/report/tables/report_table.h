/* Tables of text: what the exporters render. */
#ifndef REPORT_TABLES_REPORT_TABLE_H
#define REPORT_TABLES_REPORT_TABLE_H

#include "report/results/results.h"

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

/* All columns must be there before the first row. Cells hold NO_VALUE. */
struct report_cell *table_add_row(struct report_table *table);

struct report_cell model_cell(const struct model_results *model);

#endif
