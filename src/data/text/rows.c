#include "data/text/rows.h"

#include "base/arena.h"

#include <string.h>

static bool is_blank(char letter, char delimiter) {
    return letter == ' ' || (letter == '\t' && delimiter != '\t');
}

static char *skip_blanks(char *text, const char *end, char delimiter) {
    while (text < end && is_blank(*text, delimiter))
        text++;
    return text;
}

/* The next `letter` from `at` on, which *mark remembers; `end` when there is none. */
static char *find_next(char **mark, char letter, char *at, char *end) {
    if (*mark == NULL || *mark < at) {
        *mark = memchr(at, letter, (size_t)(end - at));
        if (*mark == NULL)
            *mark = end;
    }
    return *mark;
}

/* --- lines ------------------------------------------------------------------------------------ */

/* The end of the line at the cursor and the start of the next one; false: it is cut off. */
static bool find_line(struct text_cursor *cursor, char **end, char **next) {
    char *stop = memchr(cursor->at, '\n', (size_t)(cursor->end - cursor->at));
    char *cr = find_next(&cursor->carriage_return, '\r', cursor->at, cursor->end);
    *end = stop != NULL ? stop : cursor->end;
    *next = stop != NULL ? stop + 1 : cursor->end;
    if (cr < *end) {
        if (cr + 1 == cursor->end && !cursor->is_last)
            return false;
        *end = cr;
        *next = cr + 1 < cursor->end && cr[1] == '\n' ? cr + 2 : cr + 1;
        return true;
    }
    return stop != NULL || cursor->is_last;
}

void byte_order_mark_skip(struct text_cursor *cursor) {
    static const char mark[] = "\xef\xbb\xbf";
    if (cursor->end - cursor->at >= 3 && memcmp(cursor->at, mark, 3) == 0)
        cursor->at += 3;
}

bool line_skip(struct text_cursor *cursor) {
    char *end, *next;
    if (!find_line(cursor, &end, &next))
        return false;
    cursor->at = next;
    cursor->line++;
    return true;
}

/* --- fields ----------------------------------------------------------------------------------- */

static struct row_field *add_field(struct row *row) {
    if (row->count == row->capacity) {
        row->capacity = row->capacity == 0 ? 16 : 2 * row->capacity;
        row->fields = mem_resize(row->fields, row->capacity * sizeof *row->fields);
    }
    return &row->fields[row->count++];
}

static void add_text(struct row *row, char *text, char *end) {
    while (end > text && (end[-1] == ' ' || end[-1] == '\t'))
        end--;
    *add_field(row) = (struct row_field){.text = text, .size = (size_t)(end - text)};
}

/* A line without quotation marks. */
static void split_line(char *text, char *end, char delimiter, struct row *row) {
    while (delimiter == ' ') { /* tabs count as blanks */
        text = skip_blanks(text, end, delimiter);
        char *stop = text;
        while (stop < end && !is_blank(*stop, delimiter))
            stop++;
        if (stop == text)
            return;
        add_text(row, text, stop);
        text = stop;
    }
    for (;;) {
        char *stop = delimiter == 0 ? NULL : memchr(text, delimiter, (size_t)(end - text));
        text = skip_blanks(text, stop != NULL ? stop : end, delimiter);
        add_text(row, text, stop != NULL ? stop : end);
        if (stop == NULL)
            return;
        text = stop + 1;
    }
}

/* The mark that closes the field which begins behind `text`; NULL: there is none. */
static char *closing_quote(char *text, char *end) {
    for (char *mark = text + 1; (mark = memchr(mark, '"', (size_t)(end - mark))) != NULL; mark += 2)
        if (mark + 1 == end || mark[1] != '"')
            return mark;
    return NULL;
}

static bool ends_field(char letter, char delimiter) {
    return letter == '\n' || letter == '\r' || letter == delimiter ||
           (delimiter == ' ' && letter == '\t');
}

