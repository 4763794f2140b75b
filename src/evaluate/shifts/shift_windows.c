#include "evaluate/shifts/shift_windows.h"

struct series shift_series(const struct dataset *dataset, const struct series *from, int rows,
                           struct arena *arena) {
    struct series series = *from;
    series.rows = rows;
    series.time = ARENA_NEW(arena, double, rows);
    series.x = ARENA_NEW(arena, real, (size_t)rows * (size_t)dataset->inputs);
    series.y = ARENA_NEW(arena, real, (size_t)rows * (size_t)dataset->width);
    series.present = from->present == NULL ? NULL : ARENA_NEW(arena, real, rows);
    return series;
}

bool shift_windows(const struct dataset *dataset,
                   struct window (*map)(const struct window *window, const void *context),
                   const void *context, struct arena *arena, struct split *split,
                   struct error *error) {
    const struct split *from = &dataset->test;
    int length = dataset->task_options->window;
    if (dataset->options->split.method == SPLIT_RANDOM) {
        split->windows = ARENA_NEW(arena, struct window, from->window_count);
        for (size_t i = 0; i < from->window_count; i++) {
            struct window window = map(&from->windows[i], context);
            int excess = window.length - dataset->window;
            if (excess > 0)
                window = (struct window){window.series, window.start + excess, dataset->window};
            if (window.length > 0)
                split->windows[split->window_count++] = window;
        }
    } else {
        split_make_windows(split, dataset, length, test_stride(dataset), arena);
    }
    return split->window_count > 0 ||
           error_set(error,
                     "leaves too few rows for a window of %d; leave more of them or use a shorter "
                     "task.window",
                     length);
}
