#include "base/printable.h"
#include "report/gate/compare_output.h"

#include <string.h>

/* Text of a workflow command, in which % and line ends are escaped, and so are `others`: in a property
 * also : and the comma. */
static void put_text(FILE *out, const char *text, const char *others) {
    struct arena arena = {0};
    for (text = printable_lines(&arena, text); *text != '\0'; text++)
        if (*text == '%' || *text == '\n' || strchr(others, *text) != NULL)
            fprintf(out, "%%%02X", (unsigned)*text);
        else
            fputc(*text, out);
    arena_free(&arena);
}

void comparison_github(const struct comparison *comparison, FILE *out) {
    struct arena arena = {0};
    for (size_t r = 0; r < comparison->row_count; r++) {
        const struct comparison_row *row = &comparison->rows[r];
        if (!row_fails(row))
            continue;
        fputs("::error ", out);
        if (row->config_file[0] != '\0') {
            fputs("file=", out);
            put_text(out, row->config_file, ":,");
            fputc(',', out);
        }
        fputs("title=liquidbench::", out);
        put_text(out, row_subject(row, &arena), "");
        fputs(": ", out);
        put_text(out, row_failure(row, &arena), "");
        fputc('\n', out);
    }
    arena_free(&arena);
}
