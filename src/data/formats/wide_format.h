/* Wide format, one series a row, as in the UCR archive: a label, then the values. */
#ifndef DATA_FORMATS_WIDE_FORMAT_H
#define DATA_FORMATS_WIDE_FORMAT_H

#include "data/formats/table.h"

/* What wide files and .ts files are read into. */
#define SERIES_COLUMN "series" /* number of the series in the file from 1, or its name */
#define TIME_COLUMN   "time"   /* of .ts files with timestamps */
#define LABEL_COLUMN  "label"  /* class or value of the whole series, the same in all its rows */

/* Makes rows of the columns: columns "series", "label" (the first column) and "x". Empty cells at
 * the end of a row are not part of its series. A first column of text that is different in every
 * row names the series. */
bool table_from_wide(struct table *table, struct error *error);

#endif
