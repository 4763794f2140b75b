#include "data/formats/long_format.h"
#include "data/generators/generator.h"
#include "data/pipeline/assembly.h"
#include "data/text/time_format.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const double *input_column(const struct source *source, int input) {
    return source->table.columns[source->inputs[input]].values;
}

const double *target_column(const struct source *source, int target) {
    return source->classes != NULL ? source->classes
                                   : source->table.columns[source->targets[target]].values;
}

/* --- choosing -------------------------------------------------------------------------------- */

enum { NOWHERE = -1 };

/* Where the columns with a part of their own stand in a table; NOWHERE: there is none. */
struct special {
    ptrdiff_t time, group;
};

static bool find_special(const struct dataset_options *options, const struct table *table,
                         struct special *special, struct error *error) {
    size_t position;
    *special = (struct special){NOWHERE, NOWHERE};
    if (options->time != NULL) {
        if (!table_find(table, options->time, &position, error))
            return error_prefix(error, "dataset.time");
        special->time = (ptrdiff_t)position;
    }
    if (options->group != NULL) {
        if (!table_find(table, options->group, &position, error))
            return error_prefix(error, "dataset.group");
        special->group = (ptrdiff_t)position;
    }
    return true;
}

/* Columns that default inputs do not take, whatever they hold. */
static bool *find_taken(const struct dataset *dataset, const struct table *table,
                        const struct string_list *targets, const struct special *special,
                        struct arena *arena) {
    bool *taken = ARENA_NEW(arena, bool, table->column_count);
    struct error ignored;
    size_t position;
    for (size_t i = 0; i < table->column_count; i++)
        taken[i] = table->columns[i].is_time_part;
    if (special->time != NOWHERE)
        taken[special->time] = true;
    if (special->group != NOWHERE)
        taken[special->group] = true;
    const struct string_list *categorical = &dataset->options->categorical;
    for (size_t i = 0; i < categorical->count; i++)
        if (table_find(table, categorical->items[i], &position, &ignored))
            taken[position] = true;
    for (size_t i = 0; i < targets->count && dataset->task != TASK_FORECAST; i++)
        if (table_find(table, targets->items[i], &position, &ignored))
            taken[position] = true;
    return taken;
}

/* Every number in the table that is not taken. A column that is numbers but for a few fields is an
 * error, so that it is not lost without a word. */
static bool default_inputs(const struct table *table, const bool *taken, struct arena *arena,
                           struct string_list *inputs, struct error *error) {
    *inputs = (struct string_list){0, ARENA_NEW(arena, const char *, table->column_count)};
    for (size_t i = 0; i < table->column_count; i++) {
        const struct column *column = &table->columns[i];
        if (taken[i] || column->is_row_number || column->is_empty || column->type == COLUMN_TIME)
            continue;
        if (column->type == COLUMN_LABEL && column->mostly_numbers)
            return column_refuse_numbers(table, i, error);
        if (column->type == COLUMN_NUMBER)
            inputs->items[inputs->count++] = arena_strdup(arena, column->name);
    }
    return true;
}

/* --- names ------------------------------------------------------------------------------------ */

/* Names that the config gives, by the table's own spelling ("3" may mean the third column). */
static bool take_names(const struct table *table, const struct string_list *given,
                       const char *field, struct arena *arena, struct string_list *names,
                       struct error *error) {
    *names = (struct string_list){given->count, ARENA_NEW(arena, const char *, given->count)};
    bool *seen = ARENA_NEW(arena, bool, table->column_count);
    for (size_t i = 0; i < given->count; i++) {
        size_t position;
        if (!table_find(table, given->items[i], &position, error))
            return error_prefix(error, "dataset.%s", field);
        names->items[i] = arena_strdup(arena, table->columns[position].name);
        if (seen[position])
            return error_set(error, "dataset.%s: names column \"%s\" twice", field,
                             names->items[i]);
        seen[position] = true;
    }
    return true;
}

