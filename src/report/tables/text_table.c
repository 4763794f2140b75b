#include "report/tables/text_table.h"

#include "base/printable.h"
#include "report/tables/format.h"

#include <string.h>

enum { GAP = 2, MIN_NAME_WIDTH = 10 };

const char *paint(const char *code, bool colour) {
    return colour ? code : "";
}

static void put_spaces(FILE *out, size_t count) {
    fprintf(out, "%*s", (int)count, "");
}

static void put_rule(FILE *out, size_t width, bool colour) {
    fputs(paint(TEXT_DIM, colour), out);
    for (size_t i = 0; i < width; i++)
        fputs("─", out);
    fprintf(out, "%s\n", paint(TEXT_RESET, colour));
}

/* Writes text in lines of at most LINE_WIDTH, broken between words; later lines are indented. */
void text_paragraph(FILE *out, const char *text, const char *lead) {
    size_t indent = text_width(lead), column = indent;
    fputs(lead, out);
    bool fresh = true;
    struct arena arena = {0};
    while (*text != '\0') {
        size_t bytes = strcspn(text, " \n\t\r");
        const char *word = printable(&arena, arena_printf(&arena, "%.*s", (int)bytes, text));
        size_t width = text_width(word);
        if (bytes > 0 && !fresh && column + 1 + width > LINE_WIDTH) {
            fputc('\n', out);
            put_spaces(out, indent);
            column = indent;
            fresh = true;
        }
        if (bytes > 0) {
            fprintf(out, "%s%s", fresh ? "" : " ", word);
            column += width + !fresh;
            fresh = false;
        }
        text += bytes;
        text += strspn(text, " \n\t\r");
    }
    arena_free(&arena);
    fputc('\n', out);
}

static bool column_has_best(const struct report_table *table, size_t column) {
    for (size_t r = 0; r < table->row_count; r++)
        if (table->cells[r * table->column_count + column].best)
            return true;
    return false;
}

/* The width of each column. */
static size_t *measure(const struct report_table *table, struct arena *arena) {
    size_t *widths = ARENA_NEW(arena, size_t, table->column_count + 1);
    for (size_t c = 0; c < table->column_count; c++) {
        widths[c] = text_width(table->columns[c].title);
        for (size_t r = 0; r < table->row_count; r++) {
            size_t width = text_width(table->cells[r * table->column_count + c].text);
            widths[c] = width > widths[c] ? width : widths[c];
        }
        widths[c] += column_has_best(table, c); /* room for "*" */
    }
    return widths;
}

static size_t total_width(const struct report_table *table, const size_t *widths) {
    size_t width = 0;
    for (size_t c = 0; c < table->column_count; c++)
        width += widths[c] + (c > 0 ? GAP : 0);
    return width;
}

/* The same table with texts that a terminal can show. */
static struct report_table printable_table(const struct report_table *table, struct arena *arena) {
    struct report_table shown = *table;
    size_t cells = table->row_count * table->column_count;
    shown.columns = ARENA_NEW(arena, struct report_column, table->column_count);
    shown.cells = ARENA_NEW(arena, struct report_cell, cells);
    for (size_t c = 0; c < table->column_count; c++) {
        shown.columns[c] = table->columns[c];
        shown.columns[c].title = printable(arena, table->columns[c].title);
    }
    for (size_t i = 0; i < cells; i++) {
        shown.cells[i] = table->cells[i];
        shown.cells[i].text = printable(arena, table->cells[i].text);
    }
    return shown;
}

size_t text_table_width(const struct report_table *table) {
    struct arena arena = {0};
    struct report_table shown = printable_table(table, &arena);
    const size_t *widths = measure(&shown, &arena);
    size_t width = total_width(table, widths);
    width -= widths[0] > MIN_NAME_WIDTH ? widths[0] - MIN_NAME_WIDTH : 0;
    arena_free(&arena);
    return width;
}

/* Shortens in the middle, because the ends of "cfc-small-lr3" and "cfc-small-lr4" differ. */
static const char *shorten(struct arena *arena, const char *text, size_t width) {
    size_t whole = text_width(text);
    if (whole <= width)
        return text;
    char *shortened = arena_alloc(arena, strlen(text) + 4);
    size_t head = width / 2, tail = width - head - 1, position = 0, used = 0;
    bool gap = false;
    for (const char *c = text; *c != '\0'; c++) {
        bool starts = ((unsigned char)*c & 0xC0) != 0x80;
        position += starts;
        if (position <= head || position > whole - tail) {
            shortened[used++] = *c;
        } else if (!gap) {
            memcpy(shortened + used, "…", strlen("…"));
            used += strlen("…");
            gap = true;
        }
    }
    return shortened;
}

static void put_cell(FILE *out, const struct report_cell *cell, const char *text, size_t width,
                     bool left, bool marks, bool last, bool colour) {
    size_t padding = width - marks - text_width(text);
    if (!left)
        put_spaces(out, padding);
    if (cell->best && colour)
        fprintf(out, "%s%s%s", TEXT_BOLD, text, TEXT_RESET);
    else
        fputs(text, out);
    if (marks && cell->best && !colour)
        fputc('*', out);
    else if (marks && !last)
        fputc(' ', out);
    if (left && !last)
        put_spaces(out, padding);
}

void text_table(FILE *out, const struct report_table *table, bool colour) {
    struct arena arena = {0};
    struct report_table shown = printable_table(table, &arena);
    table = &shown;
    size_t *widths = measure(table, &arena);
    bool *marks = ARENA_NEW(&arena, bool, table->column_count + 1);
    for (size_t c = 0; c < table->column_count; c++)
        marks[c] = column_has_best(table, c);
    size_t width = total_width(table, widths);
    if (width > LINE_WIDTH && widths[0] > MIN_NAME_WIDTH) {
        size_t excess = width - LINE_WIDTH;
        size_t spare = widths[0] - MIN_NAME_WIDTH;
        widths[0] -= excess < spare ? excess : spare;
        width = total_width(table, widths);
    }
    for (size_t r = 0; r <= table->row_count; r++) {
        const struct report_cell *row =
            r == 0 ? NULL : table->cells + (r - 1) * table->column_count;
        for (size_t c = 0; c < table->column_count; c++) {
            struct report_cell title = {.text = table->columns[c].title};
            const struct report_cell *cell = row == NULL ? &title : &row[c];
            const char *text = c == 0 ? shorten(&arena, cell->text, widths[c]) : cell->text;
            if (text[0] == '\0' && c + 1 == table->column_count)
                break; /* no spaces at a line's end */
            if (c > 0)
                put_spaces(out, GAP);
            put_cell(out, cell, text, widths[c], table->columns[c].left, marks[c],
                     c + 1 == table->column_count, colour);
        }
        fputc('\n', out);
        if (r == 0 || (r == table->baseline_row && r < table->row_count))
            put_rule(out, width, colour);
    }
    arena_free(&arena);
}
