/* Text in CSV files (RFC 4180), for all that writes them. */
#ifndef BASE_CSV_TEXT_H
#define BASE_CSV_TEXT_H

#include <stdio.h>

/* A text field, in quotes where it needs them. One that a spreadsheet would take for a formula,
 * such as "=1+1", has a "'" before it. */
void csv_write_text(FILE *out, const char *text);

/* The same without the "'", for data that programs read again. */
void csv_write_exact(FILE *out, const char *text);

#endif
