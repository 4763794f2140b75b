#include "data/catalogue/prepare.h"

#include "base/file.h"
#include "data/pipeline/source.h"
#include "data/text/csv_write.h"
#include "data/text/time_format.h"

#include <math.h>
#include <string.h>

#define AT(member) .offset = offsetof(struct prepare_options, member)
const struct field prepare_fields[] = {
    {"file", FIELD_STRING, AT(file), .required = true, .help = "CSV file to write."},
    {"from", FIELD_STRINGS, AT(from), .required = true,
     .help = "Files whose columns stand side by side in it."},
    {"last", FIELD_STRING, AT(last), .help = "Name for the last column."},
    {"calendar", FIELD_STRING, AT(calendar),
     .help = "Column of times; adds the columns weekday and hour_sine."},
    {0},
};
#undef AT

/* Moves the columns of `more` behind those of the table. */
static bool paste(struct table *table, struct table *more, struct error *error) {
    if (more->rows != table->rows)
        return error_set(error, "%s: has %zu rows, but %s has %zu", more->path, more->rows,
                         table->path, table->rows);
    for (size_t i = 0; i < more->column_count; i++)
        if (more->columns[i].type == COLUMN_LABEL)
            return error_set(error, "%s: holds text, not numbers", more->path);
    size_t count = table->column_count;
    struct column *columns = ARENA_NEW(&table->arena, struct column, count + more->column_count);
    memcpy(columns, table->columns, count * sizeof *columns);
    for (size_t i = 0; i < more->column_count; i++) {
        columns[count + i] = more->columns[i];
        columns[count + i].name = arena_strdup(&table->arena, more->columns[i].name);
        more->columns[i].values = more->columns[i].rest = NULL;
    }
    table->columns = columns;
    table->column_count = count + more->column_count;
    return true;
}

static bool add_calendar(struct table *table, const char *name, struct error *error) {
    static const double day = 86400;
    size_t position;
    if (!table_find(table, name, &position, error))
        return false;
    if (table->columns[position].type != COLUMN_TIME)
        return error_set(error,
                         "%s: column \"%s\" holds no dates that can be read: they must stand as in "
                         "2012-10-02 09:00:00 (ISO 8601), or in one other usual way throughout",
                         table->path, name);
    double *weekday = table_append(table, "weekday")->values,
           *hour_sine = table_append(table, "hour_sine")->values;
    const double *seconds = table->columns[position].values;
    for (size_t row = 0; row < table->rows; row++) {
        double days = floor(seconds[row] / day);
        double hour = floor((seconds[row] - days * day) / 3600);
        weekday[row] = fmod(days + 3, 7); /* the first of January 1970 was a Thursday */
        hour_sine[row] = sin(M_PI * hour / 24);
    }
    return true;
}

static bool read_all(const struct prepare_options *options, const char *folder,
                     const char *time_format, struct table *table, struct arena *arena,
                     struct error *error) {
    const char *calendar = options->calendar;
    struct dataset_options reading = {.time_format = time_format};
    if (time_format != NULL)
        reading.times = (struct string_list){1, &calendar};
    for (size_t i = 0; i < options->from.count; i++) {
        struct table next;
        if (!table_read(&reading, path_join(arena, folder, options->from.items[i]), &next, error))
            return false;
        if (i == 0) {
            *table = next;
            continue;
        }
        bool pasted = paste(table, &next, error);
        table_free(&next);
        if (!pasted)
            return false;
    }
    return true;
}

/* The format of the column of dates where it is not ISO 8601 but one of the usual ones, and there is
 * no second one that fits; NULL otherwise. */
static const char *format_of_dates(const struct table *table, const char *name,
                                   struct arena *arena) {
    struct error ignored;
    size_t position;
    if (name == NULL || !table_find(table, name, &position, &ignored) ||
        table->columns[position].type != COLUMN_LABEL)
        return NULL;
    const struct column *column = &table->columns[position];
    struct time_formats formats = time_formats_find(column->labels, column->label_count, arena);
    return formats.other == NULL ? formats.format : NULL;
}

static bool read_dates(const struct prepare_options *options, const char *folder,
                       struct table *table, struct arena *arena, struct error *error) {
    if (!read_all(options, folder, NULL, table, arena, error))
        return false;
    const char *format = format_of_dates(table, options->calendar, arena);
    if (format == NULL)
        return true;
    table_free(table);
    *table = (struct table){0};
    return read_all(options, folder, format, table, arena, error);
}

bool card_prepare(const struct prepare_options *options, const char *folder, struct error *error) {
    struct arena arena = {0};
    struct table table = {0};
    bool good = read_dates(options, folder, &table, &arena, error);
    if (good && options->last != NULL) {
        table.columns[table.column_count - 1].name = options->last;
        table_index(&table);
    }
    good = good && (options->calendar == NULL || add_calendar(&table, options->calendar, error)) &&
           csv_save(&table, path_join(&arena, folder, options->file), error);
    table_free(&table);
    arena_free(&arena);
    return good || error_prefix(error, "writing %s", options->file);
}
