/* Decimal numbers as text files hold them. */
#ifndef DATA_TEXT_NUMBER_H
#define DATA_TEXT_NUMBER_H

#include <stdbool.h>

struct number_format {
    char decimal;   /* '.' or ',' */
    char thousands; /* between groups of three digits; 0: none; ' ' means no-break spaces too */
};

/* Digits with an optional sign, decimal mark and exponent, rounded as strtod() does; no
 * hexadecimal, "inf" or "nan". False for anything else. A number beyond the range of double is
 * infinite. */
bool number_parse(const char *text, const struct number_format *format, double *value);

/* The same, with what the double lost: the number is value + rest (about 100 bits), so that the
 * differences of large numbers come out exact. */
bool number_parse_exact(const char *text, const struct number_format *format, double *value,
                        double *rest);

/* Whether the text says no more than the number does: no leading zeros as in "007", and no more
 * digits than a double keeps apart (15). */
bool number_is_plain(const char *text);

/* "inf", "-Infinity" and the like. */
bool number_is_infinity(const char *text);

#endif
