#include "report/export/markup.h"

#include "base/printable.h"

#include <string.h>

void xml_text(FILE *out, const char *text) {
    struct arena arena = {0};
    for (text = printable_lines(&arena, text); *text != '\0'; text++)
        switch (*text) {
        case '&':
            fputs("&amp;", out);
            break;
        case '<':
            fputs("&lt;", out);
            break;
        case '>':
            fputs("&gt;", out);
            break;
        case '"':
            fputs("&quot;", out);
            break;
        case '\'':
            fputs("&#39;", out);
            break;
        default:
            fputc(*text, out);
        }
    arena_free(&arena);
}

/* How much of a text's beginning would make an item or a rule of its line ("- ", "12. ", "==") and
 * therefore needs a backslash before its last character; 0: none of it. */
static size_t block_mark(const char *text) {
    size_t digits = strspn(text, "0123456789");
    const char *marks = digits > 0 ? ".)" : "-+=";
    if (text[digits] == '\0' || strchr(marks, text[digits]) == NULL)
        return 0;
    char next = text[digits + 1];
    return next == '\0' || next == ' ' || next == text[digits] ? digits + 1 : 0;
}

void markdown_text(FILE *out, const char *text) {
    struct arena arena = {0};
    text = printable_lines(&arena, text);
    size_t mark = block_mark(text);
    if (mark > 0)
        fprintf(out, "%.*s\\%c", (int)mark - 1, text, text[mark - 1]);
    for (text += mark; *text != '\0'; text++) {
        if (*text == '<')
            fputs("&lt;", out);
        else if (*text == '&')
            fputs("&amp;", out);
        else if (strchr("\\`*_[]|~#$", *text) != NULL)
            fprintf(out, "\\%c", *text);
        else
            fputc(*text == '\n' || *text == '\t' ? ' ' : *text, out);
    }
    arena_free(&arena);
}

static void put_row(FILE *out, const struct report_table *table, const struct report_cell *row) {
    for (size_t c = 0; c < table->column_count; c++) {
        const char *mark = row[c].best ? "**" : "";
        fprintf(out, "%s%s", c == 0 ? "| " : " | ", mark);
        markdown_text(out, row[c].text);
        fputs(mark, out);
    }
    fputs(" |\n", out);
}

void markdown_table(FILE *out, const struct report_table *table) {
    for (size_t c = 0; c < table->column_count; c++) {
        fputs(c == 0 ? "| " : " | ", out);
        markdown_text(out, table->columns[c].title);
    }
    fputs(" |\n|", out);
    for (size_t c = 0; c < table->column_count; c++)
        fputs(table->columns[c].left ? " --- |" : " ---: |", out);
    fputc('\n', out);
    for (size_t r = 0; r < table->row_count; r++)
        put_row(out, table, table->cells + r * table->column_count);
}
