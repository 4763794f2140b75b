#include "data/text/csv_cell.h"

#include "data/text/iso8601.h"

#include <string.h>
#include <strings.h>

static bool is_one_of(const char *text, const char *const *words, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (strcasecmp(text, words[i]) == 0)
            return true;
    return false;
}

#define IS_ONE_OF(text, words) is_one_of((text), (words), sizeof(words) / sizeof *(words))

bool cell_is_missing(const char *text, const struct cell_rules *rules, bool only_given) {
    static const char *const usual[] = {"NA",   "NaN",  "-NaN", "+NaN", "null",    "N/A",
                                        "#N/A", "<NA>", "NaT",  "?",    "1.#QNAN", "-1.#IND"};
    if (text[0] == '\0')
        return true;
    for (size_t i = 0; i < rules->missing_tokens.count; i++)
        if (strcmp(text, rules->missing_tokens.items[i]) == 0)
            return true;
    return !only_given && strchr("nN?-+#<1", text[0]) != NULL && IS_ONE_OF(text, usual);
}

bool number_is_token(double value, const struct cell_rules *rules) {
    for (size_t i = 0; i < rules->missing_tokens.count; i++) {
        double token;
        if (number_parse(rules->missing_tokens.items[i], &rules->format, &token) && token == value)
            return true;
    }
    return false;
}

bool percent_parse(const char *text, const struct number_format *format, double *value) {
    char number[64];
    size_t length = strlen(text);
    if (length < 2 || length > sizeof number || text[length - 1] != '%')
        return false;
    length--;
    while (length > 0 && text[length - 1] == ' ')
        length--;
    memcpy(number, text, length);
    number[length] = '\0';
    return number_parse(number, format, value);
}

bool bool_parse(const char *text, double *value) {
    static const char *const yes[] = {"true", "yes", "on", "t", "y"};
    static const char *const no[] = {"false", "no", "off", "f", "n"};
    *value = IS_ONE_OF(text, yes);
    return *value != 0 || IS_ONE_OF(text, no);
}

bool cell_is_stopgap(const char *text) {
    static const char *const words[] = {
        "none",    "inf",     "-inf",  "+inf",    "infinity", "-",       "--",    "---",
        ".",       "..",      "*",     "**",      "error",    "err",     "#ref!", "#n/a",
        "#value!", "#div/0!", "#num!", "missing", "nodata",   "no data", "bad",   "-infinity"};
    return IS_ONE_OF(text, words);
}

enum cell_kind cell_kind_of(const char *text, const struct cell_rules *rules) {
    double value;
    struct moment moment;
    return cell_is_missing(text, rules, false)           ? CELL_MISSING
           : number_parse(text, &rules->format, &value)  ? CELL_NUMBER
           : percent_parse(text, &rules->format, &value) ? CELL_PERCENT
           : iso8601_parse(text, &moment)                ? CELL_TIME
           : bool_parse(text, &value)                    ? CELL_BOOL
                                                         : CELL_TEXT;
}
