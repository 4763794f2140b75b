/* Reading CSV files and their kin, plain or compressed with gzip.
 *
 * The dialect is detected (data/text/dialect.h) where the options do not say it: delimiter, decimal
 * mark, header, comments, "sep=" line. A column is numbers (or per cent, or booleans as 0/1),
 * times, or text; all of its fields decide, and a column that is numbers but for a few fields is
 * text that remembers the first of these. Columns without a name and a value are passed over. Rows
 * of the wrong length are errors that name file and line. */
#ifndef DATA_TEXT_CSV_H
#define DATA_TEXT_CSV_H

#include "base/fields.h"
#include "data/formats/table.h"

enum csv_header { CSV_HEADER_DETECT, CSV_HEADER_YES, CSV_HEADER_NO, CSV_HEADER_UNITS };

/* Columns are named as table_find() finds them. */
struct csv_options {
    char delimiter, decimal, thousands; /* 0: detect */
    enum csv_header header;
    const char *comment; /* NULL: detect; "": there are none */
    int skip;            /* lines at the top that are not read */
    struct string_list missing_tokens;
    bool keep_na;                   /* NA and the like are names in columns of text */
    struct string_list time;        /* columns that are times, together when they are several */
    const char *time_format;        /* of strptime(3); NULL: ISO 8601 or numbers */
    const char *group, *variable;   /* columns that stay text; NULL: none */
    struct string_list categorical; /* columns that stay text */
    struct string_list labels;      /* columns that stay text unless they are plain numbers */
};

/* Reads the whole file as a stream; memory stays within 3 times that of the numbers. */
bool csv_read(const char *path, const struct csv_options *options, struct table *table,
              struct error *error);

/* The name of the column of times: that of the one, or those of several with blanks between. */
const char *csv_time_name(const struct string_list *time, struct arena *arena);

#endif
