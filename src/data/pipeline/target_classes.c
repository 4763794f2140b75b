#include "data/pipeline/assembly.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_CLASSES = 1000 };

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
