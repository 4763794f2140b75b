/* Text that is written piece by piece, as into a file, and ends up in an arena. Without memory the process
 * ends, as for arenas (arena.h). */
#ifndef BASE_TEXT_STREAM_H
#define BASE_TEXT_STREAM_H

#include "base/arena.h"

#include <stdio.h>

struct text_stream {
    FILE *out; /* to write to */
    char *text;
    size_t size;
};

FILE *text_stream_open(struct text_stream *stream);

/* What was written. */
char *text_stream_close(struct text_stream *stream, struct arena *arena);

#endif
