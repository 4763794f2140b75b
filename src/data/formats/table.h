/* A table of typed columns: what a CSV or .npy file holds once it is read. */
#ifndef DATA_FORMATS_TABLE_H
#define DATA_FORMATS_TABLE_H

#include "base/arena.h"
#include "base/error.h"
#include "base/notes.h"
#include "data/text/text_set.h"

#include <stdbool.h>
#include <stddef.h>

enum column_type {
    COLUMN_NUMBER, /* values are the numbers; NaN where the file says missing */
    COLUMN_TIME,   /* values are seconds since 1970-01-01T00:00Z, read from dates */
    COLUMN_LABEL,  /* values are positions in `labels`; NaN where missing */
};

/* A field of a text file that is not what it would have to be. */
struct odd_field {
    const char *text; /* NULL: there is none */
    size_t line;
};

struct column {
    const char *name;
    enum column_type type;
    double *values;      /* [rows]; malloc'd, owned by the table */
    double *rest;        /* [rows] what the doubles lost: the number is value + rest; NULL: nothing.
                            Columns of times alone have it */
    const char **labels; /* COLUMN_LABEL: the distinct texts, sorted as text */
    size_t label_count;
    bool is_row_number;  /* the unnamed first column that R and pandas write: not data */
    bool is_time_part;   /* one of several columns that dataset.time names together */
    bool is_empty;       /* no row has a value */
    const char *na_text; /* a field such as "NA" that counts as missing among texts; NULL: none */
    /* COLUMN_LABEL from a text file: the first field that is no number, no time; and whether most
     * are numbers, times all the same. */
    struct odd_field not_number, not_time;
    bool mostly_numbers, mostly_times;
};

struct table {
    const char *path; /* where it came from, for messages */
    size_t rows;
    size_t column_count;
    struct column *columns;
    size_t units_line;     /* a row of text below the names that looks like units; 0: none */
    struct text_set index; /* of the names, once table_index() has made it */
    struct notes notes;    /* what the reader of the file wants the user to know */
    struct arena arena;    /* names, labels, notes */
};

/* Makes table_find() fast; for readers, when the columns are complete. */
void table_index(struct table *table);

/* Adds a column of numbers, whose values are to be filled in. The name stays the caller's. */
struct column *table_append(struct table *table, const char *name);

/* Position of a column, by name or by number from 1 ("3" when no column is called so); an unknown
 * name is an error that suggests the nearest. Returns false on error. */
bool table_find(const struct table *table, const char *name, size_t *position, struct error *error);

/* An error about a column of text where numbers or times are needed: the file, line and text of the
 * field that is none, and the remedy. Returns false. */
bool column_refuse_numbers(const struct table *table, size_t position, struct error *error);

/* The same where the format wants numbers, so that leaving the column out is no remedy. */
bool column_refuse_text(const struct table *table, size_t position, struct error *error);
bool column_refuse_times(const struct table *table, size_t position, struct error *error);

/* The time from row `from` to row `to`, exact to about 100 bits of the times before rounding. */
static inline double time_between(const struct column *column, size_t from, size_t to) {
    double difference = column->values[to] - column->values[from];
    return column->rest == NULL ? difference : difference + (column->rest[to] - column->rest[from]);
}

/* The values of a column that is taken out of its table. */
void column_free(struct column *column);

void table_free(struct table *table);

#endif
