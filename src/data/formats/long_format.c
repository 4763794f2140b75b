#include "data/formats/long_format.h"

#include "data/splits/ordering.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct column new_column(const char *name, size_t rows) {
    struct column column = {.name = name, .values = mem_resize(NULL, rows * sizeof(double))};
    for (size_t row = 0; row < rows; row++)
        column.values[row] = NAN;
    return column;
}

void table_add_unmeasured(struct table *table, const char *name) {
    for (size_t i = 0; i < table->column_count; i++)
        if (strcmp(table->columns[i].name, name) == 0)
            return;
    size_t count = table->column_count;
    struct column *columns = ARENA_NEW(&table->arena, struct column, count + 1);
    if (count > 0)
        memcpy(columns, table->columns, count * sizeof *columns);
    columns[count] = new_column(arena_strdup(&table->arena, name), table->rows);
    table->columns = columns;
    table->column_count++;
}

/* --- times ----------------------------------------------------------------------------------- */

/* "47:30" or "47:30:15" as seconds. */
static bool parse_clock(const char *text, double *seconds) {
    unsigned hours, minutes, rest = 0;
    int end = 0;
    if (sscanf(text, "%4u:%2u%n", &hours, &minutes, &end) != 2 || minutes > 59)
        return false;
    if (text[end] == ':') {
        int more = 0;
        if (sscanf(text + end, ":%2u%n", &rest, &more) != 1 || rest > 59)
            return false;
        end += more;
    }
    *seconds = hours * 3600.0 + minutes * 60.0 + rest;
    return text[end] == '\0';
}

static bool read_clocks(const struct table *table, struct column *column, struct error *error) {
    if (column->type != COLUMN_LABEL)
        return true;
    for (size_t row = 0; row < table->rows; row++) {
        if (isnan(column->values[row]))
            continue;
        const char *text = column->labels[(size_t)column->values[row]];
        if (!parse_clock(text, &column->values[row]))
            return error_set(error,
                             "dataset.time: %s: row %zu: \"%s\" is no time; times are numbers, ISO "
                             "8601 (2024-01-31 13:45:00) or hours and minutes (47:30)",
                             table->path, row + 1, text);
    }
    column->type = COLUMN_NUMBER;
    return true;
}

/* To multiples of `grid`, half to even as Python's round(). */
static void round_times(struct column *column, size_t rows, double grid) {
    if (grid == 0)
        return;
    for (size_t row = 0; row < rows; row++)
        column->values[row] = rint(column->values[row] / grid) * grid;
    free(column->rest);
    column->rest = NULL;
}

/* --- pivoting -------------------------------------------------------------------------------- */

struct pivot {
    struct table *table;
    struct column *time, *variable, *value, *group;
    const struct column **fixed; /* [fixed_count] columns that stay: time, group, categories */
    size_t fixed_count;
    size_t *order; /* [measurements] series by series, by time; NULL: as they are */
    const char **names;
    size_t *number; /* [measurements] which variable */
    size_t variables, rows;
    struct arena *scratch;
    bool has_repeats, averages;
};

static bool find_column(const struct table *table, const char *name, const char *field,
                        struct column **column, struct error *error) {
    size_t position;
    if (name == NULL)
        return error_set(
            error,
            "dataset.%s: \"format\": \"long\" needs \"time\", \"variable\" and \"value\", "
            "the names of these columns",
            field);
    if (!table_find(table, name, &position, error))
        return error_prefix(error, "dataset.%s", field);
    *column = &table->columns[position];
    return true;
}

static bool find_columns(struct pivot *pivot, const struct long_columns *columns,
                         struct error *error) {
    const struct table *table = pivot->table;
    if (!find_column(table, columns->time, "time", &pivot->time, error) ||
        !find_column(table, columns->variable, "variable", &pivot->variable, error) ||
        !find_column(table, columns->value, "value", &pivot->value, error) ||
        (columns->group != NULL &&
         !find_column(table, columns->group, "group", &pivot->group, error)))
        return false;
    if (pivot->value->type == COLUMN_LABEL)
        return column_refuse_text(table, (size_t)(pivot->value - table->columns), error) ||
               error_prefix(error, "dataset.value");
    for (size_t row = 0; row < table->rows; row++)
        if (isnan(pivot->time->values[row]) || isnan(pivot->variable->values[row]))
            return error_set(error, "%s: row %zu has no %s", table->path, row + 1,
                             isnan(pivot->time->values[row]) ? "time" : "variable");
    return read_clocks(table, pivot->time, error);
}

static int compare_numbers(const void *a, const void *b) {
    double one = *(const double *)a, other = *(const double *)b;
    return (one > other) - (one < other);
}

/* Names of the variables, and which one each measurement is of. */
static void name_variables(struct pivot *pivot) {
    struct table *table = pivot->table;
    const struct column *column = pivot->variable;
    double *distinct = mem_resize(NULL, table->rows * sizeof *distinct);
    memcpy(distinct, column->values, table->rows * sizeof *distinct);
    qsort(distinct, table->rows, sizeof *distinct, compare_numbers);
    for (size_t i = 0; i < table->rows; i++)
        if (i == 0 || distinct[i] != distinct[i - 1])
            distinct[pivot->variables++] = distinct[i];
    pivot->names = ARENA_NEW(&table->arena, const char *, pivot->variables);
    for (size_t i = 0; i < pivot->variables; i++)
        pivot->names[i] = column->type == COLUMN_LABEL
                              ? column->labels[(size_t)distinct[i]]
                              : arena_printf(&table->arena, "%.15g", distinct[i]);
    pivot->number = mem_resize(NULL, table->rows * sizeof *pivot->number);
    for (size_t row = 0; row < table->rows; row++) {
        const double *found = bsearch(&column->values[row], distinct, pivot->variables,
                                      sizeof *distinct, compare_numbers);
        pivot->number[row] = (size_t)(found - distinct);
    }
    free(distinct);
}

