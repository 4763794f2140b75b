#include "data/csv.h"

#include "data/iso8601.h"

#include <csv.h>
#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK = 1 << 18, HELD_ROWS = 2 };

/* The distinct texts of a label column: an open-addressing hash table over `names`. */
struct label_set {
    const char **names; /* in order of appearance */
    size_t count, capacity;
    size_t *slots; /* position in names + 1, or 0; a power of two of them */
    size_t slot_count;
};

/* What a column holds is decided by its first value that is not missing. */
struct growing_column {
    double *values;
    bool is_decided;
    enum column_type type;
    struct label_set labels;
};

/* Until the first two rows are known, it is open whether there is a header and how many columns. */
struct text_row {
    char **fields;
    size_t count;
    size_t line;
};

struct reader {
    const char *path;
    char delimiter;
    enum csv_header header;
    struct table *table;
    struct error *error;
    bool failed;

    struct text_row held[HELD_ROWS];
    size_t held_count;
    bool has_columns;

    struct growing_column *columns;
    size_t capacity; /* rows */
    size_t field;    /* of the current row */
    size_t line, row_line;
    bool row_open, after_carriage_return;
    bool is_quoted, is_within_row; /* where libcsv stands at the end of what it has read */
};

/* --- fields ---------------------------------------------------------------------------------- */

static bool is_missing(const char *text) {
    static const char *const tokens[] = {"", "NA", "NaN", "nan", "null", "NULL", "N/A", "?"};
    if (text[0] >= '0' && text[0] <= '9')
        return false;
    for (size_t i = 0; i < sizeof tokens / sizeof tokens[0]; i++)
        if (strcmp(text, tokens[i]) == 0)
            return true;
    return false;
}

/* Decimal numbers only: strtod() would take hexadecimal, "inf" and "nan" as well. */
static bool parse_number(const char *text, double *value) {
    if (text[strspn(text, "+-.0123456789eE")] != '\0' || strpbrk(text, "0123456789") == NULL)
        return false;
    char *end;
    *value = strtod(text, &end);
    return *end == '\0';
}

/* Digits, perhaps with a point and a sign: a whole number below 2^53 over a power of ten that a
 * double holds exactly, so that one division rounds as strtod() does (Clinger 1990). False for
 * anything else. */
static bool parse_short_number(const char *text, double *value) {
    static const double powers[] = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                    1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
    enum { MOST_DIGITS = 15 };
    bool negative = *text == '-';
    text += negative;
    const char *first = text, *point = NULL;
    int64_t digits = 0;
    for (; (*text >= '0' && *text <= '9') || (*text == '.' && point == NULL); text++) {
        if (*text == '.')
            point = text;
        else
            digits = 10 * digits + (*text - '0');
        if (text - first > MOST_DIGITS)
            return false;
    }
    ptrdiff_t count = text - first - (point != NULL);
    if (*text != '\0' || count == 0 || count > MOST_DIGITS)
        return false;
    double size = (double)digits / powers[point == NULL ? 0 : text - point - 1];
    *value = negative ? -size : size;
    return true;
}

static uint64_t hash_text(const char *text) {
    uint64_t hash = 14695981039346656037u; /* FNV-1a */
    for (; *text != '\0'; text++)
        hash = (hash ^ (unsigned char)*text) * 1099511628211u;
    return hash;
}

/* The slot of a text, or the free one where it belongs. */
static size_t *label_slot(const struct label_set *set, const char *text) {
    size_t mask = set->slot_count - 1, slot = hash_text(text) & mask;
    while (set->slots[slot] != 0 && strcmp(set->names[set->slots[slot] - 1], text) != 0)
        slot = (slot + 1) & mask;
    return &set->slots[slot];
}

static void label_set_grow(struct label_set *set) {
    set->slot_count = set->slot_count == 0 ? 64 : 2 * set->slot_count;
    free(set->slots);
    set->slots = mem_resize(NULL, set->slot_count * sizeof *set->slots);
    memset(set->slots, 0, set->slot_count * sizeof *set->slots);
    set->names = mem_resize(set->names, set->slot_count / 2 * sizeof *set->names);
    for (size_t i = 0; i < set->count; i++)
        *label_slot(set, set->names[i]) = i + 1;
}

static size_t label_position(struct label_set *set, const char *text, struct arena *arena) {
    if (set->slot_count == 0)
        label_set_grow(set);
    size_t *slot = label_slot(set, text);
    if (*slot != 0)
        return *slot - 1;
    if (set->count == set->slot_count / 2) {
        label_set_grow(set);
        slot = label_slot(set, text);
    }
    set->names[set->count++] = arena_strdup(arena, text);
    *slot = set->count;
    return set->count - 1;
}

