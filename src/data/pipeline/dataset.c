#include "data/pipeline/dataset.h"

#include "base/json.h"
#include "data/generators/generator.h"
#include "data/pipeline/assembly.h"
#include "data/pipeline/outcomes.h"
#include "math/random.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const split_names[] = {"training", "validation", "test"};

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

/* --- windows --------------------------------------------------------------------------------- */

static int test_stride(const struct dataset *dataset) {
    const struct task_options *task = dataset->task_options;
    return task->test_stride > 0 ? task->test_stride : task->stride;
}

static int longest_series(const struct split *split, int longest) {
    for (int i = 0; i < split->series_count; i++)
        if (split->series[i].rows > longest)
            longest = split->series[i].rows;
    return longest;
}

static void choose_window(struct dataset *dataset) {
    dataset->window = dataset->task_options->window;
    if (dataset->window > 0)
        return;
    int longest = longest_series(&dataset->train, 1);
    longest = longest_series(&dataset->valid, longest);
    longest = longest_series(&dataset->test, longest);
    int ahead = rows_ahead(dataset);
    dataset->window = longest > ahead ? longest - ahead : 1;
}

/* Validation, then test, then training, each a run of NumPy's permutation of all windows. */
static void draw_windows(struct dataset *dataset, const double shares[ROLE_COUNT],
                         struct arena *arena) {
    struct split whole = dataset->train;
    size_t count = whole.window_count;
    size_t *order = ARENA_NEW(arena, size_t, count);
    random_numpy_permutation((uint32_t)dataset->options->split.seed, count, order);
    struct window *windows = ARENA_NEW(arena, struct window, count);
    for (size_t i = 0; i < count; i++)
        windows[i] = whole.windows[order[i]];
    double sum = shares[ROLE_TRAIN] + shares[ROLE_VALID] + shares[ROLE_TEST];
    size_t valid = share_of(shares[ROLE_VALID], count);
    size_t test = share_of(shares[ROLE_TEST], count);
    size_t train = count - valid - test;
    if (shares[ROLE_TRAIN] > 0 && sum < 1 - 1e-9) /* some are for nothing */
        train = share_of(shares[ROLE_TRAIN], count);
    struct split *const runs[] = {&dataset->valid, &dataset->test, &dataset->train};
    const size_t sizes[] = {valid, test, train};
    for (int i = 0; i < 3; i++) {
        if (sizes[i] == 0)
            continue; /* its windows come from elsewhere */
        *runs[i] = whole;
        runs[i]->windows = windows;
        runs[i]->window_count = sizes[i];
        windows += sizes[i];
    }
}

/* Where there is no validation: as many training windows as the test has. */
static void repeat_training(struct dataset *dataset) {
    dataset->valid = dataset->train;
    if (dataset->valid.window_count > dataset->test.window_count)
        dataset->valid.window_count = dataset->test.window_count;
}

/* A truth from before the window cannot be known. */
static bool check_delay(const struct dataset *dataset, struct error *error) {
    const struct dataset_options *options = dataset->options;
    int window = dataset->task_options->window;
    int delay = options->generator == NULL
                    ? 0
                    : generator_delay(generator_find(options->generator), options->parameters);
    return window == 0 || delay < window ||
           error_set(error,
                     "task.window: %d rows do not hold a delay of %d; lower dataset.parameters or "
                     "set task.window to 0, which takes whole series",
                     window, delay);
}

static bool check_windows(const struct dataset *dataset, struct error *error) {
    const struct split *const splits[] = {&dataset->train, &dataset->valid, &dataset->test};
    int ahead = rows_ahead(dataset);
    for (int i = 0; i < ROLE_COUNT; i++) {
        if (splits[i]->window_count > 0)
            continue;
        return error_set(
            error,
            "dataset: the %s split has no window to score: one takes %d rows (%s), and "
            "its longest series has %d; shorten task.window or change dataset.split",
            split_names[i], dataset->window + ahead,
            ahead > 0 ? "task.window + task.horizon" : "task.window", longest_series(splits[i], 0));
    }
    return true;
}

