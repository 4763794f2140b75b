#include "engine/params.h"

#include <string.h>

/* Appends a view with the shape alone. */
static struct param *append(struct param_list *list, const char *name, const int *shape,
                            bool is_matrix) {
    struct param *grown = ARENA_NEW(list->arena, struct param, list->count + 1);
    if (list->count > 0)
        memcpy(grown, list->items, sizeof *grown * (size_t)list->count);
    list->items = grown;
    struct param *param = &list->items[list->count++];
    *param = (struct param){
        .name = arena_strdup(list->arena, name),
        .is_matrix = is_matrix,
        .offset = list->size,
    };
    while (param->dimensions < PARAM_MAX_DIMENSIONS && shape[param->dimensions] != 0) {
        param->shape[param->dimensions] = shape[param->dimensions];
        param->dimensions++;
    }
    return param;
}

size_t param_declare_sparse(struct param_list *list, const char *name, int rows, int columns,
                            const int *position, size_t size, const char *mask) {
    struct param *param = append(list, name, (int[]){rows, columns, 0}, columns > 0);
    param->size = size;
    param->position = position;
    param->mask = mask == NULL ? NULL : arena_strdup(list->arena, mask);
    list->size += size;
    return param->offset;
}

size_t param_declare_shaped(struct param_list *list, const char *name, const int *shape,
                            bool is_matrix) {
    struct param *param = append(list, name, shape, is_matrix);
    param->size = param_whole_size(param);
    list->size += param->size;
    return param->offset;
}

size_t param_declare(struct param_list *list, const char *name, int rows, int columns) {
    return param_declare_shaped(list, name, (int[]){rows, columns, 0}, columns > 0);
}

size_t param_whole_size(const struct param *param) {
    size_t size = 1;
    for (int d = 0; d < param->dimensions; d++)
        size *= (size_t)param->shape[d];
    return size;
}
