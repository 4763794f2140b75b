/* Distinct texts, numbered in the order in which they were added: an open-addressing hash table. */
#ifndef DATA_TEXT_TEXT_SET_H
#define DATA_TEXT_TEXT_SET_H

#include "base/arena.h"

#include <stdbool.h>

struct text_set {
    const char **names; /* [count] by number */
    size_t count;
    size_t *slots; /* number + 1, or 0 where free; a power of two of them */
    size_t slot_count;
};

/* The text's number; a new text is copied into the arena (with NULL, kept as it is). */
size_t text_set_add(struct text_set *set, const char *text, struct arena *arena);

bool text_set_find(const struct text_set *set, const char *text, size_t *number);

void text_set_free(struct text_set *set);

#endif
