#include "model/weights.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static size_t position_of(const struct param *param, size_t i) {
    return param->position != NULL ? (size_t)param->position[i] : i;
}

/* A tensor of the parameter's shape; `values` [param->size] NULL: ones. */
static struct tensor whole_tensor(const struct param *param, const char *name, const real *values,
                                  struct arena *arena) {
    real *whole = ARENA_NEW(arena, real, param_whole_size(param));
    for (size_t i = 0; i < param->size; i++)
        whole[position_of(param, i)] = values != NULL ? values[i] : 1;
    struct tensor tensor = {
        .name = name,
        .size = param_whole_size(param),
        .dimensions = param->dimensions,
        .values = whole,
    };
    memcpy(tensor.shape, param->shape, sizeof tensor.shape);
    return tensor;
}

struct tensor *weights_tensors(const struct param_list *list, const real *params,
                               struct arena *arena, size_t *count) {
    struct tensor *tensors = ARENA_NEW(arena, struct tensor, 2 * list->count);
    *count = 0;
    for (int i = 0; i < list->count; i++) {
        const struct param *param = &list->items[i];
        tensors[(*count)++] = whole_tensor(param, param->name, params + param->offset, arena);
        if (param->mask != NULL)
            tensors[(*count)++] = whole_tensor(param, param->mask, NULL, arena);
    }
    return tensors;
}

static void shape_text(int dimensions, const int *shape, char text[64]) {
    text[0] = '\0';
    for (int d = 0; d < dimensions; d++)
        snprintf(text + strlen(text), 64 - strlen(text), "[%d]", shape[d]);
}

static bool check_shape(const struct param *param, const struct tensor *tensor,
                        struct error *error) {
    char wanted[64], found[64];
    shape_text(param->dimensions, param->shape, wanted);
    shape_text(tensor->dimensions, tensor->shape, found);
    return strcmp(wanted, found) == 0 ||
           error_set(error, "tensor \"%s\" has shape %s, but the model needs %s", tensor->name,
                     found, wanted);
}

static bool check_mask(const struct param *param, const struct tensor *mask, struct error *error) {
    size_t ones = 0;
    bool same = true;
    if (!check_shape(param, mask, error))
        return false;
    for (size_t i = 0; i < mask->size; i++)
        ones += mask->values[i] != 0;
    for (size_t i = 0; i < param->size; i++)
        same = same && mask->values[position_of(param, i)] != 0;
    return (same && ones == param->size) ||
           error_set(error, "tensor \"%s\" has other synapses than the model's wiring", mask->name);
}

bool weights_read(const struct param_list *list, const struct tensor_file *file, const char *prefix,
                  real *params, struct error *error) {
    for (int i = 0; i < list->count; i++) {
        const struct param *param = &list->items[i];
        char name[256];
        snprintf(name, sizeof name, "%s%s", prefix, param->name);
        const struct tensor *tensor = tensor_find(file, name);
        if (tensor == NULL)
            return error_set(error, "has no tensor \"%s\"", name);
        if (!check_shape(param, tensor, error))
            return false;
        for (size_t k = 0; k < param->size; k++) {
            real value = tensor->values[position_of(param, k)];
            if (!isfinite(value))
                return error_set(error, "tensor \"%s\" holds %g, as no trained model does", name,
                                 (double)value);
            params[param->offset + k] = value;
        }
        if (param->mask == NULL)
            continue;
        snprintf(name, sizeof name, "%s%s", prefix, param->mask);
        const struct tensor *mask = tensor_find(file, name);
        if (mask != NULL && !check_mask(param, mask, error))
            return false;
    }
    return true;
}
