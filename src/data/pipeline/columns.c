#include "data/formats/long_format.h"
#include "data/generators/generator.h"
#include "data/pipeline/assembly.h"
#include "data/text/time_format.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_CLASSES = 1000 };

static const double LARGEST = 1e15; /* of numbers */

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

/* --- notes ------------------------------------------------------------------------------------ */

/* 1: each value is greater than the one before, -1: less, 0: neither. */
static int direction(const struct column *column, size_t rows) {
    bool up = rows > 1, down = rows > 1;
    for (size_t row = 1; row < rows && (up || down); row++) {
        double step = time_between(column, row - 1, row);
        up = up && step > 0;
        down = down && step < 0;
    }
    return up - down;
}

static bool has_equal_steps(const struct column *column, size_t rows) {
    double first = rows > 2 ? column->values[1] - column->values[0] : 0;
    for (size_t row = 2; row < rows && first > 0; row++)
        if (!(fabs(column->values[row] - column->values[row - 1] - first) <= 1e-6 * first))
            return false;
    return first > 0;
}

static bool looks_like_date(const char *text) {
    size_t digits = strspn(text, "0123456789");
    return digits > 0 && digits <= 4 && text[digits] != '\0' &&
           strchr("./-: ", text[digits]) != NULL && strpbrk(text + digits + 1, "./-:") != NULL;
}

/* Dates but for a few fields, such as the "Total" of a last row. */
static void note_odd_dates(struct dataset *dataset, const struct table *table,
                           const struct column *column, struct arena *arena) {
    notes_add(&dataset->notes, arena, table->path,
              "column \"%s\" holds dates but for \"%.40s\" in line %zu and is not used: that row "
              "counts as any other; take it out of the file if it is none, and set dataset.time to "
              "\"%s\"",
              column->name, column->not_time.text, column->not_time.line, column->name);
}

static void note_dates(struct dataset *dataset, const struct table *table, size_t position,
                       struct arena *arena) {
    const struct column *column = &table->columns[position];
    if (dataset->options->time != NULL) {
        notes_add(&dataset->notes, arena, table->path, "column \"%s\" holds dates and is not used",
                  column->name);
        return;
    }
    int order = dataset->options->group != NULL ? 1 : direction(column, table->rows);
    notes_add(&dataset->notes, arena, table->path,
              "column \"%s\" holds dates but is not used: the rows are taken as equally spaced, in "
              "the order of the file%s; set dataset.time to \"%s\"",
              column->name,
              order > 0   ? ""
              : order < 0 ? ", whose newest row comes first"
                          : ", which is not that of the dates",
              column->name);
}

/* "20.4 kg", "$1,500", "(12.5)", "1163,76": digits first, but for a mark, and no number. */
static bool looks_like_quantity(const char *text) {
    const char *marks[] = {"$", "\xE2\x82\xAC", "\xC2\xA3", "\xC2\xA5", "(", "~", "<",
                           ">", "\xE2\x88\x92", "-",        "+"};
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++)
        if (strncmp(text, marks[i], strlen(marks[i])) == 0)
            text += strlen(marks[i]);
    text += strspn(text, " ");
    size_t digits = strspn(text, "0123456789.,'");
    const char *rest = text + digits;
    return digits > 0 && (rest[0] == '\0' || strpbrk(rest, "0123456789:/-_") == NULL);
}

static void note_other_text(struct dataset *dataset, const struct table *table, size_t position,
                            struct arena *arena) {
    const struct column *column = &table->columns[position];
    const char *text = column->label_count > 0 ? column->labels[0] : "";
    struct time_formats formats = time_formats_find(column->labels, column->label_count, arena);
    if (column->mostly_times && column->not_time.text != NULL)
        note_odd_dates(dataset, table, column, arena);
    else if (formats.format != NULL && dataset->options->time == NULL)
        notes_add(&dataset->notes, arena, table->path,
                  "column \"%s\" holds dates such as \"%.40s\" but is not used: the rows are taken "
                  "as equally spaced, in the order of the file; set dataset.time to \"%s\" and "
                  "dataset.time_format to %s",
                  column->name, text, column->name, time_formats_name(&formats, arena));
    else if (looks_like_date(text) && dataset->options->time == NULL)
        notes_add(&dataset->notes, arena, table->path,
                  "column \"%s\" holds text such as \"%.40s\" and is not used; if these are times, "
                  "set dataset.time to it and dataset.time_format to their format",
                  column->name, text);
    else if (looks_like_quantity(text))
        notes_add(
            &dataset->notes, arena, table->path,
            "column \"%s\" holds text such as \"%.40s\" and is not used; to use it as numbers, "
            "write them alike, without units and currencies",
            column->name, text);
    else
        notes_add(&dataset->notes, arena, table->path,
                  "column \"%s\" holds text such as \"%.40s\" and is not used; name it in "
                  "dataset.categorical to use it",
                  column->name, text);
}

/* Dates that nobody asks for matter all the same when the rows are not in their order. */
static void note_disorder(struct dataset *dataset, const struct table *table, struct arena *arena) {
    const struct dataset_options *options = dataset->options;
    for (size_t i = 0; i < table->column_count && options->time == NULL; i++) {
        const struct column *column = &table->columns[i];
        if (column->type == COLUMN_TIME && options->group == NULL && table->rows > 1 &&
            direction(column, table->rows) <= 0)
            note_dates(dataset, table, i, arena);
        else if (column->mostly_times && column->not_time.text != NULL)
            note_odd_dates(dataset, table, column, arena);
    }
}

/* Says which columns the default inputs leave out or take although they look like time, and the
 * setting that mends it. */
static void add_notes(struct dataset *dataset, const struct table *table, const bool *taken,
                      struct arena *arena) {
    for (size_t i = 0; i < table->column_count; i++) {
        const struct column *column = &table->columns[i];
        if (taken[i])
            continue;
        if (column->is_empty)
            notes_add(&dataset->notes, arena, table->path, "column \"%s\" is empty and is not used",
                      column->name);
        else if (column->type == COLUMN_TIME)
            note_dates(dataset, table, i, arena);
        else if (column->type == COLUMN_LABEL)
            note_other_text(dataset, table, i, arena);
        else if (!column->is_row_number && dataset->options->time == NULL &&
                 dataset->options->group == NULL && has_equal_steps(column, table->rows))
            notes_add(&dataset->notes, arena, table->path,
                      "column \"%s\" grows in equal steps, as time does, and is an input%s; set "
                      "dataset.time to \"%s\" if it is time",
                      column->name,
                      dataset->task == TASK_FORECAST && dataset->options->targets.count == 0
                          ? " and a target"
                          : "",
                      column->name);
    }
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
        add_notes(dataset, table, taken, arena);
    } else {
        note_disorder(dataset, table, arena);
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

/* Values have to fit into single precision, with room for squares of their differences. */
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
        if (dataset->outputs == MAX_CLASSES)
            return error_set(error,
                             "dataset.targets: column \"%s\" has more than %d different values; "
                             "for a number rather than a class choose task.type \"regression\"",
                             column->name, MAX_CLASSES);
        dataset->class_names[dataset->outputs++] = arena_strdup(arena, name);
    }
    return true;
}

bool classes_collect(struct dataset *dataset, const struct sources *sources, struct arena *arena,
                     struct error *error) {
    if (dataset->task != TASK_CLASSIFICATION)
        return true;
    dataset->outputs = 0;
    dataset->class_names = ARENA_NEW(arena, const char *, MAX_CLASSES);
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
