#include "data/pipeline/outcomes.h"

#include "base/string_list.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A row of the table, by the series that it is about. */
struct outcome_row {
    const char *series;
    size_t row;
};

struct outcomes {
    struct table table;
    struct outcome_row *items; /* [table.rows] sorted by name */
};

static int by_series(const void *a, const void *b) {
    return strcmp(((const struct outcome_row *)a)->series, ((const struct outcome_row *)b)->series);
}

static bool read_outcomes(const struct dataset_options *options, const char *path,
                          struct outcomes *outcomes, struct arena *arena, struct error *error) {
    struct dataset_options reading = {.group = options->outcomes.key,
                                      .has_classes = options->has_classes,
                                      .targets = options->targets};
    struct table *table = &outcomes->table;
    size_t key;
    if (!table_read(&reading, path, table, error))
        return false;
    if (!table_find(table, options->outcomes.key, &key, error))
        return error_prefix(error, "dataset.outcomes.key");
    outcomes->items = ARENA_NEW(arena, struct outcome_row, table->rows);
    for (size_t row = 0; row < table->rows; row++)
        outcomes->items[row] =
            (struct outcome_row){group_text(&table->columns[key], row, arena), row};
    qsort(outcomes->items, table->rows, sizeof *outcomes->items, by_series);
    for (size_t i = 1; i < table->rows; i++)
        if (by_series(&outcomes->items[i - 1], &outcomes->items[i]) == 0)
            return error_set(error, "dataset.outcomes: %s: two rows are about \"%s\"", path,
                             outcomes->items[i].series);
    return true;
}

/* Sets which row is about the series; an error when there is none. */
static bool find_outcome(const struct outcomes *outcomes, const char *series, size_t *row,
                         struct error *error) {
    struct outcome_row wanted = {series, 0};
    const struct outcome_row *found =
        bsearch(&wanted, outcomes->items, outcomes->table.rows, sizeof wanted, by_series);
    if (found == NULL)
        return error_set(error, "dataset.outcomes: %s has no row about \"%s\"",
                         outcomes->table.path, series);
    *row = found->row;
    return true;
}

/* The row of the table for each row of the source. */
static bool find_rows(const struct dataset_options *options, const struct outcomes *outcomes,
                      const struct source *source, size_t *rows, struct arena *arena,
                      struct error *error) {
    const struct table *table = &source->table;
    size_t group = 0, row = 0;
    if (options->group != NULL && !table_find(table, options->group, &group, error))
        return error_prefix(error, "dataset.group");
    const struct column *column = options->group != NULL ? &table->columns[group] : NULL;
    const char *stem = arena_printf(arena, "%.*s", (int)strcspn(source->name, "."), source->name);
    for (size_t i = 0; i < table->rows; i++) {
        bool is_new = i == 0 || (column != NULL && !same_group(column, i - 1, i));
        const char *series = column != NULL && is_new ? group_text(column, i, arena) : stem;
        if (is_new && !find_outcome(outcomes, series, &row, error))
            return false;
        rows[i] = row;
    }
    return true;
}

static void add_column(struct table *table, const struct column *from, const size_t *rows) {
    struct column *to = table_append(table, arena_strdup(&table->arena, from->name));
    to->type = from->type;
    to->label_count = from->label_count;
    if (from->labels != NULL)
        to->labels = ARENA_NEW(&table->arena, const char *, from->label_count);
    for (size_t i = 0; i < from->label_count; i++)
        to->labels[i] = arena_strdup(&table->arena, from->labels[i]);
    for (size_t row = 0; row < table->rows; row++)
        to->values[row] = from->values[rows[row]];
}

static bool add_columns(const struct dataset_options *options, const struct outcomes *outcomes,
                        struct table *table, const size_t *rows, struct error *error) {
    struct error ignored;
    size_t position;
    for (size_t i = 0; i < outcomes->table.column_count; i++) {
        const struct column *column = &outcomes->table.columns[i];
        if (!string_list_has(&options->targets, column->name) &&
            !string_list_has(&options->inputs, column->name))
            continue;
        if (table_find(table, column->name, &position, &ignored))
            return error_set(error, "dataset.outcomes: %s and %s both have a column \"%s\"",
                             outcomes->table.path, table->path, column->name);
        add_column(table, column, rows);
    }
    return true;
}

bool outcomes_add(const struct dataset_options *options, struct arena *arena,
                  struct sources *sources, struct error *error) {
    const char *name = options->outcomes.csv;
    if (name == NULL)
        return true;
    if (options->outcomes.key == NULL)
        return error_set(error,
                         "dataset.outcomes: needs \"key\", the column that says which series "
                         "a row is about");
    struct arena scratch = {0};
    struct outcomes outcomes = {0};
    const char *path = options->path != NULL ? path_join(arena, options->path, name) : name;
    bool good = read_outcomes(options, path, &outcomes, &scratch, error);
    for (size_t i = 0; i < sources->count && good; i++) {
        struct source *source = &sources->items[i];
        size_t *rows = ARENA_NEW(&scratch, size_t, source->table.rows);
        good = find_rows(options, &outcomes, source, rows, &scratch, error) &&
               add_columns(options, &outcomes, &source->table, rows, error);
    }
    table_free(&outcomes.table);
    arena_free(&scratch);
    return good && sources_add_file(sources, path, error);
}
