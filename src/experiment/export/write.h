/* Writes C: names, numbers, arrays. */
#ifndef EXPERIMENT_EXPORT_WRITE_H
#define EXPERIMENT_EXPORT_WRITE_H

#include "base/fields.h"
#include "experiment/export/stored.h"

#include <stdio.h>

/* "0.1f", "-3.0f", a float that reads back as it was. */
void write_float(FILE *out, double value);

/* A string literal, of any text. */
void write_string(FILE *out, const char *text);

/* Text inside a comment, which it cannot end. */
void write_comment(FILE *out, const char *text);

/* static const float NAME[] = {...}; */
void write_floats(FILE *out, const char *name, size_t count, const double *values);

/* The arrays of a tensor, whose names begin with "l<layer>_"; returns their bytes. */
size_t write_tensor(FILE *out, int layer, const struct stored *tensor, enum weight_type type);

/* ".inside.weight_ih = {...}," with them; `prefix` is what stands in front of the path. */
void write_initialiser(FILE *out, int layer, const char *prefix, const struct stored *tensor,
                       enum weight_type type);

/* "#define OPTION_<NAME> ..." for each field but wirings: of a choice whether it was made, and
 * OPTION_<NAME>_<CHOICE> 1 or 0 for each. `above` begins the names: "OPTION_". */
void write_options(FILE *out, const char *above, const struct field *fields, const void *options);

#endif
