#include "report/markup.h"

#include <string.h>

void xml_text(FILE *out, const char *text) {
    for (; *text != '\0'; text++)
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
}

void markdown_text(FILE *out, const char *text) {
    for (; *text != '\0'; text++) {
        if (*text == '<')
            fputs("&lt;", out);
        else if (*text == '&')
            fputs("&amp;", out);
        else if (strchr("\\`*_[]|~#", *text) != NULL)
            fprintf(out, "\\%c", *text);
        else
            fputc((unsigned char)*text < ' ' ? ' ' : *text, out);
    }
}

static void put_row(FILE *out, const struct table *table, const struct cell *row) {
    for (size_t c = 0; c < table->column_count; c++) {
        const char *mark = row[c].best ? "**" : "";
        fprintf(out, "%s%s", c == 0 ? "| " : " | ", mark);
        markdown_text(out, row[c].text);
        fputs(mark, out);
    }
    fputs(" |\n", out);
}

void markdown_table(FILE *out, const struct table *table) {
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