/* A target at the same step that is an input as well would only be copied. */
static bool check_target_inputs(const struct dataset *dataset, const struct string_list *targets,
                                struct error *error) {
    if (dataset->task == TASK_FORECAST || dataset->task_options->allow_target_input)
        return true;
    for (size_t i = 0; i < targets->count; i++)
        if (dataset->target_input[i] >= 0)
            return error_set(error,
                             "dataset.inputs: \"%s\" is the target of a %s at the same step, which "
                             "could copy it; take it out of the inputs, or set "
                             "task.allow_target_input to true",
                             targets->items[i], task_name(dataset->task_options));
    return true;
}

static bool refuse_no_numbers(const struct table *table, struct error *error) {
    for (size_t i = 0; i < table->column_count; i++) {
        const struct column *column = &table->columns[i];
        if (column->type == COLUMN_LABEL && column->label_count > 0)
            return error_set(error,
                             "dataset.inputs: %s has no column of numbers to use; column \"%s\" "
                             "holds text such as \"%.40s\"",
                             table->path, column->name, column->labels[0]);
    }
    return error_set(error, "dataset.inputs: %s has no column of numbers to use", table->path);
}

/* All columns that are neither inputs nor the time. */
static struct string_list other_columns(const struct table *table, const struct string_list *inputs,
                                        const char *time, struct arena *arena) {
    struct string_list others = {0, ARENA_NEW(arena, const char *, table->column_count)};
    for (size_t i = 0; i < table->column_count; i++) {
        const char *name = table->columns[i].name;
        bool is_other = time == NULL || strcmp(name, time) != 0;
        for (size_t k = 0; k < inputs->count; k++)
            is_other = is_other && strcmp(name, inputs->items[k]) != 0;
        if (is_other)
            others.items[others.count++] = arena_strdup(arena, name);
    }
    return others;
}

static bool choose_names(struct dataset *dataset, const struct table *table,
                         struct string_list *inputs, struct string_list *targets,
                         struct arena *arena, struct error *error) {
    const struct dataset_options *options = dataset->options;
    if (!take_names(table, &options->inputs, "inputs", arena, inputs, error) ||
        !take_names(table, &options->targets, "targets", arena, targets, error))
        return false;
    struct special special;
    if (!find_special(options, table, &special, error))
        return false;
    if (inputs->count == 0) {
        const bool *taken = find_taken(dataset, table, targets, &special, arena);
        if (!default_inputs(table, taken, arena, inputs, error))
            return error_prefix(error, "dataset.inputs");
        columns_note(dataset, table, taken, arena);
    } else {
        columns_note_disorder(dataset, table, arena);
    }
    if (inputs->count == 0 && options->categorical.count == 0)
        return refuse_no_numbers(table, error);
    if (targets->count == 0 && dataset->task == TASK_FORECAST)
        *targets = *inputs;
    if (targets->count == 0 && options->generator != NULL)
        *targets = other_columns(table, inputs, options->time, arena);
    if (targets->count == 0)
        return error_set(error, "dataset.targets: says no column to predict; only a forecast can "
                                "do without");
    if (dataset->task == TASK_CLASSIFICATION && targets->count > 1)
        return error_set(error, "dataset.targets: a classification has one target, not %zu",
                         targets->count);
    return true;
}

/* [targets] the input that is this target, or -1. */
static int *find_targets(const struct string_list *inputs, const struct string_list *targets,
                         struct arena *arena) {
    struct text_set names = {0};
    int *positions = ARENA_NEW(arena, int, targets->count);
    for (size_t i = 0; i < inputs->count; i++)
        text_set_add(&names, inputs->items[i], NULL);
    for (size_t i = 0; i < targets->count; i++) {
        size_t position;
        bool found = text_set_find(&names, targets->items[i], &position);
        positions[i] = found ? (int)position : -1;
    }
    text_set_free(&names);
    return positions;
}

/* I, and the names of the inputs with those of the observed flags behind them. */
static void take_inputs(struct dataset *dataset, const struct string_list *inputs,
                        struct arena *arena) {
    bool has_flags = missing_has_flags(dataset->options->missing);
    dataset->flags = has_flags ? (int)inputs->count : 0;
    dataset->inputs = (int)inputs->count + dataset->flags;
    dataset->input_names = ARENA_NEW(arena, const char *, dataset->inputs);
    for (size_t i = 0; i < inputs->count; i++) {
        dataset->input_names[i] = inputs->items[i];
        if (has_flags)
            dataset->input_names[inputs->count + i] =
                arena_printf(arena, "%s observed", inputs->items[i]);
    }
}

