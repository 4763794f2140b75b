/* Files of the time series classification archive (.ts of sktime and aeon): lines that begin with @
 * describe the data; after @data there is one series a line, its dimensions separated by ":", its
 * values by ",", the class or target last. Missing values are "?" or "NaN"; series may differ in
 * length. With timestamps a value is written as (time,value). */
#ifndef DATA_FORMATS_TS_FORMAT_H
#define DATA_FORMATS_TS_FORMAT_H

#include "data/formats/table.h"

/* Columns: "series" (from 1), "time" where there are timestamps, "x" or "x1", "x2", ..., and "label"
 * where there are labels. */
bool ts_read(const char *path, struct table *table, struct error *error);

/* Whether its head says @timestamps true. */
bool ts_has_times(const char *path);

#endif