/* Counts the series that are too short for a window, in one line. */
static void note_short_series(struct dataset *dataset, int series_count, struct arena *arena) {
    const struct split *const splits[] = {&dataset->train, &dataset->valid, &dataset->test};
    bool is_cut = dataset->options->split.method == SPLIT_CHRONOLOGICAL;
    int ahead = rows_ahead(dataset), window = dataset->task_options->window;
    int needed = (window > 0 ? window : 1) + ahead;
    const char *counts = "";
    for (int i = 0; i < ROLE_COUNT; i++) {
        if (i == ROLE_VALID && dataset->has_no_validation)
            continue;
        int all = is_cut ? series_count : splits[i]->series_count;
        int few = all - splits[i]->series_count;
        for (int k = 0; k < splits[i]->series_count; k++)
            few += splits[i]->series[k].rows < needed;
        if (few > 0)
            counts = arena_printf(arena, "%s%s%d of %d in %s", counts, counts[0] ? ", " : "", few,
                                  all, split_names[i]);
    }
    if (counts[0] != '\0')
        notes_add(&dataset->notes, arena, NULL,
                  "series too short for a window, which takes %d rows (%s), are left out: %s",
                  needed, ahead > 0 ? "task.window + task.horizon" : "task.window", counts);
}

/* --- assembly -------------------------------------------------------------------------------- */

struct assembly {
    struct sources sources;
    struct wholes wholes;
    struct parts parts[ROLE_COUNT];
};

