/* Reading CSV files: lines without quotation marks by hand, the others with libcsv.
 *
 * Handles a header line or none, `,` `;` tab or blanks between fields (detected unless said),
 * quotes, CRLF, a byte order mark, missing tokens (empty, NA, NaN, nan, null, ?), numbers, ISO 8601
 * times, text labels, and files with an unnamed first column of row numbers (7 names over 8 fields,
 * as R writes them). Rows of the wrong length and mixed columns are errors that name file, line and
 * column. */
#ifndef DATA_CSV_H
#define DATA_CSV_H

#include "data/table.h"

enum csv_header { CSV_HEADER_DETECT, CSV_HEADER_YES, CSV_HEADER_NO };

struct csv_options {
    char delimiter; /* 0: detect */
    enum csv_header header;
};

/* Reads the whole file as a stream; memory stays within 3 times that of the numbers. */
bool csv_read(const char *path, const struct csv_options *options, struct table *table,
              struct error *error);

#endif
