/* Files of named tensors in the safetensors format: 8 bytes of header length, a JSON header, raw
 * little-endian numbers. Written as F32; read as F32 or F64. */
#ifndef MODEL_SAFETENSORS_H
#define MODEL_SAFETENSORS_H

#include "base/arena.h"
#include "base/error.h"
#include "base/json.h"
#include "math/real.h"

#include <stddef.h>

struct tensor {
    const char *name;
    size_t size; /* numbers */
    int dimensions;
    int shape[4];
    const real *values;
};

struct tensor_file {
    struct tensor *tensors;
    size_t count;
    cJSON *metadata; /* "__metadata__": strings by name; NULL when there is none */
    struct arena arena;
};

bool safetensors_read(const char *path, struct tensor_file *file, struct error *error);
const struct tensor *tensor_find(const struct tensor_file *file, const char *name);
void tensor_file_free(struct tensor_file *file);

/* Written whole or not at all. `metadata` (an object of strings) may be NULL. */
bool safetensors_write(const char *path, const struct tensor *tensors, size_t count,
                       const cJSON *metadata, struct error *error);

#endif
