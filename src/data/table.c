#include "data/table.h"

#include "base/suggest.h"

#include <stdlib.h>
#include <string.h>

bool table_find(const struct table *table, const char *name, size_t *position,
                struct error *error) {
    struct suggestion nearest = {.wanted = name};
    for (size_t i = 0; i < table->column_count; i++) {
        if (strcmp(table->columns[i].name, name) == 0) {
            *position = i;
            return true;
        }
        suggestion_offer(&nearest, table->columns[i].name);
    }
    char *end;
    unsigned long number = strtoul(name, &end, 10);
    if (name[0] >= '0' && name[0] <= '9' && *end == '\0' && number >= 1 &&
        number <= table->column_count) {
        *position = number - 1;
        return true;
    }
    if (nearest.nearest != NULL)
        return error_set(error, "%s has no column \"%s\"; did you mean \"%s\"?", table->path, name,
                         nearest.nearest);
    return error_set(error, "%s has no column \"%s\"; its %zu columns begin with \"%s\"",
                     table->path, name, table->column_count, table->columns[0].name);
}

void table_free(struct table *table) {
    for (size_t i = 0; i < table->column_count; i++)
        free(table->columns[i].values);
    arena_free(&table->arena);
    *table = (struct table){0};
}
