#include "data/text/csv.h"

#include "data/text/csv_column.h"
#include "data/text/dialect.h"
#include "data/text/text_file.h"

#include <stdlib.h>
#include <string.h>

struct csv_reader {
    struct text_file file;
    struct dialect dialect;
    struct csv_reading reading;
    struct table *table;
    struct csv_column *columns; /* those of the file, and one for times of several columns */
    size_t count;
    size_t *time_parts; /* [options.time] when these are several */
    char *joined;       /* their texts with blanks between */
    size_t comments;    /* lines that are comments though none was looked for */
    size_t blank_rows; /* the last so many rows hold delimiters alone, as spreadsheets write them */
    struct point_evidence points;
    struct error *error;
};

/* --- columns ---------------------------------------------------------------------------------- */

static const char *column_name(const struct csv_reader *reader, size_t position) {
    const struct dialect *dialect = &reader->dialect;
    if (dialect->names[position] != NULL)
        return dialect->names[position];
    if (position == 0 && dialect->has_row_names)
        return "row";
    return arena_printf(&reader->table->arena, "x%zu", position + 1);
}

static bool name_columns(struct csv_reader *reader) {
    struct table *table = reader->table;
    table->column_count = reader->dialect.column_count;
    table->columns = ARENA_NEW(&table->arena, struct column, table->column_count + 1);
    for (size_t i = 0; i < table->column_count; i++) {
        size_t before;
        const char *name = column_name(reader, i);
        if (text_set_find(&table->index, name, &before))
            return error_set(reader->error,
                             "%s:%zu: columns %zu and %zu are both called \"%s\"; rename one",
                             table->path, reader->dialect.header_line, before + 1, i + 1, name);
        text_set_add(&table->index, name, NULL);
        table->columns[i].name = name;
    }
    table->columns[0].is_row_number = reader->dialect.has_row_names;
    return true;
}

/* Marks the columns of a list; names that are not in the table are for their owners to refuse. */
static void mark(struct csv_reader *reader, const struct string_list *names, bool is_time,
                 bool stays_text, bool stays_label) {
    struct error ignored;
    size_t position;
    for (size_t i = 0; i < names->count; i++) {
        if (!table_find(reader->table, names->items[i], &position, &ignored))
            continue;
        struct csv_column *column = &reader->columns[position];
        column->is_named_time = column->is_named_time || is_time;
        column->stays_text = column->stays_text || stays_text;
        column->stays_label = column->stays_label || stays_label;
    }
}

static enum column_kind first_kind(const struct csv_column *column, enum cell_kind kind,
                                   enum compactness compactness) {
    static const enum column_kind kinds[] = {
        [CELL_MISSING] = KIND_OPEN, [CELL_NUMBER] = KIND_NUMBER, [CELL_PERCENT] = KIND_PERCENT,
        [CELL_TIME] = KIND_TIME,    [CELL_BOOL] = KIND_BOOL,     [CELL_TEXT] = KIND_TEXT,
    };
    if (column->stays_text || column->stays_label)
        return KIND_TEXT;
    bool is_compact =
        compactness == COMPACT_DATES || (compactness == COMPACT_ONE_DATE && column->is_named_time);
    return is_compact ? KIND_COMPACT_TIME : kinds[kind];
}

/* A further column for the times that several make up together. */
static bool join_times(struct csv_reader *reader) {
    const struct string_list *time = &reader->reading.options->time;
    struct table *table = reader->table;
    reader->time_parts = ARENA_NEW(&table->arena, size_t, time->count);
    for (size_t i = 0; i < time->count; i++) {
        if (!table_find(table, time->items[i], &reader->time_parts[i], reader->error))
            return error_prefix(reader->error, "dataset.time");
        table->columns[reader->time_parts[i]].is_time_part = true;
    }
    const char *name = csv_time_name(time, &table->arena);
    table->columns[table->column_count++].name = name;
    text_set_add(&table->index, name, NULL);
    return true;
}

static bool begin_columns(struct csv_reader *reader) {
    const struct csv_options *options = reader->reading.options;
    struct table *table = reader->table;
    if (!name_columns(reader))
        return false;
    reader->count = table->column_count;
    reader->columns = ARENA_NEW(&table->arena, struct csv_column, reader->count + 1);
    bool is_joined = options->time.count > 1;
    if (!is_joined)
        mark(reader, &options->time, true, false, false);
    struct error ignored;
    size_t position;
    struct string_list group = {options->group != NULL, (const char **)&options->group};
    struct string_list variable = {options->variable != NULL, (const char **)&options->variable};
    mark(reader, &group, false, true, false);
    mark(reader, &variable, false, true, false);
    if (options->variable != NULL && table_find(table, options->variable, &position, &ignored))
        reader->columns[position].names_variables = true;
    mark(reader, &options->categorical, false, true, false);
    mark(reader, &options->labels, false, false, true);
    for (size_t i = 0; i < reader->count; i++) {
        struct csv_column *column = &reader->columns[i];
        column->kind = first_kind(column, reader->dialect.kinds[i], reader->dialect.compact[i]);
        if (column->is_named_time && options->time_format != NULL)
            column->kind = KIND_FORMAT_TIME;
    }
    if (!is_joined)
        return true;
    reader->columns[reader->count++].kind =
        options->time_format != NULL ? KIND_FORMAT_TIME : KIND_JOINED_TIME;
    return join_times(reader);
}

