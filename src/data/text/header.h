/* Whether the first row of a table holds the names of the columns. */
#ifndef DATA_TEXT_HEADER_H
#define DATA_TEXT_HEADER_H

#include "base/error.h"
#include "data/text/csv_cell.h"
#include "data/text/rows.h"

struct kind_counts {
    size_t of[CELL_TEXT + 1];
};

/* Counts the kinds of the fields in each column; rows of another length are left out. */
void count_kinds(const struct row *rows, size_t count, size_t columns,
                 const struct cell_rules *rules, struct kind_counts *counts);

/* The kind of most fields that are not missing. */
enum cell_kind main_kind(const struct kind_counts *counts);

enum header_finding { HEADER_NONE, HEADER_NAMES, HEADER_UNCLEAR };

/* Judges the first of the rows by those below, column by column; `offset` is the column that its
 * first field is over. A text over numbers or times is a name, and then the numbers beside it
 * are names too (date,0,1,OT). Numbers alone are names when they count up (0, 1, ... or years) over
 * numbers that are written with a fraction throughout. HEADER_UNCLEAR: both readings are equally
 * good. */
enum header_finding header_find(const struct row *rows, size_t count, size_t columns, size_t offset,
                                const struct cell_rules *rules);

#endif
