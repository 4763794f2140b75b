/* The report for a terminal of 80 columns. */
#include "report/contents.h"
#include "report/format.h"
#include "report/report.h"

#include <stdlib.h>
#include <string.h>

enum { LINE_WIDTH = 80, GAP = 2, LEAST_NAME_WIDTH = 10, MOST_COLUMNS = 256 };

static const char *const BOLD = "\033[1m", *const DIM = "\033[2m", *const RED = "\033[31m",
                         *const RESET = "\033[0m";

static const char *paint(const char *code, bool colour) {
    return colour ? code : "";
}

static void put_spaces(FILE *out, size_t count) {
    fprintf(out, "%*s", (int)count, "");
}

static void put_rule(FILE *out, size_t width, bool colour) {
    fputs(paint(DIM, colour), out);
    for (size_t i = 0; i < width; i++)
        fputs("─", out);
    fprintf(out, "%s\n", paint(RESET, colour));
}

/* Writes text in lines of at most LINE_WIDTH, broken between words; later lines are indented. */
static void put_paragraph(FILE *out, const char *text, const char *lead) {
    size_t indent = text_width(lead), column = indent;
    fputs(lead, out);
    bool fresh = true;
    while (*text != '\0') {
        size_t bytes = strcspn(text, " \n\t\r");
        char word[512];
        snprintf(word, sizeof word, "%.*s", (int)bytes, text);
        size_t width = text_width(word);
        if (bytes > 0 && !fresh && column + 1 + width > LINE_WIDTH) {
            fputc('\n', out);
            put_spaces(out, indent);
            column = indent;
            fresh = true;
        }
        if (bytes > 0) {
            fprintf(out, "%s%.*s", fresh ? "" : " ", (int)bytes, text);
            column += width + !fresh;
            fresh = false;
        }
        text += bytes;
        text += strspn(text, " \n\t\r");
    }
    fputc('\n', out);
}

static bool column_has_best(const struct table *table, size_t column) {
    for (size_t r = 0; r < table->row_count; r++)
        if (table->cells[r * table->column_count + column].best)
            return true;
    return false;
}

static void measure(const struct table *table, size_t *widths) {
    for (size_t c = 0; c < table->column_count; c++) {
        widths[c] = text_width(table->columns[c].title);
        for (size_t r = 0; r < table->row_count; r++) {
            size_t width = text_width(table->cells[r * table->column_count + c].text);
            widths[c] = width > widths[c] ? width : widths[c];
        }
        widths[c] += column_has_best(table, c); /* room for "*" */
    }
}

static size_t total_width(const struct table *table, const size_t *widths) {
    size_t width = 0;
    for (size_t c = 0; c < table->column_count; c++)
        width += widths[c] + (c > 0 ? GAP : 0);
    return width;
}

