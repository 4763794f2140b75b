/* Memory.
 *
 * An arena hands out memory that is all freed at once, when its owner is done: a parsed config, a
 * data set, a trial. Memory comes zeroed and aligned to 64 bytes (a cache line, an AVX-512 vector); only
 * text is packed.
 *
 * Allocation does not fail for the caller. When the system has no memory left, the process prints
 * one line and exits with EXIT_OUT_OF_MEMORY; trials run in processes of their own, and their
 * parent turns that exit code into the trial status "out_of_memory". */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

enum { EXIT_OUT_OF_MEMORY = 99 };

struct arena {
    struct arena_chunk *chunks; /* newest first */
    size_t allocated;           /* bytes handed out so far */
};

void *arena_alloc(struct arena *arena, size_t bytes);
/* An array. A count whose size in bytes overflows is more than the system has. */
void *arena_alloc_array(struct arena *arena, size_t count, size_t size);
#define ARENA_NEW(arena, type, count)                                                              \
    ((type *)arena_alloc_array((arena), (size_t)(count), sizeof(type)))
char *arena_strdup(struct arena *arena, const char *text);
char *arena_printf(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Room for one more element of `size` bytes behind the `count` that are there: the same memory, or
 * twice as much with a copy of them. */
void *arena_grow(struct arena *arena, void *items, size_t count, size_t size);
void arena_free(struct arena *arena);

/* realloc() for buffers that grow while their size is not yet known; free() them. */
void *mem_resize(void *memory, size_t bytes);

/* Room for one more element of `size` bytes behind the `count` that are there; the room doubles, so
 * that adding them one by one takes time in proportion to their number. */
void *mem_grow(void *memory, size_t count, size_t size);

#endif
