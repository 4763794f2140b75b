#include "base/text_stream.h"

#include <stdint.h>
#include <stdlib.h>

FILE *text_stream_open(struct text_stream *stream) {
    *stream = (struct text_stream){0};
    stream->out = open_memstream(&stream->text, &stream->size);
    if (stream->out == NULL)
        mem_resize(NULL, SIZE_MAX); /* ends the process */
    return stream->out;
}

char *text_stream_close(struct text_stream *stream, struct arena *arena) {
    int has_failed = ferror(stream->out);
    if (fclose(stream->out) != 0 || has_failed)
        mem_resize(NULL, SIZE_MAX);
    char *text = arena_strdup(arena, stream->text);
    free(stream->text);
    return text;
}
