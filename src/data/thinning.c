#include "data/assembly.h"
#include "math/random.h"

#include <stdlib.h>
#include <string.h>

static int compare_drawn(const void *a, const void *b) {
    const struct part *one = *(struct part *const *)a, *other = *(struct part *const *)b;
    if (one->drawn != other->drawn)
        return one->drawn < other->drawn ? -1 : 1;
    return one < other ? -1 : 1;
}

/* The parts of a list in the order in which their files were drawn. */
static struct part **in_drawn_order(struct parts *parts, struct arena *arena) {
    struct part **ordered = ARENA_NEW(arena, struct part *, parts->count);
    for (int i = 0; i < parts->count; i++)
        ordered[i] = &parts->items[i];
    qsort(ordered, (size_t)parts->count, sizeof *ordered, compare_drawn);
    return ordered;
}

void rows_draw(const struct dataset *dataset, struct parts *parts, int lists, struct arena *arena) {
    double drop = dataset->options->drop;
    int ahead = dataset->task == TASK_FORECAST ? dataset->horizon : 0;
    if (drop == 0)
        return;
    gsl_rng *rng = random_numpy_stream((uint32_t)dataset->options->drop_seed);
    for (int list = 0; list < lists; list++) {
        struct part **ordered = in_drawn_order(&parts[list], arena);
        for (int i = 0; i < parts[list].count; i++) {
            struct part *part = ordered[i];
            part->left = ARENA_NEW(arena, bool, part->rows);
            for (int row = 0; row < part->rows - ahead; row++)
                part->left[row] = random_numpy_uniform(rng) < 1 - drop;
        }
    }
    gsl_rng_free(rng);
}

static void thin(const struct dataset *dataset, const bool *left, struct series *series, int rows) {
    size_t inputs = (size_t)dataset->inputs, width = (size_t)dataset->width, to = 0;
    for (size_t row = 0; row < (size_t)rows; row++) {
        if (!left[row])
            continue;
        series->time[to] = series->time[row];
        memmove(series->x + to * inputs, series->x + row * inputs, inputs * sizeof(real));
        memmove(series->y + to * width, series->y + row * width, width * sizeof(real));
        if (series->present != NULL)
            series->present[to] = series->present[row];
        to++;
    }
    series->rows = (int)to;
}

void series_thin(const struct dataset *dataset, const struct parts *parts, struct split *split) {
    for (int i = 0; i < parts->count; i++)
        if (parts->items[i].left != NULL)
            thin(dataset, parts->items[i].left, &split->series[i], parts->items[i].rows);
}
