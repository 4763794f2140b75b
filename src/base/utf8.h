/* Text in UTF-8: what may stand in JSON, HTML, SVG and file names that the program writes. */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* The bytes of the character at the start, and its code point; 0 when it is none (RFC 3629): a stray
 * byte, a longer form than needed, half of a pair of UTF-16, beyond U+10FFFF, or cut off by the
 * end. */
size_t utf8_character(const char *text, size_t size, unsigned long *code);

/* The number of bytes from the start that are valid: `size` when all are. */
size_t utf8_valid(const char *text, size_t size);

bool utf8_is_valid(const char *text);

/* Puts "?" in the place of each byte that is not valid, such as the rest of a character that was
 * cut in two. */
void utf8_repair(char *text);

#endif
