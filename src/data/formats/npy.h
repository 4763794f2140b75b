/* Reading NumPy .npy arrays (format 1.0 to 3.0; one or two dimensions; little-endian f4, f8,
 * integers and booleans, C or Fortran order) as tables with columns "x1", "x2", ... */
#ifndef DATA_FORMATS_NPY_H
#define DATA_FORMATS_NPY_H

#include "data/formats/table.h"

bool npy_read(const char *path, struct table *table, struct error *error);

/* The same from the file's content; `path` is for messages. */
bool npy_parse(const char *path, const char *content, size_t size, struct table *table,
               struct error *error);

#endif
