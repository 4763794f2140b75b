#include "data/text/reading.h"

#include <string.h>

const char *mark_name(char mark) {
    static const char *const names[] = {",", ".", "'", "space"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (names[i][0] == mark)
            return names[i];
    return "space";
}

static const char *format_setting(const struct number_format *format, struct arena *arena) {
    if (format->thousands == 0)
        return arena_printf(arena, "dataset.decimal to \"%c\"", format->decimal);
    return arena_printf(arena, "dataset.thousands to \"%s\"", mark_name(format->thousands));
}

static bool refuse_clash(const struct detection *detection, const struct reading *reading,
                         struct error *error) {
    double mine, theirs;
    const char *text = reading->clash.field->text;
    number_parse(text, &reading->format, &mine);
    number_parse(text, &reading->clash.other, &theirs);
    return error_set(error,
                     "%s:%zu: \"%s\" may be %.15g or %.15g; set %s for the first, %s for the "
                     "second",
                     detection->path, reading->clash.line, text, mine, theirs,
                     format_setting(&reading->format, detection->arena),
                     format_setting(&reading->clash.other, detection->arena));
}

/* Whole digits, or three of them and a fraction, as behind the comma in 1,886.5. */
static bool is_part(const struct row_field *field, size_t *digits) {
    *digits = strspn(field->text, "0123456789");
    const char *rest = field->text + *digits;
    bool has_fraction = *digits == 3 && *rest == '.' && rest[1] != '\0';
    if (has_fraction)
        rest += 1 + strspn(rest + 1, "0123456789");
    return !field->is_quoted && *digits > 0 && *rest == '\0';
}

static bool is_whole(const struct row_field *field) {
    const char *text = field->text + (field->text[0] == '-');
    size_t digits = strspn(text, "0123456789");
    return !field->is_quoted && digits > 0 && text[digits] == '\0' &&
           (digits == 1 || text[0] != '0');
}

enum { MIN_DIGITS = 5 }; /* different single digits that look like tenths rather than a class */

/* Whether the pair of columns looks like one of numbers with commas: whole numbers, then digits
 * that whole numbers are not written with, such as 00 and 05. */
static bool is_split_number(const struct reading *reading, size_t column) {
    size_t first = reading->titles + (reading->header == HEADER_NAMES);
    size_t zeros = 0, count = 0, digits;
    unsigned seen = 0, single = 1;
    for (size_t r = first; r < reading->count; r++) {
        if (reading->rows[r].count != reading->columns)
            continue;
        const struct row_field *part = &reading->rows[r].fields[column + 1];
        if (!is_whole(part - 1) || !is_part(part, &digits))
            return false;
        zeros += part->text[0] == '0' && digits > 1;
        single = single && part->size == 1;
        seen |= 1u << (part->text[0] - '0');
        count++;
    }
    return count > 0 && (zeros > 0 || (single && __builtin_popcount(seen) > MIN_DIGITS));
}

/* With commas between fields, all columns (but for a first one) in such pairs. */
static bool may_have_decimal_commas(const struct detection *detection,
                                    const struct reading *reading) {
    bool names_fit = reading->header == HEADER_NAMES && !reading->has_row_names;
    if (reading->delimiter != ',' || detection->options->delimiter != 0 || names_fit ||
        reading->columns < 2)
        return false;
    for (size_t i = reading->columns % 2; i + 1 < reading->columns; i += 2)
        if (!is_split_number(reading, i))
            return false;
    return true;
}

/* The first row from `first` on with as many fields as there are columns, or NULL. */
static const struct row *find_full_row(const struct reading *reading, size_t first) {
    for (size_t r = first; r < reading->count; r++)
        if (reading->rows[r].count == reading->columns)
            return &reading->rows[r];
    return NULL;
}

static bool refuse_commas(const struct detection *detection, const struct row *row,
                          struct error *error) {
    size_t at = row->count % 2;
    return error_set(error,
                     "%s:%zu: \"%s,%s\" may be one number or two columns; set dataset.decimal or "
                     "dataset.thousands to \",\" for the first, dataset.delimiter to \",\" for the "
                     "second",
                     detection->path, row->line, row->fields[at].text, row->fields[at + 1].text);
}

/* The row of names has too many or too few of them. */
static bool refuse_names(const struct detection *detection, const struct reading *reading,
                         const struct row *data, struct error *error) {
    const struct row *names = &reading->rows[reading->titles];
    bool more = reading->delimiter == ',' && reading->columns > names->count;
    return error_set(error,
                     "%s:%zu: has %zu fields where the header has %zu names; if the names stand "
                     "below, pass over the lines above with dataset.skip%s",
                     detection->path, data->line, data->count, names->count,
                     more ? "; numbers with decimal commas need quotes or another delimiter" : "");
}

bool reading_check(const struct detection *detection, const struct reading *reading,
                   struct error *error) {
    const struct row *first = &reading->rows[reading->titles];
    const struct row *data =
        find_full_row(reading, reading->titles + (reading->header == HEADER_NAMES));
    if (data != NULL && may_have_decimal_commas(detection, reading))
        return refuse_commas(detection, data, error);
    bool lone_column = reading->delimiter == 0 && reading->header != HEADER_NAMES;
    if (lone_column && reading->format.decimal == ',' && detection->options->decimal == 0)
        return error_set(
            error,
            "%s:%zu: \"%s\" may be one number or two columns; set dataset.decimal or "
            "dataset.thousands to \",\" for the first, dataset.delimiter to \",\" for the "
            "second",
            detection->path, first->line, first->fields[0].text);
    if (reading->clash.field != NULL)
        return refuse_clash(detection, reading, error);
    if (data != NULL && reading->header == HEADER_NAMES && !reading->names_fit)
        return refuse_names(detection, reading, data, error);
    if (reading->header == HEADER_UNCLEAR)
        return error_set(error,
                         "%s:%zu: the first row (\"%s\"%s) may be names of columns or data; set "
                         "dataset.header to \"yes\" or \"no\"",
                         detection->path, first->line, first->fields[0].text,
                         first->count > 1 ? ", ..." : "");
    return true;
}