/* One field, quoted or not; *text is set behind it. */
static enum row_status take_field(struct text_cursor *cursor, char **text, char delimiter,
                                  struct row *row, struct error *error) {
    char *at = *text, *end = cursor->end;
    if (at < end && *at == '"') {
        char *close = closing_quote(at, end);
        if (!cursor->is_last && (close == NULL || close + 1 == end))
            return ROW_CUT_OFF;
        if (close == NULL) {
            error_set(error, "a quotation mark is opened here and never closed");
            return ROW_BROKEN;
        }
        *add_field(row) = (struct row_field){at + 1, (size_t)(close - at - 1), true};
        at = close + 1;
        while (delimiter != ' ' && at < end && is_blank(*at, delimiter))
            at++;
    } else {
        char *start = at;
        while (at < end && *at != '"' && !ends_field(*at, delimiter))
            at++;
        add_text(row, start, at);
    }
    *text = at;
    if (at == end)
        return cursor->is_last ? ROW_READ : ROW_CUT_OFF;
    if (ends_field(*at, delimiter))
        return ROW_READ;
    error_set(error,
              "a quotation mark stands where none may; enclose the whole field in quotes and "
              "double those inside");
    return ROW_BROKEN;
}

/* Makes "" one mark, in place. */
static void undouble(struct row_field *field) {
    char *out = memchr(field->text, '"', field->size), *end = field->text + field->size;
    if (out == NULL)
        return;
    for (const char *at = out; at < end; at++) {
        *out++ = *at;
        at += *at == '"';
    }
    field->size = (size_t)(out - field->text);
}

/* A row that has quotation marks, and perhaps line ends within them. */
static enum row_status take_quoted(struct text_cursor *cursor, char delimiter, struct row *row,
                                   char **next, struct error *error) {
    char *at = cursor->at, *end = cursor->end;
    for (;;) {
        at = skip_blanks(at, end, delimiter);
        if (delimiter == ' ' && row->count > 0 && at < end && (*at == '\n' || *at == '\r'))
            break; /* blanks at the end of a line are no field */
        enum row_status status = take_field(cursor, &at, delimiter, row, error);
        if (status != ROW_READ)
            return status;
        if (at == end || *at == '\n' || *at == '\r')
            break;
        at++;
    }
    if (at + 1 == end && *at == '\r' && !cursor->is_last)
        return ROW_CUT_OFF;
    *next = at == end ? end : at + 1 < end && at[0] == '\r' && at[1] == '\n' ? at + 2 : at + 1;
    for (char *newline = cursor->at; (newline = memchr(newline, '\n', (size_t)(at - newline)));
         newline++)
        cursor->line++;
    for (size_t i = 0; i < row->count; i++)
        if (row->fields[i].is_quoted)
            undouble(&row->fields[i]);
    return ROW_READ;
}

/* --- rows ------------------------------------------------------------------------------------- */

static bool is_comment(const char *text, const char *end, const char *comment) {
    size_t length = comment != NULL ? strlen(comment) : 0;
    return length > 0 && (size_t)(end - text) >= length && memcmp(text, comment, length) == 0;
}

enum row_status row_take(struct text_cursor *cursor, const struct row_syntax *syntax,
                         struct row *row, struct error *error) {
    char delimiter = syntax->delimiter, *text, *end, *next;
    row->count = 0;
    for (;;) {
        if (cursor->at == cursor->end)
            return cursor->is_last ? ROW_END : ROW_CUT_OFF;
        bool whole = find_line(cursor, &end, &next);
        char *quote = find_next(&cursor->quote, '"', cursor->at, cursor->end);
        text = skip_blanks(cursor->at, end, delimiter);
        bool passed = text == end || is_comment(text, end, syntax->comment);
        if (!whole && (passed || quote >= end))
            return ROW_CUT_OFF;
        if (!passed && quote < end)
            break;
        cursor->line++;
        if (passed) {
            cursor->at = next;
            continue;
        }
        row->line = cursor->line - 1;
        split_line(text, end, delimiter, row);
        break;
    }
    if (row->count == 0) {
        row->line = cursor->line;
        enum row_status status = take_quoted(cursor, delimiter, row, &next, error);
        if (status != ROW_READ)
            return status;
        cursor->line++;
    }
    cursor->at = next;
    for (size_t i = 0; i < row->count; i++)
        row->fields[i].text[row->fields[i].size] = '\0';
    return ROW_READ;
}
