#include "data/pipeline/assembly.h"
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

/* Rows of no part are left as they are. */
static bool *left_of(struct whole *whole, struct arena *arena) {
    if (whole->left == NULL) {
        whole->left = ARENA_NEW(arena, bool, whole->rows);
        memset(whole->left, true, (size_t)whole->rows * sizeof(bool));
    }
    return whole->left;
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
            const struct part *part = ordered[i];
            bool *left = left_of(part->whole, arena) + part->first;
            for (int row = 0; row < part->rows; row++)
                left[row] = row < part->rows - ahead && random_numpy_uniform(rng) < 1 - drop;
        }
    }
    gsl_rng_free(rng);
}
