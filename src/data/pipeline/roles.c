#include "data/pipeline/roles.h"

#include <ctype.h>
#include <gsl/gsl_sort_double.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { MAX_CLASS_NAMES = 50, MIN_ROWS_OF_SERIES = 4 };

/* --- names ----------------------------------------------------------------------------------- */

/* Whether one of the words is the name, or a part of it between "_", "-", "." and blanks. */
static bool is_called(const char *name, const char *const *words) {
    for (; *words != NULL; words++) {
        size_t length = strlen(*words);
        for (const char *at = name; *at != '\0'; at++) {
            bool begins = at == name || !isalnum((unsigned char)at[-1]);
            if (begins && strncasecmp(at, *words, length) == 0 &&
                !isalnum((unsigned char)at[length]))
                return true;
        }
    }
    return false;
}

static const char *const time_words[] = {
    "time",    "t",     "date", "datetime", "timestamp", "ts",    "when", "clock", "seconds",
    "elapsed", "epoch", "hour", "day",      "minute",    "month", "week", "year",  NULL};
static const char *const counter_words[] = {"index", "row",     "no",      "nr",     "number",
                                            "count", "counter", "id",      "record", "seq",
                                            "step",  "sample",  "unnamed", NULL};
static const char *const group_words[] = {
    "id",      "group",   "series",  "unit",   "item",  "store", "sensor", "station", "site",
    "subject", "patient", "machine", "engine", "trial", "run",   "device", NULL};
static const char *const class_words[] = {"label",    "class",  "target", "activity", "state",
                                          "category", "status", "type",   "y",        NULL};

/* --- numbers --------------------------------------------------------------------------------- */

static bool is_constant(const struct column *column, size_t rows) {
    double first = NAN, largest = 0, spread = 0;
    for (size_t row = 0; row < rows; row++) {
        double value = column->values[row];
        if (isnan(value))
            continue;
        first = isnan(first) ? value : first;
        largest = fmax(largest, fabs(value));
        spread = fmax(spread, fabs(value - first));
    }
    return !(spread > 1e-9 * largest);
}

/* Strictly increasing without a gap in the file. */
static bool increases(const struct column *column, size_t rows) {
    for (size_t row = 1; row < rows; row++)
        if (!(column->values[row] > column->values[row - 1]))
            return false;
    return rows > 1;
}

static bool has_equal_steps(const struct column *column, size_t rows) {
    double step = column->values[1] - column->values[0];
    for (size_t row = 2; row < rows; row++)
        if (fabs(column->values[row] - column->values[row - 1] - step) > 1e-6 * fabs(step))
            return false;
    return true;
}

/* The number of the first row without a value, from 1; 0: all have one. */
static size_t find_missing(const struct column *column, size_t rows) {
    for (size_t row = 0; row < rows; row++)
        if (isnan(column->values[row]))
            return row + 1;
    return 0;
}

static bool has_missing(const struct column *column, size_t rows) {
    return find_missing(column, rows) > 0;
}

/* Whole numbers that nearly always grow by one: row numbers, packets, restarts after each series. */
static bool counts(const struct column *column, size_t rows) {
    size_t ones = 0;
    for (size_t row = 0; row < rows; row++) {
        if (isnan(column->values[row]) || column->values[row] != floor(column->values[row]))
            return false;
        ones += row > 0 && column->values[row] - column->values[row - 1] == 1;
    }
    return rows > 2 && (double)ones >= 0.9 * (double)(rows - 1);
}

/* The whole numbers that occur, if they are as few as classes are; 0: they are not. */
static size_t count_few_numbers(const struct column *column, size_t rows) {
    enum { FEW = 10 };
    double seen[FEW];
    size_t count = 0;
    for (size_t row = 0; row < rows; row++) {
        double value = column->values[row];
        size_t i = 0;
        if (isnan(value))
            continue;
        while (i < count && seen[i] != value)
            i++;
        if (value != floor(value) || i == FEW)
            return 0;
        seen[i] = value;
        count += i == count;
    }
    return count > 1 && FEW * count <= rows ? count : 0;
}

