#include "report/export/markup.h"
#include "report/gate/compare_output.h"

#include <string.h>

static void put_case(FILE *out, const struct comparison_row *row, struct arena *arena) {
    fputs("    <testcase classname=\"", out);
    xml_text(out, row_subject(row, arena));
    fputs("\" name=\"", out);
    xml_text(out, row->metric[0] == '\0' ? "trials" : row->metric);
    fputs(row_fails(row) ? "\">\n      <failure message=\"" : "\"/>\n", out);
    if (row_fails(row)) {
        xml_text(out, row_failure(row, arena));
        fputs("\"/>\n    </testcase>\n", out);
    }
}

void comparison_junit(const struct comparison *comparison, FILE *out) {
    struct arena arena = {0};
    const struct comparison_row *rows = comparison->rows;
    fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n", out);
    for (size_t first = 0, end; first < comparison->row_count; first = end) {
        const char *subject = row_subject(&rows[first], &arena);
        size_t failures = 0;
        for (end = first;
             end < comparison->row_count && strcmp(row_subject(&rows[end], &arena), subject) == 0;
             end++)
            failures += row_fails(&rows[end]);
        fputs("  <testsuite name=\"", out);
        xml_text(out, subject);
        fprintf(out, "\" tests=\"%zu\" failures=\"%zu\">\n", end - first, failures);
        for (size_t r = first; r < end; r++)
            put_case(out, &rows[r], &arena);
        fputs("  </testsuite>\n", out);
    }
    fputs("</testsuites>\n", out);
    arena_free(&arena);
}
