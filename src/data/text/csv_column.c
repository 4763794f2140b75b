#include "data/text/csv_column.h"

#include "data/text/iso8601.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* --- fields ----------------------------------------------------------------------------------- */

static void make_room(struct csv_column *column, size_t row) {
    if (row < column->capacity)
        return;
    column->capacity = column->capacity < 1024 ? 1024 : column->capacity + column->capacity / 2;
    column->values = mem_resize(column->values, column->capacity * sizeof(double));
    if (column->rest != NULL)
        column->rest = mem_resize(column->rest, column->capacity * sizeof(double));
}

/* What value lost; the rows before lost nothing unless `rest` is there already. */
static void set_rest(struct csv_column *column, size_t row, double rest) {
    if (column->rest == NULL && rest == 0)
        return;
    if (column->rest == NULL) {
        column->rest = mem_resize(NULL, column->capacity * sizeof(double));
        memset(column->rest, 0, row * sizeof(double));
    }
    column->rest[row] = rest;
}

static bool joined_time_parse(const char *text, struct moment *moment) {
    char with_minutes[128];
    size_t size = strlen(text);
    if (iso8601_parse(text, moment) || parts_of_time_parse(text, moment))
        return true;
    if (size + 4 > sizeof with_minutes) /* a date and an hour */
        return false;
    memcpy(with_minutes, text, size);
    memcpy(with_minutes + size, ":00", 4);
    return iso8601_parse(with_minutes, moment);
}

static bool time_parse(enum column_kind kind, const char *format, const char *text,
                       struct moment *moment) {
    return kind == KIND_FORMAT_TIME    ? formatted_time_parse(text, format, moment)
           : kind == KIND_COMPACT_TIME ? compact_time_parse(text, moment)
           : kind == KIND_JOINED_TIME  ? joined_time_parse(text, moment)
                                       : iso8601_parse(text, moment);
}

static bool take_time(struct csv_column *column, const char *format, const char *text, size_t row) {
    struct moment moment;
    double rest;
    if (!time_parse(column->kind, format, text, &moment))
        return false;
    moment_split(&moment, &column->values[row], &rest);
    set_rest(column, row, rest);
    return true;
}

static void note_point(const struct csv_reading *reading, const char *text, size_t line) {
    static const struct number_format thousands = {',', '.'};
    struct point_evidence *points = reading->points;
    double value;
    if (strchr(text, '.') == NULL)
        return;
    points->is_point = !number_parse(text, &thousands, &value);
    if (points->group == NULL && !points->is_point) {
        points->group = arena_strdup(reading->arena, text);
        points->line = line;
    }
}

static bool take_number(struct csv_column *column, const struct csv_reading *reading,
                        const char *text, size_t row, size_t line) {
    double *value = &column->values[row], rest;
    if (column->is_named_time) {
        if (!number_parse_exact(text, &reading->rules.format, value, &rest))
            return false;
        set_rest(column, row, rest);
    } else if (!number_parse(text, &reading->rules.format, value)) {
        return false;
    }
    if (reading->points->is_watched && !reading->points->is_point)
        note_point(reading, text, line);
    if (reading->has_number_tokens && number_is_token(*value, &reading->rules))
        *value = NAN;
    return !isinf(*value);
}

static bool take_bool(struct csv_column *column, const char *text, size_t row,
                      struct arena *arena) {
    if (!bool_parse(text, &column->values[row]))
        return false;
    const char **first = column->values[row] != 0 ? &column->first_true : &column->first_false;
    if (*first == NULL)
        *first = arena_strdup(arena, text);
    return true;
}

static void take_text(struct csv_column *column, const char *text, size_t row, size_t line,
                      struct arena *arena) {
    size_t before = column->texts.count, number = text_set_add(&column->texts, text, arena);
    if (number == before) {
        column->text_lines = mem_grow(column->text_lines, before, sizeof *column->text_lines);
        column->text_lines[number] = line;
    }
    column->values[row] = (double)number;
}

static bool take_value(struct csv_column *column, const struct csv_reading *reading,
                       const char *text, size_t row, size_t line) {
    switch (column->kind) {
    case KIND_NUMBER:
        return take_number(column, reading, text, row, line);
    case KIND_PERCENT:
        return percent_parse(text, &reading->rules.format, &column->values[row]) &&
               isfinite(column->values[row]);
    case KIND_BOOL:
        return take_bool(column, text, row, reading->arena);
    case KIND_TEXT:
        take_text(column, text, row, line, reading->arena);
        return true;
    default:
        return take_time(column, reading->options->time_format, text, row);
    }
}

