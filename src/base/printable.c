#include "base/printable.h"

#include <stdbool.h>
#include <string.h>

/* The bytes of the UTF-8 character at the beginning and its code point; 0 when it is none: a stray
 * byte, a longer form than needed, half of a pair of UTF-16, beyond U+10FFFF (RFC 3629). */
static size_t decode(const unsigned char *text, unsigned long *code) {
    static const unsigned long smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t size = text[0] < 0x80           ? 1
                  : (text[0] >> 5) == 0x06 ? 2
                  : (text[0] >> 4) == 0x0e ? 3
                  : (text[0] >> 3) == 0x1e ? 4
                                           : 0;
    if (size == 0)
        return 0;
    *code = size == 1 ? text[0] : text[0] & (0x7fU >> size);
    for (size_t i = 1; i < size; i++) {
        if ((text[i] & 0xc0) != 0x80)
            return 0;
        *code = *code << 6 | (text[i] & 0x3f);
    }
    bool is_valid = *code >= smallest[size] && *code <= 0x10ffff && !(*code >> 11 == 0xd800 >> 11);
    return is_valid ? size : 0;
}

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
    size_t size = decode((const unsigned char *)text, &code);
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
