#include "data/pipeline/dataset.h"

#include <string.h>

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