const char *csv_time_name(const struct string_list *time, struct arena *arena) {
    const char *name = time->items[0];
    for (size_t i = 1; i < time->count; i++)
        name = arena_printf(arena, "%s %s", name, time->items[i]);
    return name;
}

/* --- rows ------------------------------------------------------------------------------------- */

/* Whether a row of another length is to be taken all the same: with a delimiter at its end, or
 * without the one that the names have. */
static bool fits_nearly(const struct csv_reader *reader, const struct row *row) {
    size_t columns = reader->dialect.column_count;
    if (row->count == columns + 1)
        return row->fields[columns].size == 0 && !row->fields[columns].is_quoted;
    return row->count + 1 == columns && columns > 1 && reader->dialect.names[columns - 1] == NULL &&
           reader->dialect.header_line > 0;
}

static bool looks_like_comment(const struct row *row) {
    return !row->fields[0].is_quoted && strchr("#%", row->fields[0].text[0]) != NULL &&
           row->fields[0].size > 0;
}

static bool refuse_length(const struct csv_reader *reader, const struct row *row) {
    const char *path = reader->table->path;
    size_t columns = reader->dialect.column_count;
    if (reader->table->rows == 0)
        return error_set(reader->error,
                         "%s:%zu: has %zu fields where the other rows have %zu; lines above the "
                         "table are passed over with dataset.skip",
                         path, row->line, row->count, columns);
    if (row->count == 1)
        return error_set(reader->error,
                         "%s:%zu: has 1 fields where the rows above have %zu; if \"%.40s\" is a "
                         "remark, take it out, or set dataset.comment to what remarks begin with",
                         path, row->line, columns, row->fields[0].text);
    return error_set(reader->error, "%s:%zu: has %zu fields where the rows above have %zu", path,
                     row->line, row->count, columns);
}

static bool is_blank(const struct row *row) {
    for (size_t i = 0; i < row->count; i++)
        if (row->fields[i].size > 0 || row->fields[i].is_quoted)
            return false;
    return true;
}

/* A row that fits nearly may have no last field. */
static const struct row_field *field_at(const struct row *row, size_t column) {
    static const struct row_field absent = {.text = ""};
    return column < row->count ? &row->fields[column] : &absent;
}

static void join_row(struct csv_reader *reader, const struct row *row) {
    size_t size = 0, count = reader->reading.options->time.count;
    for (size_t i = 0; i < count; i++)
        size += field_at(row, reader->time_parts[i])->size + 1;
    reader->joined = mem_resize(reader->joined, size + 1);
    char *out = reader->joined;
    *out = '\0';
    for (size_t i = 0; i < count; i++) {
        const struct row_field *field = field_at(row, reader->time_parts[i]);
        if (cell_is_missing(field->text, &reader->reading.rules, false)) {
            reader->joined[0] = '\0'; /* without a part there is no time */
            return;
        }
        if (i > 0)
            *out++ = ' ';
        memcpy(out, field->text, field->size + 1);
        out += field->size;
    }
}

static bool add_row(struct csv_reader *reader, const struct row *row) {
    struct table *table = reader->table;
    size_t columns = reader->dialect.column_count;
    if (row->count != columns || columns == 1) {
        if (reader->reading.options->comment == NULL && looks_like_comment(row)) {
            reader->comments++;
            return true;
        }
        if (row->count != columns && !fits_nearly(reader, row))
            return refuse_length(reader, row);
    }
    for (size_t i = 0; i < columns; i++)
        csv_column_add(&reader->columns[i], &reader->reading, field_at(row, i)->text, table->rows,
                       row->line);
    if (reader->count > columns) {
        join_row(reader, row);
        csv_column_add(&reader->columns[columns], &reader->reading, reader->joined, table->rows,
                       row->line);
    }
    table->rows++;
    reader->blank_rows = columns > 1 && is_blank(row) ? reader->blank_rows + 1 : 0;
    return true;
}

/* Reads all rows once. */
static bool read_rows(struct csv_reader *reader) {
    struct text_cursor *cursor = &reader->file.cursor;
    struct row row = {0};
    struct error error;
    size_t passed = 0;
    bool good = true;
    for (size_t i = 0; i < reader->dialect.title_lines; i++)
        line_skip(cursor);
    while (good) {
        enum row_status status = row_take(cursor, &reader->dialect.syntax, &row, &error);
        if (status == ROW_END)
            break;
        if (status == ROW_CUT_OFF)
            good = text_file_more(&reader->file, reader->error);
        else if (status == ROW_BROKEN)
            good =
                error_set(reader->error, "%s:%zu: %s", reader->table->path, row.line, error.text);
        else if (passed < reader->dialect.first_row)
            passed++;
        else
            good = add_row(reader, &row);
    }
    free(row.fields);
    return good;
}

