/* Rows of fields in text: quotes as RFC 4180 has them, lines that end with LF, CRLF or CR, blank
 * lines and comments passed over. */
#ifndef DATA_TEXT_ROWS_H
#define DATA_TEXT_ROWS_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

struct row_syntax {
    char delimiter;      /* ' ': any run of blanks and tabs; 0: none, a line is one field */
    const char *comment; /* what a comment line begins with; NULL: there are none */
};

/* Where the text is read. */
struct text_cursor {
    char *at, *end;                /* one more byte may be written at `end` */
    size_t line;                   /* of `at`, from 1 */
    bool is_last;                  /* nothing follows `end` */
    char *quote, *carriage_return; /* the next ones, or `end`; NULL: not looked for */
};

struct row_field {
    char *text;  /* NUL-terminated; blanks around it are no part of it */
    size_t size; /* bytes */
    bool is_quoted;
};

struct row {
    struct row_field *fields; /* malloc'd; valid until the text moves */
    size_t count, capacity;
    size_t line; /* where it begins */
};

enum row_status { ROW_READ, ROW_END, ROW_CUT_OFF, ROW_BROKEN };

/* Takes the next row, whose fields are cut up in place. ROW_CUT_OFF: the row goes on behind the
 * text, which is unchanged; ROW_BROKEN: its quotes are wrong, and `error` says how, without file or
 * line. Free row->fields at last. */
enum row_status row_take(struct text_cursor *cursor, const struct row_syntax *syntax,
                         struct row *row, struct error *error);

/* Passes over the byte order mark that UTF-8 may begin with. */
void byte_order_mark_skip(struct text_cursor *cursor);

/* Passes over one line, however it is made up; false: it is cut off. */
bool line_skip(struct text_cursor *cursor);

#endif
