#include "report/tables/text_table.h"

#include "base/printable.h"
#include "report/tables/format.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

enum { GAP = 2, DEFAULT_WIDTH = 76, MIN_WIDTH = 40, MAX_PARAGRAPH_WIDTH = 80 };

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

size_t text_line_width(FILE *out) {
    struct winsize size;
    if (ioctl(fileno(out), TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return DEFAULT_WIDTH;
    return size.ws_col < MIN_WIDTH ? MIN_WIDTH : size.ws_col;
}

/* Later lines are indented. */
void text_paragraph(FILE *out, const char *text, const char *lead) {
    size_t indent = text_width(lead), column = indent, line = text_line_width(out);
    line = line < MAX_PARAGRAPH_WIDTH ? line : MAX_PARAGRAPH_WIDTH;
    fputs(lead, out);
    bool fresh = true;
    struct arena arena = {0};
    while (*text != '\0') {
        size_t bytes = strcspn(text, " \n\t\r");
        const char *word = printable(&arena, arena_printf(&arena, "%.*s", (int)bytes, text));
        size_t width = text_width(word);
        if (bytes > 0 && !fresh && column + 1 + width > line) {
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

static int order_texts(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* How many of the names in the first column differ once they are shortened. */
static size_t count_names(const struct report_table *table, size_t width) {
    struct arena arena = {0};
    const char **names = ARENA_NEW(&arena, const char *, table->row_count + 1);
    for (size_t r = 0; r < table->row_count; r++)
        names[r] = shorten_text(&arena, table->cells[r * table->column_count].text, width);
    qsort(names, table->row_count, sizeof *names, order_texts);
    size_t count = table->row_count > 0;
    for (size_t r = 1; r < table->row_count; r++)
        count += strcmp(names[r - 1], names[r]) != 0;
    arena_free(&arena);
    return count;
}

/* The narrowest first column between a third and half of the line in which no two names become the
 * same; 0 if there is none. */
static size_t min_name_width(const struct report_table *table, size_t whole, size_t line) {
    if (whole <= line / 3)
        return whole;
    size_t count = count_names(table, whole);
    for (size_t width = line / 3; width <= line / 2; width++)
        if (count_names(table, width) == count)
            return width < whole ? width : whole;
    return 0;
}

/* The end of the block of columns that begins at `start`; its width with the first column. */
static size_t block_end(const size_t *widths, size_t column_count, size_t start, size_t name,
                        size_t line, size_t *width) {
    size_t end = start;
    *width = name;
    while (end < column_count && (end == start || *width + GAP + widths[end] <= line))
        *width += GAP + widths[end++];
    return end;
}

static size_t count_blocks(const size_t *widths, size_t column_count, size_t name, size_t line) {
    size_t count = 0, width;
    for (size_t start = 1; start < column_count; count++)
        start = block_end(widths, column_count, start, name, line, &width);
    return count;
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

/* The first column and the columns [start, end). With `names_apart`, names are in lines of their
 * own. */
static void put_block(FILE *out, const struct report_table *table, const size_t *widths,
                      size_t start, size_t end, bool names_apart, bool colour,
                      struct arena *arena) {
    bool *marks = ARENA_NEW(arena, bool, table->column_count);
    size_t width = widths[0];
    marks[0] = column_has_best(table, 0);
    for (size_t c = start; c < end; c++) {
        width += GAP + widths[c];
        marks[c] = column_has_best(table, c);
    }
    for (size_t r = 0; r <= table->row_count; r++) {
        for (size_t i = start; i <= end; i++) {
            size_t c = i == start ? 0 : i - 1;
            struct report_cell title = {.text = table->columns[c].title};
            const struct report_cell *cell =
                r == 0 ? &title : &table->cells[(r - 1) * table->column_count + c];
            const struct report_column *column = &table->columns[c];
            bool apart = names_apart && c == 0 && r > 0;
            if (apart)
                fprintf(out, "%s\n", cell->text);
            const char *text = apart          ? ""
                               : column->left ? shorten_text(arena, cell->text, widths[c])
                                              : cell->text;
            if (text[0] == '\0' && i == end)
                break; /* no spaces at a line's end */
            if (i > start)
                put_spaces(out, GAP);
            put_cell(out, cell, text, widths[c], column->left, marks[c], i == end, colour);
        }
        fputc('\n', out);
        if (r == 0 || (r == table->baseline_row && r < table->row_count))
            put_rule(out, width, colour);
    }
}

void text_table(FILE *out, const struct report_table *table, bool colour) {
    text_table_begin(out, table, table->column_count + 1, colour);
}

size_t text_table_begin(FILE *out, const struct report_table *table, size_t max_blocks,
                        bool colour) {
    struct arena arena = {0};
    struct report_table shown = printable_table(table, &arena);
    size_t *widths = measure(&shown, &arena), count = shown.column_count;
    size_t line = text_line_width(out), whole = widths[0], width;
    size_t name = min_name_width(&shown, whole, line);
    bool names_apart = name == 0;
    if (names_apart)
        name = whole = text_width(shown.columns[0].title);
    size_t room = line - name - GAP;
    for (size_t c = 1; c < count; c++)
        if (shown.columns[c].left && widths[c] > room)
            widths[c] = room;
    size_t blocks = count_blocks(widths, count, name, line), narrow = line;
    while (blocks > 1 && blocks <= max_blocks &&
           count_blocks(widths, count, name, narrow - 1) == blocks)
        narrow--;
    size_t start = 1, block = 0;
    do {
        size_t end = block_end(widths, count, start, name, narrow, &width);
        size_t spare = width < line ? line - width : 0;
        widths[0] = whole - name < spare ? whole : name + spare;
        if (start > 1)
            fputc('\n', out);
        put_block(out, &shown, widths, start, end, names_apart, colour, &arena);
        start = end;
    } while (start < count && ++block < max_blocks);
    arena_free(&arena);
    return count - start;
}