bool columns_choose(struct dataset *dataset, const struct table *table, struct arena *arena,
                    struct error *error) {
    struct string_list inputs, targets;
    if (!choose_names(dataset, table, &inputs, &targets, arena, error))
        return false;
    take_inputs(dataset, &inputs, arena);
    dataset->targets = (int)targets.count;
    dataset->horizon = dataset->task == TASK_FORECAST ? dataset->task_options->horizon : 1;
    dataset->width = dataset->targets * dataset->horizon;
    dataset->outputs = dataset->width; /* classes_collect() says more */
    dataset->target_names = targets.items;
    dataset->target_input = find_targets(&inputs, &targets, arena);
    return check_target_inputs(dataset, &targets, error);
}

/* --- binding --------------------------------------------------------------------------------- */

static bool bind_number(const struct table *table, const char *name, size_t *position,
                        struct error *error) {
    if (!table_find(table, name, position, error))
        return false;
    const struct column *column = &table->columns[*position];
    if (column->is_empty)
        return error_set(error, "%s: column \"%s\" is empty", table->path, column->name);
    return column->type == COLUMN_NUMBER || column_refuse_numbers(table, *position, error);
}

static bool bind_special(const struct dataset_options *options, struct source *source,
                         struct error *error) {
    struct special special;
    if (!find_special(options, &source->table, &special, error))
        return false;
    if (special.time != NOWHERE) {
        source->time = (size_t)special.time;
        const struct column *time = &source->table.columns[source->time];
        if (time->type == COLUMN_LABEL && !column_refuse_times(&source->table, source->time, error))
            return error_prefix(error, "dataset.time");
    }
    if (special.group != NOWHERE)
        source->group = (size_t)special.group;
    return true;
}

/* Times of one data set are all dates or all numbers: they would not go together. */
static bool check_times_agree(const struct sources *sources, struct error *error) {
    const struct source *first = &sources->items[0];
    for (size_t i = 1; i < sources->count; i++) {
        const struct source *source = &sources->items[i];
        bool are_dates = source->table.columns[source->time].type == COLUMN_TIME;
        if (are_dates != (first->table.columns[first->time].type == COLUMN_TIME))
            return error_set(error, "dataset.time: %s holds %s and %s holds %s; make them agree",
                             first->table.path, are_dates ? "numbers" : "dates", source->table.path,
                             are_dates ? "dates" : "numbers");
    }
    return true;
}

static bool check_values(const struct table *table, size_t position, bool must_be_whole,
                         struct error *error) {
    const struct column *column = &table->columns[position];
    for (size_t row = 0; row < table->rows; row++) {
        if (must_be_whole && isnan(column->values[row]) && column->na_text != NULL)
            return error_set(
                error,
                "%s: row %zu of column \"%s\" is missing; if \"%s\" is a name there, set "
                "dataset.keep_na to true, or else dataset.missing to go on without",
                table->path, row + 1, column->name, column->na_text);
        if (must_be_whole && isnan(column->values[row]))
            return error_set(error,
                             "%s: row %zu of column \"%s\" is missing; set dataset.missing to "
                             "\"forward\", \"mean\" or \"mask\" to go on without",
                             table->path, row + 1, column->name);
        if (fabs(column->values[row]) > LARGEST_VALUE)
            return error_set(error, "%s: row %zu of column \"%s\" is %g: too large to compute with",
                             table->path, row + 1, column->name, column->values[row]);
    }
    return true;
}

/* In long format a file need not measure everything. */
static void add_unmeasured(const struct dataset *dataset, struct table *table) {
    for (int i = 0; i < dataset->inputs - dataset->flags; i++)
        table_add_unmeasured(table, dataset->input_names[i]);
    for (int k = 0; k < dataset->targets; k++)
        table_add_unmeasured(table, dataset->target_names[k]);
}

