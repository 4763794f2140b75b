/* report.md: GitHub-flavoured Markdown, with the plots as linked SVG files. */
#include "report/export/exporter.h"
#include "report/export/markup.h"

#include <string.h>

static void put_table(FILE *out, const struct report_table *table, const char *heading) {
    if (table->row_count == 0)
        return;
    fprintf(out, "\n%s ", heading);
    markdown_text(out, table->title);
    fputs("\n\n", out);
    if (table->note[0] != '\0') {
        markdown_text(out, table->note);
        fputs(".\n\n", out);
    }
    markdown_table(out, table);
}

static void put_picture(FILE *out, const struct picture *picture, bool titled) {
    if (titled) {
        fputs("\n### ", out);
        markdown_text(out, picture->title);
        fputc('\n', out);
    }
    fputs("\n![", out);
    markdown_text(out, picture->description);
    fprintf(out, "](%s.svg)\n", picture->file);
}

static void put_findings(FILE *out, const struct findings *findings) {
    for (size_t f = 0; f < findings->count; f++) {
        fputs(f == 0 ? "\n- " : "- ", out);
        markdown_text(out, findings->items[f]);
        fputc('\n', out);
    }
}

static void put_section(FILE *out, const struct section *section) {
    fputs("\n## ", out);
    markdown_text(out, section->title);
    fputs("\n\n", out);
    markdown_text(out, section->subtitle);
    fputs("\n", out);
    if (section->findings.headline[0] != '\0') {
        fputs("\n**", out);
        markdown_text(out, section->findings.headline);
        fputs("**\n", out);
    }
    for (size_t t = 0; t < section->table_count; t++) {
        if (!section->tables[t].details)
            put_table(out, &section->tables[t], "###");
        if (t == 0)
            put_findings(out, &section->findings);
        for (size_t p = 0; p < section->picture_count; p++)
            if (section->pictures[p].table != NULL &&
                strcmp(section->pictures[p].table, section->tables[t].name) == 0)
                put_picture(out, &section->pictures[p], false);
    }
    for (size_t p = 0; p < section->picture_count; p++)
        if (section->pictures[p].table == NULL)
            put_picture(out, &section->pictures[p], true);
}

static void write(const struct contents *contents, FILE *out) {
    fputs("# ", out);
    markdown_text(out, contents->title);
    fputc('\n', out);
    for (size_t n = 0; n < contents->note_count; n++) {
        fputs("\n> ", out);
        markdown_text(out, contents->notes[n]);
        fputc('\n', out);
    }
    for (size_t s = 0; s < contents->section_count; s++)
        put_section(out, &contents->sections[s]);
}

const struct exporter exporter_markdown = {"report.md", write};
