#include "data/text/dialect.h"

#include "data/text/iso8601.h"
#include "data/text/reading.h"

#include <math.h>
#include <string.h>

/* --- lines above the table -------------------------------------------------------------------- */

/* The line at the cursor without its end. */
static const char *peek_line(const struct text_cursor *cursor, struct arena *arena) {
    size_t left = (size_t)(cursor->end - cursor->at), size = 0;
    while (size < left && cursor->at[size] != '\n' && cursor->at[size] != '\r')
        size++;
    return arena_printf(arena, "%.*s", (int)(size < 1 << 20 ? size : 1 << 20), cursor->at);
}

/* Excel's first line, such as "sep=;"; 0 when it is none. */
static char separator_line(const char *line) {
    line += *line == '"';
    if (strncmp(line, "sep=", 4) != 0 && strncmp(line, "SEP=", 4) != 0)
        return 0;
    line += 4;
    if (strncmp(line, "\\t", 2) == 0)
        return line[2] == '\0' ? '\t' : 0;
    return line[0] != '\0' && (line[1] == '\0' || strcmp(line + 1, "\"") == 0) ? line[0] : 0;
}

static const char *comment_marker(const char *line) {
    static const char *const markers[] = {"#", "%", "//"};
    line += strspn(line, " \t");
    for (size_t i = 0; i < sizeof markers / sizeof markers[0]; i++)
        if (strncmp(line, markers[i], strlen(markers[i])) == 0)
            return markers[i];
    return NULL;
}

static const char *comment_content(const char *line, const char *marker) {
    line += strspn(line, " \t");
    while (strncmp(line, marker, strlen(marker)) == 0)
        line += strlen(marker);
    return line + strspn(line, " \t");
}

/* The lines of comment that a file begins with tell the marker; the last may hold the names. */
static void look_at_comments(struct detection *detection) {
    struct text_cursor cursor = detection->start;
    const char *marker = detection->options->comment;
    while (cursor.at < cursor.end) {
        const char *line = peek_line(&cursor, detection->arena);
        const char *found = detection->options->comment != NULL ? detection->options->comment
                            : marker != NULL                    ? marker
                                                                : comment_marker(line);
        size_t blanks = strspn(line, " \t");
        if (line[blanks] != '\0') {
            if (found == NULL || found[0] == '\0' ||
                strncmp(line + blanks, found, strlen(found)) != 0)
                break;
            marker = found;
            detection->names_line = comment_content(line, marker);
            detection->names_line_number = cursor.line;
        }
        if (!line_skip(&cursor))
            break;
    }
    if (detection->options->comment == NULL && cursor.at == cursor.end)
        marker = NULL; /* it is not a comment that all lines begin with */
    if (marker == NULL)
        detection->names_line = NULL;
    detection->comment = marker != NULL && marker[0] != '\0' ? marker : NULL;
}
/* --- choosing --------------------------------------------------------------------------------- */

static bool has_delimiter(const struct reading *reading) {
    for (size_t i = 0; i < reading->count; i++)
        if (reading->rows[i].count > 1)
            return true;
    return false;
}

/* A mark that numbers have cannot be between them as well, unless these are in quotes. */
static bool collides(const struct csv_options *options, const struct reading *reading) {
    if (reading->delimiter != options->decimal && reading->delimiter != options->thousands)
        return false;
    for (size_t r = 0; r < reading->count; r++)
        for (size_t i = 0; i < reading->rows[r].count; i++)
            if (strchr(reading->rows[r].fields[i].text, reading->delimiter) != NULL)
                return false;
    return true;
}

static bool is_better(const struct reading *a, const struct reading *b) {
    if (fabs(a->score - b->score) > 1e-9)
        return a->score > b->score;
    return a->is_plain && !b->is_plain;
}

/* Where the names have the mark between them, so have the rows below. */
static bool names_hold(const struct reading *reading, char mark) {
    const struct row *names = &reading->rows[reading->titles];
    for (size_t i = 0; reading->header == HEADER_NAMES && i < names->count; i++)
        if (strchr(names->fields[i].text, mark) != NULL)
            return true;
    return false;
}

