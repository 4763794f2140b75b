#include "base/csv_text.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Whether a spreadsheet would compute the text instead of showing it. A lone sign and a number are
 * no formula. */
static bool is_formula(const char *text) {
    char *end;
    if (text[0] == '\0' || strchr("=+-@\t\r", text[0]) == NULL || text[1] == '\0')
        return false;
    strtod(text, &end);
    return *end != '\0';
}

static void write_text(FILE *out, const char *before, const char *text) {
    bool plain = text[strcspn(text, ",\"\r\n")] == '\0';
    fprintf(out, "%s%s", plain ? "" : "\"", before);
    for (; *text != '\0'; text++)
        fputs(*text == '"' ? "\"\"" : (char[]){*text, '\0'}, out);
    fputs(plain ? "" : "\"", out);
}

void csv_write_exact(FILE *out, const char *text) {
    write_text(out, "", text);
}

void csv_write_text(FILE *out, const char *text) {
    write_text(out, is_formula(text) ? "'" : "", text);
}
