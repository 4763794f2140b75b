#include "data/generators/generator.h"
#include "data/pipeline/assembly.h"
#include "math/random.h"

#include <math.h>

int rows_ahead(const struct dataset *dataset) {
    bool is_ahead = dataset->task == TASK_FORECAST && dataset->options->drop == 0;
    return (is_ahead ? dataset->horizon : 0) + dataset->task_options->tail;
}

int test_stride(const struct dataset *dataset) {
    const struct task_options *task = dataset->task_options;
    return task->test_stride > 0 ? task->test_stride : task->stride;
}

int longest_series(const struct split *split) {
    int longest = 0;
    for (int i = 0; i < split->series_count; i++)
        if (split->series[i].rows > longest)
            longest = split->series[i].rows;
    return longest;
}

/* --- placing --------------------------------------------------------------------------------- */

static bool has_truth(const struct dataset *dataset, const struct series *series, int start,
                      int length) {
    int first = dataset->last_only ? start + length - 1 : start;
    const real *y = series->y + (size_t)first * (size_t)dataset->width;
    const real *end = series->y + (size_t)(start + length) * (size_t)dataset->width;
    for (; y < end; y++)
        if (!isnan(*y))
            return true;
    return false;
}

/* Writes the windows to `windows`, or only counts them when it is NULL. */
static size_t place_windows(const struct split *split, const struct dataset *dataset, int length,
                            int stride, struct window *windows) {
    int ahead = rows_ahead(dataset);
    size_t count = 0;
    for (int i = 0; i < split->series_count; i++) {
        const struct series *series = &split->series[i];
        int usable = series->rows - ahead;
        int size = length > 0 ? length : usable < dataset->window ? usable : dataset->window;
        if (size <= 0)
            continue;
        long step = length > 0 ? stride : size; /* long: start + step may exceed an int */
        for (long start = 0; start + size <= usable; start += step) {
            if (!has_truth(dataset, series, (int)start, size))
                continue;
            if (windows != NULL)
                windows[count] = (struct window){i, (int)start, size};
            count++;
        }
    }
    return count;
}

void split_make_windows(struct split *split, const struct dataset *dataset, int length, int stride,
                        struct arena *arena) {
    split->window_count = place_windows(split, dataset, length, stride, NULL);
    split->windows = ARENA_NEW(arena, struct window, split->window_count);
    place_windows(split, dataset, length, stride, split->windows);
}

/* --- the windows of a data set --------------------------------------------------------------- */

static const char *const split_names[] = {"training", "validation", "test"};

/* Where nothing else is asked for, whole series. */
static int longest_window(const struct dataset *dataset) {
    const struct split *const splits[] = {&dataset->train, &dataset->valid, &dataset->test};
    int longest = rows_ahead(dataset) + 1;
    for (int role = 0; role < ROLE_COUNT; role++) {
        int own = longest_series(splits[role]);
        longest = own > longest ? own : longest;
    }
    return longest - rows_ahead(dataset);
}

/* The settings that say how many rows a window takes. */
static const char *rows_setting(const struct dataset *dataset) {
    return rows_ahead(dataset) > 0 ? "task.window + task.horizon" : "task.window";
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
    for (int role = 0; role < ROLE_COUNT; role++)
        if (splits[role]->window_count == 0)
            return error_set(
                error,
                "dataset: the %s split has no window to score: one takes %d rows (%s), and "
                "its longest series has %d; shorten task.window or change dataset.split",
                split_names[role], dataset->window + rows_ahead(dataset), rows_setting(dataset),
                longest_series(splits[role]));
    return true;
}

/* Counts the series that are too short for a window, in one line. */
static void note_short_series(struct dataset *dataset, int series_count, struct arena *arena) {
    const struct split *const splits[] = {&dataset->train, &dataset->valid, &dataset->test};
    bool is_cut = dataset->options->split.method == SPLIT_CHRONOLOGICAL;
    int window = dataset->task_options->window;
    int needed = (window > 0 ? window : 1) + rows_ahead(dataset);
    const char *counts = "";
    for (int role = 0; role < ROLE_COUNT; role++) {
        if (role == ROLE_VALID && dataset->has_no_validation)
            continue;
        int all = is_cut ? series_count : splits[role]->series_count;
        int few = all - splits[role]->series_count;
        for (int i = 0; i < splits[role]->series_count; i++)
            few += splits[role]->series[i].rows < needed;
        if (few > 0)
            counts = arena_printf(arena, "%s%s%d of %d in %s", counts, counts[0] ? ", " : "", few,
                                  all, split_names[role]);
    }
    if (counts[0] != '\0')
        notes_add(&dataset->notes, arena, NULL,
                  "series too short for a window, which takes %d rows (%s), are left out: %s",
                  needed, rows_setting(dataset), counts);
}

bool windows_make(struct dataset *dataset, const double *drawn_shares, int series_count,
                  struct arena *arena, struct error *error) {
    const struct task_options *task = dataset->task_options;
    dataset->window = task->window > 0 ? task->window : longest_window(dataset);
    split_make_windows(&dataset->train, dataset, task->window, task->stride, arena);
    split_make_windows(&dataset->valid, dataset, task->window, test_stride(dataset), arena);
    split_make_windows(&dataset->test, dataset, task->window, test_stride(dataset), arena);
    note_short_series(dataset, series_count, arena);
    if (drawn_shares != NULL)
        draw_windows(dataset, drawn_shares, arena);
    if (dataset->has_no_validation)
        repeat_training(dataset);
    return check_delay(dataset, error) && check_windows(dataset, error);
}
