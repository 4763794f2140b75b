/* A column of a text file while it is read. */
#ifndef DATA_TEXT_CSV_COLUMN_H
#define DATA_TEXT_CSV_COLUMN_H

#include "data/formats/table.h"
#include "data/text/csv.h"
#include "data/text/csv_cell.h"

enum column_kind {
    KIND_OPEN, /* decided by the first field that is not missing */
    KIND_NUMBER,
    KIND_PERCENT,
    KIND_BOOL,
    KIND_TIME,         /* ISO 8601 */
    KIND_COMPACT_TIME, /* digits alone: 20240131 */
    KIND_JOINED_TIME,  /* of several columns: date and clock, or year, month, day, ... */
    KIND_FORMAT_TIME,  /* as dataset.time_format says */
    KIND_TEXT,
};

struct csv_column {
    enum column_kind kind, first_kind; /* now; and before it was demoted, or KIND_OPEN */
    bool is_named_time;                /* dataset.time */
    bool stays_text;                   /* a group or categories: whatever it looks like */
    bool names_variables;              /* NA and the like are names: Na is sodium */
    bool stays_label;                  /* a class: text unless all are plain numbers */
    bool failed; /* a field does not fit the kind: it is to be read again as another */
    bool has_value;
    double *values, *rest; /* [capacity]; rest is NULL until something is lost */
    size_t capacity;
    struct text_set texts;
    size_t *text_lines; /* [texts.count] where each is seen first; 0: unknown */
    size_t na_count;    /* fields such as NA that count as missing in a column of text */
    const char *na_text;
    const char *first_true, *first_false; /* KIND_BOOL: as the file has them */
};

/* In files with ";" between fields, "1.234" may have a decimal point or thousands: a number that can
 * only have a point, such as 1.5 or 0.234, decides it for the file. */
struct point_evidence {
    bool is_watched, is_point;
    const char *group; /* the first number that may be either, or NULL */
    size_t line;
};

/* Everything that decides how fields are read. */
struct csv_reading {
    const struct csv_options *options;
    struct cell_rules rules;
    bool has_number_tokens;
    struct point_evidence *points;
    struct arena *arena; /* the table's */
};

/* Takes the field of row `row`, which must be the next one, in line `line`. */
void csv_column_add(struct csv_column *column, const struct csv_reading *reading, const char *text,
                    size_t row, size_t line);

/* Prepares for reading the file again, as the next kind that may fit. */
void csv_column_demote(struct csv_column *column);
void csv_column_restart(struct csv_column *column);

/* Moves what was read into the table's column, which has its name; adds notes. */
void csv_column_finish(struct csv_column *column, const struct csv_reading *reading,
                       struct column *result, struct table *table);

void csv_column_free(struct csv_column *column);

#endif