static bool fail(struct reader *reader, const char *text, const char *complaint) {
    reader->failed = true;
    return error_set(reader->error, "%s:%zu: column %zu (%s): \"%.60s\" %s", reader->path,
                     reader->row_line, reader->field + 1,
                     reader->table->columns[reader->field].name, text, complaint);
}

static enum column_type type_of(const char *text) {
    double value;
    return parse_number(text, &value)    ? COLUMN_NUMBER
           : iso8601_parse(text, &value) ? COLUMN_TIME
                                         : COLUMN_LABEL;
}

static bool parse_field(struct reader *reader, struct growing_column *column, const char *text,
                        double *value) {
    if (column->is_decided && column->type == COLUMN_NUMBER && parse_short_number(text, value))
        return true;
    *value = NAN;
    if (is_missing(text))
        return true;
    if (!column->is_decided) {
        column->type = type_of(text);
        column->is_decided = true;
    }
    if (column->type == COLUMN_LABEL) {
        *value = (double)label_position(&column->labels, text, &reader->table->arena);
        return true;
    }
    if (column->type == COLUMN_TIME)
        return iso8601_parse(text, value) ||
               fail(reader, text, "is not a time, as the rows above are");
    if (!parse_number(text, value))
        return fail(reader, text, "is not a number, as the rows above are");
    return isfinite(*value) || fail(reader, text, "is too large a number");
}

static void grow_columns(struct reader *reader) {
    reader->capacity = reader->capacity < 1024 ? 1024 : reader->capacity + reader->capacity / 2;
    for (size_t i = 0; i < reader->table->column_count; i++)
        reader->columns[i].values =
            mem_resize(reader->columns[i].values, reader->capacity * sizeof(double));
}

static void add_field(struct reader *reader, const char *text) {
    if (reader->field < reader->table->column_count) {
        if (reader->table->rows == reader->capacity)
            grow_columns(reader);
        struct growing_column *column = &reader->columns[reader->field];
        parse_field(reader, column, text, &column->values[reader->table->rows]);
    }
    reader->field++;
}

static void end_row(struct reader *reader) {
    if (!reader->failed && reader->field != reader->table->column_count) {
        reader->failed = true;
        error_set(reader->error, "%s:%zu: has %zu fields where the rows above have %zu",
                  reader->path, reader->row_line, reader->field, reader->table->column_count);
    }
    reader->field = 0;
    reader->table->rows++;
}

/* --- header and columns ---------------------------------------------------------------------- */

/* A header is a row of names: no number and no time among them. */
static bool looks_like_header(const struct text_row *row) {
    bool has_name = false;
    for (size_t i = 0; i < row->count; i++) {
        if (!is_missing(row->fields[i]) && type_of(row->fields[i]) != COLUMN_LABEL)
            return false;
        has_name = has_name || !is_missing(row->fields[i]);
    }
    return has_name;
}

/* R writes one name fewer than there are columns: the first, of row numbers, has none. A row that
 * merely ends with a delimiter has an empty last field instead. */
static bool lacks_first_name(const struct text_row *header, const struct text_row *row) {
    return row->count == header->count + 1 && row->fields[row->count - 1][0] != '\0';
}

static bool name_columns(struct reader *reader, const struct text_row *header, bool shifted) {
    struct table *table = reader->table;
    for (size_t i = 0; i < table->column_count; i++) {
        size_t position = i - shifted; /* wraps to "none" for the first of shifted ones */
        const char *name =
            header != NULL && position < header->count ? header->fields[position] : "";
        table->columns[i].is_row_number = header != NULL && i == 0 && name[0] == '\0';
        if (table->columns[i].is_row_number)
            table->columns[i].name = "row";
        else if (name[0] == '\0')
            table->columns[i].name = arena_printf(&table->arena, "x%zu", i + 1);
        else
            table->columns[i].name = arena_strdup(&table->arena, name);
    }
    for (size_t i = 0; i < table->column_count; i++)
        for (size_t k = i + 1; k < table->column_count; k++)
            if (strcmp(table->columns[i].name, table->columns[k].name) == 0)
                return error_set(reader->error,
                                 "%s:%zu: columns %zu and %zu are both called \"%s\"; rename one",
                                 reader->path, header != NULL ? header->line : 1, i + 1, k + 1,
                                 table->columns[i].name);
    return true;
}

static void replay(struct reader *reader, const struct text_row *row) {
    reader->row_line = row->line;
    for (size_t i = 0; i < row->count && !reader->failed; i++)
        add_field(reader, row->fields[i]);
    end_row(reader);
}

