/* Reading .npz files: archives of NumPy arrays, of which this takes one that stands alone. */
#ifndef DATA_FORMATS_NPZ_H
#define DATA_FORMATS_NPZ_H

#include "data/formats/table.h"

/* Reads its only array; nothing is written to disk. */
bool npz_read(const char *path, struct table *table, struct error *error);

#endif
