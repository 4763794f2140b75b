/* A text file read piece by piece, plain or compressed with gzip. What it gives out is UTF-8: other
 * encodings are refused with the place and the command that converts them. */
#ifndef DATA_TEXT_TEXT_FILE_H
#define DATA_TEXT_TEXT_FILE_H

#include "base/error.h"
#include "data/text/rows.h"

#include <zlib.h>

struct text_file {
    const char *path;
    gzFile file;
    char *buffer; /* cursor.at .. cursor.end is what is read and not yet taken */
    size_t capacity;
    struct text_cursor cursor;
};

/* Opens the file and reads its first piece, behind a byte order mark: at least some ten lines, if
 * it has as many. What cannot be read twice (a pipe) is copied first. Call text_file_close() after
 * success. */
bool text_file_open(struct text_file *file, const char *path, struct error *error);

/* Reads on: `cursor` keeps what was not taken. Sets cursor.is_last at the end of the file. */
bool text_file_more(struct text_file *file, struct error *error);

/* The same first piece again. */
bool text_file_restart(struct text_file *file, struct error *error);

void text_file_close(struct text_file *file);

#endif