/* Decides on header and columns from the rows held so far, and takes these rows in. */
static void begin_columns(struct reader *reader) {
    struct text_row *first = &reader->held[0], *last = &reader->held[reader->held_count - 1];
    bool has_header = reader->header == CSV_HEADER_YES ||
                      (reader->header == CSV_HEADER_DETECT && looks_like_header(first));
    if (has_header && last != first && last->count != first->count &&
        last->count != first->count + 1) {
        reader->failed = true;
        error_set(reader->error, "%s:%zu: has %zu fields where the header has %zu names",
                  reader->path, last->line, last->count, first->count);
        return;
    }
    struct table *table = reader->table;
    table->column_count = has_header ? last->count : first->count;
    table->columns = ARENA_NEW(&table->arena, struct column, table->column_count);
    reader->columns = ARENA_NEW(&table->arena, struct growing_column, table->column_count);
    reader->has_columns = true;
    bool shifted = has_header && lacks_first_name(first, last);
    if (!name_columns(reader, has_header ? first : NULL, shifted)) {
        reader->failed = true;
        return;
    }
    for (size_t i = has_header ? 1 : 0; i < reader->held_count && !reader->failed; i++)
        replay(reader, &reader->held[i]);
}

/* --- rows ------------------------------------------------------------------------------------ */

/* The next field of the row, "" for an empty one. */
static void take_field(struct reader *reader, const char *field) {
    if (!reader->row_open) {
        reader->row_open = true;
        reader->row_line = reader->line;
    }
    reader->after_carriage_return = false;
    if (reader->has_columns) {
        add_field(reader, field);
        return;
    }
    struct text_row *row = &reader->held[reader->held_count];
    row->fields = mem_resize(row->fields, (row->count + 1) * sizeof *row->fields);
    row->fields[row->count] = mem_resize(NULL, strlen(field) + 1);
    strcpy(row->fields[row->count++], field);
}

/* Called by libcsv, as is on_row(). */
static void on_field(void *text, size_t size, void *data) {
    struct reader *reader = data;
    if (reader->failed)
        return;
    if (text == NULL && reader->delimiter == ' ')
        return; /* nothing but more blanks between two fields */
    const char *field = text == NULL ? "" : text;
    if (strlen(field) != size) {
        reader->failed = true;
        error_set(reader->error, "%s:%zu: holds a zero byte; is this a text file?", reader->path,
                  reader->line);
        return;
    }
    take_field(reader, field);
    const char *newline = field;
    while ((newline = memchr(newline, '\n', size - (size_t)(newline - field))) != NULL) {
        reader->line++;
        newline++;
    }
}

/* Also called at the ends of empty lines, so that lines can be counted. */
static void on_row(int terminator, void *data) {
    struct reader *reader = data;
    if (reader->failed)
        return;
    if (reader->row_open && reader->has_columns) {
        end_row(reader);
    } else if (reader->row_open) {
        reader->held[reader->held_count++].line = reader->row_line;
        if (reader->held_count == HELD_ROWS)
            begin_columns(reader);
    }
    reader->row_open = false;
    if (!(terminator == '\n' && reader->after_carriage_return))
        reader->line++;
    reader->after_carriage_return = terminator == '\r';
}

/* --- delimiter ------------------------------------------------------------------------------- */

/* How often a delimiter stands between fields of the line; blanks count once however many. */
static size_t count_delimiters(const char *line, const char *end, char delimiter) {
    size_t count = 0;
    bool quoted = false, in_field = false;
    for (; line < end; line++) {
        if (*line == '"')
            quoted = !quoted;
        bool blank = delimiter == ' ' && (*line == ' ' || *line == '\t' || *line == '\r');
        if (!quoted && delimiter != ' ' && *line == delimiter)
            count++;
        else if (delimiter == ' ' && !quoted && !blank && !in_field)
            count++;
        in_field = quoted || !blank;
    }
    return delimiter == ' ' && count > 0 ? count - 1 : count;
}

/* The number of delimiters in each of the first lines; 0 unless it is the same in all of them
 * (a header may have one fewer). */
static size_t consistent_count(const char *text, size_t size, char delimiter) {
    enum { LINES = 20 };
    const char *end = text + size, *next;
    size_t first = 0, count = 0;
    for (int line = 0; line < LINES && text < end; text = next + 1) {
        next = memchr(text, '\n', (size_t)(end - text));
        if (next == NULL && line > 1)
            break; /* the chunk may have cut this line */
        if (next == NULL)
            next = end;
        if (text + strspn(text, " \t\r") >= next)
            continue;
        size_t here = count_delimiters(text, next, delimiter);
        if (line == 0)
            first = here;
        else if (line > 1 && here != count)
            return 0;
        count = here;
        line++;
    }
    return count == first || count == first + 1 ? count : 0;
}

