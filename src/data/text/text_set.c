#include "data/text/text_set.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static uint64_t hash_text(const char *text) {
    uint64_t hash = 14695981039346656037u; /* FNV-1a */
    for (; *text != '\0'; text++)
        hash = (hash ^ (unsigned char)*text) * 1099511628211u;
    return hash ^ hash >> 32;
}

/* The slot of a text, or the free one where it belongs. */
static size_t *slot_of(const struct text_set *set, const char *text) {
    size_t mask = set->slot_count - 1, slot = hash_text(text) & mask;
    while (set->slots[slot] != 0 && strcmp(set->names[set->slots[slot] - 1], text) != 0)
        slot = (slot + 1) & mask;
    return &set->slots[slot];
}

static void grow(struct text_set *set) {
    set->slot_count = set->slot_count == 0 ? 64 : 2 * set->slot_count;
    free(set->slots);
    set->slots = mem_resize(NULL, set->slot_count * sizeof *set->slots);
    memset(set->slots, 0, set->slot_count * sizeof *set->slots);
    set->names = mem_resize(set->names, set->slot_count / 2 * sizeof *set->names);
    for (size_t i = 0; i < set->count; i++)
        *slot_of(set, set->names[i]) = i + 1;
}

size_t text_set_add(struct text_set *set, const char *text, struct arena *arena) {
    if (set->slot_count == 0)
        grow(set);
    size_t *slot = slot_of(set, text);
    if (*slot != 0)
        return *slot - 1;
    if (set->count == set->slot_count / 2) {
        grow(set);
        slot = slot_of(set, text);
    }
    set->names[set->count++] = arena != NULL ? arena_strdup(arena, text) : text;
    *slot = set->count;
    return set->count - 1;
}

bool text_set_find(const struct text_set *set, const char *text, size_t *number) {
    if (set->slot_count == 0)
        return false;
    const size_t *slot = slot_of(set, text);
    *number = *slot - 1;
    return *slot != 0;
}

void text_set_free(struct text_set *set) {
    free(set->names);
    free(set->slots);
    *set = (struct text_set){0};
}
