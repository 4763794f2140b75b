#include "data/splits/ordering.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Rows of the same group that lie one after the other. */
struct group_run {
    size_t first, end;
    double group;
    size_t group_first; /* the first row of the whole group */
};

bool same_group(const struct column *group, size_t row, size_t other) {
    double a = group->values[row], b = group->values[other];
    return a == b || (isnan(a) && isnan(b));
}

const char *group_text(const struct column *column, size_t row, struct arena *arena) {
    double value = column->values[row];
    if (isnan(value))
        return "missing";
    if (column->type == COLUMN_LABEL)
        return column->labels[(size_t)value];
    return arena_printf(arena, "%.15g", value);
}

/* -1, 0, 1; NaN comes last and equals NaN. */
static int compare_numbers(double a, double b) {
    if (isnan(a) || isnan(b))
        return isnan(a) - isnan(b);
    return (a > b) - (a < b);
}

static int compare_positions(size_t a, size_t b) {
    return (a > b) - (a < b);
}

static int by_group(const void *a, const void *b) {
    const struct group_run *one = a, *other = b;
    int order = compare_numbers(one->group, other->group);
    return order != 0 ? order : compare_positions(one->first, other->first);
}

static int by_first_row(const void *a, const void *b) {
    const struct group_run *one = a, *other = b;
    int order = compare_positions(one->group_first, other->group_first);
    return order != 0 ? order : compare_positions(one->first, other->first);
}

static int by_time(const void *a, const void *b, void *context) {
    const struct column *time = context;
    size_t one = *(const size_t *)a, other = *(const size_t *)b;
    int order = compare_numbers(time->values[one], time->values[other]);
    if (order == 0 && !isnan(time->values[one]))
        order = compare_numbers(time_between(time, other, one), 0);
    return order != 0 ? order : compare_positions(one, other);
}

static struct group_run *find_runs(const struct table *table, const struct column *group,
                                   size_t *count) {
    struct group_run *runs = NULL;
    *count = 0;
    for (size_t first = 0, end; first < table->rows; first = end) {
        for (end = first + 1; end < table->rows; end++)
            if (group != NULL && !same_group(group, end - 1, end))
                break;
        runs = mem_grow(runs, *count, sizeof *runs);
        runs[(*count)++] =
            (struct group_run){first, end, group != NULL ? group->values[first] : 0, first};
    }
    return runs;
}

/* Brings the runs of a group together; returns the first row of one that comes back, or SIZE_MAX.
 */
static size_t join_runs(struct group_run *runs, size_t count) {
    size_t comes_back = SIZE_MAX;
    qsort(runs, count, sizeof *runs, by_group);
    for (size_t i = 1; i < count; i++) {
        if (compare_numbers(runs[i].group, runs[i - 1].group) != 0)
            continue;
        runs[i].group_first = runs[i - 1].group_first;
        if (runs[i].first < comes_back)
            comes_back = runs[i].first;
    }
    qsort(runs, count, sizeof *runs, by_first_row);
    return comes_back;
}

static void list_rows(const struct group_run *runs, size_t count, const struct column *time,
                      size_t *order) {
    size_t rows = 0;
    for (size_t i = 0; i < count;) {
        size_t begin = rows, group_first = runs[i].group_first;
        for (; i < count && runs[i].group_first == group_first; i++)
            for (size_t row = runs[i].first; row < runs[i].end; row++)
                order[rows++] = row;
        if (time != NULL)
            qsort_r(order + begin, rows - begin, sizeof *order, by_time, (void *)time);
    }
}

static bool is_in_order(const size_t *order, size_t rows) {
    for (size_t row = 0; row < rows; row++)
        if (order[row] != row)
            return false;
    return true;
}

size_t *table_order(const struct table *table, const struct column *group,
                    const struct column *time, size_t *comes_back, struct arena *arena) {
    size_t count;
    struct group_run *runs = find_runs(table, group, &count);
    size_t first = join_runs(runs, count);
    if (comes_back != NULL)
        *comes_back = first < table->rows ? first : table->rows;
    size_t *order = NULL;
    if (first != SIZE_MAX || time != NULL) {
        order = ARENA_NEW(arena, size_t, table->rows);
        list_rows(runs, count, time, order);
        if (is_in_order(order, table->rows))
            order = NULL;
    }
    free(runs);
    return order;
}

static void reorder(double *own, double *room, const size_t *order, size_t rows) {
    for (size_t row = 0; row < rows; row++)
        room[row] = own[order[row]];
    memcpy(own, room, rows * sizeof *room);
}

void table_reorder(struct table *table, const size_t *order) {
    double *room = mem_resize(NULL, table->rows * sizeof *room);
    for (size_t i = 0; i < table->column_count; i++) {
        reorder(table->columns[i].values, room, order, table->rows);
        if (table->columns[i].rest != NULL)
            reorder(table->columns[i].rest, room, order, table->rows);
    }
    free(room);
}
