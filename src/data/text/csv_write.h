/* Writing CSV (RFC 4180). */
#ifndef DATA_TEXT_CSV_WRITE_H
#define DATA_TEXT_CSV_WRITE_H

#include "base/csv_text.h"
#include "data/formats/table.h"

#include <stdio.h>

/* A number with as few digits as give it back, as a double or as a float; an empty field for NaN. */
void csv_write_number(FILE *out, double value);
void csv_write_single(FILE *out, float value);

/* Header and rows. Times are numbers of seconds. */
void csv_write_table(FILE *out, const struct table *table);

/* The same into a file, whole or not at all. */
bool csv_save(const struct table *table, const char *path, struct error *error);

#endif
