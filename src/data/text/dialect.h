/* How a text file is written: found out as a whole from its start.
 *
 * Each delimiter is tried with each notation of numbers. A reading is the better the more rows have
 * the same number of fields and the more fields are numbers, times or booleans. Where two readings
 * are equally good, the file is refused, and the message names both and the settings that choose
 * between them. What the user has said is not tried otherwise. */
#ifndef DATA_TEXT_DIALECT_H
#define DATA_TEXT_DIALECT_H

#include "base/notes.h"
#include "data/text/csv.h"
#include "data/text/csv_cell.h"
#include "data/text/rows.h"

/* Whether all numbers of a column in the sample are dates written as digits alone (20240131). */
enum compactness { COMPACT_NOT, COMPACT_ONE_DATE, COMPACT_DATES };

struct dialect {
    struct row_syntax syntax;
    struct cell_rules rules;
    size_t column_count;
    const char **names;    /* [columns] NULL where the file has no name */
    bool has_row_names;    /* the first column numbers or names the rows, as R and pandas write */
    enum cell_kind *kinds; /* [columns] of all fields in the sample; CELL_MISSING: none known */
    enum compactness *compact; /* [columns] */
    size_t first_row;          /* of the rows that row_take() gives, from 0: where data begins */
    size_t title_lines;        /* lines passed over before row_take() */
    size_t header_line;        /* 0: there is no header */
    size_t units_line; /* a first row that looks like units below the names; 0: there is none */
};

/* Looks at the rows from the cursor on, which is at the start of the file and is left there.
 * Names and kinds live in the arena. */
bool dialect_detect(const struct text_cursor *start, const struct csv_options *options,
                    const char *path, struct dialect *dialect, struct notes *notes,
                    struct arena *arena, struct error *error);

#endif
