#include "evaluate/distance.h"

#include <math.h>

static bool is_present(const struct series *series, int row) {
    return series->present == NULL || series->present[row] != 0;
}

static size_t count_rows(const struct split *split) {
    size_t rows = 0;
    for (size_t i = 0; i < split->window_count; i++) {
        const struct window *window = &split->windows[i];
        for (int t = 0; t < window->length; t++)
            rows += is_present(&split->series[window->series], window->start + t);
    }
    return rows;
}

static void add_point(struct point_sample *sample, const struct dataset *dataset,
                      const struct series *series, int start, int row) {
    const real *x = series->x + (size_t)row * (size_t)dataset->inputs; /* [I] */
    size_t point = sample->count++;
    int last = row - 1;
    while (last > start && !is_present(series, last))
        last--;
    for (int i = 0; i < dataset->inputs; i++)
        sample->points[i][point] = (double)x[i];
    sample->points[dataset->inputs][point] =
        row == start ? 1 : series->time[row] - series->time[last];
}

/* Sum of the distances of a's point i from the first `count` of b. */
static double distances_from(const struct point_sample *a, size_t i, const struct point_sample *b,
                             size_t count) {
    double square[DISTANCE_POINTS] = {0}, sum = 0;
    for (int k = 0; k < a->width; k++) {
        double p = a->points[k][i];
        const double *q = b->points[k];
#pragma omp simd
        for (size_t j = 0; j < count; j++)
            square[j] += (p - q[j]) * (p - q[j]);
    }
#pragma omp simd reduction(+ : sum)
    for (size_t j = 0; j < count; j++)
        sum += sqrt(square[j]);
    return sum;
}

/* Mean distance between a point of a and one of b. */
static double mean_distance(const struct point_sample *a, const struct point_sample *b) {
    double sum = 0;
    for (size_t i = 0; i < a->count; i++)
        sum += distances_from(a, i, b, b->count);
    return sum / ((double)a->count * (double)b->count);
}

/* The same within a sample: a pair is there twice, and a point is at distance 0 from itself. */
static double mean_spread(const struct point_sample *sample) {
    double sum = 0;
    for (size_t i = 0; i < sample->count; i++)
        sum += 2 * distances_from(sample, i, sample, i);
    return sum / ((double)sample->count * (double)sample->count);
}

struct point_sample sample_points(const struct dataset *dataset, const struct split *split,
                                  struct arena *arena) {
    size_t rows = count_rows(split), count = rows < DISTANCE_POINTS ? rows : DISTANCE_POINTS;
    struct point_sample sample = {.width = dataset->inputs + 1};
    sample.points = arena_alloc_array(arena, (size_t)sample.width, sizeof *sample.points);
    size_t seen = 0;
    for (size_t i = 0; i < split->window_count; i++) {
        const struct window *window = &split->windows[i];
        const struct series *series = &split->series[window->series];
        for (int row = window->start; row < window->start + window->length; row++)
            if (is_present(series, row) && seen++ == sample.count * rows / count)
                add_point(&sample, dataset, series, window->start, row);
    }
    sample.spread = mean_spread(&sample);
    return sample;
}

double energy_distance(const struct point_sample *a, const struct point_sample *b) {
    double square = 2 * mean_distance(a, b) - a->spread - b->spread;
    return sqrt(square > 0 || isnan(square) ? square : 0); /* rounding may leave less than 0 */
}
