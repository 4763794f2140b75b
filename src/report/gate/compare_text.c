#include "report/gate/compare_output.h"
#include "report/tables/text_table.h"

#include <string.h>

static void print_missing(const struct comparison *comparison, FILE *out, struct arena *arena) {
    bool first = true;
    for (size_t r = 0; r < comparison->row_count; r++) {
        const struct comparison_row *row = &comparison->rows[r];
        if (row->verdict != VERDICT_MISSING)
            continue;
        fputs(first ? "\n" : "", out);
        text_paragraph(
            out, arena_printf(arena, "%s: %s", row_subject(row, arena), row_failure(row, arena)),
            "  ✗ ");
        first = false;
    }
}

void comparison_print(const struct comparison *comparison, FILE *out, bool colour) {
    struct arena arena = {0};
    const char *code = comparison->passed ? TEXT_GREEN : TEXT_RED;
    const char *verdict = comparison_verdict(comparison, &arena);
    int word = (int)strcspn(verdict, ":");
    fprintf(out, "%s%.*s%s%s\n", paint(code, colour), word, verdict, paint(TEXT_RESET, colour),
            verdict + word);
    print_missing(comparison, out, &arena);
    struct report_table changes = comparison_changes(comparison, &arena);
    if (changes.row_count > 0) {
        fputc('\n', out);
        text_table(out, &changes, colour);
    }
    const char *power = comparison_power(comparison, &arena);
    if (power != NULL) {
        fputc('\n', out);
        text_paragraph(out, power, "");
    }
    for (size_t n = 0; n < comparison->note_count; n++) {
        fputs(n == 0 ? "\n" : "", out);
        text_paragraph(out, comparison->notes[n], "  • ");
    }
    arena_free(&arena);
}
