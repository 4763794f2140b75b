/* report.tex: a document that pdflatex compiles, and tables/<name>.tex for each table, which a paper may \\input as it
 * is: booktabs rules, numbers aligned by siunitx. A table that is too wide is split. */
#include "report/export/export_latex.h"
#include "base/printable.h"
#include "report/export/exporter.h"
#include "report/tables/format.h"

#include <stddef.h>
#include <string.h>

enum { MAX_ROWS = 40 }; /* of one table on a page; the rest goes on in another */

struct replacement {
    const char *text, *latex;
};

/* Of texts that begin alike the longest is first. */
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

/* --- columns ---------------------------------------------------------------------------------- */

/* How many digits the numbers of a column have: siunitx aligns them when it knows. */
struct digits {
    size_t whole, decimals, uncertainty;
    bool has_sign;
    bool are_numbers; /* at least one, and of the others none is longer text */
};

/* A plain number; returns what follows, or NULL. */
static const char *read_digits(const char *text, size_t *whole, size_t *decimals) {
    *whole = strspn(text, "0123456789");
    *decimals = text[*whole] == '.' ? strspn(text + *whole + 1, "0123456789") : 0;
    if (*whole == 0 || (text[*whole] == '.' && *decimals == 0))
        return NULL;
    return text + *whole + (*decimals > 0 ? *decimals + 1 : 0);
}

/* "-1.25" or "1.25 ± 0.03", which siunitx reads as "1.25 +- 0.03". */
static bool read_number(const char *text, struct digits *digits) {
    static const char plus_minus[] = " ± ";
    const char *uncertainty;
    size_t whole, decimals;
    digits->has_sign = *text == '-';
    const char *rest = read_digits(text + digits->has_sign, &digits->whole, &digits->decimals);
    digits->uncertainty = 0;
    if (rest == NULL || *rest == '\0')
        return rest != NULL;
    if (strncmp(rest, plus_minus, strlen(plus_minus)) != 0)
        return false;
    uncertainty = rest + strlen(plus_minus);
    rest = read_digits(uncertainty, &whole, &decimals);
    if (rest == NULL || *rest != '\0')
        return false;
    size_t zeros = strspn(uncertainty, "0.");
    size_t places = (zeros > 0 && decimals > 0 ? decimals - (zeros - 2) : whole + decimals);
    digits->uncertainty = places > 0 ? places : 1;
    return true;
}

static struct digits digits_of(const struct report_table *table, size_t column) {
    struct digits digits = {0};
    size_t numbers = 0, texts = 0;
    for (size_t r = 0; r < table->row_count && !table->columns[column].left; r++) {
        const char *text = table->cells[r * table->column_count + column].text;
        struct digits own;
        if (!read_number(text, &own)) {
            texts += text[0] != '\0' && strcmp(text, NO_VALUE) != 0;
            continue;
        }
        numbers++;
        digits.whole = own.whole > digits.whole ? own.whole : digits.whole;
        digits.decimals = own.decimals > digits.decimals ? own.decimals : digits.decimals;
        digits.uncertainty =
            own.uncertainty > digits.uncertainty ? own.uncertainty : digits.uncertainty;
        digits.has_sign = digits.has_sign || own.has_sign;
    }
    digits.are_numbers = numbers > texts;
    return digits;
}

static size_t characters(const char *text) {
    size_t count = 0;
    for (; *text != '\0'; text++)
        count += ((unsigned char)*text & 0xC0) != 0x80;
    return count;
}

static size_t column_width(const struct report_table *table, size_t column) {
    size_t width = characters(table->columns[column].title);
    for (size_t r = 0; r < table->row_count; r++) {
        size_t own = characters(table->cells[r * table->column_count + column].text);
        width = own > width ? own : width;
    }
    return width;
}

/* --- tables ----------------------------------------------------------------------------------- */

/* Rows and columns of a table that are on a page; its first column is on each. */
struct page_part {
    size_t first_row, end_row, first, end;
};

static void put_cell(FILE *out, const struct report_cell *cell, const struct digits *digits) {
    static const char plus_minus[] = " ± ";
    struct digits own;
    if (!digits->are_numbers || !read_number(cell->text, &own)) {
        fputs(digits->are_numbers ? "{" : "", out);
        fputs(cell->best ? "\\textbf{" : "", out);
        put_text(out, cell->text);
        fputs(cell->best ? "}" : "", out);
        fputs(digits->are_numbers ? "}" : "", out);
        return;
    }
    const char *uncertainty = strstr(cell->text, plus_minus);
    fputs(cell->best ? "\\bfseries " : "", out);
    if (uncertainty == NULL)
        fputs(cell->text, out);
    else
        fprintf(out, "%.*s +- %s", (int)(uncertainty - cell->text), cell->text,
                uncertainty + strlen(plus_minus));
}