/* A column whose type proves wrong is read again, in the end as text. */
static bool read_columns(struct csv_reader *reader) {
    bool again = true;
    while (again) {
        if (!read_rows(reader))
            return false;
        again = false;
        for (size_t i = 0; i < reader->count; i++) {
            again = again || reader->columns[i].failed;
            if (reader->columns[i].failed)
                csv_column_demote(&reader->columns[i]);
        }
        if (!again)
            break;
        for (size_t i = 0; i < reader->count; i++)
            csv_column_restart(&reader->columns[i]);
        reader->table->rows = reader->comments = reader->blank_rows = 0;
        reader->points = (struct point_evidence){.is_watched = reader->points.is_watched};
        if (!text_file_restart(&reader->file, reader->error))
            return false;
    }
    return reader->table->rows > 0 ||
           error_set(reader->error, "%s: holds no rows of data", reader->table->path);
}

/* Rows of delimiters alone at the end of a file are no data. */
static void drop_blank_rows(struct csv_reader *reader) {
    struct table *table = reader->table;
    if (reader->blank_rows == 0 || reader->blank_rows == table->rows)
        return;
    table->rows -= reader->blank_rows;
    notes_add(&table->notes, &table->arena, table->path,
              "%zu row%s without a value at the end %s passed over", reader->blank_rows,
              reader->blank_rows == 1 ? "" : "s", reader->blank_rows == 1 ? "is" : "are");
}

/* Columns without a name and without a value are what delimiters at the ends of lines make. False
 * when there are no others. */
static bool finish_columns(struct csv_reader *reader) {
    struct table *table = reader->table;
    size_t kept = 0;
    for (size_t i = 0; i < reader->count; i++) {
        bool is_named = i >= reader->dialect.column_count || reader->dialect.names[i] != NULL;
        if (!is_named && !reader->columns[i].has_value && reader->count > 1)
            continue;
        table->columns[kept] = table->columns[i];
        csv_column_finish(&reader->columns[i], &reader->reading, &table->columns[kept++], table);
    }
    table->column_count = kept;
    if (kept == 0)
        return error_set(reader->error, "%s: holds no values", table->path);
    table_index(table);
    if (reader->comments > 0)
        notes_add(&table->notes, &table->arena, table->path,
                  "%zu line%s that begin%s with # or %% %s passed over as comments",
                  reader->comments, reader->comments == 1 ? "" : "s",
                  reader->comments == 1 ? "s" : "", reader->comments == 1 ? "is" : "are");
    return true;
}

static void watch_points(struct csv_reader *reader) {
    const struct csv_options *options = reader->reading.options;
    reader->reading.points = &reader->points;
    reader->points.is_watched = reader->dialect.syntax.delimiter == ';' && options->decimal == 0 &&
                                options->thousands == 0 &&
                                reader->reading.rules.format.decimal == '.' &&
                                reader->reading.rules.format.thousands == 0;
}

static bool check_points(const struct csv_reader *reader) {
    const struct point_evidence *points = &reader->points;
    double point, thousands;
    if (points->group == NULL || points->is_point)
        return true;
    number_parse(points->group, &(struct number_format){'.', 0}, &point);
    number_parse(points->group, &(struct number_format){',', '.'}, &thousands);
    return error_set(reader->error,
                     "%s:%zu: \"%s\" may be %.15g or %.15g; set dataset.decimal to \".\" for the "
                     "first, dataset.thousands to \".\" for the second",
                     reader->table->path, points->line, points->group, point, thousands);
}

static bool read_table(struct csv_reader *reader) {
    struct table *table = reader->table;
    if (!dialect_detect(&reader->file.cursor, reader->reading.options, table->path,
                        &reader->dialect, &table->notes, &table->arena, reader->error))
        return false;
    const struct cell_rules *rules = &reader->dialect.rules;
    reader->reading.rules = *rules;
    for (size_t i = 0; i < rules->missing_tokens.count; i++) {
        double value;
        if (number_parse(rules->missing_tokens.items[i], &rules->format, &value))
            reader->reading.has_number_tokens = true;
    }
    table->units_line = reader->dialect.units_line;
    if (reader->dialect.column_count == 0)
        return read_rows(reader) && false; /* quotes are wrong in the first row */
    watch_points(reader);
    if (!begin_columns(reader) || !read_columns(reader) || !check_points(reader))
        return false;
    drop_blank_rows(reader);
    return finish_columns(reader);
}

bool csv_read(const char *path, const struct csv_options *options, struct table *table,
              struct error *error) {
    *table = (struct table){0};
    struct csv_reader reader = {.table = table, .error = error};
    if (!text_file_open(&reader.file, path, error))
        return false;
    table->path = arena_strdup(&table->arena, path);
    reader.reading = (struct csv_reading){.options = options, .arena = &table->arena};
    bool read = read_table(&reader);
    text_file_close(&reader.file);
    for (size_t i = 0; i < reader.count; i++)
        csv_column_free(&reader.columns[i]);
    free(reader.joined);
    if (!read)
        table_free(table);
    return read;
}
