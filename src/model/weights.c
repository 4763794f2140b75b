#include "model/weights.h"

#include <stdio.h>
#include <string.h>

/* Numbers of the whole matrix. */
static size_t whole_size(const struct param *param) {
    return (size_t)param->rows * (size_t)(param->columns > 0 ? param->columns : 1);
}

static size_t position_of(const struct param *param, size_t i) {
    return param->position != NULL ? (size_t)param->position[i] : i;
}

/* A tensor of the parameter's shape; `values` [param->size] NULL: ones. */
static struct tensor whole_tensor(const struct param *param, const char *name, const real *values,
                                  struct arena *arena) {
    real *whole = ARENA_NEW(arena, real, whole_size(param));
    for (size_t i = 0; i < param->size; i++)
        whole[position_of(param, i)] = values != NULL ? values[i] : 1;
    return (struct tensor){
        .name = name,
        .size = whole_size(param),
        .dimensions = param->columns > 0 ? 2 : 1,
        .shape = {param->rows, param->columns},
        .values = whole,
    };
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

static bool check_shape(const struct param *param, const struct tensor *tensor,
                        struct error *error) {
    int dimensions = param->columns > 0 ? 2 : 1;
    char wanted[32] = "", found[64] = "";
    snprintf(wanted, sizeof wanted, dimensions == 2 ? "[%d][%d]" : "[%d]", param->rows,
             param->columns);
    for (int d = 0; d < tensor->dimensions; d++)
        snprintf(found + strlen(found), sizeof found - strlen(found), "[%d]", tensor->shape[d]);
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
        for (size_t k = 0; k < param->size; k++)
            params[param->offset + k] = tensor->values[position_of(param, k)];
        if (param->mask == NULL)
            continue;
        snprintf(name, sizeof name, "%s%s", prefix, param->mask);
        const struct tensor *mask = tensor_find(file, name);
        if (mask != NULL && !check_mask(param, mask, error))
            return false;
    }
    return true;
}
