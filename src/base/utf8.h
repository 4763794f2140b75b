/* Text in UTF-8: what may stand in JSON, HTML, SVG and file names that the program writes. */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* The number of bytes from the start that are valid (RFC 3629): `size` when all are. A sequence
 * that the end cuts off is not valid. */
size_t utf8_valid(const char *text, size_t size);

bool utf8_is_valid(const char *text);

/* Puts "?" in the place of each byte that is not valid, such as the rest of a character that was
 * cut in two. */
void utf8_repair(char *text);

#endif
