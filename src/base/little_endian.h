/* Numbers in files, which are little-endian whatever the processor is. */
#ifndef BASE_LITTLE_ENDIAN_H
#define BASE_LITTLE_ENDIAN_H

#include <stddef.h>

/* Copies a number of `width` bytes from a file's order into the processor's, or back. */
static inline void little_endian_copy(void *to, const void *from, size_t width) {
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    __builtin_memcpy(to, from, width);
#else
    for (size_t i = 0; i < width; i++)
        ((char *)to)[i] = ((const char *)from)[width - 1 - i];
#endif
}

#endif