/* --- time and group -------------------------------------------------------------------------- */

/* The first column of dates; else the first number that evidently is a time. */
static size_t find_time(const struct table *table) {
    for (size_t i = 0; i < table->column_count; i++)
        if (table->columns[i].type == COLUMN_TIME && !has_missing(&table->columns[i], table->rows))
            return i;
    for (int named = 1; named >= 0; named--)
        for (size_t i = 0; i < table->column_count; i++) {
            const struct column *column = &table->columns[i];
            if (column->type != COLUMN_NUMBER || column->is_row_number || table->rows < 3 ||
                has_missing(column, table->rows) || is_constant(column, table->rows))
                continue;
            if (named ? is_called(column->name, time_words)
                      : increases(column, table->rows) && has_equal_steps(column, table->rows) &&
                            !counts(column, table->rows))
                return i;
        }
    return NO_COLUMN;
}

struct row_of {
    double group, time;
    size_t row;
};

static int compare_rows(const void *a, const void *b) {
    const struct row_of *x = a, *y = b;
    if (x->group != y->group)
        return (x->group > y->group) - (x->group < y->group);
    if (x->time != y->time)
        return (x->time > y->time) - (x->time < y->time);
    return (x->row > y->row) - (x->row < y->row);
}

/* What follows for the series when rows are grouped by `group` and ordered by time. */
struct order {
    bool is_unique; /* no time occurs twice in a series */
    bool is_sorted; /* rows of a series stand in the order of their times */
    size_t series, rows;
    double step;
};

static struct order order_rows(const struct table *table, size_t time, size_t group) {
    struct order order = {.is_unique = true, .is_sorted = true};
    struct arena scratch = {0};
    struct row_of *rows = ARENA_NEW(&scratch, struct row_of, table->rows);
    double *steps = ARENA_NEW(&scratch, double, table->rows);
    double *lengths = ARENA_NEW(&scratch, double, table->rows);
    size_t step_count = 0;
    for (size_t row = 0; row < table->rows; row++) {
        double name = group != NO_COLUMN ? table->columns[group].values[row] : 0;
        rows[row] = (struct row_of){.group = isnan(name) ? -1 : name,
                                    .time = time != NO_COLUMN ? table->columns[time].values[row]
                                                              : (double)row,
                                    .row = row};
    }
    qsort(rows, table->rows, sizeof *rows, compare_rows);
    for (size_t i = 0; i < table->rows; i++) {
        if (i == 0 || rows[i].group != rows[i - 1].group) {
            order.series++;
        } else {
            double step = rows[i].time - rows[i - 1].time;
            order.is_unique &= step > 0;
            order.is_sorted &= rows[i].row > rows[i - 1].row;
            steps[step_count++] = step;
        }
        lengths[order.series - 1]++;
    }
    order.step = step_count > 0 && time != NO_COLUMN ? gsl_stats_median(steps, 1, step_count) : 0;
    order.rows = order.series > 0 ? (size_t)gsl_stats_median(lengths, 1, order.series) : 0;
    arena_free(&scratch);
    return order;
}

/* Values that could name series: texts, or whole numbers. */
static bool can_be_group(const struct table *table, size_t position, size_t time) {
    const struct column *column = &table->columns[position];
    if (position == time || column->is_row_number || column->type == COLUMN_TIME)
        return false;
    if (column->type == COLUMN_LABEL)
        return column->label_count > 1;
    for (size_t row = 0; row < table->rows; row++)
        if (column->values[row] != floor(column->values[row]))
            return false;
    return !is_constant(column, table->rows);
}

/* The column whose values tell series apart: the one that makes repeated times unique, or one that
 * is called so. */