static void put_column(FILE *out, const struct report_table *table, size_t column,
                       const struct digits *digits) {
    if (!digits->are_numbers) {
        fputc(table->columns[column].left ? 'l' : 'r', out);
        return;
    }
    fprintf(out, "S[table-format=%s%zu.%zu", digits->has_sign ? "-" : "", digits->whole,
            digits->decimals);
    if (digits->uncertainty > 0)
        fprintf(out, "(%zu)", digits->uncertainty);
    fputc(']', out);
}

static bool is_in(const struct page_part *part, size_t column) {
    return column == 0 || (column >= part->first && column < part->end);
}

static void put_tabular(FILE *out, const struct report_table *table, const struct page_part *part,
                        const struct digits *digits) {
    fputs("  \\begin{tabular}{", out);
    for (size_t c = 0; c < table->column_count; c++)
        if (is_in(part, c))
            put_column(out, table, c, &digits[c]);
    fputs("}\n    \\toprule\n", out);
    for (size_t c = 0; c < table->column_count; c++) {
        if (!is_in(part, c))
            continue;
        fputs(c == 0 ? "    {" : " & {", out);
        put_text(out, table->columns[c].title);
        fputc('}', out);
    }
    fputs(" \\\\\n    \\midrule\n", out);
    for (size_t r = part->first_row; r < part->end_row; r++) {
        if (r == table->baseline_row && r > part->first_row)
            fputs("    \\midrule\n", out);
        for (size_t c = 0; c < table->column_count; c++) {
            if (!is_in(part, c))
                continue;
            fputs(c == 0 ? "    " : " & ", out);
            put_cell(out, &table->cells[r * table->column_count + c], &digits[c]);
        }
        fputs(" \\\\\n", out);
    }
    fputs("    \\bottomrule\n  \\end{tabular}\n", out);
}

static void put_part(FILE *out, const struct section *section, const struct report_table *table,
                     const struct page_part *part, const struct digits *digits) {
    bool goes_on = part->first_row > 0 || part->first > 1;
    fputs("\n\\begin{table}[htbp]\n  \\centering\\footnotesize\n  \\caption{", out);
    put_text(out, table->title);
    fputs(section->results == NULL ? ": " : " on ", out);
    put_text(out, section->title);
    fputs(goes_on ? " (continued)" : "", out);
    if (table->note[0] != '\0' && !goes_on) {
        fputs(": ", out);
        put_text(out, table->note);
    }
    fputs(".}\n", out);
    put_tabular(out, table, part, digits);
    fputs("\\end{table}\n", out);
}

/* The column behind those that fit on the line from `first` on, one at least. */
static size_t columns_that_fit(const struct report_table *table, size_t first) {
    enum { LINE = 88, GAP = 3 }; /* characters of \footnotesize on 16 cm */
    size_t width = column_width(table, 0), end = first;
    while (end < table->column_count) {
        width += column_width(table, end) + GAP;
        if (width > LINE && end > first)
            break;
        end++;
    }
    return end;
}

void latex_table(FILE *out, const struct section *section, const struct report_table *table) {
    struct arena arena = {0};
    struct digits *digits = ARENA_NEW(&arena, struct digits, table->column_count);
    for (size_t c = 0; c < table->column_count; c++)
        digits[c] = digits_of(table, c);
    fputs("% needs \\usepackage{booktabs,siunitx} and "
          "\\sisetup{separate-uncertainty,detect-weight,mode=text}\n",
          out);
    struct page_part part = {.first = 1};
    do {
        part.end = columns_that_fit(table, part.first);
        for (part.first_row = 0; part.first_row < table->row_count; part.first_row = part.end_row) {
            size_t left = table->row_count - part.first_row;
            part.end_row = part.first_row + (left < MAX_ROWS ? left : MAX_ROWS);
            put_part(out, section, table, &part, digits);
        }
        part.first = part.end;
    } while (part.first < table->column_count);
    arena_free(&arena);
}

const char *latex_table_file(const struct section *section, const struct report_table *table,
                             struct arena *arena) {
    return arena_printf(arena, "tables/%s-%s.tex", section->anchor, table->name);
}

/* --- the document ----------------------------------------------------------------------------- */

static void put_picture(FILE *out, const struct picture *picture) {
    fprintf(out,
            "\n\\begin{figure}[htbp]\n  \\centering\n"
            "  \\includegraphics[width=%s\\linewidth]{%s.%s}\n  \\caption{",
            picture->wide ? "" : "0.7", picture->file, picture->has_pdf ? "pdf" : "png");
    put_text(out, picture->title);
    fputs(": ", out);
    put_text(out, picture->description);
    fputs(".}\n\\end{figure}\n", out);
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
    struct arena arena = {0};
    fputc('\n', out);
    for (size_t t = 0; t < section->table_count; t++)
        if (!section->tables[t].details)
            fprintf(out, "\\input{%s}\n", latex_table_file(section, &section->tables[t], &arena));
    arena_free(&arena);
    for (size_t p = 0; p < section->picture_count; p++)
        put_picture(out, &section->pictures[p]);
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
          "\\usepackage{siunitx}\n"
          "\\sisetup{separate-uncertainty,detect-weight,mode=text}\n"
          "\\maxdeadcycles=1000 % many figures in a row\n"
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
