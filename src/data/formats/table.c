#include "data/formats/table.h"

#include "base/choice.h"
#include "data/text/iso8601.h"
#include "data/text/number.h"
#include "data/text/time_format.h"

#include <stdlib.h>
#include <string.h>

void table_index(struct table *table) {
    text_set_free(&table->index);
    for (size_t i = 0; i < table->column_count; i++)
        text_set_add(&table->index, table->columns[i].name, NULL);
}

static bool find_name(const struct table *table, const char *name, size_t *position) {
    if (table->index.count == table->column_count)
        return text_set_find(&table->index, name, position);
    for (*position = 0; *position < table->column_count; (*position)++)
        if (strcmp(table->columns[*position].name, name) == 0)
            return true;
    return false;
}

struct column *table_append(struct table *table, const char *name) {
    struct column *columns = ARENA_NEW(&table->arena, struct column, table->column_count + 1);
    if (table->column_count > 0)
        memcpy(columns, table->columns, table->column_count * sizeof *columns);
    table->columns = columns;
    struct column *added = &columns[table->column_count++];
    added->name = name;
    added->values = mem_resize(NULL, table->rows * sizeof(double));
    return added;
}

bool table_find(const struct table *table, const char *name, size_t *position,
                struct error *error) {
    if (find_name(table, name, position))
        return true;
    char *end;
    unsigned long number = strtoul(name, &end, 10);
    if (name[0] >= '0' && name[0] <= '9' && *end == '\0' && number >= 1 &&
        number <= table->column_count) {
        *position = number - 1;
        return true;
    }
    struct suggestion nearest = {.wanted = name};
    for (size_t i = 0; i < table->column_count; i++)
        suggestion_offer(&nearest, table->columns[i].name);
    return error_set(error, "%s has no column \"%s\"%s", table->path, name,
                     suggestion_or(&nearest, "its %zu columns begin with \"%s\"",
                                   table->column_count, table->columns[0].name)
                         .text);
}

static const char *number_complaint(const char *text) {
    double value;
    if (number_is_infinity(text))
        return "is not a number that is finite";
    return number_parse(text, &(struct number_format){'.', 0}, &value) ? "is too large a number"
                                                                       : "is not a number";
}

static const char *units_hint(const struct table *table, const struct odd_field *odd) {
    return odd->line != table->units_line
               ? ""
               : ". If it belongs to a row of units, pass over that with dataset.header \"units\"; "
                 "if to lines above the names, with dataset.skip";
}

bool column_refuse_text(const struct table *table, size_t position, struct error *error) {
    const struct column *column = &table->columns[position];
    const struct odd_field *odd = &column->not_number;
    if (odd->text == NULL || !column->mostly_numbers)
        return error_set(error, "%s: column %zu (%s) holds text such as \"%.60s\", not numbers",
                         table->path, position + 1, column->name,
                         column->label_count > 0 ? column->labels[0] : "");
    return error_set(error,
                     "%s:%zu: column %zu (%s): \"%.60s\" %s, as most others of the column are. "
                     "Correct it, or take it as missing with dataset.missing_tokens [\"%.60s\"]",
                     table->path, odd->line, position + 1, column->name, odd->text,
                     number_complaint(odd->text), odd->text);
}

bool column_refuse_numbers(const struct table *table, size_t position, struct error *error) {
    const struct column *column = &table->columns[position];
    const struct odd_field *odd = &column->not_number;
    if (column->type == COLUMN_TIME)
        return error_set(error, "%s: column \"%s\" holds dates, not numbers", table->path,
                         column->name);
    if (odd->text == NULL)
        return error_set(error, "%s: column \"%s\" holds text such as \"%.60s\", not numbers",
                         table->path, column->name,
                         column->label_count > 0 ? column->labels[0] : "");
    if (!column->mostly_numbers)
        return error_set(
            error,
            "%s:%zu: column %zu (%s): \"%.60s\" %s; the column holds text. To use it as "
            "categories, name it in dataset.categorical%s",
            table->path, odd->line, position + 1, column->name, odd->text,
            number_complaint(odd->text), units_hint(table, odd));
    return error_set(
        error,
        "%s:%zu: column %zu (%s): \"%.60s\" %s, as most others of the column are. Correct "
        "it, or take it as missing with dataset.missing_tokens [\"%.60s\"], or leave "
        "the column out of dataset.inputs and targets%s",
        table->path, odd->line, position + 1, column->name, odd->text, number_complaint(odd->text),
        odd->text, units_hint(table, odd));
}

bool column_refuse_times(const struct table *table, size_t position, struct error *error) {
    const struct column *column = &table->columns[position];
    const struct odd_field *odd = column->mostly_numbers ? &column->not_number : &column->not_time;
    if (odd->text == NULL)
        return error_set(error, "%s: column \"%s\" holds text such as \"%.60s\", not times",
                         table->path, column->name,
                         column->label_count > 0 ? column->labels[0] : "");
    if (column->mostly_numbers || column->mostly_times)
        return error_set(error,
                         "%s:%zu: column %zu (%s): \"%.60s\" is not a %s, as most others of the "
                         "column are%s",
                         table->path, odd->line, position + 1, column->name, odd->text,
                         column->mostly_times ? "time" : "number", units_hint(table, odd));
    struct arena scratch = {0};
    struct time_formats formats = time_formats_find(column->labels, column->label_count, &scratch);
    if (formats.format != NULL)
        error_set(
            error,
            "%s:%zu: column %zu (%s): \"%.60s\" is not a time in ISO 8601 (2024-01-31 13:45:00); "
            "set dataset.time_format to %s",
            table->path, odd->line, position + 1, column->name, odd->text,
            time_formats_name(&formats, &scratch));
    arena_free(&scratch);
    if (formats.format != NULL)
        return false;
    return error_set(
        error,
        "%s:%zu: column %zu (%s): \"%.60s\" is not a time. Times are numbers or ISO 8601 "
        "(" ISO8601_FORMATS "); for others say dataset.time_format as strptime(3) has "
        "it, such as \"%%d.%%m.%%Y %%H:%%M\"%s",
        table->path, odd->line, position + 1, column->name, odd->text, units_hint(table, odd));
}

void column_free(struct column *column) {
    free(column->values);
    free(column->rest);
}

void table_free(struct table *table) {
    for (size_t i = 0; i < table->column_count; i++)
        column_free(&table->columns[i]);
    text_set_free(&table->index);
    arena_free(&table->arena);
    *table = (struct table){0};
}
