#include "base/arena.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Chunks double in size: thousands of arenas may hold next to nothing each. */
enum { ALIGNMENT = 64, MIN_CHUNK = 512, MAX_CHUNK = 1 << 16 };

struct arena_chunk {
    _Alignas(ALIGNMENT) struct arena_chunk *next;
    size_t size, used; /* bytes after this header */
};

_Noreturn static void exit_out_of_memory(size_t bytes) {
    fprintf(stderr, "liquidbench: out of memory (asked for %zu bytes)\n", bytes);
    fflush(NULL);
    _exit(EXIT_OUT_OF_MEMORY);
}

static struct arena_chunk *chunk_new(size_t bytes) {
    size_t total = sizeof(struct arena_chunk) + bytes;
    void *memory = NULL;
    if (total < bytes || posix_memalign(&memory, ALIGNMENT, total) != 0)
        exit_out_of_memory(bytes);
    memset(memory, 0, total);
    struct arena_chunk *chunk = memory;
    chunk->size = bytes;
    return chunk;
}

static size_t aligned(size_t bytes) {
    return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

/* The bytes at the first place that is free and a multiple of `alignment`. They count as if they had
 * been aligned to 64: the memory that records report does not change with where texts stand. */
static void *take(struct arena *arena, size_t bytes, size_t alignment) {
    if (bytes > SIZE_MAX - 2 * ALIGNMENT)
        exit_out_of_memory(bytes);
    struct arena_chunk *chunk = arena->chunks;
    size_t place = chunk == NULL ? 0 : (chunk->used + alignment - 1) / alignment * alignment;
    if (chunk == NULL || place > chunk->size || chunk->size - place < bytes) {
        size_t size = chunk == NULL ? MIN_CHUNK : 2 * chunk->size;
        size = size < MAX_CHUNK ? size : MAX_CHUNK;
        chunk = chunk_new(bytes > size ? aligned(bytes) : size);
        chunk->next = arena->chunks;
        arena->chunks = chunk;
        place = 0;
    }
    chunk->used = place + bytes;
    arena->allocated += aligned(bytes);
    return (char *)(chunk + 1) + place;
}

void *arena_alloc(struct arena *arena, size_t bytes) {
    return take(arena, bytes, ALIGNMENT);
}

void *arena_alloc_array(struct arena *arena, size_t count, size_t size) {
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes))
        exit_out_of_memory(SIZE_MAX);
    return arena_alloc(arena, bytes);
}

char *arena_strdup(struct arena *arena, const char *text) {
    size_t size = strlen(text) + 1;
    return memcpy(take(arena, size, 1), text, size);
}

char *arena_printf(struct arena *arena, const char *format, ...) {
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    size_t size = (size_t)(length < 0 ? 0 : length) + 1;
    char *text = take(arena, size, 1);
    vsnprintf(text, size, format, again);
    va_end(again);
    return text;
}

void *arena_grow(struct arena *arena, void *items, size_t count, size_t size) {
    if ((count & (count - 1)) != 0) /* it is full at 0, 1, 2, 4, 8, ... */
        return items;
    void *larger = arena_alloc_array(arena, count == 0 ? 1 : 2 * count, size);
    return count == 0 ? larger : memcpy(larger, items, count * size);
}

void arena_free(struct arena *arena) {
    while (arena->chunks != NULL) {
        struct arena_chunk *next = arena->chunks->next;
        free(arena->chunks);
        arena->chunks = next;
    }
    arena->allocated = 0;
}

void *mem_resize(void *memory, size_t bytes) {
    void *resized = realloc(memory, bytes > 0 ? bytes : 1);
    if (resized == NULL)
        exit_out_of_memory(bytes);
    return resized;
}

void *mem_grow(void *memory, size_t count, size_t size) {
    bool is_full = (count & (count - 1)) == 0; /* 0, 1, 2, 4, 8, ... */
    return is_full ? mem_resize(memory, (count == 0 ? 1 : 2 * count) * size) : memory;
}
