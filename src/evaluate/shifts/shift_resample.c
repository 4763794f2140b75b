#include "evaluate/shift.h"
#include "evaluate/shifts/shift_windows.h"

#include <math.h>

enum { MAX_ROWS = 1000000000 };

/* A row of the new grid as a place between two rows of the old one. */
struct grid_place {
    int row;      /* the old row at or before it */
    double share; /* of the row after it; 0 when it is an old row itself */
};

/* New row j is at old row j / factor. What comes within rounding of an old row is that row, so
 * that nothing of its neighbour (a NaN, perhaps) enters. */
static struct grid_place place_of(int j, double factor, int rows) {
    double position = fmin(j / factor, rows - 1), nearest = round(position);
    if (fabs(position - nearest) < 1e-9 * (1 + nearest))
        return (struct grid_place){(int)nearest, 0};
    return (struct grid_place){(int)position, position - floor(position)};
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

/* The same for targets [Y]; a class is that of the nearest row. */
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
    struct series to = shift_series(dataset, from, rows, arena);
    for (int j = 0; j < rows; j++) {
        struct grid_place place = place_of(j, factor, from->rows);
        size_t row = (size_t)place.row, after = row + (place.share != 0);
        to.time[j] = between(from->time[row], from->time[after], place.share);
        resample_inputs(dataset, from->x + row * inputs, place.share, to.x + (size_t)j * inputs);
        resample_targets(dataset, from->y + row * width, place.share, to.y + (size_t)j * width);
        if (to.present != NULL)
            to.present[j] = from->present[row] != 0 && from->present[after] != 0;
    }
    return to;
}

/* The same stretch of time on the new grid; of more rows than the data set's T the last are kept.
 */
static struct window map_window(const struct window *old, const void *context) {
    double factor = *(const double *)context;
    int start = (int)ceil(old->start * factor * (1 - 1e-12));
    int end = (int)((old->start + old->length - 1) * factor * (1 + 1e-12)) + 1;
    return (struct window){old->series, start, end - start};
}

static bool make(const struct shift_options *options, const struct dataset *dataset,
                 struct arena *arena, struct dataset *shifted, struct error *error) {
    const struct split *test = &dataset->test;
    double factor = options->resample;
    struct split *split = &shifted->test;
    *split = (struct split){.series = ARENA_NEW(arena, struct series, test->series_count),
                            .series_count = test->series_count};
    for (int s = 0; s < test->series_count; s++) {
        if (test->series[s].rows * factor > MAX_ROWS)
            return error_set(error, "makes a series of more than %d rows; lower it", MAX_ROWS);
        split->series[s] = resample_series(dataset, &test->series[s], factor, arena);
    }
    return shift_windows(dataset, map_window, &factor, arena, split, error);
}

const struct shift_type shift_resample = {.name = "resample", .make = make};