static size_t find_group(const struct table *table, size_t time, struct order *order) {
    bool need = time != NO_COLUMN && !order->is_unique;
    for (size_t i = 0; i < table->column_count; i++) {
        if (!can_be_group(table, i, time) ||
            !(need || is_called(table->columns[i].name, group_words)))
            continue;
        struct order grouped = order_rows(table, time, i);
        if (grouped.is_unique && grouped.rows >= MIN_ROWS_OF_SERIES && grouped.series > 1) {
            *order = grouped;
            return i;
        }
    }
    return NO_COLUMN;
}

/* --- the others ------------------------------------------------------------------------------ */

static struct column_role role_of(const struct table *table, size_t position, size_t time,
                                  size_t group, struct arena *arena) {
    const struct column *column = &table->columns[position];
    if (position == time)
        return (struct column_role){USE_TIME, ""};
    if (position == group)
        return (struct column_role){USE_GROUP, ""};
    if (column->is_row_number)
        return (struct column_role){USE_NONE, "numbers the rows"};
    size_t missing = find_missing(column, table->rows);
    if (column->type == COLUMN_TIME && time == NO_COLUMN && missing > 0)
        return (struct column_role){USE_NONE,
                                    arena_printf(arena, "dates, but row %zu has none", missing)};
    if (column->type == COLUMN_TIME)
        return (struct column_role){USE_NONE, "more dates"};
    if (column->type == COLUMN_LABEL) {
        bool few = column->label_count > 1 && column->label_count <= MAX_CLASS_NAMES;
        if (few)
            return (struct column_role){
                USE_CLASS, arena_printf(arena, "text, %zu values", column->label_count)};
        if (column->mostly_numbers && column->not_number.text != NULL)
            return (struct column_role){
                USE_NONE, arena_printf(arena, "numbers, but \"%.20s\" in line %zu",
                                       column->not_number.text, column->not_number.line)};
        return (struct column_role){USE_NONE, column->label_count > 1 ? "text" : "always the same"};
    }
    if (is_constant(column, table->rows))
        return (struct column_role){USE_NONE, "constant"};
    size_t few = count_few_numbers(column, table->rows);
    if (few > 0 && is_called(column->name, class_words))
        return (struct column_role){USE_CLASS, arena_printf(arena, "%zu whole numbers", few)};
    if (counts(column, table->rows) ||
        (increases(column, table->rows) && is_called(column->name, counter_words)))
        return (struct column_role){USE_NONE, "only counts"};
    return (struct column_role){USE_SIGNAL, ""};
}

struct roles roles_find(const struct table *table, struct arena *arena) {
    struct roles roles = {.time = find_time(table)};
    roles.columns = ARENA_NEW(arena, struct column_role, table->column_count);
    struct order order = order_rows(table, roles.time, NO_COLUMN);
    roles.group = find_group(table, roles.time, &order);
    const char *repeats = NULL;
    if (roles.time != NO_COLUMN && !order.is_unique) { /* no use as a time */
        repeats = table->columns[roles.time].name;
        roles.time = NO_COLUMN;
        order = order_rows(table, NO_COLUMN, roles.group);
    }
    for (size_t i = 0; i < table->column_count; i++) {
        roles.columns[i] = role_of(table, i, roles.time, roles.group, arena);
        if (repeats != NULL && table->columns[i].name == repeats &&
            table->columns[i].type == COLUMN_TIME)
            roles.columns[i] = (struct column_role){USE_NONE, "times that repeat"};
        roles.has_missing |=
            roles.columns[i].use == USE_SIGNAL && has_missing(&table->columns[i], table->rows);
    }
    roles.is_sorted = order.is_sorted;
    roles.step = order.step;
    roles.series = order.series;
    roles.rows = order.rows;
    return roles;
}

bool column_is_called_class(const char *name) {
    return is_called(name, class_words);
}

bool column_is_flag(const struct column *column, size_t rows) {
    return column->type == COLUMN_NUMBER && count_few_numbers(column, rows) == 2;
}