static bool bind_source(const struct dataset *dataset, struct source *source, struct arena *arena,
                        struct error *error) {
    struct table *table = &source->table;
    int columns = dataset->inputs - dataset->flags;
    bool must_be_whole = dataset->options->missing == MISSING_ERROR;
    const char *generator = dataset->options->generator;
    bool has_unscored = generator != NULL && generator_find(generator)->has_unscored;
    if (dataset->options->variable != NULL)
        add_unmeasured(dataset, &source->table);
    source->inputs = ARENA_NEW(arena, size_t, columns);
    source->targets = ARENA_NEW(arena, size_t, dataset->targets);
    for (int i = 0; i < columns; i++) {
        if (!bind_number(table, dataset->input_names[i], &source->inputs[i], error))
            return error_prefix(error, "dataset.inputs");
        if (!check_values(table, source->inputs[i], must_be_whole, error))
            return false;
    }
    for (int i = 0; i < dataset->targets; i++) {
        const char *name = dataset->target_names[i];
        bool found = dataset->task == TASK_CLASSIFICATION
                         ? table_find(table, name, &source->targets[i], error)
                         : bind_number(table, name, &source->targets[i], error);
        if (!found)
            return error_prefix(error, "dataset.targets");
        if (!check_values(table, source->targets[i], must_be_whole && !has_unscored, error))
            return false;
    }
    return bind_special(dataset->options, source, error);
}

/* Whether two columns of numbers are the same in all files; constant ones have nothing to copy. */
static bool are_copies(const struct sources *sources, int input, int target) {
    double first = NAN;
    bool varies = false;
    for (size_t i = 0; i < sources->count; i++) {
        const struct source *source = &sources->items[i];
        const struct column *a = &source->table.columns[source->inputs[input]];
        const struct column *b = &source->table.columns[source->targets[target]];
        if (b->type != COLUMN_NUMBER)
            return false;
        for (size_t row = 0; row < source->table.rows; row++) {
            if (a->values[row] != b->values[row] &&
                !(isnan(a->values[row]) && isnan(b->values[row])))
                return false;
            if (isnan(first))
                first = a->values[row];
            varies = varies || (!isnan(a->values[row]) && a->values[row] != first);
        }
    }
    return varies;
}

/* The same under another name. */
static bool check_copies(const struct dataset *dataset, const struct sources *sources,
                         struct error *error) {
    if (dataset->task == TASK_FORECAST || dataset->task_options->allow_target_input)
        return true;
    for (int i = 0; i < dataset->inputs - dataset->flags; i++)
        for (int k = 0; k < dataset->targets; k++)
            if (are_copies(sources, i, k))
                return error_set(error,
                                 "dataset.inputs: column \"%s\" equals the target \"%s\" in every "
                                 "row, so that it could be copied; leave it out of the inputs, or "
                                 "set task.allow_target_input to true",
                                 dataset->input_names[i], dataset->target_names[k]);
    return true;
}

bool columns_bind(const struct dataset *dataset, struct sources *sources, struct arena *arena,
                  struct error *error) {
    for (size_t i = 0; i < sources->count; i++)
        if (!bind_source(dataset, &sources->items[i], arena, error))
            return false;
    return (dataset->options->time == NULL || check_times_agree(sources, error)) &&
           check_copies(dataset, sources, error);
}

bool columns_add_categories(struct dataset *dataset, struct sources *sources, struct arena *arena,
                            struct error *error) {
    const struct categories *categories = &dataset->categories;
    if (dataset->options->categorical.count == 0)
        return true;
    size_t before = (size_t)(dataset->inputs - dataset->flags), count = before + categories->count;
    struct string_list inputs = {count, ARENA_NEW(arena, const char *, count)};
    for (size_t i = 0; i < count; i++)
        inputs.items[i] = i < before ? dataset->input_names[i]
                                     : category_name(&categories->items[i - before], arena);
    if (count == 0)
        return error_set(error, "dataset.categorical: the training rows have no category");
    take_inputs(dataset, &inputs, arena);
    for (size_t i = 0; i < sources->count; i++)
        if (!categories_expand(categories, &sources->items[i].table, error))
            return false;
    return columns_bind(dataset, sources, arena, error);
}