static char detect_delimiter(const char *text, size_t size) {
    static const char candidates[] = {',', ';', '\t', ' '};
    char best = ',';
    size_t most = 0;
    for (size_t i = 0; i < sizeof candidates; i++) {
        if (candidates[i] == ' ' && most > 0)
            break; /* blanks separate only where nothing else does */
        size_t count = consistent_count(text, size, candidates[i]);
        if (count > most) {
            most = count;
            best = candidates[i];
        }
    }
    return best;
}

/* --- reading --------------------------------------------------------------------------------- */

/* As libcsv has it, blanks around a field are no part of it. */
static bool is_blank(char letter, char delimiter) {
    return (letter == ' ' || letter == '\t' || letter == '\r') && letter != delimiter;
}

static char *skip_blanks(char *text, const char *end, char delimiter) {
    while (text < end && is_blank(*text, delimiter))
        text++;
    return text;
}

/* One line without quotation marks, which is cut up; `end` is its newline. */
static void split_line(struct reader *reader, char *text, char *end) {
    char delimiter = reader->delimiter;
    bool last = skip_blanks(text, end, delimiter) == end; /* an empty line is no row */
    while (!last && !reader->failed) {
        char *stop = memchr(text, delimiter, (size_t)(end - text));
        last = stop == NULL;
        stop = last ? end : stop;
        char *next = stop + 1;
        text = skip_blanks(text, stop, delimiter);
        while (stop > text && is_blank(stop[-1], delimiter))
            stop--;
        *stop = '\0';
        if (stop > text || delimiter != ' ')
            take_field(reader, text);
        text = next;
    }
    on_row('\n', reader);
}

/* Whether the text is lines that need no parser but split_line(). */
static bool is_plain(const char *text, size_t size) {
    const char *end = text + size, *mark = text;
    if (size == 0 || end[-1] != '\n' || memchr(text, '"', size) != NULL ||
        memchr(text, '\0', size) != NULL)
        return false;
    while ((mark = memchr(mark, '\r', (size_t)(end - mark))) != NULL)
        if (*++mark != '\n')
            return false;
    return true;
}

/* Several times faster than libcsv, which looks at each character by itself. */
static void split_lines(struct reader *reader, char *text, size_t size) {
    char *end = text + size, *newline;
    for (; text < end && !reader->failed; text = newline + 1) {
        newline = memchr(text, '\n', (size_t)(end - text));
        split_line(reader, text, newline);
    }
}

static bool parse_chunk(struct reader *reader, struct csv_parser *parser, char *chunk,
                        size_t size) {
    if (reader->delimiter == ' ')
        for (size_t i = 0; i < size; i++)
            chunk[i] = chunk[i] == '\t' ? ' ' : chunk[i];
    if (!reader->is_within_row && is_plain(chunk, size)) {
        split_lines(reader, chunk, size);
        return !reader->failed;
    }
    for (size_t i = 0; i < size; i++)
        reader->is_quoted ^= chunk[i] == '"';
    reader->is_within_row = reader->is_quoted || (size > 0 && chunk[size - 1] != '\n');
    if (csv_parse(parser, chunk, size, on_field, on_row, reader) != size)
        return error_set(reader->error,
                         "%s:%zu: a quotation mark stands where none may; enclose the whole field "
                         "in quotes and double those inside",
                         reader->path, reader->line);
    return !reader->failed;
}

