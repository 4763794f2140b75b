#include "model/params.h"

#include <string.h>

size_t param_declare_sparse(struct param_list *list, const char *name, int rows, int columns,
                            const int *position, size_t size, const char *mask) {
    struct param *grown = ARENA_NEW(list->arena, struct param, list->count + 1);
    if (list->count > 0)
        memcpy(grown, list->items, sizeof *grown * (size_t)list->count);
    list->items = grown;
    size_t offset = list->size;
    list->items[list->count++] = (struct param){
        .name = arena_strdup(list->arena, name),
        .rows = rows,
        .columns = columns,
        .offset = offset,
        .size = size,
        .position = position,
        .mask = mask == NULL ? NULL : arena_strdup(list->arena, mask),
    };
    list->size += size;
    return offset;
}

size_t param_declare(struct param_list *list, const char *name, int rows, int columns) {
    size_t size = (size_t)rows * (size_t)(columns > 0 ? columns : 1);
    return param_declare_sparse(list, name, rows, columns, NULL, size, NULL);
}

bool param_is_matrix(const struct param *param) {
    return param->columns > 0;
}
