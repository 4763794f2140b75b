#include "data/text/text_file.h"

#include "base/arena.h"
#include "base/file.h"
#include "base/utf8.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PIECE = 1 << 18, LARGEST_START = 1 << 23, START_LINES = 12, LARGEST_READ = 1 << 30 };

/* --- opening ---------------------------------------------------------------------------------- */

/* An unnamed file with all that the pipe gives; -1: it cannot be written. */
static int copy_pipe(int pipe) {
    FILE *copy = tmpfile();
    int result = copy != NULL ? fcntl(fileno(copy), F_DUPFD_CLOEXEC, 0) : -1;
    char piece[1 << 14];
    ssize_t size = 0;
    while (result >= 0 &&
           ((size = read(pipe, piece, sizeof piece)) > 0 || (size < 0 && errno == EINTR)))
        if (size > 0 && fwrite(piece, 1, (size_t)size, copy) != (size_t)size)
            break;
    if (copy != NULL && (fclose(copy) != 0 || size != 0)) {
        close(result);
        result = -1;
    }
    if (result >= 0)
        lseek(result, 0, SEEK_SET);
    return result;
}

static bool open_file(struct text_file *file, struct error *error) {
    int number = file_open_descriptor(file->path, error);
    if (number < 0)
        return false;
    if (lseek(number, 0, SEEK_CUR) < 0) {
        int copy = copy_pipe(number);
        close(number);
        number = copy;
    }
    file->file = number >= 0 ? gzdopen(number, "rb") : NULL;
    if (file->file == NULL)
        return error_set(error, "%s: %s", file->path, strerror(errno));
    gzbuffer(file->file, PIECE);
    return true;
}

/* --- encoding --------------------------------------------------------------------------------- */

static bool starts_with(const struct text_cursor *cursor, const char *bytes, size_t size) {
    return (size_t)(cursor->end - cursor->at) >= size && memcmp(cursor->at, bytes, size) == 0;
}

/* UTF-16 and UTF-32 by their byte order marks, or because of the zero bytes of the start. */
static const char *wide_encoding(const struct text_cursor *cursor) {
    if (starts_with(cursor, "\xff\xfe\0\0", 4) ||
        (cursor->end - cursor->at >= 4 && memcmp(cursor->at + 1, "\0\0", 3) == 0))
        return "UTF-32LE";
    if (starts_with(cursor, "\0\0\xfe\xff", 4) || starts_with(cursor, "\0\0\0", 3))
        return "UTF-32BE";
    if (starts_with(cursor, "\xff\xfe", 2))
        return "UTF-16LE";
    if (starts_with(cursor, "\xfe\xff", 2))
        return "UTF-16BE";
    if (cursor->end - cursor->at >= 4 && cursor->at[1] == '\0' && cursor->at[3] == '\0')
        return "UTF-16LE";
    if (cursor->end - cursor->at >= 4 && cursor->at[0] == '\0' && cursor->at[2] == '\0')
        return "UTF-16BE";
    return NULL;
}

static void find_place(const struct text_cursor *cursor, const char *bad, size_t *line,
                       size_t *column) {
    *line = cursor->line;
    *column = 1;
    for (const char *at = cursor->at; at < bad; at++) {
        bool ends = *at == '\n' || (*at == '\r' && at[1] != '\n');
        *line += ends;
        *column = ends ? 1 : *column + ((*at & 0xC0) != 0x80);
    }
}

/* Whether these bytes, which are not valid, may become so with those of the next piece. */
static bool is_cut_off(const char *from, const char *end) {
    if (end - from > 3)
        return false;
    for (; from < end; from++)
        if ((unsigned char)*from < 0x80)
            return false;
    return true;
}

static bool check_text(const struct text_file *file, const char *from, struct error *error) {
    const struct text_cursor *cursor = &file->cursor;
    size_t size = (size_t)(cursor->end - from), valid = utf8_valid(from, size), line, column;
    const char *zero = memchr(from, '\0', size);
    if (zero != NULL && zero < from + valid) {
        find_place(cursor, zero, &line, &column);
        return error_set(error, "%s:%zu: holds a zero byte; is this a text file?", file->path,
                         line);
    }
    if (valid == size || (!cursor->is_last && is_cut_off(from + valid, cursor->end)))
        return true;
    find_place(cursor, from + valid, &line, &column);
    return error_set(error,
                     "%s:%zu: character %zu is not UTF-8 (byte 0x%02X); convert the file, for "
                     "example with `iconv -f WINDOWS-1252 -t UTF-8 %s > utf8.csv`",
                     file->path, line, column, (unsigned char)from[valid], file->path);
}

