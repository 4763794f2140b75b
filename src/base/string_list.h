/* Lists of strings, as configs hold them. */
#ifndef BASE_STRING_LIST_H
#define BASE_STRING_LIST_H

#include "base/fields.h"

bool string_list_has(const struct string_list *list, const char *text);

/* "a, b, c"; "" without any. */
const char *string_list_join(const struct string_list *list, struct arena *arena);

#endif
