/* What the columns of a table seem to be: the time, the series' names, signals, or nothing that a
 * model should see. A first config is made of this, and every choice has its reason. */
#ifndef DATA_PIPELINE_ROLES_H
#define DATA_PIPELINE_ROLES_H

#include "data/formats/table.h"

enum column_use { USE_SIGNAL, USE_TIME, USE_GROUP, USE_CLASS, USE_NONE };

struct column_role {
    enum column_use use;
    const char *why; /* "only counts the rows"; "" where there is nothing to explain */
};

#define NO_COLUMN ((size_t)-1)

struct roles {
    struct column_role *columns; /* [column_count] */
    size_t time, group;          /* positions; NO_COLUMN: there is none */
    bool is_sorted;              /* times increase in the order of the file, within each group */
    double step;                 /* median time between rows of a series; 0 without a time */
    size_t series;               /* how many there are, */
    size_t rows;                 /* and the median number of their rows */
    bool has_missing;            /* some signal has a missing value */
};

/* Whether a column's name says that it holds classes to predict: "label", "activity_class". */
bool column_is_called_class(const char *name);

/* Whether a column holds two whole numbers and no others, as 0 and 1. */
bool column_is_flag(const struct column *column, size_t rows);

/* Strings live in the arena. */
struct roles roles_find(const struct table *table, struct arena *arena);

#endif
