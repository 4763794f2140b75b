#include "evaluate/shift.h"
#include "evaluate/shifts/shift_windows.h"
#include "math/random.h"

#include <string.h>

/* For each series: the old row that each row left was. */
struct thinning {
    int **rows;
    const struct split *split;
};

/* Which rows of a series are left; the first always is. */
static int draw_rows(int rows, double share, gsl_rng *rng, int *left) {
    int count = 0;
    for (int row = 0; row < rows; row++)
        if (row == 0 || gsl_rng_uniform(rng) >= share)
            left[count++] = row;
    return count;
}

static struct series take_rows(const struct dataset *dataset, const struct series *from,
                               const int *left, int count, struct arena *arena) {
    size_t inputs = (size_t)dataset->inputs, width = (size_t)dataset->width;
    struct series to = shift_series(dataset, from, count, arena);
    for (int j = 0; j < count; j++) {
        size_t row = (size_t)left[j], at = (size_t)j;
        to.time[j] = from->time[row];
        memcpy(to.x + at * inputs, from->x + row * inputs, inputs * sizeof(real));
        memcpy(to.y + at * width, from->y + row * width, width * sizeof(real));
        if (to.present != NULL)
            to.present[j] = from->present[row];
    }
    return to;
}

/* How many of the rows left come before an old row. */
static int rows_before(const int *left, int count, int row) {
    int before = 0;
    while (before < count && left[before] < row)
        before++;
    return before;
}

/* The rows left of the old stretch. */
static struct window map_window(const struct window *old, const void *context) {
    const struct thinning *thinning = context;
    const int *left = thinning->rows[old->series];
    int count = thinning->split->series[old->series].rows;
    int start = rows_before(left, count, old->start);
    int end = rows_before(left, count, old->start + old->length);
    return (struct window){old->series, start, end - start};
}

static bool make(const struct shift_options *options, const struct dataset *dataset,
                 struct arena *arena, struct dataset *shifted, struct error *error) {
    const struct split *test = &dataset->test;
    struct split *split = &shifted->test;
    struct thinning thinning = {ARENA_NEW(arena, int *, test->series_count), split};
    gsl_rng *rng = random_stream(0, "irregular sampling");
    *split = (struct split){.series = ARENA_NEW(arena, struct series, test->series_count),
                            .series_count = test->series_count};
    for (int s = 0; s < test->series_count; s++) {
        const struct series *from = &test->series[s];
        int *left = thinning.rows[s] = ARENA_NEW(arena, int, from->rows);
        int count = draw_rows(from->rows, options->irregular, rng, left);
        split->series[s] = take_rows(dataset, from, left, count, arena);
    }
    gsl_rng_free(rng);
    return shift_windows(dataset, map_window, &thinning, arena, split, error);
}

const struct shift_type shift_irregular = {.name = "irregular", .make = make};
