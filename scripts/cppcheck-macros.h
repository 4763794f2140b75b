/* Macros of libraries that cppcheck has to know, as it does not see their headers. */
#ifndef cJSON_ArrayForEach
#define cJSON_ArrayForEach(item, list) \
    for (item = (list) != NULL ? (list)->child : NULL; item != NULL; item = item->next)
#endif
