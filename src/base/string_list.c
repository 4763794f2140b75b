#include "base/string_list.h"

#include <string.h>

bool string_list_has(const struct string_list *list, const char *text) {
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->items[i], text) == 0)
            return true;
    return false;
}

const char *string_list_join(const struct string_list *list, struct arena *arena) {
    const char *text = "";
    for (size_t i = 0; i < list->count; i++)
        text = arena_printf(arena, "%s%s%s", text, i == 0 ? "" : ", ", list->items[i]);
    return text;
}
