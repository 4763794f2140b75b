#include "data/pipeline/dataset.h"

#include <math.h>

int rows_ahead(const struct dataset *dataset) {
    bool is_ahead = dataset->task == TASK_FORECAST && dataset->options->drop == 0;
    return (is_ahead ? dataset->horizon : 0) + dataset->task_options->tail;
}

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
