/* Text from configs, data and results, shown so that it can do nothing but be read.
 *
 * A character that would act on the reader's screen instead of appearing on it is shown as the
 * bytes it is made of, "\x1b" for ESC: control characters, what turns the direction of writing,
 * what is no UTF-8, and the few characters that XML forbids. Each writer of a format asks here
 * first, and then escapes what is special to the format. */
#ifndef BASE_PRINTABLE_H
#define BASE_PRINTABLE_H

#include "base/arena.h"

#include <stdio.h>

/* The text itself where all of it can be shown, else a copy in the arena. */
const char *printable(struct arena *arena, const char *text);

/* The same for text of several lines: line ends and tabs pass. */
const char *printable_lines(struct arena *arena, const char *text);

/* Writes printable_lines(). */
void put_printable(FILE *out, const char *text);

#endif
