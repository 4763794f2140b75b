#include "report/export/markup.h"
#include "report/gate/compare_output.h"

/* The changes, folded when they are many, so that the comment stays short. */
static void put_changes(FILE *out, const struct report_table *table) {
    enum { MAX_UNFOLDED = 12 };
    bool folded = table->row_count > MAX_UNFOLDED;
    if (folded)
        fprintf(out, "\n<details><summary>%zu values</summary>\n", table->row_count);
    fputc('\n', out);
    markdown_table(out, table);
    fputs(folded ? "\n</details>\n" : "", out);
}

void comparison_markdown(const struct comparison *comparison, FILE *out) {
    struct arena arena = {0};
    fprintf(out, "### %s %s\n", comparison->passed ? "✅" : "❌",
            comparison_verdict(comparison, &arena));
    for (size_t r = 0, listed = 0; r < comparison->row_count; r++) {
        const struct comparison_row *row = &comparison->rows[r];
        if (!row_fails(row))
            continue;
        fputs(listed++ == 0 ? "\n- **" : "- **", out);
        markdown_text(out, row_subject(row, &arena));
        fputs("**: ", out);
        markdown_text(out, row_failure(row, &arena));
        fputc('\n', out);
    }
    struct report_table changes = comparison_changes(comparison, &arena);
    if (changes.row_count > 0)
        put_changes(out, &changes);
    const char *power = comparison_power(comparison, &arena);
    if (power != NULL) {
        fputc('\n', out);
        markdown_text(out, power);
        fputs(".\n", out);
    }
    for (size_t n = 0; n < comparison->note_count; n++) {
        fputs(n == 0 ? "\n- " : "- ", out);
        markdown_text(out, comparison->notes[n]);
        fputc('\n', out);
    }
    arena_free(&arena);
}