static struct reading choose_reading(const struct detection *detection) {
    static const char delimiters[] = {',', ';', '\t', '|', 0, ' '};
    if (detection->options->delimiter != 0)
        return reading_make(detection, detection->options->delimiter);
    struct reading best = {.score = -1};
    for (size_t i = 0; i < sizeof delimiters; i++) {
        struct reading reading = reading_make(detection, delimiters[i]);
        bool is_possible = delimiters[i] == 0 ||
                           (has_delimiter(&reading) && !collides(detection->options, &reading));
        /* Blanks separate only where nothing else does, or where that makes everything fit. */
        if (delimiters[i] == ' ' && best.delimiter != 0 && best.columns > 1)
            is_possible = is_possible && reading.score > 1 && best.score < 1 &&
                          !names_hold(&reading, best.delimiter);
        if (is_possible && (best.score < 0 || is_better(&reading, &best)))
            best = reading;
    }
    return best;
}
/* --- the result ------------------------------------------------------------------------------- */

/* A first row below the names without a number, over columns of numbers. */
static size_t find_units(const struct reading *reading, const struct kind_counts *counts,
                         const struct cell_rules *rules) {
    size_t first = reading->titles + 1, texts = 0;
    if (reading->header != HEADER_NAMES || reading->count < first + 2 ||
        reading->rows[first].count != reading->columns)
        return 0;
    for (size_t i = 0; i < reading->columns; i++) {
        enum cell_kind kind = cell_kind_of(reading->rows[first].fields[i].text, rules);
        if (kind != CELL_TEXT && kind != CELL_MISSING && kind != CELL_BOOL)
            return 0;
        texts += kind != CELL_MISSING && main_kind(&counts[i]) == CELL_NUMBER;
    }
    return texts > 0 ? reading->rows[first].line : 0;
}

static void take_names(const struct reading *reading, struct dialect *dialect,
                       struct arena *arena) {
    const struct row *names = &reading->rows[reading->titles];
    for (size_t i = 0; i < names->count && reading->header == HEADER_NAMES; i++) {
        size_t column = i + reading->has_row_names;
        if (column < dialect->column_count && names->fields[i].size > 0)
            dialect->names[column] = arena_strdup(arena, names->fields[i].text);
    }
    dialect->has_row_names = reading->header == HEADER_NAMES && dialect->names[0] == NULL;
    dialect->header_line = reading->header == HEADER_NAMES ? names->line : 0;
}

static enum compactness find_compactness(const struct reading *reading, size_t first, size_t column,
                                         const struct cell_rules *rules) {
    enum compactness result = COMPACT_NOT;
    const char *last = NULL;
    for (size_t r = first; r < reading->count; r++) {
        struct moment moment;
        if (reading->rows[r].count != reading->columns)
            continue;
        const char *text = reading->rows[r].fields[column].text;
        if (cell_is_missing(text, rules, false))
            continue;
        if (!compact_time_parse(text, &moment))
            return COMPACT_NOT;
        if (result != COMPACT_DATES)
            result = last != NULL && strcmp(last, text) != 0 ? COMPACT_DATES : COMPACT_ONE_DATE;
        last = text;
    }
    return result;
}

