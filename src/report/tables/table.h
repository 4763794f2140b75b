/* Tables of text: what the exporters render. */
#ifndef REPORT_TABLES_TABLE_H
#define REPORT_TABLES_TABLE_H

#include "report/results/results.h"

struct cell {
    const char *text;
    bool best;          /* stands out: the best of its column (or row) among the networks */
    const char *swatch; /* the colour of the model it names, or NULL */
};

struct column {
    const char *title;
    bool left;          /* text; numbers stand at the right */
    const char *swatch; /* the colour of the model it names, or NULL */
};

/* Rows from `baseline_row` on belong to baselines and are set apart. */
struct table {
    const char *name;  /* "noise": what programs and pictures call it */
    const char *title; /* "Robustness to noise" */
    const char *note;  /* how to read it; may be "" */
    struct column *columns;
    size_t column_count;
    struct cell *cells; /* [row_count][column_count] */
    size_t row_count;
    size_t baseline_row; /* row_count when there are no baselines or rows are not models */
    bool details;        /* long: folded in HTML, left out where nothing folds */
};

struct table table_new(const char *name, const char *title, size_t most_rows, size_t most_columns,
                       struct arena *arena);
void table_add_column(struct table *table, const char *title, bool left);
void table_add_model_column(struct table *table, const struct model_results *model);

/* All columns must be there before the first row. Cells hold NO_VALUE. */
struct cell *table_add_row(struct table *table);

struct cell model_cell(const struct model_results *model);

#endif
