#include "evaluate/shift.h"

#include <math.h>
#include <string.h>

enum { MOST_ROWS = 1000000000 };

const struct field shift_fields[] = {
    {"name", FIELD_STRING, offsetof(struct shift_options, name), .required = true,
     .help = "what reports call it"},
    {"resample", FIELD_REAL, offsetof(struct shift_options, resample), .most = 100,
     .exclusive_least = true,
     .help = "sampling rate of the test data relative to the original; 0.5 sees every second row"},
    {"parameters", FIELD_JSON, offsetof(struct shift_options, parameters),
     .help = "generator parameters merged over those of the training data"},
    {"files", FIELD_STRINGS, offsetof(struct shift_options, files),
     .help = "files or patterns to test on instead, read as the training files are"},
    {0}};

bool shift_check(const struct shift_options *options, struct error *error) {
    int given =
        (options->resample != 0) + (options->parameters != NULL) + (options->files.count != 0);
    if (given == 1)
        return true;
    return error_set(error, "%s; give exactly one of \"resample\", \"parameters\" and \"files\"",
                     given == 0 ? "says nothing about the shift" : "is more than one shift");
}

/* A row of the new grid as a place between two rows of the old one. */
struct place {
    int row;      /* the old row at or before it */
    double share; /* of the row after it; 0 when it is an old row itself */
};

/* New row j stands at old row j / factor. What comes within rounding of an old row is that row, so
 * that nothing of its neighbour (a NaN, perhaps) enters. */
static struct place place_of(int j, double factor, int rows) {
    double position = fmin(j / factor, rows - 1), nearest = round(position);
    if (fabs(position - nearest) < 1e-9 * (1 + nearest))
        return (struct place){(int)nearest, 0};
    return (struct place){(int)position, position - floor(position)};
}

static double between(double before, double after, double share) {
    return share == 0 ? before : before + share * (after - before);
}

/* from, the old row, [I] with the one after it behind; to [I]. A flag says observed only between
 * two observed rows. */
static void resample_inputs(const struct dataset *dataset, const real *from, double share,
                            real *to) {
    int inputs = dataset->inputs, values = inputs - dataset->flags;
    const real *after = share == 0 ? from : from + inputs;
    for (int i = 0; i < values; i++)
        to[i] = (real)between((double)from[i], (double)after[i], share);
    for (int i = values; i < inputs; i++)
        to[i] = from[i] != 0 && after[i] != 0;
}

/* Likewise for targets [Y]; a class is that of the nearest row. */
static void resample_targets(const struct dataset *dataset, const real *from, double share,
                             real *to) {
    int width = dataset->width;
    const real *after = share == 0 ? from : from + width;
    const real *nearest = share < 0.5 ? from : after;
    for (int k = 0; k < width; k++)
        to[k] = dataset->task == TASK_CLASSIFICATION
                    ? nearest[k]
                    : (real)between((double)from[k], (double)after[k], share);
}

static struct series resample_series(const struct dataset *dataset, const struct series *from,
                                     double factor, struct arena *arena) {
    size_t inputs = (size_t)dataset->inputs, width = (size_t)dataset->width;
    int rows = from->rows == 0 ? 0 : (int)((from->rows - 1) * factor * (1 + 1e-12)) + 1;
    struct series to = {
        .name = from->name,
        .rows = rows,
        .time = ARENA_NEW(arena, double, rows),
        .x = ARENA_NEW(arena, real, (size_t)rows * inputs),
        .y = ARENA_NEW(arena, real, (size_t)rows * width),
        .present = from->present == NULL ? NULL : ARENA_NEW(arena, real, rows),
    };
    for (int j = 0; j < rows; j++) {
        struct place place = place_of(j, factor, from->rows);
        size_t row = (size_t)place.row, after = row + (place.share != 0);
        to.time[j] = between(from->time[row], from->time[after], place.share);
        resample_inputs(dataset, from->x + row * inputs, place.share, to.x + (size_t)j * inputs);
        resample_targets(dataset, from->y + row * width, place.share, to.y + (size_t)j * width);
        if (to.present != NULL)
            to.present[j] = from->present[row] != 0 && from->present[after] != 0;
    }
    return to;
}

/* The same stretches of time on the new grid: for random splits, where the rows between test
 * windows belong to training. None is longer than the data set's T: of more rows the last are kept.
 */
static void map_windows(const struct dataset *dataset, double factor, struct arena *arena,
                        struct split *to) {
    const struct split *from = &dataset->test;
    to->windows = ARENA_NEW(arena, struct window, from->window_count);
    for (size_t i = 0; i < from->window_count; i++) {
        const struct window *old = &from->windows[i];
        int start = (int)ceil(old->start * factor * (1 - 1e-12));
        int end = (int)((old->start + old->length - 1) * factor * (1 + 1e-12)) + 1;
        if (end - start > dataset->window)
            start = end - dataset->window;
        if (end > start)
            to->windows[to->window_count++] = (struct window){old->series, start, end - start};
    }
}

static bool resample_split(const struct dataset *dataset, double factor, struct arena *arena,
                           struct split *split, struct error *error) {
    const struct split *test = &dataset->test;
    const struct task_options *task = dataset->task_options;
    *split = (struct split){.series = ARENA_NEW(arena, struct series, test->series_count),
                            .series_count = test->series_count};
    for (int s = 0; s < test->series_count; s++) {
        if (test->series[s].rows * factor > MOST_ROWS)
            return error_set(error, "resample: makes a series of more than %d rows; lower it",
                             MOST_ROWS);
        split->series[s] = resample_series(dataset, &test->series[s], factor, arena);
    }
    if (strcmp(dataset->options->split.method, "random") == 0)
        map_windows(dataset, factor, arena, split);
    else
        split_make_windows(split, dataset, task->window,
                           task->test_stride > 0 ? task->test_stride : task->stride, arena);
    if (split->window_count == 0)
        return error_set(error,
                         "resample: leaves too few rows for a window of %d; use a higher rate or a "
                         "shorter task.window",
                         task->window);
    return true;
}

bool shift_make(const struct shift_options *options, const struct dataset *dataset,
                struct arena *arena, struct split *split, struct error *error) {
    if (!shift_check(options, error))
        return false;
    if (options->resample != 0)
        return resample_split(dataset, options->resample, arena, split, error);
    return dataset_load_shifted(dataset, options->parameters, &options->files, arena, split, error);
}