static void take_kinds(const struct detection *detection, const struct reading *reading,
                       struct dialect *dialect, struct arena *arena) {
    struct kind_counts *counts = ARENA_NEW(detection->arena, struct kind_counts, reading->columns);
    size_t first = reading->titles + (reading->header == HEADER_NAMES);
    count_kinds(reading->rows + first, reading->count - first, reading->columns, &dialect->rules,
                counts);
    dialect->units_line = find_units(reading, counts, &dialect->rules);
    if (detection->options->header == CSV_HEADER_UNITS) {
        count_kinds(reading->rows + first + 1, reading->count - first - (reading->count > first),
                    reading->columns, &dialect->rules, counts);
        dialect->units_line = 0;
    }
    dialect->kinds = ARENA_NEW(arena, enum cell_kind, reading->columns);
    dialect->compact = ARENA_NEW(arena, enum compactness, reading->columns);
    for (size_t i = 0; i < reading->columns; i++) {
        enum cell_kind kind = main_kind(&counts[i]);
        size_t known = 0;
        for (enum cell_kind k = CELL_NUMBER; k <= CELL_TEXT; k++)
            known += counts[i].of[k];
        dialect->kinds[i] = known > counts[i].of[kind] ? CELL_TEXT : kind;
        if (dialect->kinds[i] == CELL_NUMBER)
            dialect->compact[i] = find_compactness(reading, first, i, &dialect->rules);
    }
}

static void add_notes(const struct detection *detection, const struct reading *reading,
                      struct notes *notes, struct arena *arena) {
    const struct csv_options *options = detection->options;
    if (reading->titles > 0)
        notes_add(notes, arena, detection->path, "%zu line%s above the table %s passed over",
                  reading->titles, reading->titles == 1 ? "" : "s",
                  reading->titles == 1 ? "is" : "are");
    if (reading->names_in_comment)
        notes_add(notes, arena, detection->path,
                  "the names of the columns are those in the comment "
                  "above the data");
    if (!reading->is_plain && options->decimal == 0 && reading->format.decimal == ',')
        notes_add(notes, arena, detection->path,
                  "numbers have a decimal comma (dataset.decimal \",\")");
    if (!reading->is_plain && options->thousands == 0 && reading->format.thousands != 0)
        notes_add(notes, arena, detection->path,
                  "numbers have thousands in groups (dataset.thousands \"%s\")",
                  mark_name(reading->format.thousands));
}

static bool finish(const struct detection *detection, struct reading *reading,
                   struct dialect *dialect, struct notes *notes, struct arena *arena,
                   struct error *error) {
    dialect->syntax = (struct row_syntax){
        reading->delimiter,
        detection->comment != NULL ? arena_strdup(arena, detection->comment) : NULL};
    if (reading->count == 0)
        return reading->is_broken || error_set(error, "%s: holds no rows of data", detection->path);
    if (!reading_check(detection, reading, error))
        return false;
    size_t rows;
    if (reading->header != HEADER_NAMES)
        reading->columns = usual_count(reading, reading->titles, &rows);
    dialect->column_count = reading->columns;
    dialect->rules = detection->rules;
    dialect->rules.format = reading->format;
    dialect->names = ARENA_NEW(arena, const char *, dialect->column_count);
    take_names(reading, dialect, arena);
    take_kinds(detection, reading, dialect, arena);
    dialect->first_row = reading->titles +
                         (reading->header == HEADER_NAMES && !reading->names_in_comment) +
                         (detection->options->header == CSV_HEADER_UNITS);
    add_notes(detection, reading, notes, arena);
    return true;
}

bool dialect_detect(const struct text_cursor *start, const struct csv_options *options,
                    const char *path, struct dialect *dialect, struct notes *notes,
                    struct arena *arena, struct error *error) {
    struct arena scratch = {0};
    struct csv_options said = *options;
    struct detection detection = {
        .options = &said,
        .path = path,
        .start = *start,
        .rules = {{options->decimal != 0 ? options->decimal : '.', options->thousands},
                  options->missing_tokens},
        .arena = &scratch};
    *dialect = (struct dialect){0};
    for (int i = 0; i < options->skip; i++)
        dialect->title_lines += line_skip(&detection.start);
    char separator = separator_line(peek_line(&detection.start, &scratch));
    if (separator != 0) {
        dialect->title_lines += line_skip(&detection.start);
        said.delimiter = said.delimiter != 0 ? said.delimiter : separator;
    }
    look_at_comments(&detection);
    struct reading reading = choose_reading(&detection);
    bool detected = finish(&detection, &reading, dialect, notes, arena, error);
    arena_free(&scratch);
    return detected;
}
