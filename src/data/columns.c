#include "data/assembly.h"
#include "data/generator.h"
#include "data/long_format.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_CLASSES = 1000 };

static const double LARGEST = 1e15; /* of numbers */

const double *input_column(const struct source *source, int input) {
    return source->table.columns[source->inputs[input]].values;
}

const double *target_column(const struct source *source, int target) {
    return source->classes != NULL ? source->classes
                                   : source->table.columns[source->targets[target]].values;
}

/* --- choosing -------------------------------------------------------------------------------- */

static int position_of(const char *name, const struct string_list *names) {
    for (size_t i = 0; i < names->count; i++)
        if (strcmp(names->items[i], name) == 0)
            return (int)i;
    return -1;
}

static bool same(const char *a, const char *b) {
    return a != NULL && b != NULL && strcmp(a, b) == 0;
}

/* Every number in the table but time, group and, unless it is a forecast, the targets. */
static struct string_list default_inputs(const struct dataset *dataset, const struct table *table,
                                         struct arena *arena) {
    const struct dataset_options *options = dataset->options;
    struct string_list inputs = {0, ARENA_NEW(arena, const char *, table->column_count)};
    for (size_t i = 0; i < table->column_count; i++) {
        const struct column *column = &table->columns[i];
        bool is_target =
            dataset->task != TASK_FORECAST && position_of(column->name, &options->targets) >= 0;
        if (column->type == COLUMN_NUMBER && !column->is_row_number && !is_target &&
            !same(column->name, options->time) && !same(column->name, options->group))
            inputs.items[inputs.count++] = arena_strdup(arena, column->name);
    }
    return inputs;
}

/* Says which columns the default inputs leave out, and the setting that would use them. */
static void note_unused(struct dataset *dataset, const struct table *table, struct arena *arena) {
    const struct dataset_options *options = dataset->options;
    for (size_t i = 0; i < table->column_count; i++) {
        const struct column *column = &table->columns[i];
        if (column->type == COLUMN_NUMBER || position_of(column->name, &options->targets) >= 0 ||
            same(column->name, options->time) || same(column->name, options->group))
            continue;
        if (column->type == COLUMN_TIME && options->time == NULL)
            notes_add(&dataset->notes, arena, table->path,
                      "column \"%s\" holds dates but the rows are taken as equally spaced, in the "
                      "order of the file; set dataset.time to \"%s\" to use it",
                      column->name, column->name);
        else
            notes_add(&dataset->notes, arena, table->path, "column \"%s\" holds %s and is not used",
                      column->name, column->type == COLUMN_TIME ? "dates" : "text");
    }
}

/* Names that the config gives, by the table's own spelling ("3" may stand for the third column). */
static bool take_names(const struct table *table, const struct string_list *given,
                       const char *field, struct arena *arena, struct string_list *names,
                       struct error *error) {
    *names = (struct string_list){given->count, ARENA_NEW(arena, const char *, given->count)};
    for (size_t i = 0; i < given->count; i++) {
        size_t position;
        if (!table_find(table, given->items[i], &position, error))
            return error_prefix(error, "dataset.%s", field);
        names->items[i] = arena_strdup(arena, table->columns[position].name);
        for (size_t k = 0; k < i; k++)
            if (strcmp(names->items[k], names->items[i]) == 0)
                return error_set(error, "dataset.%s: names column \"%s\" twice", field,
                                 names->items[i]);
    }
    return true;
}

/* A target at the same step that is an input as well would only be copied. */
static bool check_target_inputs(const struct dataset *dataset, const struct string_list *inputs,
                                const struct string_list *targets, struct error *error) {
    if (dataset->task == TASK_FORECAST || dataset->task_options->allow_target_input)
        return true;
    for (size_t i = 0; i < targets->count; i++)
        if (position_of(targets->items[i], inputs) >= 0)
            return error_set(error,
                             "dataset.inputs: \"%s\" is the target of a %s at the same step, which "
                             "could copy it; take it out of the inputs, or set "
                             "task.allow_target_input to true",
                             targets->items[i], dataset->task_options->type);
    return true;
}

