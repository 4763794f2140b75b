#include "model/params.h"

#include <string.h>

size_t param_declare(struct param_list *list, const char *name, int rows, int columns) {
    struct param *grown = ARENA_NEW(list->arena, struct param, list->count + 1);
    if (list->count > 0)
        memcpy(grown, list->items, sizeof *grown * (size_t)list->count);
    list->items = grown;
    size_t size = (size_t)rows * (size_t)(columns > 0 ? columns : 1);
    size_t offset = list->size;
    list->items[list->count++] =
        (struct param){arena_strdup(list->arena, name), rows, columns, offset, size};
    list->size += size;
    return offset;
}

bool param_is_matrix(const struct param *param) {
    return param->columns > 0;
}
