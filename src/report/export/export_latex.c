/* report.tex: a document of booktabs tables that pdflatex compiles; each table stands by itself and
 * may be copied into a paper. */
#include "base/printable.h"
#include "report/export/exporter.h"

#include <stddef.h>
#include <string.h>

enum { MAX_ROWS = 40 }; /* of one table on a page; the rest goes on in another */

struct replacement {
    const char *text, *latex;
};

/* Of texts that begin alike the longest stands first. */
static const struct replacement replacements[] = {
    {"\\", "\\textbackslash{}"},
    {"{", "\\{"},
    {"}", "\\}"},
    {"$", "\\$"},
    {"&", "\\&"},
    {"#", "\\#"},
    {"%", "\\%"},
    {"_", "\\_"},
    {"^", "\\textasciicircum{}"},
    {"~", "\\textasciitilde{}"},
    {"<", "\\textless{}"},
    {">", "\\textgreater{}"},
    {"|", "\\textbar{}"},
    {"\"", "\\textquotedbl{}"},
    {"[", "{[}"}, /* at the beginning of a row or an item these would be an option, */
    {"]", "{]}"},
    {"*", "{*}"},   /* this a command's variant, */
    {"--", "-{}-"}, /* and these a dash and a quotation mark */
    {"`", "\\textasciigrave{}"},
    {"±", "$\\pm$"},
    {"×", "$\\times$"},
    {"µ", "$\\mu$"},
    {"μ", "$\\mu$"},
    {"∞", "$\\infty$"},
    {"−", "$-$"},
    {"–", "--"},
    {"·", "$\\cdot$"},
    {"²", "$^2$"},
    {"↑", "$\\uparrow$"},
    {"↓", "$\\downarrow$"},
    {"…", "\\ldots{}"},
    {"δ", "$\\delta$"},
    {"χ", "$\\chi$"},
};

static const struct replacement *find_replacement(const char *text) {
    for (size_t r = 0; r < sizeof replacements / sizeof replacements[0]; r++)
        if (strncmp(text, replacements[r].text, strlen(replacements[r].text)) == 0)
            return &replacements[r];
    return NULL;
}

/* ASCII and the accented letters U+00C0 to U+017F pass; pdflatex stops at characters it has no
 * glyph for, so others become "?". */
static void put_text(FILE *out, const char *text) {
    struct arena arena = {0};
    text = printable_lines(&arena, text);
    while (*text != '\0') {
        const struct replacement *replacement = find_replacement(text);
        unsigned char byte = (unsigned char)*text, next = (unsigned char)text[1];
        if (replacement != NULL) {
            fputs(replacement->latex, out);
            text += strlen(replacement->text);
        } else if (byte < 0x80) {
            fputc(byte < ' ' ? ' ' : byte, out);
            text++;
        } else if (byte >= 0xC3 && byte <= 0xC5 && (next & 0xC0) == 0x80) {
            fwrite(text, 1, 2, out);
            text += 2;
        } else {
            fputc('?', out);
            do
                text++;
            while (((unsigned char)*text & 0xC0) == 0x80);
        }
    }
    arena_free(&arena);
}

static void put_row(FILE *out, const struct report_table *table, const struct report_cell *row) {
    for (size_t c = 0; c < table->column_count; c++) {
        fputs(c == 0 ? "    " : " & ", out);
        if (row[c].best)
            fputs("\\textbf{", out);
        put_text(out, row[c].text);
        if (row[c].best)
            fputc('}', out);
    }
    fputs(" \\\\\n", out);
}

static void put_tabular(FILE *out, const struct report_table *table, size_t first, size_t end) {
    fputs("  \\fitted{%\n  \\begin{tabular}{", out);
    for (size_t c = 0; c < table->column_count; c++)
        fputc(table->columns[c].left ? 'l' : 'r', out);
    fputs("}\n    \\toprule\n", out);
    for (size_t c = 0; c < table->column_count; c++) {
        fputs(c == 0 ? "    " : " & ", out);
        put_text(out, table->columns[c].title);
    }
    fputs(" \\\\\n    \\midrule\n", out);
    for (size_t r = first; r < end; r++) {
        if (r == table->baseline_row && r > first)
            fputs("    \\midrule\n", out);
        put_row(out, table, table->cells + r * table->column_count);
    }
    fputs("    \\bottomrule\n  \\end{tabular}}\n", out);
}

static void put_table(FILE *out, const struct section *section, const struct report_table *table) {
    for (size_t first = 0; first < table->row_count; first += MAX_ROWS) {
        size_t end = first + MAX_ROWS < table->row_count ? first + MAX_ROWS : table->row_count;
        fputs("\n\\begin{table}[htbp]\n  \\centering\n  \\caption{", out);
        put_text(out, table->title);
        fputs(section->results == NULL ? ": " : " on ", out);
        put_text(out, section->title);
        fputs(first > 0 ? " (continued)" : "", out);
        if (table->note[0] != '\0' && first == 0) {
            fputs(": ", out);
            put_text(out, table->note);
        }
        fputs(".}\n", out);
        put_tabular(out, table, first, end);
        fputs("\\end{table}\n", out);
    }
}

static void put_section(FILE *out, const struct section *section) {
    fputs("\n\\section{", out);
    put_text(out, section->title);
    fputs("}\n\n", out);
    put_text(out, section->subtitle);
    fputs("\n\n\\noindent\\textbf{", out);
    put_text(out, section->findings.headline);
    fputs("}\n\n", out);
    for (size_t f = 0; f < section->findings.count; f++) {
        fputs(f == 0 ? "\\begin{itemize}\n  \\item " : "  \\item ", out);
        put_text(out, section->findings.items[f]);
        fputs(f + 1 == section->findings.count ? "\n\\end{itemize}\n" : "\n", out);
    }
    for (size_t t = 0; t < section->table_count; t++)
        if (!section->tables[t].details)
            put_table(out, section, &section->tables[t]);
    fputs("\n\\clearpage\n", out);
}

static void write(const struct contents *contents, FILE *out) {
    fputs("% Needs only packages of a standard TeX installation: pdflatex report.tex\n"
          "\\documentclass{article}\n"
          "\\usepackage[utf8]{inputenc}\n"
          "\\usepackage[T1]{fontenc}\n"
          "\\usepackage{booktabs}\n"
          "\\usepackage{graphicx}\n"
          "\\usepackage[margin=2.5cm]{geometry}\n"
          "% A table that is too wide is made to fit.\n"
          "\\newsavebox{\\tablebox}\n"
          "\\newcommand{\\fitted}[1]{\\sbox{\\tablebox}{#1}%\n"
          "  \\ifdim\\wd\\tablebox>\\linewidth\n"
          "    \\resizebox{\\linewidth}{!}{\\usebox{\\tablebox}}%\n"
          "  \\else\\usebox{\\tablebox}\\fi}\n"
          "\\title{",
          out);
    put_text(out, contents->title);
    fputs("}\n\\date{}\n\\begin{document}\n\\maketitle\n", out);
    for (size_t n = 0; n < contents->note_count; n++) {
        fputs("\n\\noindent ", out);
        put_text(out, contents->notes[n]);
        fputc('\n', out);
    }
    for (size_t s = 0; s < contents->section_count; s++)
        put_section(out, &contents->sections[s]);
    fputs("\n\\end{document}\n", out);
}

const struct exporter exporter_latex = {"report.tex", write};
