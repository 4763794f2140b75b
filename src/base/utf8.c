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

/* The length of the sequence that begins here; 0 when it is not valid. The second byte's range
 * keeps out overlong forms, surrogates and what lies above U+10FFFF. */
static size_t sequence(const unsigned char *byte, size_t left) {
    unsigned char first = byte[0], low = 0x80, high = 0xBF;
    size_t length = first >= 0xC2 && first <= 0xDF   ? 2
                    : first >= 0xE0 && first <= 0xEF ? 3
                    : first >= 0xF0 && first <= 0xF4 ? 4
                                                     : 0;
    if (length == 0 || length > left)
        return 0;
    if (first == 0xE0)
        low = 0xA0;
    else if (first == 0xED)
        high = 0x9F;
    else if (first == 0xF0)
        low = 0x90;
    else if (first == 0xF4)
        high = 0x8F;
    if (byte[1] < low || byte[1] > high)
        return 0;
    for (size_t i = 2; i < length; i++)
        if ((byte[i] & 0xC0) != 0x80)
            return 0;
    return length;
}

size_t utf8_valid(const char *text, size_t size) {
    size_t at = 0;
    while ((at = skip_ascii(text, at, size)) < size) {
        size_t length = sequence((const unsigned char *)text + at, size - at);
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
