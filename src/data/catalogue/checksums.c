#include "data/catalogue/checksums.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DIGITS = SHA256_TEXT - 1, NAME_AT = DIGITS + 2 };

static bool parse_line(char *line, struct checksum *sum) {
    if (strlen(line) <= NAME_AT || strspn(line, "0123456789abcdef") != DIGITS ||
        line[DIGITS] != ' ' || strchr(line + NAME_AT, '/') != NULL)
        return false;
    memcpy(sum->sha256, line, DIGITS);
    sum->sha256[DIGITS] = '\0';
    sum->name = line + NAME_AT;
    return path_stays_inside(sum->name);
}

bool checksums_read(const char *path, struct arena *arena, struct checksums *sums,
                    struct error *error) {
    char *text = file_read(path, arena, NULL, error), *rest;
    if (text == NULL)
        return false;
    size_t lines = 0;
    for (const char *c = text; *c != '\0'; c++)
        lines += *c == '\n';
    *sums = (struct checksums){.items = ARENA_NEW(arena, struct checksum, lines + 1)};
    for (char *line = strtok_r(text, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest))
        if (!parse_line(line, &sums->items[sums->count++]))
            return error_set(error,
                             "%s: line %zu: must be a SHA-256, two blanks and a file name, as "
                             "sha256sum writes it",
                             path, sums->count);
    return true;
}

static void print_checksums(FILE *out, const void *data) {
    const struct checksums *sums = data;
    for (size_t i = 0; i < sums->count; i++)
        fprintf(out, "%s  %s\n", sums->items[i].sha256, sums->items[i].name);
}

bool checksums_write(const char *path, const struct checksums *sums, struct error *error) {
    return file_print(path, print_checksums, sums, error);
}

bool checksums_verify(const struct checksums *sums, const char *folder, struct error *error) {
    struct arena arena = {0};
    bool good = true;
    for (size_t i = 0; good && i < sums->count; i++) {
        const struct checksum *sum = &sums->items[i];
        const char *path = path_join(&arena, folder, sum->name);
        char found[SHA256_TEXT];
        good = file_exists(path) || error_set(error, "%s is missing", sum->name);
        good = good && file_sha256(path, found, error);
        if (good && strcmp(found, sum->sha256) != 0)
            good = error_set(error, "%s has the wrong checksum: SHA-256 %s, expected %s", sum->name,
                             found, sum->sha256);
    }
    arena_free(&arena);
    return good;
}
