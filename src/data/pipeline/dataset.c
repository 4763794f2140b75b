#include "data/pipeline/dataset.h"

#include "data/pipeline/assembly.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* --- options --------------------------------------------------------------------------------- */

static const char *choose_name(const struct dataset_options *options) {
    if (options->name != NULL)
        return options->name;
    if (options->generator != NULL)
        return options->generator;
    return options->csv.count > 0 ? path_name(options->csv.items[0]) : "data";
}

static bool take_options(struct dataset *dataset, const struct dataset_options *options,
                         const struct task_options *task, struct error *error) {
    *dataset = (struct dataset){
        .name = choose_name(options),
        .task = task_type_of(task),
        .has_no_validation = split_has_no_validation(&options->split),
        .last_only = task->at != SCORE_EVERY,
        .has_period = options->period >= 1,
        .period = options->period >= 1 ? (int)lround(options->period) : 1,
        .time_unit = 1,
        .options = options,
        .task_options = task,
    };
    return task_check(task, error);
}

/* --- assembly -------------------------------------------------------------------------------- */

void assembly_free(struct assembly *assembly) {
    for (int role = 0; role < ROLE_COUNT; role++)
        free(assembly->parts[role].items);
    free(assembly->wholes.items);
    sources_free(&assembly->sources);
}

static void keep_files(struct dataset *dataset, const struct sources *sources,
                       struct arena *arena) {
    dataset->file_count = sources->file_count;
    dataset->files = ARENA_NEW(arena, struct data_file, sources->file_count);
    for (size_t i = 0; i < sources->file_count; i++)
        dataset->files[i] = sources->files[i];
    memcpy(dataset->sha256, sources->sha256, SHA256_TEXT);
    for (size_t i = 0; i < sources->count; i++)
        notes_join(&dataset->notes, arena, &sources->items[i].table.notes);
}

/* Brings the rows of each series together, and sorts them if that is asked for. */
static bool order_rows(struct dataset *dataset, struct sources *sources, struct arena *arena,
                       struct error *error) {
    const struct dataset_options *options = dataset->options;
    if (options->order != 0 && options->time == NULL)
        return error_set(error, "dataset.order: sorting needs the column of times; name it in "
                                "dataset.time");
    for (size_t i = 0; i < sources->count; i++) {
        struct source *source = &sources->items[i];
        struct table *table = &source->table;
        const struct column *group = options->group ? &table->columns[source->group] : NULL;
        const struct column *time = options->order != 0 ? &table->columns[source->time] : NULL;
        size_t comes_back;
        source->order = table_order(table, group, time, &comes_back, arena);
        if (comes_back < table->rows && options->order == 0)
            notes_add(&dataset->notes, arena, table->path,
                      "series come back after others in the column \"%s\" (first in row %zu); the "
                      "rows of each are joined in the order of the file",
                      options->group, comes_back + 1);
        if (source->order != NULL)
            table_reorder(table, source->order);
    }
    return true;
}

bool assembly_bind(struct assembly *assembly, struct dataset *dataset, struct arena *arena,
                   struct error *error) {
    struct sources *sources = &assembly->sources;
    for (size_t i = 0; i < sources->count; i++)
        if (!categories_expand(&dataset->categories, &sources->items[i].table, error))
            return false;
    return columns_bind(dataset, sources, arena, error) &&
           order_rows(dataset, sources, arena, error) &&
           (dataset->class_names != NULL || classes_collect(dataset, sources, arena, error)) &&
           classes_number(dataset, sources, error) &&
           wholes_find(dataset->options, sources, arena, &assembly->wholes, error);
}

static bool check_split(const struct dataset *dataset, bool is_random, struct error *error) {
    const struct dataset_options *options = dataset->options;
    if (is_random && options->drop > 0)
        return error_set(error, "dataset.drop: needs a split in time or by whole files");
    if (options->split.context && options->split.method != SPLIT_CHRONOLOGICAL)
        return error_set(error, "dataset.split.context: only a chronological split has borders to "
                                "look back across; leave it out");
    if (options->split.context && dataset->task_options->window == 0)
        return error_set(error, "dataset.split.context: needs windows of a given length; set "
                                "task.window");
    return true;
}

/* Windows depend on which rows have truth, scaling on which rows the training windows cover: so the
 * truth is filled in data units first and in scaled units at the end. */
