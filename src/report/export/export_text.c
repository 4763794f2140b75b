/* The report for a terminal. */
#include "base/printable.h"
#include "report/contents.h"
#include "report/report.h"
#include "report/tables/format.h"
#include "report/tables/tables.h"
#include "report/tables/text_table.h"

static void put_failures(FILE *out, const struct report_table *failures, bool colour,
                         struct arena *arena) {
    enum { MAX_SHOWN = 10 };
    for (size_t r = 0; r < failures->row_count && r < MAX_SHOWN; r++) {
        const struct report_cell *row = failures->cells + r * failures->column_count;
        const char *reason = row[2].text;
        const char *line = arena_printf(arena, "%s: %s%s%s", row[0].text, row[1].text,
                                        reason[0] == '\0' ? "" : ": ", reason);
        fputs(paint(TEXT_RED, colour), out);
        text_paragraph(out, line, "  ✗ ");
        fputs(paint(TEXT_RESET, colour), out);
    }
    if (failures->row_count > MAX_SHOWN)
        fprintf(out, "    and %zu more; the report lists them all\n",
                failures->row_count - MAX_SHOWN);
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
    fputs(paint(TEXT_DIM, colour), out);
    text_paragraph(out, legend, "");
    fputs(paint(TEXT_RESET, colour), out);
}

/* A table of the section, without its note, after an empty line. Of a very wide one the first columns. */
static void put_named(FILE *out, const struct section *section, const char *name, bool colour) {
    enum { MAX_BLOCKS = 2 };
    const struct report_table *table = section_table(section, name);
    if (table == NULL)
        return;
    fprintf(out, "\n%s%s%s\n", paint(TEXT_BOLD, colour), table->title, paint(TEXT_RESET, colour));
    size_t left = text_table_begin(out, table, MAX_BLOCKS, colour);
    if (left > 0)
        fprintf(out, "%sand %zu more column%s; the report has them all%s\n",
                paint(TEXT_DIM, colour), left, left == 1 ? "" : "s", paint(TEXT_RESET, colour));
}

/* `is_chosen`: the table of scores has the columns that were asked for. */
static void put_section(FILE *out, const struct section *section, bool is_chosen, bool colour,
                        struct arena *arena) {
    fprintf(out, "%s%s%s", paint(TEXT_BOLD, colour), printable(arena, section->title),
            paint(TEXT_RESET, colour));
    fprintf(out, "%s%s\n", section->subtitle[0] == '\0' ? "" : "  ",
            printable(arena, section->subtitle));
    if (section->findings.headline[0] != '\0') {
        fputc('\n', out);
        fputs(paint(TEXT_BOLD, colour), out);
        text_paragraph(out, section->findings.headline, "");
        fputs(paint(TEXT_RESET, colour), out);
    }
    if (section->results != NULL) {
        fputc('\n', out);
        struct report_table scores = table_scores(section->results, false, arena);
        text_table(out, is_chosen ? section_table(section, "scores") : &scores, colour);
        put_legend(out, section, colour, arena);
    }
    if (section->hypotheses != NULL) {
        struct report_table table = table_hypotheses(section->hypotheses, false, arena);
        fputc('\n', out);
        text_table(out, &table, colour);
    }
    put_named(out, section, "ranks", colour);
    put_named(out, section, "published", colour);
    put_named(out, section, "search", colour);
    put_named(out, section, "settings", colour);
    put_named(out, section, "training", colour);
    put_named(out, section, "sizes", colour);
    put_named(out, section, "rates", colour);
    put_named(out, section, "faults", colour);
    put_named(out, section, "robustness", colour);
    put_named(out, section, "rollout", colour);
    put_named(out, section, "stream", colour);
    put_named(out, section, "changes", colour);
    put_named(out, section, "ladder", colour);
    put_named(out, section, "gradient_lag", colour);
    const struct report_table *failures = section_table(section, "failures");
    if (section->findings.count > 0 || failures != NULL)
        fputc('\n', out);
    for (size_t f = 0; f < section->findings.count; f++)
        text_paragraph(out, section->findings.items[f], "  • ");
    if (failures != NULL)
        put_failures(out, failures, colour, arena);
}

bool report_print(const struct results *results, const struct report_options *options, FILE *out,
                  bool colour, struct error *error) {
    struct arena arena = {0};
    struct contents contents = contents_make(results, &arena);
    bool good = contents_choose_columns(&contents, options->columns, &arena, error);
    for (size_t s = 0; good && s < contents.section_count; s++) {
        if (s > 0)
            fputc('\n', out);
        put_section(out, &contents.sections[s], options->columns != NULL, colour, &arena);
    }
    if (good && contents.note_count > 0)
        fputc('\n', out);
    for (size_t n = 0; good && n < contents.note_count; n++)
        text_paragraph(out, contents.notes[n], "  ! ");
    arena_free(&arena);
    return good;
}