static void release(struct assembly *assembly) {
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

/* What is where in the tables, in the order in which it is used. */
static bool bind_rows(struct dataset *dataset, struct sources *sources, struct wholes *wholes,
                      struct arena *arena, struct error *error) {
    for (size_t i = 0; i < sources->count; i++)
        if (!categories_expand(&dataset->categories, &sources->items[i].table, error))
            return false;
    return columns_bind(dataset, sources, arena, error) &&
           order_rows(dataset, sources, arena, error) &&
           (dataset->class_names != NULL || classes_collect(dataset, sources, arena, error)) &&
           classes_number(dataset, sources, error) &&
           wholes_find(dataset->options, sources, arena, wholes, error);
}

/* Windows depend on which rows have truth, scaling on which rows the training windows cover: so the
 * truth is filled in data units first and in scaled units at the end. */
static bool build_splits(struct dataset *dataset, struct assembly *assembly, int series_count,
                         struct arena *arena, struct error *error) {
    struct parts *parts = assembly->parts; /* [ROLE_COUNT] */
    struct split *const splits[] = {&dataset->train, &dataset->valid, &dataset->test};
    double shares[ROLE_COUNT];
    if (!split_shares(&dataset->options->split, shares, error))
        return false;
    bool is_random = dataset->options->split.method == SPLIT_RANDOM ||
                     (split_has_patterns(&dataset->options->split) && shares[ROLE_VALID] > 0);
    dataset->target_scale = ARENA_NEW(arena, double, dataset->targets);
    dataset->target_offset = ARENA_NEW(arena, double, dataset->targets);
    for (int k = 0; k < dataset->targets; k++)
        dataset->target_scale[k] = 1;
    if (is_random && dataset->options->drop > 0)
        return error_set(error, "dataset.drop: needs a split in time or by whole files");
    if (dataset->options->split.context && dataset->options->split.method != SPLIT_CHRONOLOGICAL)
        return error_set(error, "dataset.split.context: only a chronological split has borders to "
                                "look back across; leave it out");
    if (dataset->options->split.context && dataset->task_options->window == 0)
        return error_set(error, "dataset.split.context: needs windows of a given length; set "
                                "task.window");
    rows_draw(dataset, parts, ROLE_COUNT, arena);
    for (int i = 0; i < parts[ROLE_TRAIN].count; i++)
        parts[ROLE_TRAIN].items[i].whole->has_training = true;
    for (int role = 0; role < ROLE_COUNT; role++) {
        if (role != ROLE_TRAIN)
            parts_look_back(dataset, &parts[role]);
        series_allocate(dataset, &parts[role], splits[role], arena);
        series_fill_truth(dataset, &parts[role], splits[role]);
    }
    choose_window(dataset);
    for (int role = 0; role < ROLE_COUNT; role++)
        split_make_windows(
            splits[role], dataset, dataset->task_options->window,
            role == ROLE_TRAIN ? dataset->task_options->stride : test_stride(dataset), arena);
    note_short_series(dataset, assembly->wholes.count, arena);
    if (is_random)
        draw_windows(dataset, shares, arena);
    if (dataset->has_no_validation)
        repeat_training(dataset);
    if (!check_delay(dataset, error) || !check_windows(dataset, error) ||
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

static size_t count_gaps(const struct part *part, int input) {
    const struct whole *whole = part->whole;
    const double *values = input_column(whole->source, input) + whole->first + (size_t)part->first;
    size_t gaps = 0;
    for (int row = 0; row < part->rows; row++)
        gaps += isnan(values[row]);
    return gaps;
}

/* The missing values of the inputs, before anything takes their place. */
static void find_gaps(struct dataset *dataset, const struct parts parts[ROLE_COUNT],
                      struct arena *arena) {
    int columns = dataset->inputs - dataset->flags;
    dataset->input_gaps = ARENA_NEW(arena, size_t, dataset->inputs);
    for (int role = 0; role < ROLE_COUNT; role++) {
        for (int i = 0; i < parts[role].count * columns; i++) {
            const struct part *part = &parts[role].items[i / columns];
            size_t gaps = count_gaps(part, i % columns);
            dataset->gaps += gaps;
            dataset->cells += (size_t)part->rows;
            if (role == ROLE_TRAIN)
                dataset->input_gaps[i % columns] += gaps;
        }
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
        !bind_rows(dataset, sources, wholes, arena, error))
        return false;
    int series_count = wholes->count;
    if (!hold_out(options, wholes, error) ||
        !parts_divide(options, wholes, assembly->parts, arena, error) ||
        !leaks_check(options, sources, assembly->parts, arena, error))
        return false;
    if (!find_categories(dataset, &assembly->parts[ROLE_TRAIN], arena, error) ||
        !columns_add_categories(dataset, sources, arena, error))
        return false;
    keep_files(dataset, sources, arena);
    find_gaps(dataset, assembly->parts, arena);
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
    release(&assembly);
    return loaded;
}

/* --- shifted data, copies -------------------------------------------------------------------- */

static bool load_shifted_sources(const struct dataset *dataset, const cJSON *parameters,
                                 const struct string_list *files, struct arena *arena,
                                 struct sources *sources, struct error *error) {
    const struct dataset_options *options = dataset->options;
    if (parameters != NULL && options->generator == NULL)
        return error_set(error, "parameters: the data set has no generator");
    if (parameters == NULL && (files == NULL || files->count == 0))
        return error_set(error, "names neither parameters nor files");
    if (parameters == NULL)
        return sources_read(options, files, ROLE_TEST, arena, sources, error) &&
               outcomes_add(options, arena, sources, error);
    cJSON *merged = json_merged(options->parameters, parameters);
    bool generated = sources_generate(options, merged, dataset->test.series_count,
                                      "generate shifted", arena, sources, error);
    cJSON_Delete(merged);
    return generated;
}

/* Rows and windows of the parts, in the data set's scale. */
static bool build_shifted(const struct dataset *dataset, struct wholes *wholes, struct parts *parts,
                          struct arena *arena, struct split *split, struct error *error) {
    *split = (struct split){0};
    rows_draw(dataset, parts, 1, arena);
    parts_look_back(dataset, parts);
    scaling_apply(dataset, wholes, arena);
    series_allocate(dataset, parts, split, arena);
    series_fill_truth(dataset, parts, split);
    series_fill_inputs(dataset, parts, split, arena);
    split_make_windows(split, dataset, dataset->task_options->window, test_stride(dataset), arena);
    return split->window_count > 0 ||
           error_set(error, "has no window: its longest series has %d rows",
                     longest_series(split, 0));
}

/* Of every series the rows from one share to the other. */
static void cut_rows(struct wholes *wholes, double from, double to, struct parts *parts) {
    for (int i = 0; i < wholes->count; i++) {
        struct whole *whole = &wholes->items[i];
        int first = (int)lround(from * whole->rows), end = (int)lround(to * whole->rows);
        part_add(parts, whole, first, end - first);
    }
}

/* The same series again: what is said about them has been said. */
static bool bind_again(const struct dataset *dataset, struct assembly *assembly,
                       struct arena *arena, struct error *error) {
    struct dataset again = *dataset;
    again.notes = (struct notes){0};
    return bind_rows(&again, &assembly->sources, &assembly->wholes, arena, error);
}

/* The whole of all sources, which are new series. */
static bool build_new(const struct dataset *dataset, struct assembly *assembly, struct arena *arena,
                      struct split *split, struct error *error) {
    struct wholes *wholes = &assembly->wholes;
    if (!bind_again(dataset, assembly, arena, error))
        return false;
    for (int i = 0; i < wholes->count; i++)
        wholes->items[i].index = -1;
    cut_rows(wholes, 0, 1, &assembly->parts[ROLE_TEST]);
    return build_shifted(dataset, wholes, &assembly->parts[ROLE_TEST], arena, split, error);
}

bool dataset_load_shifted(const struct dataset *dataset, const cJSON *parameters,
                          const struct string_list *files, struct arena *arena, struct split *split,
                          struct error *error) {
    struct assembly assembly = {0};
    bool loaded =
        load_shifted_sources(dataset, parameters, files, arena, &assembly.sources, error) &&
        build_new(dataset, &assembly, arena, split, error);
    release(&assembly);
    return loaded;
}

bool dataset_load_drifting(const struct dataset *dataset, const struct generator_drift *drift,
                           int count, const char *purpose, struct arena *arena, struct split *split,
                           struct error *error) {
    struct assembly assembly = {0};
    bool loaded = sources_generate_drifting(dataset->options, drift, count, purpose, arena,
                                            &assembly.sources, error) &&
                  build_new(dataset, &assembly, arena, split, error);
    release(&assembly);
    return loaded;
}

static bool check_rest(const struct dataset *dataset, double from, struct error *error) {
    double shares[ROLE_COUNT];
    if (dataset->options->split.method != SPLIT_CHRONOLOGICAL ||
        split_has_periods(&dataset->options->split))
        return error_set(error, "needs a chronological dataset.split by shares");
    if (!split_shares(&dataset->options->split, shares, error))
        return false;
    double seen = shares[ROLE_TRAIN] + shares[ROLE_VALID];
    return from >= seen - 1e-9 ||
           error_set(error,
                     "begins at %g, but training and validation reach to %g; begin there or "
                     "later",
                     from, seen);
}

bool dataset_load_rest(const struct dataset *dataset, const struct string_list *groups, double from,
                       double to, struct arena *arena, struct split *split, struct error *error) {
    struct assembly assembly = {0};
    struct wholes *wholes = &assembly.wholes;
    bool loaded = (groups != NULL || check_rest(dataset, from, error)) &&
                  sources_load(dataset->options, arena, &assembly.sources, error) &&
                  bind_again(dataset, &assembly, arena, error);
    if (loaded) {
        wholes_select(wholes, groups != NULL ? groups : &dataset->options->hold_out,
                      groups != NULL);
        cut_rows(wholes, from, to, &assembly.parts[ROLE_TEST]);
        loaded = build_shifted(dataset, wholes, &assembly.parts[ROLE_TEST], arena, split, error);
    }
    release(&assembly);
    return loaded;
}

static void *copy_bytes(const void *from, size_t bytes, struct arena *arena) {
    return memcpy(arena_alloc(arena, bytes), from, bytes);
}

struct split split_copy(const struct split *split, const struct dataset *dataset,
                        struct arena *arena) {
    struct split result = *split;
    result.series = ARENA_NEW(arena, struct series, split->series_count);
    for (int i = 0; i < split->series_count; i++) {
        const struct series *from = &split->series[i];
        struct series *to = &result.series[i];
        size_t rows = (size_t)from->rows;
        *to = *from;
        to->time = copy_bytes(from->time, rows * sizeof(double), arena);
        to->x = copy_bytes(from->x, rows * (size_t)dataset->inputs * sizeof(real), arena);
        to->y = copy_bytes(from->y, rows * (size_t)dataset->width * sizeof(real), arena);
        to->present = ARENA_NEW(arena, real, rows);
        for (size_t row = 0; row < rows; row++)
            to->present[row] = from->present != NULL ? from->present[row] : 1;
    }
    return result;
}

/* Of a window, what comes before its first row: the series's own rows, or what precedes the series. */
static struct series_past past_of(const struct series *series, int start) {
    if (start == 0)
        return series->history;
    return (struct series_past){
        .rows = start, .time = series->time, .x = series->x, .present = series->present};
}

struct split split_cut(const struct split *split, const struct dataset *dataset,
                       struct arena *arena) {
    struct split result = {
        .series = ARENA_NEW(arena, struct series, split->window_count),
        .series_count = (int)split->window_count,
        .windows = ARENA_NEW(arena, struct window, split->window_count),
        .window_count = split->window_count,
    };
    for (size_t i = 0; i < split->window_count; i++) {
        const struct window *window = &split->windows[i];
        const struct series *from = &split->series[window->series];
        struct series *to = &result.series[i];
        size_t start = (size_t)window->start, rows = (size_t)window->length;
        size_t inputs = (size_t)dataset->inputs;
        *to = *from;
        to->rows = window->length;
        to->time = from->time + start;
        to->y = from->y + start * (size_t)dataset->width;
        to->x = copy_bytes(from->x + start * inputs, rows * inputs * sizeof(real), arena);
        to->present = ARENA_NEW(arena, real, rows);
        for (size_t row = 0; row < rows; row++)
            to->present[row] = from->present != NULL ? from->present[start + row] : 1;
        to->history = past_of(from, window->start);
        result.windows[i] = (struct window){(int)i, 0, window->length};
    }
    return result;
}
