#include "base/utf8.h"

#include <stdint.h>
#include <string.h>

static size_t skip_ascii(const char *text, size_t at, size_t size) {
    uint64_t eight;
    while (at + sizeof eight <= size) {
        memcpy(&eight, text + at, sizeof eight);
        if (eight & 0x8080808080808080u)
            break;
        at += sizeof eight;
    }
    while (at < size && (unsigned char)text[at] < 0x80)
        at++;
    return at;
}

/* How many bytes a character has that begins with this one; 0: none does. */
static size_t length_from(unsigned char first) {
    return first < 0x80                     ? 1
           : first >= 0xC2 && first <= 0xDF ? 2
           : first >= 0xE0 && first <= 0xEF ? 3
           : first >= 0xF0 && first <= 0xF4 ? 4
                                            : 0;
}

size_t utf8_character(const char *text, size_t size, unsigned long *code) {
    static const unsigned long smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t length = size > 0 ? length_from((unsigned char)text[0]) : 0;
    if (length == 0 || length > size)
        return 0;
    *code = (unsigned char)text[0] & (length == 1 ? 0x7FU : 0x7FU >> length);
    for (size_t i = 1; i < length; i++) {
        if ((text[i] & 0xC0) != 0x80)
            return 0;
        *code = *code << 6 | (text[i] & 0x3F);
    }
    bool is_surrogate = *code >= 0xD800 && *code <= 0xDFFF;
    return *code >= smallest[length] && *code <= 0x10FFFF && !is_surrogate ? length : 0;
}

size_t utf8_valid(const char *text, size_t size) {
    size_t at = 0;
    while ((at = skip_ascii(text, at, size)) < size) {
        unsigned long code;
        size_t length = utf8_character(text + at, size - at, &code);
        if (length == 0)
            break;
        at += length;
    }
    return at;
}

bool utf8_is_valid(const char *text) {
    size_t size = strlen(text);
    return utf8_valid(text, size) == size;
}

void utf8_repair(char *text) {
    size_t size = strlen(text);
    for (size_t at = 0; (at += utf8_valid(text + at, size - at)) < size; at++)
        text[at] = '?';
}
