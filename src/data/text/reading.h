/* One way to read the start of a text file: with one delimiter. data/text/dialect.h chooses between
 * them.
 */
#ifndef DATA_TEXT_READING_H
#define DATA_TEXT_READING_H

#include "data/text/csv.h"
#include "data/text/header.h"

/* One way to read the sample. */
struct reading {
    char delimiter;
    struct row *rows; /* in the arena, as their fields are */
    size_t count;
    size_t titles;  /* of these rows: lines without a delimiter above the table */
    size_t columns; /* what most rows have */
    struct number_format format;
    bool is_plain; /* the format is the first that was possible */
    struct {       /* a field that two notations read differently */
        const struct row_field *field;
        size_t line;
        struct number_format other;
    } clash;
    enum header_finding header;
    bool names_fit, names_in_comment, has_row_names, is_broken;
    double score;
};

/* What all readings of a file have in common. */
struct detection {
    const struct csv_options *options;
    const char *path;
    struct text_cursor start; /* behind skipped lines */
    struct cell_rules rules;
    const char *comment;    /* the marker of comment lines, or NULL */
    const char *names_line; /* what the last comment line above the data says, or NULL */
    size_t names_line_number;
    struct arena *arena;
};

/* Cuts the sample up at the delimiter (0: none; ' ': blanks), and finds the number of columns, the
 * notation of numbers and the names that go best with it. The score is about the share of fields
 * that are numbers, times or booleans, times that of rows of the usual length; less where the
 * names do not fit. */
struct reading reading_make(const struct detection *detection, char delimiter);

/* The number of fields that most rows from `first` on have, and how many these are. */
size_t usual_count(const struct reading *reading, size_t first, size_t *rows);

/* False, and an error that names both, when there is another reading that is as good, or when the
 * names do not fit the columns. */
bool reading_check(const struct detection *detection, const struct reading *reading,
                   struct error *error);

/* A mark as the options call it. */
const char *mark_name(char mark);

#endif