static size_t place(const struct pivot *pivot, size_t i) {
    return pivot->order != NULL ? pivot->order[i] : i;
}

/* Whether measurement i, in order, begins a row of the new table. */
static bool begins_row(const struct pivot *pivot, size_t i) {
    if (i == 0)
        return true;
    size_t here = place(pivot, i), before = place(pivot, i - 1);
    return time_between(pivot->time, before, here) != 0 ||
           (pivot->group != NULL && !same_group(pivot->group, here, before));
}

/* Columns: the series, the time, the variables. */
static struct column *fill_columns(struct pivot *pivot, size_t *count) {
    struct table *table = pivot->table;
    const struct column *const *kept = pivot->fixed;
    size_t fixed = pivot->fixed_count;
    *count = fixed + pivot->variables;
    struct column *columns = ARENA_NEW(&table->arena, struct column, *count);
    for (size_t k = 0; k < fixed; k++) {
        columns[k] = *kept[k];
        columns[k].values = mem_resize(NULL, pivot->rows * sizeof(double));
        if (kept[k]->rest != NULL)
            columns[k].rest = mem_resize(NULL, pivot->rows * sizeof(double));
    }
    for (size_t k = 0; k < pivot->variables; k++)
        columns[fixed + k] = new_column(pivot->names[k], pivot->rows);
    size_t *seen = ARENA_NEW(pivot->scratch, size_t, pivot->variables);
    size_t row = 0;
    for (size_t i = 0; i < table->rows; i++) {
        size_t at = place(pivot, i);
        bool begins = begins_row(pivot, i);
        row += i > 0 && begins;
        if (begins)
            memset(seen, 0, pivot->variables * sizeof *seen);
        for (size_t k = 0; k < fixed; k++) {
            if (!begins && !isnan(columns[k].values[row]))
                continue;
            columns[k].values[row] = kept[k]->values[at];
            if (kept[k]->rest != NULL)
                columns[k].rest[row] = kept[k]->rest[at];
        }
        double value = pivot->value->values[at];
        if (isnan(value))
            continue;
        double *cell = &columns[fixed + pivot->number[at]].values[row];
        size_t times = ++seen[pivot->number[at]];
        pivot->has_repeats = pivot->has_repeats || times > 1;
        *cell = pivot->averages && times > 1 ? *cell + (value - *cell) / (double)times : value;
    }
    return columns;
}

static bool find_fixed(struct pivot *pivot, const struct string_list *kept, struct error *error) {
    struct table *table = pivot->table;
    size_t position;
    pivot->fixed = ARENA_NEW(&table->arena, const struct column *, 2 + kept->count);
    pivot->fixed[pivot->fixed_count++] = pivot->time;
    if (pivot->group != NULL)
        pivot->fixed[pivot->fixed_count++] = pivot->group;
    for (size_t i = 0; i < kept->count; i++) {
        if (!table_find(table, kept->items[i], &position, error))
            return error_prefix(error, "dataset.categorical");
        const struct column *column = &table->columns[position];
        if (column != pivot->group && column != pivot->time)
            pivot->fixed[pivot->fixed_count++] = column;
    }
    return true;
}

static bool check_names(const struct pivot *pivot, struct error *error) {
    for (size_t i = 0; i < pivot->variables; i++)
        for (size_t k = 0; k < pivot->fixed_count; k++)
            if (strcmp(pivot->names[i], pivot->fixed[k]->name) == 0)
                return error_set(
                    error,
                    "dataset.variable: %s: a variable is called \"%s\" as the column of times, "
                    "series or categories is; rename one of them",
                    pivot->table->path, pivot->names[i]);
    return true;
}

bool table_from_long(struct table *table, const struct long_columns *columns, struct error *error) {
    struct arena scratch = {0};
    struct pivot pivot = {.table = table, .scratch = &scratch, .averages = columns->averages};
    if (!find_columns(&pivot, columns, error) || !find_fixed(&pivot, &columns->kept, error))
        return false;
    round_times(pivot.time, table->rows, columns->time_grid);
    name_variables(&pivot);
    bool good = check_names(&pivot, error);
    if (good) {
        pivot.order = table_order(table, pivot.group, pivot.time, NULL, &scratch);
        for (size_t i = 0; i < table->rows; i++)
            pivot.rows += begins_row(&pivot, i);
        size_t count;
        struct column *filled = fill_columns(&pivot, &count);
        for (size_t i = 0; i < table->column_count; i++)
            column_free(&table->columns[i]);
        table->columns = filled;
        table->column_count = count;
        table->rows = pivot.rows;
        if (pivot.has_repeats)
            notes_add(&table->notes, &table->arena, table->path,
                      "some measurements repeat the time and variable of another; %s counts",
                      columns->averages ? "their mean" : "the last one");
    }
    free(pivot.number);
    arena_free(&scratch);
    return good;
}
