#include "base/printable.h"

#include "base/utf8.h"

#include <stdbool.h>
#include <string.h>

static bool acts(unsigned long code) {
    bool is_control = code < 0x20 || (code >= 0x7f && code < 0xa0);
    bool ends_line = code == 0x2028 || code == 0x2029;
    bool turns_writing = code == 0x61c || code == 0x200e || code == 0x200f ||
                         (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
    bool is_no_character = (code & 0xfffe) == 0xfffe;
    return is_control || ends_line || turns_writing || is_no_character;
}

/* The bytes of the character at the beginning; *is_shown says whether it can be shown as it is. */
static size_t next(const char *text, const char *passing, bool *is_shown) {
    unsigned long code = 0;
    size_t size = utf8_character(text, strnlen(text, 4), &code);
    *is_shown = strchr(passing, *text) != NULL || (size > 0 && !acts(code));
    return size == 0 ? 1 : size;
}

static bool is_all_shown(const char *text, const char *passing) {
    bool is_shown = true;
    while (*text != '\0' && is_shown)
        text += next(text, passing, &is_shown);
    return is_shown;
}

static const char *make_printable(struct arena *arena, const char *text, const char *passing) {
    if (is_all_shown(text, passing))
        return text;
    char *copy = arena_alloc(arena, strlen("\\x00") * strlen(text) + 1), *end = copy;
    for (size_t size; *text != '\0'; text += size) {
        bool is_shown;
        size = next(text, passing, &is_shown);
        for (size_t i = 0; i < size; i++)
            end += sprintf(end, is_shown ? "%c" : "\\x%02x", (unsigned char)text[i]);
    }
    return copy;
}

const char *printable(struct arena *arena, const char *text) {
    return make_printable(arena, text, "");
}

const char *printable_lines(struct arena *arena, const char *text) {
    return make_printable(arena, text, "\n\t");
}

void put_printable(FILE *out, const char *text) {
    struct arena arena = {0};
    fputs(printable_lines(&arena, text), out);
    arena_free(&arena);
}
