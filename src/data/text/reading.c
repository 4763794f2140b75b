#include "data/text/reading.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SAMPLE_ROWS = 200, MAX_TITLES = 20 };

/* --- rows ------------------------------------------------------------------------------------- */

static struct row copy_row(const struct row *row, struct arena *arena) {
    struct row copy = *row;
    copy.fields = ARENA_NEW(arena, struct row_field, row->count);
    memcpy(copy.fields, row->fields, row->count * sizeof *row->fields);
    return copy;
}

static struct text_cursor copy_text(const struct text_cursor *from, struct arena *arena) {
    size_t size = (size_t)(from->end - from->at);
    char *text = arena_alloc(arena, size + 1);
    memcpy(text, from->at, size);
    return (struct text_cursor){
        .at = text, .end = text + size, .line = from->line, .is_last = from->is_last};
}

static void take_rows(const struct detection *detection, struct reading *reading) {
    struct arena *arena = detection->arena;
    struct text_cursor cursor = copy_text(&detection->start, arena);
    struct row_syntax syntax = {reading->delimiter, detection->comment};
    struct row row = {0};
    struct error error;
    enum row_status status = ROW_READ;
    reading->rows = ARENA_NEW(arena, struct row, SAMPLE_ROWS);
    while (reading->count < SAMPLE_ROWS &&
           (status = row_take(&cursor, &syntax, &row, &error)) == ROW_READ)
        reading->rows[reading->count++] = copy_row(&row, arena);
    reading->is_broken = status == ROW_BROKEN;
    free(row.fields);
}

size_t usual_count(const struct reading *reading, size_t first, size_t *rows) {
    size_t best = 0;
    *rows = 0;
    for (size_t i = first; i < reading->count; i++) {
        size_t same = 0;
        if (i > first && reading->rows[i].count == best)
            continue;
        for (size_t k = i; k < reading->count; k++)
            same += reading->rows[k].count == reading->rows[i].count;
        if (same > *rows) {
            *rows = same;
            best = reading->rows[i].count;
        }
    }
    return best;
}

/* The rows below the first one of the table. */
static const struct row *body(const struct reading *reading, size_t *count) {
    size_t first = reading->titles + (reading->count > reading->titles + 1);
    *count = reading->count - first;
    return reading->rows + first;
}

static bool is_all_text(const struct detection *detection, const struct row *row) {
    for (size_t i = 0; i < row->count; i++)
        if (cell_kind_of(row->fields[i].text, &detection->rules) != CELL_TEXT)
            return false;
    return true;
}

/* Texts alone, of which "t" and "on" may be some, and perhaps an empty one over row numbers. */
static bool may_be_names(const struct detection *detection, const struct row *row) {
    size_t names = 0;
    for (size_t i = 0; i < row->count; i++) {
        enum cell_kind kind = cell_kind_of(row->fields[i].text, &detection->rules);
        if (kind != CELL_TEXT && kind != CELL_BOOL && row->fields[i].size > 0)
            return false;
        names += row->fields[i].size > 0;
    }
    return names > 0;
}

/* The fields of a row without the empty ones that fill up its end (Excel: "Title,,"). */
static size_t filled_count(const struct row *row) {
    size_t count = row->count;
    while (count > 0 && row->fields[count - 1].size == 0 && !row->fields[count - 1].is_quoted)
        count--;
    return count;
}

/* Titles above a table are text without a delimiter. Lines with other fields ("Station,Berlin"),
 * fewer than the table has, are so too where names follow and then data. */
static size_t count_titles(const struct detection *detection, const struct reading *reading) {
    const struct row *rows = reading->rows;
    size_t titles = 0, width = 0; /* without a delimiter at the end of all lines */
    bool are_single = reading->delimiter != ' ';
    for (size_t i = 0; i < reading->count; i++)
        if (rows[i].count == reading->columns && filled_count(&rows[i]) > width)
            width = filled_count(&rows[i]);
    while (titles < MAX_TITLES && titles + 2 < reading->count &&
           (rows[titles].count != reading->columns || filled_count(&rows[titles]) < width)) {
        are_single = are_single && rows[titles].count == 1 && is_all_text(detection, &rows[titles]);
        titles++;
    }
    bool found = titles > 0 && reading->columns > 1 && rows[titles].count == reading->columns &&
                 (are_single || (may_be_names(detection, &rows[titles]) &&
                                 rows[titles + 1].count == reading->columns &&
                                 !may_be_names(detection, &rows[titles + 1])));
    return found ? titles : 0;
}

