#include "base/string_list.h"

#include <string.h>

bool string_list_has(const struct string_list *list, const char *text) {
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->items[i], text) == 0)
            return true;
    return false;
}
