/* A table of typed columns: what a CSV or .npy file holds once it is read. */
#ifndef DATA_TABLE_H
#define DATA_TABLE_H

#include "base/arena.h"
#include "base/error.h"
#include "base/notes.h"

#include <stdbool.h>
#include <stddef.h>

enum column_type {
    COLUMN_NUMBER, /* values are the numbers; NaN where the file says missing */
    COLUMN_TIME,   /* values are seconds since 1970-01-01T00:00Z, read from ISO 8601 text */
    COLUMN_LABEL,  /* values are positions in `labels`; NaN where missing */
};

struct column {
    const char *name;
    enum column_type type;
    double *values;      /* [rows]; malloc'd, owned by the table */
    const char **labels; /* COLUMN_LABEL: the distinct texts, sorted as text */
    size_t label_count;
    bool is_row_number; /* the unnamed first column that R and pandas write: not data */
};

struct table {
    const char *path; /* where it came from, for messages */
    size_t rows;
    size_t column_count;
    struct column *columns;
    struct notes notes; /* what the reader of the file wants the user to know */
    struct arena arena; /* names, labels, notes */
};

/* Position of a column, by name or by number from 1 ("3" when no column is called so); an unknown
 * name is an error that suggests the nearest. Returns false on error. */
bool table_find(const struct table *table, const char *name, size_t *position, struct error *error);

void table_free(struct table *table);

#endif