static bool choose_names(struct dataset *dataset, const struct table *table,
                         struct string_list *inputs, struct string_list *targets,
                         struct arena *arena, struct error *error) {
    const struct dataset_options *options = dataset->options;
    if (!take_names(table, &options->inputs, "inputs", arena, inputs, error) ||
        !take_names(table, &options->targets, "targets", arena, targets, error))
        return false;
    if (inputs->count == 0) {
        *inputs = default_inputs(dataset, table, arena);
        note_unused(dataset, table, arena);
    }
    if (inputs->count == 0)
        return error_set(error, "dataset.inputs: %s has no column of numbers to use", table->path);
    if (targets->count == 0 && dataset->task == TASK_FORECAST)
        *targets = *inputs;
    if (targets->count == 0)
        return error_set(error, "dataset.targets: says no column to predict; only a forecast can "
                                "do without");
    if (dataset->task == TASK_CLASSIFICATION && targets->count > 1)
        return error_set(error, "dataset.targets: a classification has one target, not %zu",
                         targets->count);
    return check_target_inputs(dataset, inputs, targets, error);
}

bool columns_choose(struct dataset *dataset, const struct table *table, struct arena *arena,
                    struct error *error) {
    struct string_list inputs, targets;
    if (!choose_names(dataset, table, &inputs, &targets, arena, error))
        return false;
    bool has_flags = strcmp(dataset->options->missing, "mask") == 0;
    dataset->flags = has_flags ? (int)inputs.count : 0;
    dataset->inputs = (int)inputs.count + dataset->flags;
    dataset->targets = (int)targets.count;
    dataset->horizon = dataset->task == TASK_FORECAST ? dataset->task_options->horizon : 1;
    dataset->width = dataset->targets * dataset->horizon;
    dataset->outputs = dataset->width; /* classes_collect() says more */
    dataset->input_names = ARENA_NEW(arena, const char *, dataset->inputs);
    for (size_t i = 0; i < inputs.count; i++) {
        dataset->input_names[i] = inputs.items[i];
        if (has_flags)
            dataset->input_names[inputs.count + i] =
                arena_printf(arena, "%s observed", inputs.items[i]);
    }
    dataset->target_names = targets.items;
    dataset->target_input = ARENA_NEW(arena, int, targets.count);
    for (size_t i = 0; i < targets.count; i++)
        dataset->target_input[i] = position_of(targets.items[i], &inputs);
    return true;
}

/* --- binding --------------------------------------------------------------------------------- */

static bool bind_number(const struct table *table, const char *name, size_t *position,
                        struct error *error) {
    if (!table_find(table, name, position, error))
        return false;
    const struct column *column = &table->columns[*position];
    if (column->type == COLUMN_LABEL)
        return error_set(error, "%s: column \"%s\" holds text such as \"%s\", not numbers",
                         table->path, name, column->labels[0]);
    if (column->type == COLUMN_TIME)
        return error_set(error, "%s: column \"%s\" holds dates, not numbers", table->path, name);
    return true;
}

static bool bind_time(const struct dataset_options *options, struct source *source,
                      struct error *error) {
    const struct table *table = &source->table;
    if (options->time != NULL) {
        if (!table_find(table, options->time, &source->time, error))
            return error_prefix(error, "dataset.time");
        if (table->columns[source->time].type == COLUMN_LABEL)
            return error_set(error,
                             "dataset.time: %s: column \"%s\" holds text such as \"%s\"; times are "
                             "numbers or ISO 8601 (2024-01-31 13:45:00)",
                             table->path, options->time, table->columns[source->time].labels[0]);
    }
    if (options->group != NULL && !table_find(table, options->group, &source->group, error))
        return error_prefix(error, "dataset.group");
    return true;
}

/* Values have to fit into single precision, with room for squares of their differences. */
static bool check_values(const struct table *table, size_t position, bool must_be_whole,
                         struct error *error) {
    const struct column *column = &table->columns[position];
    for (size_t row = 0; row < table->rows; row++) {
        if (must_be_whole && isnan(column->values[row]))
            return error_set(error,
                             "%s: row %zu of column \"%s\" is missing; set dataset.missing to "
                             "\"forward\", \"mean\" or \"mask\" to go on without",
                             table->path, row + 1, column->name);
        if (fabs(column->values[row]) > LARGEST)
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
    bool must_be_whole = strcmp(dataset->options->missing, "error") == 0;
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
        if (!check_values(table, source->targets[i], must_be_whole, error))
            return false;
    }
    return bind_time(dataset->options, source, error);
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
    return check_copies(dataset, sources, error);
}

