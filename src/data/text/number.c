#include "data/text/number.h"

#include <ctype.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Digits, perhaps with a decimal mark and a sign: a whole number below 2^53 over a power of ten
 * that a double holds exactly, so that one division rounds as strtod() does (Clinger 1990). False
 * for anything else. */
static bool parse_short(const char *text, char decimal, double *value) {
    static const double powers[] = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                    1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
    enum { MAX_DIGITS = 15 };
    bool negative = *text == '-';
    text += negative;
    const char *first = text, *point = NULL;
    int64_t digits = 0;
    for (; (*text >= '0' && *text <= '9') || (*text == decimal && point == NULL); text++) {
        if (*text == decimal)
            point = text;
        else
            digits = 10 * digits + (*text - '0');
        if (text - first > MAX_DIGITS)
            return false;
    }
    ptrdiff_t count = text - first - (point != NULL);
    if (*text != '\0' || count == 0 || count > MAX_DIGITS)
        return false;
    double size = (double)digits / powers[point == NULL ? 0 : text - point - 1];
    *value = negative ? -size : size;
    return true;
}

/* --- other notations -------------------------------------------------------------------------- */

enum { LONGEST = 128 };

/* The length of the thousands mark that is here, or 0. */
static size_t mark_length(const char *text, char thousands) {
    if (thousands != 0 && *text == thousands)
        return 1;
    if (thousands == ' ' && strncmp(text, "\xC2\xA0", 2) == 0)
        return 2; /* no-break space */
    if (thousands == ' ' && strncmp(text, "\xE2\x80\xAF", 3) == 0)
        return 3; /* narrow no-break space */
    return 0;
}

/* Copies the digits in front of the decimal mark without the marks between their groups: one to
 * three digits that do not begin with 0, then groups of three. */
static bool copy_groups(const char **text, char thousands, char **out, const char *end) {
    const char *at = *text;
    size_t group = 0, marks = 0, mark;
    for (;;) {
        if (isdigit((unsigned char)*at) && *out < end) {
            *(*out)++ = *at++;
            group++;
        } else if ((mark = mark_length(at, thousands)) > 0) {
            bool fits = marks > 0 ? group == 3
                                  : group >= 1 && group <= 3 && (*out)[-(ptrdiff_t)group] != '0';
            if (!fits)
                return false;
            at += mark;
            marks++;
            group = 0;
        } else {
            break;
        }
    }
    *text = at;
    return marks == 0 || group == 3;
}

/* Writes the number as strtod() reads it. */
static bool normalise(const char *text, const struct number_format *format, char plain[LONGEST]) {
    char *out = plain;
    const char *end = plain + LONGEST - 1;
    if (*text == '+' || *text == '-')
        *out++ = *text++;
    if (!copy_groups(&text, format->thousands, &out, end))
        return false;
    if (*text == format->decimal) {
        *out++ = '.';
        text++;
    }
    for (; *text != '\0' && out < end; text++) {
        if (strchr("+-0123456789eE", *text) == NULL)
            return false;
        *out++ = *text;
    }
    *out = '\0';
    return *text == '\0';
}

static bool parse_plain(const char *text, double *value) {
    if (text[strspn(text, "+-.0123456789eE")] != '\0' || strpbrk(text, "0123456789") == NULL)
        return false;
    char *end;
    *value = strtod(text, &end);
    return *end == '\0';
}

static bool is_usual(const struct number_format *format) {
    return format->decimal == '.' && format->thousands == 0;
}

bool number_parse(const char *text, const struct number_format *format, double *value) {
    char plain[LONGEST];
    if (parse_short(text, format->decimal, value))
        return true;
    if (is_usual(format))
        return parse_plain(text, value);
    return normalise(text, format, plain) && parse_plain(plain, value);
}

/* --- exactly ---------------------------------------------------------------------------------- */

/* A whole part of at most 19 digits and a fraction, of which 18 digits count:
 * number = high + (low + fraction) with high the double nearest to the whole part. */
static double rest_of(const char *plain, double value) {
    uint64_t whole = 0, digits = 0;
    double unit = 1;
    bool negative = *plain == '-';
    int count = 0;
    for (plain += *plain == '-' || *plain == '+'; isdigit((unsigned char)*plain); plain++) {
        if (++count > 19)
            return 0;
        whole = 10 * whole + (uint64_t)(*plain - '0');
    }
    plain += *plain == '.';
    for (count = 0; isdigit((unsigned char)*plain); plain++) {
        if (++count > 18)
            continue;
        digits = 10 * digits + (uint64_t)(*plain - '0');
        unit *= 10;
    }
    if (*plain != '\0')
        return 0; /* an exponent: nobody writes times so */
    double high = (double)whole, low = (double)(int64_t)(whole - (uint64_t)high);
    double rest = (high - (negative ? -value : value)) + (low + (double)digits / unit);
    return negative ? -rest : rest;
}

bool number_parse_exact(const char *text, const struct number_format *format, double *value,
                        double *rest) {
    char plain[LONGEST];
    *rest = 0;
    if (!number_parse(text, format, value))
        return false;
    if (normalise(text, format, plain))
        *rest = rest_of(plain, *value);
    return true;
}

bool number_is_plain(const char *text) {
    text += *text == '-';
    size_t digits = 0;
    for (const char *at = text; *at != '\0'; at++)
        digits += isdigit((unsigned char)*at) != 0;
    return digits <= 15 && !(text[0] == '0' && isdigit((unsigned char)text[1]));
}

bool number_is_infinity(const char *text) {
    text += *text == '-' || *text == '+';
    return strcasecmp(text, "inf") == 0 || strcasecmp(text, "infinity") == 0;
}
