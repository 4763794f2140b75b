#include "base/string_list.h"
#include "data/pipeline/assembly.h"

#include <limits.h>
#include <math.h>
#include <string.h>

static bool check_times(const struct dataset_options *options, const struct whole *whole,
                        struct error *error) {
    const struct source *source = whole->source;
    const struct column *column = &source->table.columns[source->time];
    for (size_t row = whole->first; row < whole->first + (size_t)whole->rows; row++) {
        if (isnan(column->values[row]))
            return error_set(error,
                             "dataset.time: %s: row %zu has no time; give it one, or take the row "
                             "out of the file",
                             source->table.path, source_row(source, row) + 1);
        double step = row == whole->first ? 1 : time_between(column, row - 1, row);
        if (step > 0)
            continue;
        if (step == 0)
            return error_set(error,
                             "dataset.time: %s: row %zu: the time equals that of the row before%s",
                             source->table.path, source_row(source, row) + 1,
                             options->group != NULL
                                 ? " in its series; leave one of them out"
                                 : "; name the column of series in \"group\", or leave one of them "
                                   "out");
        return error_set(error,
                         "dataset.time: %s: row %zu: the time is earlier than that of the row "
                         "before%s; set \"order\": \"sort\" to sort the rows by \"%s\"%s",
                         source->table.path, source_row(source, row) + 1,
                         options->group != NULL ? " in its series" : "", options->time,
                         options->group != NULL ? ""
                                                : ", or name the column of series in \"group\"");
    }
    return true;
}

static bool find_in_source(const struct dataset_options *options, const struct source *source,
                           struct arena *arena, struct wholes *wholes, struct error *error) {
    const struct table *table = &source->table;
    const struct column *group = options->group ? &table->columns[source->group] : NULL;
    for (size_t first = 0, end; first < table->rows; first = end) {
        for (end = first + 1; end < table->rows; end++)
            if (group != NULL && !same_group(group, end - 1, end))
                break;
        if (end - first > INT_MAX)
            return error_set(error, "%s: has more than %d rows in one series", table->path,
                             INT_MAX);
        wholes->items = mem_grow(wholes->items, (size_t)wholes->count, sizeof *wholes->items);
        struct whole *whole = &wholes->items[wholes->count];
        *whole = (struct whole){
            .source = source, .first = first, .rows = (int)(end - first), .index = wholes->count};
        wholes->count++;
        whole->group = group == NULL ? source->name : group_text(group, first, arena);
        whole->name =
            group == NULL ? source->name : arena_printf(arena, "%s %s", source->name, whole->group);
        if (options->time != NULL && !check_times(options, whole, error))
            return false;
    }
    return true;
}

bool wholes_find(const struct dataset_options *options, const struct sources *sources,
                 struct arena *arena, struct wholes *wholes, struct error *error) {
    for (size_t i = 0; i < sources->count; i++)
        if (!find_in_source(options, &sources->items[i], arena, wholes, error))
            return false;
    return true;
}

void wholes_select(struct wholes *wholes, const struct string_list *groups, bool named) {
    int kept = 0;
    for (int i = 0; i < wholes->count; i++)
        if (string_list_has(groups, wholes->items[i].group) == named)
            wholes->items[kept++] = wholes->items[i];
    wholes->count = kept;
}

int rows_left(const struct whole *whole, int first, int end) {
    if (whole->left == NULL)
        return end - first;
    int count = 0;
    for (int row = first; row < end; row++)
        count += whole->left[row];
    return count;
}