static enum column_kind kind_for(const struct csv_column *column, enum cell_kind kind,
                                 const char *text) {
    struct moment moment;
    switch (kind) {
    case CELL_NUMBER:
        return column->is_named_time && compact_time_parse(text, &moment) ? KIND_COMPACT_TIME
                                                                          : KIND_NUMBER;
    case CELL_PERCENT:
        return KIND_PERCENT;
    case CELL_TIME:
        return KIND_TIME;
    case CELL_BOOL:
        return KIND_BOOL;
    default:
        return KIND_TEXT;
    }
}

static bool is_missing(struct csv_column *column, const struct csv_reading *reading,
                       const char *text) {
    bool keeps_na =
        column->names_variables || (column->kind == KIND_TEXT && reading->options->keep_na);
    if (!cell_is_missing(text, &reading->rules, keeps_na))
        return false;
    if (text[0] != '\0' && (column->stays_text || column->stays_label) &&
        !cell_is_missing(text, &reading->rules, true) && column->na_count++ == 0)
        column->na_text = arena_strdup(reading->arena, text);
    return true;
}

void csv_column_add(struct csv_column *column, const struct csv_reading *reading, const char *text,
                    size_t row, size_t line) {
    make_room(column, row);
    if (column->failed)
        return;
    /* Numbers are most of what is read: they are tried before anything else. */
    if (column->kind == KIND_NUMBER && take_number(column, reading, text, row, line)) {
        column->has_value = column->has_value || !isnan(column->values[row]);
        return;
    }
    column->values[row] = NAN;
    if (column->rest != NULL)
        column->rest[row] = 0;
    if (is_missing(column, reading, text))
        return;
    if (column->kind == KIND_OPEN)
        column->kind = kind_for(column, cell_kind_of(text, &reading->rules), text);
    column->has_value = true;
    column->failed = !take_value(column, reading, text, row, line);
}

/* --- again ------------------------------------------------------------------------------------ */

void csv_column_restart(struct csv_column *column) {
    free(column->rest);
    column->rest = NULL;
    column->failed = false;
    column->has_value = false;
    column->na_count = 0;
    column->na_text = NULL;
    text_set_free(&column->texts);
}

void csv_column_demote(struct csv_column *column) {
    bool may_be_numbers = column->kind == KIND_COMPACT_TIME && !column->is_named_time;
    if (column->first_kind == KIND_OPEN)
        column->first_kind = column->kind;
    column->kind = may_be_numbers ? KIND_NUMBER : KIND_TEXT;
}

/* --- text ------------------------------------------------------------------------------------- */

static int compare_texts(const void *a, const void *b, void *names) {
    const char *const *all = names;
    return strcmp(all[*(const size_t *)a], all[*(const size_t *)b]);
}

/* Sorts the labels as text, so that class numbers do not depend on the order of the rows. */
static void sort_labels(const struct text_set *texts, struct column *result, size_t rows,
                        struct arena *arena) {
    size_t count = texts->count;
    size_t *order = mem_resize(NULL, count * sizeof *order);
    size_t *rank = mem_resize(NULL, count * sizeof *rank);
    for (size_t i = 0; i < count; i++)
        order[i] = i;
    if (count > 0)
        qsort_r(order, count, sizeof *order, compare_texts, texts->names);
    result->labels = ARENA_NEW(arena, const char *, count);
    result->label_count = count;
    for (size_t i = 0; i < count; i++) {
        rank[order[i]] = i;
        result->labels[i] = texts->names[order[i]];
    }
    for (size_t row = 0; row < rows; row++)
        if (!isnan(result->values[row]))
            result->values[row] = (double)rank[(size_t)result->values[row]];
    free(order);
    free(rank);
}

static void note_first(struct odd_field *odd, const char *text, size_t line) {
    if (odd->text == NULL || line < odd->line)
        *odd = (struct odd_field){text, line};
}

