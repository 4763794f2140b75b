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

/* The end of the block of columns that begins at `start`; its width with the keys. */
static size_t block_end(const size_t *widths, size_t column_count, size_t start, size_t keys,
                        size_t line, size_t *width) {
    size_t end = start;
    *width = keys;
    while (end < column_count && (end == start || *width + GAP + widths[end] <= line))
        *width += GAP + widths[end++];
    return end;
}

static size_t count_blocks(const size_t *widths, size_t column_count, size_t start, size_t keys,
                           size_t line) {
    size_t count = 0, width;
    for (; start < column_count; count++)
        start = block_end(widths, column_count, start, keys, line, &width);
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

/* How a table stands on lines. */
struct table_layout {
    size_t *widths;
    size_t keys;      /* leading columns, which each block repeats */
    bool names_apart; /* the first column's cells stand in lines of their own */
    bool colour;
};

/* One or two leading columns of text say what a row is about, if they leave most of the line. */
static size_t count_keys(const struct report_table *table, const size_t *widths, size_t line) {
    bool two = table->column_count > 2 && table->columns[0].left && table->columns[1].left;
    return two && widths[1] <= line / 4 ? 2 : 1;
}

/* The column at a place within a block that begins with the keys and goes on with column `start`. */
static size_t column_at(const struct table_layout *layout, size_t start, size_t place) {
    return place < layout->keys ? place : start + place - layout->keys;
}

/* The places of a block up to the last cell that is not empty: no spaces at a line's end. */
static size_t filled_places(const struct table_layout *layout, const struct report_cell *row,
                            size_t start, size_t places) {
    while (places > 1 && row[column_at(layout, start, places - 1)].text[0] == '\0')
        places--;
    return places;
}

static void put_row_of_block(FILE *out, const struct table_layout *layout,
                             const struct report_table *table, const struct report_cell *row,
                             size_t start, size_t places, const bool *marks, struct arena *arena) {
    size_t filled = filled_places(layout, row, start, places);
    for (size_t i = 0; i < filled; i++) {
        size_t c = column_at(layout, start, i);
        bool left = table->columns[c].left;
        const char *text = left ? shorten_text(arena, row[c].text, layout->widths[c]) : row[c].text;
        if (i > 0)
            put_spaces(out, GAP);
        put_cell(out, &row[c], text, layout->widths[c], left, marks[c], i + 1 == filled,
                 layout->colour);
    }
    fputc('\n', out);
}

/* The keys and the columns [start, end). */
static void put_block(FILE *out, const struct table_layout *layout,
                      const struct report_table *table, size_t start, size_t end,
                      struct arena *arena) {
    size_t places = layout->keys + end - start, width = 0;
    bool *marks = ARENA_NEW(arena, bool, table->column_count);
    struct report_cell *titles = ARENA_NEW(arena, struct report_cell, table->column_count);
    struct report_cell *apart = ARENA_NEW(arena, struct report_cell, table->column_count);
    for (size_t i = 0; i < places; i++) {
        size_t c = column_at(layout, start, i);
        width += layout->widths[c] + (i > 0 ? GAP : 0);
        marks[c] = column_has_best(table, c);
    }
    for (size_t c = 0; c < table->column_count; c++)
        titles[c] = (struct report_cell){.text = table->columns[c].title};
    put_row_of_block(out, layout, table, titles, start, places, marks, arena);
    put_rule(out, width, layout->colour);
    for (size_t r = 0; r < table->row_count; r++) {
        const struct report_cell *row = table->cells + r * table->column_count;
        if (r == table->baseline_row && r > 0)
            put_rule(out, width, layout->colour);
        if (layout->names_apart) {
            fprintf(out, "%s\n", row[0].text);
            memcpy(apart, row, table->column_count * sizeof *apart);
            apart[0] = (struct report_cell){.text = ""};
            row = apart;
        }
        put_row_of_block(out, layout, table, row, start, places, marks, arena);
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
    struct table_layout layout = {widths, count_keys(&shown, widths, line), false, colour};
    size_t name = min_name_width(&shown, whole, line);
    layout.names_apart = name == 0;
    if (layout.names_apart)
        name = whole = text_width(shown.columns[0].title);
    size_t keys = name + (layout.keys > 1 ? GAP + widths[1] : 0);
    for (size_t c = layout.keys; c < count; c++)
        if (shown.columns[c].left && widths[c] + GAP + keys > line)
            widths[c] = line - GAP - keys;
    size_t start = layout.keys, block = 0, narrow = line;
    size_t blocks = count_blocks(widths, count, start, keys, line);
    while (blocks > 1 && blocks <= max_blocks &&
           count_blocks(widths, count, start, keys, narrow - 1) == blocks)
        narrow--;
    do {
        size_t end = block_end(widths, count, start, keys, narrow, &width);
        size_t spare = width < line ? line - width : 0;
        widths[0] = whole - name < spare ? whole : name + spare;
        if (start > layout.keys)
            fputc('\n', out);
        put_block(out, &layout, &shown, start, end, &arena);
        start = end;
    } while (start < count && ++block < max_blocks);
    arena_free(&arena);
    return count - start;
}