/* Returns the share of rows of usual length. */
static double find_columns(const struct detection *detection, struct reading *reading) {
    size_t rows, count;
    reading->columns = usual_count(reading, reading->count > 1, &rows);
    reading->titles = count_titles(detection, reading);
    const struct row *below = body(reading, &count);
    reading->columns = usual_count(reading, (size_t)(below - reading->rows), &rows);
    return count > 0 ? (double)rows / (double)count : 0;
}

/* --- notation of numbers ---------------------------------------------------------------------- */

/* Share of the fields, of those that are not missing, that are numbers, times or booleans. */
static double typed_share(const struct detection *detection, const struct reading *reading) {
    size_t count, typed = 0, texts = 0;
    const struct row *rows = body(reading, &count);
    struct cell_rules rules = detection->rules;
    rules.format = reading->format;
    for (size_t r = 0; r < count; r++) {
        for (size_t i = 0; rows[r].count == reading->columns && i < rows[r].count; i++) {
            enum cell_kind kind = cell_kind_of(rows[r].fields[i].text, &rules);
            texts += kind == CELL_TEXT;
            typed += kind != CELL_TEXT && kind != CELL_MISSING;
        }
    }
    return typed > 0 ? (double)typed / (double)(typed + texts) : 0;
}

/* Notes the first field that the reading's own notation and the other one read differently. */
static void find_clash(struct reading *reading, const struct number_format *other) {
    size_t count;
    const struct row *rows = body(reading, &count);
    for (size_t r = 0; r < count; r++) {
        for (size_t i = 0; i < rows[r].count; i++) {
            double mine, theirs;
            if (!number_parse(rows[r].fields[i].text, &reading->format, &mine) ||
                !number_parse(rows[r].fields[i].text, other, &theirs) || mine == theirs)
                continue;
            reading->clash.field = &rows[r].fields[i];
            reading->clash.line = rows[r].line;
            reading->clash.other = *other;
            return;
        }
    }
}

/* Returns the share of typed fields under the best notation. */
static double choose_format(const struct detection *detection, struct reading *reading) {
    static const char marks[] = {0, ',', '.', ' ', '\''};
    const struct csv_options *options = detection->options;
    double best = -1;
    for (int d = 0; d < 2; d++) {
        for (size_t t = 0; t < sizeof marks; t++) {
            struct number_format format = {d == 0 ? '.' : ',', marks[t]};
            if ((options->decimal != 0 && format.decimal != options->decimal) ||
                (options->thousands != 0 && format.thousands != options->thousands) ||
                format.thousands == format.decimal)
                continue;
            struct reading other = *reading;
            other.format = format;
            double share = best < 1 || !reading->is_plain ? typed_share(detection, &other) : 0;
            if (share > best + 1e-12) {
                reading->is_plain = best < 0;
                reading->format = format;
                reading->clash.field = NULL;
                best = share;
            } else if (!reading->is_plain && share > best - 1e-12 && reading->clash.field == NULL) {
                find_clash(reading, &format);
            }
        }
    }
    return best;
}

/* --- names ------------------------------------------------------------------------------------ */

/* Whether the first field of each row numbers or names it: all in quotes, whole numbers that
 * increase, or texts that differ. */
static bool first_names_rows(const struct reading *reading) {
    size_t count;
    const struct row *rows = body(reading, &count);
    bool quoted = true, increasing = true, distinct = true;
    double last = -INFINITY, value;
    for (size_t r = 0; r < count; r++) {
        const struct row_field *field = &rows[r].fields[0];
        bool is_number = number_parse(field->text, &reading->format, &value);
        quoted = quoted && field->is_quoted;
        increasing = increasing && is_number && value == floor(value) && value > last;
        distinct = distinct && !is_number &&
                   (r == 0 || strcmp(field->text, rows[r - 1].fields[0].text) != 0);
        last = value;
    }
    return quoted || increasing || distinct;
}

static bool is_empty_below(const struct reading *reading, size_t column) {
    size_t count;
    const struct row *rows = body(reading, &count);
    for (size_t r = 0; r < count; r++)
        if (rows[r].count == reading->columns && rows[r].fields[column].size > 0)
            return false;
    return true;
}

/* Fits the row of names to the columns: R leaves out the first one, and a delimiter at the end of
 * lines makes names or fields too many. False when they do not fit. */