/* The table's width when its first column, the names, is as narrow as it may become. */
static size_t narrowest(const struct table *table) {
    size_t widths[MOST_COLUMNS];
    measure(table, widths);
    size_t width = total_width(table, widths);
    return widths[0] > LEAST_NAME_WIDTH ? width - widths[0] + LEAST_NAME_WIDTH : width;
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

static void put_cell(FILE *out, const struct cell *cell, const char *text, size_t width, bool left,
                     bool marks, bool last, bool colour) {
    size_t padding = width - marks - text_width(text);
    if (!left)
        put_spaces(out, padding);
    if (cell->best && colour)
        fprintf(out, "%s%s%s", BOLD, text, RESET);
    else
        fputs(text, out);
    if (marks && cell->best && !colour)
        fputc('*', out);
    else if (marks && !last)
        fputc(' ', out);
    if (left && !last)
        put_spaces(out, padding);
}

static void put_table(FILE *out, const struct table *table, bool colour, struct arena *arena) {
    size_t widths[MOST_COLUMNS];
    measure(table, widths);
    size_t width = total_width(table, widths);
    if (width > LINE_WIDTH && widths[0] > LEAST_NAME_WIDTH) {
        size_t excess = width - LINE_WIDTH;
        size_t spare = widths[0] - LEAST_NAME_WIDTH;
        widths[0] -= excess < spare ? excess : spare;
        width = total_width(table, widths);
    }
    for (size_t r = 0; r <= table->row_count; r++) {
        const struct cell *row = r == 0 ? NULL : table->cells + (r - 1) * table->column_count;
        for (size_t c = 0; c < table->column_count; c++) {
            struct cell title = {.text = table->columns[c].title};
            const struct cell *cell = row == NULL ? &title : &row[c];
            const char *text = c == 0 ? shorten(arena, cell->text, widths[c]) : cell->text;
            if (c > 0)
                put_spaces(out, GAP);
            put_cell(out, cell, text, widths[c], table->columns[c].left, column_has_best(table, c),
                     c + 1 == table->column_count, colour);
        }
        fputc('\n', out);
        if (r == 0 || (r == table->baseline_row && r < table->row_count))
            put_rule(out, width, colour);
    }
}

/* As many metrics as fit beside the costs stand in the first table, the others in further ones. */
static void put_scores(FILE *out, const struct dataset_results *dataset, bool colour,
                       struct arena *arena) {
    size_t first = 0;
    do {
        size_t end = first + 1 < dataset->metric_count ? first + 1 : dataset->metric_count;
        struct table table = table_scores(dataset, first, end, first == 0, arena);
        while (end < dataset->metric_count) {
            struct table wider = table_scores(dataset, first, end + 1, first == 0, arena);
            if (narrowest(&wider) > LINE_WIDTH)
                break;
            table = wider;
            end++;
        }
        if (first > 0)
            fputc('\n', out);
        put_table(out, &table, colour, arena);
        first = end;
    } while (first < dataset->metric_count);
}

static void put_failures(FILE *out, const struct table *failures, bool colour,
                         struct arena *arena) {
    enum { MOST_SHOWN = 10 };
    for (size_t r = 0; r < failures->row_count && r < MOST_SHOWN; r++) {
        const struct cell *row = failures->cells + r * failures->column_count;
        const char *reason = row[2].text;
        const char *line = arena_printf(arena, "%s: %s%s%s", row[0].text, row[1].text,
                                        reason[0] == '\0' ? "" : ": ", reason);
        fputs(paint(RED, colour), out);
        put_paragraph(out, line, "  ✗ ");
        fputs(paint(RESET, colour), out);
    }
    if (failures->row_count > MOST_SHOWN)
        fprintf(out, "    and %zu more; the report lists them all\n",
                failures->row_count - MOST_SHOWN);
}

static void put_legend(FILE *out, const struct section *section, bool colour, struct arena *arena) {
    const struct dataset_results *dataset = section->results;
    bool noise = has_condition(dataset, CONDITION_NOISE);
    bool ood = has_condition(dataset, CONDITION_OOD);
    const char *legend = arena_printf(
        arena, "%s: best mean over seeds.%s%s%s", colour ? "bold" : "*",
        noise ? " noise: score under the worst noise relative to clean." : "",
        ood ? " OOD: mean score over shifts relative to clean." : "",
        dataset->model_count > dataset->network_count ? " Below the line: trivial baselines." : "");
    fputs(paint(DIM, colour), out);
    put_paragraph(out, legend, "");
    fputs(paint(RESET, colour), out);
}

void report_print(const struct results *results, FILE *out, bool colour) {
    struct arena arena = {0};
    struct contents contents = contents_make(results, &arena);
    for (size_t s = 0; s < contents.section_count; s++) {
        const struct section *section = &contents.sections[s];
        if (s > 0)
            fputc('\n', out);
        fprintf(out, "%s%s%s", paint(BOLD, colour), section->results->title, paint(RESET, colour));
        fprintf(out, "%s%s\n\n", section->subtitle[0] == '\0' ? "" : "  ", section->subtitle);
        put_scores(out, section->results, colour, &arena);
        put_legend(out, section, colour, &arena);
        if (section->finding_count + section->failures.row_count > 0)
            fputc('\n', out);
        for (size_t f = 0; f < section->finding_count; f++)
            put_paragraph(out, section->findings[f], "  • ");
        put_failures(out, &section->failures, colour, &arena);
    }
    if (contents.note_count > 0)
        fputc('\n', out);
    for (size_t n = 0; n < contents.note_count; n++)
        put_paragraph(out, contents.notes[n], "  ! ");
    arena_free(&arena);
}
