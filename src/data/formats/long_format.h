/* Long format, one measurement a row: a time, the name of a variable, its value, and perhaps the
 * series. */
#ifndef DATA_FORMATS_LONG_FORMAT_H
#define DATA_FORMATS_LONG_FORMAT_H

#include "base/fields.h"
#include "data/formats/table.h"

/* Names of columns; `group` may be NULL. `kept` are columns of text that describe a row (the site, the
 * sex of a patient), of which the first value in it counts. */
struct long_columns {
    const char *time, *variable, *value, *group;
    struct string_list kept;
    double time_grid; /* times are rounded to its multiples; 0: they are not */
    bool averages;    /* repeated measurements have their mean, not the last value */
};

/* Makes a column of every variable and a row of every time of a series; what was not measured then is
 * missing. Rows come series by series, in the order of time. Times may be clock times beyond a day
 * ("47:30"), which become seconds. A variable that is measured twice at one time has its last
 * value, or the mean of all. */
bool table_from_long(struct table *table, const struct long_columns *columns, struct error *error);

/* Adds a column without any value, unless there is one of that name: a variable that a file never
 * measures. */
void table_add_unmeasured(struct table *table, const char *name);

#endif