static bool fit_names(struct reading *reading) {
    struct row *names = &reading->rows[reading->titles];
    if (reading->count == reading->titles + 1) {
        reading->columns = names->count;
        return true;
    }
    while (names->count > reading->columns && names->fields[names->count - 1].size == 0)
        names->count--;
    bool short_by_one = names->count + 1 == reading->columns;
    if (short_by_one && !is_empty_below(reading, reading->columns - 1) &&
        first_names_rows(reading)) {
        reading->has_row_names = true;
        return true;
    }
    for (size_t i = names->count; i < reading->columns; i++)
        if (!is_empty_below(reading, i))
            return false;
    return names->count <= reading->columns;
}

/* The names in the last comment line above the data, as numpy.savetxt() writes them. */
static bool take_comment_names(const struct detection *detection, struct reading *reading) {
    if (detection->names_line == NULL || reading->titles > 0)
        return false;
    struct arena *arena = detection->arena;
    size_t size = strlen(detection->names_line);
    char *text = arena_alloc(arena, size + 1);
    memcpy(text, detection->names_line, size);
    struct text_cursor cursor = {.at = text, .end = text + size, .line = 1, .is_last = true};
    struct row_syntax syntax = {reading->delimiter, NULL};
    struct row row = {0};
    struct error error;
    bool fits =
        row_take(&cursor, &syntax, &row, &error) == ROW_READ && row.count == reading->columns;
    for (size_t i = 0; fits && i < row.count; i++) {
        enum cell_kind kind = cell_kind_of(row.fields[i].text, &detection->rules);
        if (reading->delimiter == 0 && strpbrk(row.fields[i].text, " \t") != NULL)
            fits = false; /* a remark, not a name */
        fits = fits && (kind == CELL_TEXT || kind == CELL_BOOL || (row.count > 1 && i > 0));
    }
    if (fits) { /* as if they stood in the first row */
        row.line = detection->names_line_number;
        memmove(reading->rows + 1, reading->rows,
                (reading->count < SAMPLE_ROWS ? reading->count++ : SAMPLE_ROWS - 1) *
                    sizeof *reading->rows);
        reading->rows[0] = copy_row(&row, arena);
        reading->names_in_comment = true;
    }
    free(row.fields);
    return fits;
}

/* Whether the first line has a delimiter that the reading does not see. */
static bool has_other_delimiter(const struct detection *detection) {
    static const char others[] = {',', ';', '\t', '|'};
    for (size_t i = 0; i < sizeof others; i++) {
        struct reading other = {.delimiter = others[i]};
        take_rows(detection, &other);
        if (other.count > 0 && other.rows[0].count > 1)
            return true;
    }
    return false;
}

/* Decides on the header; returns a factor of the score. */
static double judge_header(const struct detection *detection, struct reading *reading) {
    struct cell_rules rules = detection->rules;
    rules.format = reading->format;
    enum csv_header said = detection->options->header;
    const struct row *rows = reading->rows + reading->titles;
    size_t count = reading->count - reading->titles;
    size_t offset = rows[0].count + 1 == reading->columns;
    if (said == CSV_HEADER_DETECT)
        reading->header = header_find(rows, count, reading->columns, offset, &rules);
    else
        reading->header = said == CSV_HEADER_NO ? HEADER_NONE : HEADER_NAMES;
    if (reading->header == HEADER_NONE && said != CSV_HEADER_NO &&
        take_comment_names(detection, reading))
        reading->header = HEADER_NAMES;
    bool fits =
        reading->header != HEADER_NAMES ? rows[0].count == reading->columns : fit_names(reading);
    if (fits && reading->header == HEADER_NAMES && reading->columns == 1 && reading->delimiter == 0)
        fits = !has_other_delimiter(detection);
    reading->names_fit = fits;
    return fits ? 1 : 0.25;
}
/* --- all of it -------------------------------------------------------------------------------- */

struct reading reading_make(const struct detection *detection, char delimiter) {
    struct reading reading = {.delimiter = delimiter, .format = {'.', 0}, .is_plain = true};
    take_rows(detection, &reading);
    if (reading.count == 0)
        return reading;
    double consistency = find_columns(detection, &reading);
    double share = choose_format(detection, &reading);
    reading.score = consistency * (share + (reading.columns > 1 ? 0.01 : 0)) *
                    judge_header(detection, &reading) * (reading.titles > 0 ? 0.9 : 1) *
                    (reading.is_broken ? 0.5 : 1);
    return reading;
}