/* --- reading ---------------------------------------------------------------------------------- */

static bool read_error(struct text_file *file, struct error *error) {
    int code;
    const char *text = gzerror(file->file, &code);
    if (code == Z_BUF_ERROR)
        text = "the compressed file is cut off; get it again";
    else if (code == Z_ERRNO)
        text = strerror(errno);
    else
        text = "the compressed file is damaged; get it again";
    return error_set(error, "%s: %s", file->path, text);
}

/* Fills the buffer behind cursor.end up to its capacity. */
static bool fill(struct text_file *file, struct error *error) {
    struct text_cursor *cursor = &file->cursor;
    while (!cursor->is_last && cursor->end < file->buffer + file->capacity) {
        size_t room = (size_t)(file->buffer + file->capacity - cursor->end);
        room = room < LARGEST_READ ? room : LARGEST_READ;
        int got = gzread(file->file, cursor->end, (unsigned)room);
        int code = Z_OK;
        gzerror(file->file, &code);
        if (got < 0 || (code != Z_OK && code != Z_STREAM_END))
            return read_error(file, error);
        cursor->end += got;
        cursor->is_last = (size_t)got < room;
    }
    *cursor->end = '\0';
    cursor->quote = cursor->carriage_return = NULL;
    return true;
}

static void resize(struct text_file *file, size_t capacity) {
    struct text_cursor *cursor = &file->cursor;
    size_t at = file->buffer != NULL ? (size_t)(cursor->at - file->buffer) : 0;
    size_t end = file->buffer != NULL ? (size_t)(cursor->end - file->buffer) : 0;
    file->buffer = mem_resize(file->buffer, capacity + 1);
    file->capacity = capacity;
    cursor->at = file->buffer + at;
    cursor->end = file->buffer + end;
}

bool text_file_more(struct text_file *file, struct error *error) {
    struct text_cursor *cursor = &file->cursor;
    size_t kept = (size_t)(cursor->end - cursor->at);
    memmove(file->buffer, cursor->at, kept);
    cursor->at = file->buffer;
    cursor->end = file->buffer + kept;
    if (kept > file->capacity / 2) /* a row that is longer than the buffer */
        resize(file, 2 * file->capacity);
    size_t unchecked = kept < 4 ? kept : 4; /* the end may have been half a character */
    char *from = cursor->end - unchecked;
    while (from > cursor->at && (*from & 0xC0) == 0x80)
        from--;
    size_t checked = (size_t)(from - file->buffer);
    return fill(file, error) && check_text(file, file->buffer + checked, error);
}

static size_t count_lines(const struct text_cursor *cursor) {
    size_t count = 0;
    for (const char *at = cursor->at; (at = memchr(at, '\n', (size_t)(cursor->end - at))); at++)
        count++;
    return count;
}

static bool read_start(struct text_file *file, struct error *error) {
    struct text_cursor *cursor = &file->cursor;
    *cursor = (struct text_cursor){.at = file->buffer, .end = file->buffer, .line = 1};
    bool read = fill(file, error);
    while (read && !cursor->is_last && file->capacity < LARGEST_START &&
           count_lines(cursor) < START_LINES) {
        resize(file, 2 * file->capacity);
        read = fill(file, error);
    }
    const char *encoding = read ? wide_encoding(cursor) : NULL;
    if (encoding != NULL)
        return error_set(error,
                         "%s: is in %.6s; convert it with `iconv -f %s -t UTF-8 %s > utf8.csv`",
                         file->path, encoding, encoding, file->path);
    if (read)
        byte_order_mark_skip(cursor);
    return read && check_text(file, cursor->at, error);
}

bool text_file_open(struct text_file *file, const char *path, struct error *error) {
    *file = (struct text_file){.path = path};
    if (!open_file(file, error))
        return false;
    resize(file, PIECE);
    if (read_start(file, error))
        return true;
    text_file_close(file);
    return false;
}

bool text_file_restart(struct text_file *file, struct error *error) {
    if (gzrewind(file->file) != 0)
        return read_error(file, error);
    return read_start(file, error);
}

void text_file_close(struct text_file *file) {
    gzclose(file->file);
    free(file->buffer);
    *file = (struct text_file){0};
}