/* --- classes --------------------------------------------------------------------------------- */

/* Classes are known by their text; numbers are written as a person would. */
static const char *class_text(const struct column *column, double value, char text[32]) {
    if (column->type == COLUMN_LABEL)
        return column->labels[(size_t)value];
    snprintf(text, 32, "%.15g", value);
    return text;
}

static bool find_class(const struct dataset *dataset, const char *name, int *position) {
    for (*position = 0; *position < dataset->outputs; (*position)++)
        if (strcmp(dataset->class_names[*position], name) == 0)
            return true;
    return false;
}

/* Numbers in the order of their size, then texts. */
static int compare_classes(const void *a, const void *b) {
    const char *first = *(const char *const *)a, *second = *(const char *const *)b;
    char *first_end, *second_end;
    double x = strtod(first, &first_end), y = strtod(second, &second_end);
    bool first_number = *first_end == '\0', second_number = *second_end == '\0';
    if (first_number && second_number)
        return (x > y) - (x < y);
    if (first_number != second_number)
        return first_number ? -1 : 1;
    return strcmp(first, second);
}

static bool add_classes(struct dataset *dataset, const struct source *source, struct arena *arena,
                        struct error *error) {
    const struct column *column = &source->table.columns[source->targets[0]];
    char text[32];
    double last = NAN;
    int position;
    for (size_t row = 0; row < source->table.rows; row++) {
        double value = column->values[row];
        if (isnan(value) || value == last)
            continue;
        last = value;
        const char *name = class_text(column, value, text);
        if (find_class(dataset, name, &position))
            continue;
        if (dataset->outputs == MOST_CLASSES)
            return error_set(error,
                             "dataset.targets: column \"%s\" has more than %d different values; "
                             "for a number rather than a class choose task.type \"regression\"",
                             column->name, MOST_CLASSES);
        dataset->class_names[dataset->outputs++] = arena_strdup(arena, name);
    }
    return true;
}

bool classes_collect(struct dataset *dataset, const struct sources *sources, struct arena *arena,
                     struct error *error) {
    if (dataset->task != TASK_CLASSIFICATION)
        return true;
    dataset->outputs = 0;
    dataset->class_names = ARENA_NEW(arena, const char *, MOST_CLASSES);
    for (size_t i = 0; i < sources->count; i++)
        if (!add_classes(dataset, &sources->items[i], arena, error))
            return false;
    qsort(dataset->class_names, (size_t)dataset->outputs, sizeof(char *), compare_classes);
    if (dataset->outputs < 2)
        return error_set(error,
                         "dataset.targets: column \"%s\" has %d class; a classification "
                         "needs at least two",
                         dataset->target_names[0], dataset->outputs);
    size_t weights = dataset->task_options->class_weights.count;
    if (weights > 0 && weights != (size_t)dataset->outputs)
        return error_set(error, "task.class_weights: has %zu weights for %d classes (%s, %s, ...)",
                         weights, dataset->outputs, dataset->class_names[0],
                         dataset->class_names[1]);
    return true;
}

bool classes_number(const struct dataset *dataset, struct sources *sources, struct error *error) {
    if (dataset->task != TASK_CLASSIFICATION)
        return true;
    char text[32];
    for (size_t i = 0; i < sources->count; i++) {
        struct source *source = &sources->items[i];
        const struct column *column = &source->table.columns[source->targets[0]];
        double last = NAN;
        int position = 0;
        source->classes = mem_resize(NULL, source->table.rows * sizeof *source->classes);
        for (size_t row = 0; row < source->table.rows; row++) {
            double value = column->values[row];
            source->classes[row] = NAN;
            if (isnan(value))
                continue;
            const char *name = class_text(column, value, text);
            if (value != last && !find_class(dataset, name, &position))
                return error_set(error, "%s: row %zu: class \"%s\" does not occur in the data set",
                                 source->table.path, source_row(source, row) + 1, name);
            last = value;
            source->classes[row] = position;
        }
    }
    return true;
}