/* Skips a byte order mark and finds the delimiter; the number of bytes skipped. */
static bool inspect_start(struct reader *reader, struct csv_parser *parser, const char *chunk,
                          size_t size, size_t *skipped) {
    if (size >= 2 && (memcmp(chunk, "\xff\xfe", 2) == 0 || memcmp(chunk, "\xfe\xff", 2) == 0))
        return error_set(reader->error, "%s: is in UTF-16; save it as UTF-8", reader->path);
    *skipped = size >= 3 && memcmp(chunk, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    if (reader->delimiter == 0)
        reader->delimiter = detect_delimiter(chunk + *skipped, size - *skipped);
    csv_set_delim(parser, (unsigned char)reader->delimiter);
    return true;
}

/* Fills the chunk, which begins with `kept` bytes of a line, up to the end of a line; the bytes
 * that follow that are at chunk + *size, and *kept of them. A line longer than the chunk is cut. */
static size_t read_lines(FILE *file, char *chunk, size_t *kept) {
    size_t filled = *kept + fread(chunk + *kept, 1, CHUNK - *kept, file);
    chunk[filled] = '\0';
    const char *newline = filled == CHUNK ? memrchr(chunk, '\n', filled) : NULL;
    size_t size = newline == NULL ? filled : (size_t)(newline + 1 - chunk);
    *kept = filled - size;
    return size;
}

static bool read_chunks(struct reader *reader, struct csv_parser *parser, FILE *file) {
    char *chunk = mem_resize(NULL, CHUNK + 1);
    bool good = true, first = true;
    size_t size, kept = 0;
    while (good && (size = read_lines(file, chunk, &kept)) > 0) {
        size_t skipped = 0;
        if (first)
            good = inspect_start(reader, parser, chunk, size, &skipped);
        first = false;
        good = good && parse_chunk(reader, parser, chunk + skipped, size - skipped);
        memmove(chunk, chunk + size, kept);
    }
    if (good && ferror(file))
        good = error_set(reader->error, "%s: %s", reader->path, strerror(errno));
    if (good && csv_fini(parser, on_field, on_row, reader) != 0)
        good = error_set(reader->error, "%s:%zu: a quotation mark is opened here and never closed",
                         reader->path, reader->row_open ? reader->row_line : reader->line);
    free(chunk);
    return good && !reader->failed;
}

static int compare_labels(const void *a, const void *b, void *names) {
    const char *const *all = names;
    return strcmp(all[*(const size_t *)a], all[*(const size_t *)b]);
}

/* Sorts the labels as text, so that class numbers do not depend on the order of the rows. */
static void finish_labels(struct growing_column *growing, struct column *column, size_t rows,
                          struct arena *arena) {
    size_t count = growing->labels.count;
    size_t *order = mem_resize(NULL, count * sizeof *order);
    size_t *rank = mem_resize(NULL, count * sizeof *rank);
    for (size_t i = 0; i < count; i++)
        order[i] = i;
    qsort_r(order, count, sizeof *order, compare_labels, growing->labels.names);
    column->labels = ARENA_NEW(arena, const char *, count);
    column->label_count = count;
    for (size_t i = 0; i < count; i++) {
        rank[order[i]] = i;
        column->labels[i] = growing->labels.names[order[i]];
    }
    for (size_t row = 0; row < rows; row++)
        if (!isnan(column->values[row]))
            column->values[row] = (double)rank[(size_t)column->values[row]];
    free(order);
    free(rank);
}

static void finish_columns(struct reader *reader) {
    struct table *table = reader->table;
    for (size_t i = 0; i < table->column_count; i++) {
        struct growing_column *growing = &reader->columns[i];
        struct column *column = &table->columns[i];
        column->values = mem_resize(growing->values, table->rows * sizeof(double));
        column->type = growing->type;
        growing->values = NULL;
        if (column->type == COLUMN_LABEL)
            finish_labels(growing, column, table->rows, &table->arena);
    }
}

static void release(struct reader *reader) {
    for (size_t i = 0; i < HELD_ROWS; i++) {
        for (size_t k = 0; k < reader->held[i].count; k++)
            free(reader->held[i].fields[k]);
        free(reader->held[i].fields);
    }
    for (size_t i = 0; reader->has_columns && i < reader->table->column_count; i++) {
        free(reader->columns[i].values);
        free(reader->columns[i].labels.names);
        free(reader->columns[i].labels.slots);
    }
}

static bool read_file(struct reader *reader, FILE *file) {
    struct csv_parser parser;
    unsigned char options =
        CSV_STRICT | CSV_STRICT_FINI | CSV_APPEND_NULL | CSV_EMPTY_IS_NULL | CSV_REPALL_NL;
    if (csv_init(&parser, options) != 0)
        return error_set(reader->error, "libcsv cannot start");
    bool read = read_chunks(reader, &parser, file);
    csv_free(&parser);
    if (read && !reader->has_columns && reader->held_count > 0) {
        begin_columns(reader);
        read = !reader->failed;
    }
    if (read && reader->table->rows == 0)
        read = error_set(reader->error, "%s: holds no rows of data", reader->path);
    return read;
}

bool csv_read(const char *path, const struct csv_options *options, struct table *table,
              struct error *error) {
    *table = (struct table){0};
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return error_set(error, "%s: %s", path, strerror(errno));
    table->path = arena_strdup(&table->arena, path);
    struct reader reader = {.path = path,
                            .delimiter = options->delimiter,
                            .header = options->header,
                            .table = table,
                            .error = error,
                            .line = 1};
    bool read = read_file(&reader, file);
    fclose(file);
    if (read)
        finish_columns(&reader);
    release(&reader);
    if (!read)
        table_free(table);
    return read;
}