/* What the texts would be if it were not for some of them. */
static void find_odd_fields(const struct csv_column *column, const struct csv_reading *reading,
                            struct column *result, size_t rows) {
    size_t *uses = mem_resize(NULL, (column->texts.count + 1) * sizeof *uses);
    size_t numbers = 0, times = 0, all = 0;
    memset(uses, 0, (column->texts.count + 1) * sizeof *uses);
    for (size_t row = 0; row < rows; row++)
        if (!isnan(column->values[row]))
            uses[(size_t)column->values[row]]++;
    for (size_t i = 0; i < column->texts.count; i++) {
        const char *text = column->texts.names[i];
        enum cell_kind kind = cell_kind_of(text, &reading->rules);
        double value;
        bool is_number = kind == CELL_NUMBER &&
                         number_parse(text, &reading->rules.format, &value) && isfinite(value);
        struct moment moment;
        bool is_time = time_parse(column->first_kind, reading->options->time_format, text, &moment);
        all += uses[i];
        numbers += is_number ? uses[i] : 0;
        times += is_time ? uses[i] : 0;
        if (!is_number && kind != CELL_MISSING)
            note_first(&result->not_number, text, column->text_lines[i]);
        if (!is_time && kind != CELL_MISSING)
            note_first(&result->not_time, text, column->text_lines[i]);
    }
    free(uses);
    result->mostly_numbers = 2 * numbers >= all;
    result->mostly_times = 2 * times >= all;
}

static bool are_plain_numbers(const struct text_set *texts, const struct number_format *format) {
    double value;
    for (size_t i = 0; i < texts->count; i++)
        if (!number_parse(texts->names[i], format, &value) || !number_is_plain(texts->names[i]) ||
            isinf(value))
            return false;
    return texts->count > 0;
}

static void finish_text(struct csv_column *column, const struct csv_reading *reading,
                        struct column *result, struct table *table) {
    const struct text_set *texts = &column->texts;
    if (column->stays_label && are_plain_numbers(texts, &reading->rules.format)) {
        for (size_t row = 0; row < table->rows; row++)
            if (!isnan(column->values[row]))
                number_parse(texts->names[(size_t)column->values[row]], &reading->rules.format,
                             &result->values[row]);
        return;
    }
    result->type = COLUMN_LABEL;
    find_odd_fields(column, reading, result, table->rows);
    sort_labels(texts, result, table->rows, &table->arena);
}

/* --- finish ----------------------------------------------------------------------------------- */

static void add_notes(const struct csv_column *column, const struct column *result,
                      struct table *table) {
    struct arena *arena = &table->arena;
    if (column->kind == KIND_BOOL) {
        const char *yes = column->first_true, *no = column->first_false;
        if (yes != NULL && no != NULL)
            notes_add(&table->notes, arena, table->path,
                      "column \"%s\": %s and %s are read as 1 and 0", result->name, yes, no);
        else
            notes_add(&table->notes, arena, table->path, "column \"%s\": %s is read as %d",
                      result->name, yes != NULL ? yes : no, yes != NULL);
    }
    if (column->kind == KIND_PERCENT)
        notes_add(&table->notes, arena, table->path,
                  "column \"%s\" is in per cent: 20%% is read as 20", result->name);
    if (column->kind == KIND_COMPACT_TIME)
        notes_add(&table->notes, arena, table->path,
                  "column \"%s\" holds dates written as digits alone (20240131)", result->name);
    if (column->na_count > 0)
        notes_add(
            &table->notes, arena, table->path,
            "column \"%s\": %zu fields such as \"%s\" count as missing; if they are names, set "
            "dataset.keep_na to true",
            result->name, column->na_count, column->na_text);
}

void csv_column_finish(struct csv_column *column, const struct csv_reading *reading,
                       struct column *result, struct table *table) {
    result->values = mem_resize(column->values, table->rows * sizeof(double));
    result->rest = column->rest;
    result->is_empty = !column->has_value;
    result->na_text = column->na_text;
    column->values = result->values;
    result->type =
        column->kind >= KIND_TIME && column->kind <= KIND_FORMAT_TIME && column->has_value
            ? COLUMN_TIME
            : COLUMN_NUMBER;
    if (column->kind == KIND_TEXT && column->has_value)
        finish_text(column, reading, result, table);
    add_notes(column, result, table);
    column->values = column->rest = NULL;
}

void csv_column_free(struct csv_column *column) {
    free(column->values);
    free(column->rest);
    free(column->text_lines);
    text_set_free(&column->texts);
}
