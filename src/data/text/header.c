#include "data/text/header.h"

#include "base/arena.h"

#include <math.h>
#include <string.h>

void count_kinds(const struct row *rows, size_t count, size_t columns,
                 const struct cell_rules *rules, struct kind_counts *counts) {
    memset(counts, 0, columns * sizeof *counts);
    for (size_t r = 0; r < count; r++)
        for (size_t i = 0; rows[r].count == columns && i < columns; i++)
            counts[i].of[cell_kind_of(rows[r].fields[i].text, rules)]++;
}

enum cell_kind main_kind(const struct kind_counts *counts) {
    enum cell_kind best = CELL_MISSING;
    size_t max = 0;
    for (enum cell_kind kind = CELL_NUMBER; kind <= CELL_TEXT; kind++) {
        if (counts->of[kind] > max) {
            max = counts->of[kind];
            best = kind;
        }
    }
    return best;
}

/* --- columns of numbers ----------------------------------------------------------------------- */

/* How the numbers of a column are written, below the first row. */
struct number_style {
    double min, max;
    size_t count, fractions, trailing_zeros; /* of how many fields; "20.40" has a trailing zero */
    size_t decimals;                         /* digits behind the mark in the first field */
};

static size_t count_decimals(const char *text, char decimal) {
    const char *mark = strchr(text, decimal);
    return mark != NULL ? strspn(mark + 1, "0123456789") : 0;
}

static struct number_style style_of(const struct row *rows, size_t count, size_t columns,
                                    size_t column, const struct cell_rules *rules) {
    struct number_style style = {.min = INFINITY, .max = -INFINITY};
    for (size_t r = 1; r < count; r++) {
        double value;
        if (rows[r].count != columns)
            continue;
        const struct row_field *field = &rows[r].fields[column];
        if (!number_parse(field->text, &rules->format, &value))
            continue;
        size_t decimals = count_decimals(field->text, rules->format.decimal);
        if (style.count++ == 0)
            style.decimals = decimals;
        style.fractions += decimals > 0;
        style.trailing_zeros += decimals > 0 && field->text[field->size - 1] == '0';
        style.min = fmin(style.min, value);
        style.max = fmax(style.max, value);
    }
    return style;
}

/* --- the numbers of the first row ------------------------------------------------------------- */

/* What the numbers in the first row have in common, over columns of numbers. */
struct numbers {
    size_t count;
    bool count_up;                   /* whole, each one more than the one before */
    bool are_years;                  /* 1900 to 2100 */
    bool over_others;                /* and no number below is a year */
    bool continue_below;             /* the second row goes on counting where the first ends */
    bool like_data;                  /* one has a fraction and looks like those below */
    bool over_fractions, over_zeros; /* all fields below have a fraction; some trailing zeros */
    double first, last;
};

static void add_number(struct numbers *numbers, const char *text, double value,
                       const struct number_style *style, char decimal) {
    size_t decimals = count_decimals(text, decimal);
    numbers->count_up = numbers->count_up && decimals == 0 && value == floor(value) &&
                        (numbers->count == 0 || value == numbers->last + 1);
    numbers->are_years = numbers->are_years && value >= 1900 && value <= 2100;
    numbers->over_others = numbers->over_others && (style->max < 1900 || style->min > 2100);
    numbers->over_fractions =
        numbers->over_fractions && style->count > 0 && style->fractions == style->count;
    numbers->over_zeros = numbers->over_zeros || style->trailing_zeros > 0;
    numbers->like_data = numbers->like_data || (decimals > 0 && decimals == style->decimals &&
                                                value >= style->min && value <= style->max);
    if (numbers->count++ == 0)
        numbers->first = value;
    numbers->last = value;
}

static struct numbers look_at_numbers(const struct row *rows, size_t count, size_t columns,
                                      size_t offset, const struct cell_rules *rules) {
    struct numbers numbers = {
        .count_up = true, .are_years = true, .over_others = true, .over_fractions = true};
    double value, below = NAN;
    for (size_t i = 0; i < rows[0].count && i + offset < columns; i++) {
        const char *text = rows[0].fields[i].text;
        if (!number_parse(text, &rules->format, &value))
            continue;
        struct number_style style = style_of(rows, count, columns, i + offset, rules);
        if (numbers.count == 0 && count > 1 && rows[1].count == columns)
            number_parse(rows[1].fields[i + offset].text, &rules->format, &below);
        add_number(&numbers, text, value, &style, rules->format.decimal);
    }
    numbers.continue_below = below == numbers.last + 1;
    return numbers;
}

static enum header_finding judge_numbers(const struct numbers *numbers) {
    if (numbers->count == 0 || !numbers->count_up)
        return HEADER_NONE;
    bool from_start = numbers->first == 0 || numbers->first == 1;
    if (!from_start && !numbers->are_years)
        return HEADER_NONE;
    if (numbers->over_fractions) /* data would not be written without a fraction in one row alone */
        return numbers->count >= 3 || (numbers->count == 2 && numbers->over_zeros) ? HEADER_NAMES
                                                                                   : HEADER_UNCLEAR;
    bool is_striking =
        numbers->count >= 4 || (numbers->are_years && numbers->over_others && numbers->count >= 2);
    return is_striking && !numbers->continue_below ? HEADER_UNCLEAR : HEADER_NONE;
}

/* --- all of it -------------------------------------------------------------------------------- */

/* Whether this field of the first row cannot be data of its column. */
static bool is_name(const char *text, enum cell_kind kind, enum cell_kind below) {
    switch (below) {
    case CELL_NUMBER:
    case CELL_PERCENT:
        return kind == CELL_TIME || kind == CELL_BOOL ||
               (kind == CELL_TEXT && !cell_is_stopgap(text));
    case CELL_TIME:
    case CELL_BOOL:
        return kind != below && kind != CELL_MISSING && !cell_is_stopgap(text);
    default:
        return false;
    }
}

enum header_finding header_find(const struct row *rows, size_t count, size_t columns, size_t offset,
                                const struct cell_rules *rules) {
    struct arena arena = {0};
    struct kind_counts *counts = ARENA_NEW(&arena, struct kind_counts, columns);
    count_kinds(rows + 1, count - 1, columns, rules, counts);
    size_t names = 0, texts = 0, values = 0;
    for (size_t i = 0; i < rows[0].count && i + offset < columns; i++) {
        const char *text = rows[0].fields[i].text;
        enum cell_kind kind = cell_kind_of(text, rules), below = main_kind(&counts[i + offset]);
        names += is_name(text, kind, below);
        texts += (kind == CELL_TEXT && !cell_is_stopgap(text)) ||
                 (kind == CELL_BOOL && below == CELL_TEXT);
        values += kind == CELL_NUMBER || kind == CELL_PERCENT || kind == CELL_TIME;
    }
    arena_free(&arena);
    if (names == 0 && values == 0)
        return texts > 0 ? HEADER_NAMES : HEADER_NONE;
    struct numbers numbers = look_at_numbers(rows, count, columns, offset, rules);
    if (names > 0)
        return numbers.like_data ? HEADER_UNCLEAR : HEADER_NAMES;
    return judge_numbers(&numbers);
}
