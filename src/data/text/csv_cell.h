/* What a single field of a text file may be. */
#ifndef DATA_TEXT_CSV_CELL_H
#define DATA_TEXT_CSV_CELL_H

#include "base/fields.h"
#include "data/text/number.h"

enum cell_kind {
    CELL_MISSING,
    CELL_NUMBER,
    CELL_PERCENT, /* a number with a percent sign behind it */
    CELL_TIME,
    CELL_BOOL,
    CELL_TEXT,
};

/* How the fields of a file are to be understood. */
struct cell_rules {
    struct number_format format;
    struct string_list missing_tokens; /* beside the usual ones */
};

/* The first kind in the order of the list that the text fits. */
enum cell_kind cell_kind_of(const char *text, const struct cell_rules *rules);

/* The empty field and the given tokens; unless `only_given`, also NA, NaN, null, ? and the like. */
bool cell_is_missing(const char *text, const struct cell_rules *rules, bool only_given);

/* A number that is one of the given tokens in another notation, as -9999.0 for -9999. */
bool number_is_token(double value, const struct cell_rules *rules);

/* "12.5%" as 12.5. */
bool percent_parse(const char *text, const struct number_format *format, double *value);

/* true/false, yes/no, on/off, t/f, y/n in any case, as 1/0. */
bool bool_parse(const char *text, double *value);

/* Words that people write where a number is lacking, such as "None", "inf", "-" and "#REF!": no
 * column is called so. */
bool cell_is_stopgap(const char *text);

#endif