static bool build_splits(struct dataset *dataset, struct assembly *assembly, int series_count,
                         struct arena *arena, struct error *error) {
    const struct split_options *options = &dataset->options->split;
    struct parts *parts = assembly->parts; /* [ROLE_COUNT] */
    struct split *const splits[] = {&dataset->train, &dataset->valid, &dataset->test};
    double shares[ROLE_COUNT];
    if (!split_shares(options, shares, error))
        return false;
    bool is_random =
        options->method == SPLIT_RANDOM || (split_has_patterns(options) && shares[ROLE_VALID] > 0);
    if (!check_split(dataset, is_random, error))
        return false;
    dataset->target_scale = ARENA_NEW(arena, double, dataset->targets);
    dataset->target_offset = ARENA_NEW(arena, double, dataset->targets);
    for (int k = 0; k < dataset->targets; k++)
        dataset->target_scale[k] = 1;
    rows_draw(dataset, parts, ROLE_COUNT, arena);
    for (int i = 0; i < parts[ROLE_TRAIN].count; i++)
        parts[ROLE_TRAIN].items[i].whole->has_training = true;
    for (int role = 0; role < ROLE_COUNT; role++) {
        if (role != ROLE_TRAIN)
            parts_look_back(dataset, &parts[role]);
        series_allocate(dataset, &parts[role], splits[role], arena);
        series_fill_truth(dataset, &parts[role], splits[role]);
    }
    if (!windows_make(dataset, is_random ? shares : NULL, assembly->wholes.count, arena, error) ||
        !scaling_fit(dataset, &parts[ROLE_TRAIN], series_count, is_random ? &dataset->train : NULL,
                     arena, error))
        return false;
    scaling_apply(dataset, &assembly->wholes, arena);
    for (int role = 0; role < ROLE_COUNT; role++) {
        if (parts[role].count == 0)
            continue; /* shares the series of training */
        series_fill_truth(dataset, &parts[role], splits[role]);
        series_fill_inputs(dataset, &parts[role], splits[role], arena);
    }
    return true;
}

/* The categories of the training rows become columns of the tables. */
static bool find_categories(struct dataset *dataset, const struct parts *training,
                            struct arena *arena, struct error *error) {
    const struct string_list *names = &dataset->options->categorical;
    for (size_t i = 0; i < names->count; i++) {
        size_t first = dataset->categories.count;
        for (int p = 0; p < training->count; p++) {
            const struct part *part = &training->items[p];
            const struct whole *whole = part->whole;
            if (!categories_collect(&dataset->categories, &whole->source->table, names->items[i],
                                    whole->first + (size_t)part->first, (size_t)part->rows, arena,
                                    error))
                return error_prefix(error, "dataset.categorical");
        }
        categories_sort(&dataset->categories, first);
    }
    return true;
}

/* The missing values of a part's inputs, before anything takes their place. */
static void count_gaps(struct dataset *dataset, const struct part *part, bool is_training) {
    const struct whole *whole = part->whole;
    for (int input = 0; input < dataset->inputs - dataset->flags; input++) {
        const double *values =
            input_column(whole->source, input) + whole->first + (size_t)part->first;
        size_t gaps = 0;
        for (int row = 0; row < part->rows; row++)
            gaps += isnan(values[row]);
        dataset->gaps += gaps;
        dataset->cells += (size_t)part->rows;
        if (is_training)
            dataset->input_gaps[input] += gaps;
    }
}

static bool hold_out(const struct dataset_options *options, struct wholes *wholes,
                     struct error *error) {
    for (size_t i = 0; i < options->hold_out.count; i++)
        if (!check_group(wholes, options->hold_out.items[i], "dataset.hold_out", error))
            return false;
    wholes_select(wholes, &options->hold_out, false);
    return wholes->count > 0 || error_set(error, "dataset.hold_out: leaves nothing to train on");
}

static bool assemble(struct dataset *dataset, struct assembly *assembly, struct arena *arena,
                     struct error *error) {
    const struct dataset_options *options = dataset->options;
    struct sources *sources = &assembly->sources;
    struct wholes *wholes = &assembly->wholes;
    if (!sources_load(options, arena, sources, error) ||
        !columns_choose(dataset, &sources->items[0].table, arena, error) ||
        !assembly_bind(assembly, dataset, arena, error))
        return false;
    int series_count = wholes->count;
    if (!hold_out(options, wholes, error) ||
        !parts_divide(options, wholes, assembly->parts, arena, error) ||
        !leaks_check(options, sources, assembly->parts, arena, error) ||
        !find_categories(dataset, &assembly->parts[ROLE_TRAIN], arena, error) ||
        !columns_add_categories(dataset, sources, arena, error))
        return false;
    keep_files(dataset, sources, arena);
    dataset->input_gaps = ARENA_NEW(arena, size_t, dataset->inputs);
    for (int role = 0; role < ROLE_COUNT; role++)
        for (int i = 0; i < assembly->parts[role].count; i++)
            count_gaps(dataset, &assembly->parts[role].items[i], role == ROLE_TRAIN);
    const struct source *first = &sources->items[0];
    dataset->has_dates =
        options->time != NULL && first->table.columns[first->time].type == COLUMN_TIME;
    return build_splits(dataset, assembly, series_count, arena, error);
}

bool dataset_load(struct dataset *dataset, const struct dataset_options *options,
                  const struct task_options *task, struct arena *arena, struct error *error) {
    struct assembly assembly = {0};
    options = options_by_format(options, task_name(task), arena);
    bool loaded =
        take_options(dataset, options, task, error) && assemble(dataset, &assembly, arena, error);
    assembly_free(&assembly);
    return loaded;
}
