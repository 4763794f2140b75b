#include "evaluate/influence.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A scored step, and where it is in the order of blocks. */
struct step {
    double key;
    size_t index;
};

static int by_key(const void *a, const void *b) {
    const struct step *x = a, *y = b;
    return x->key != y->key ? (x->key > y->key) - (x->key < y->key)
                            : (x->index > y->index) - (x->index < y->index);
}

/* Values that differ, of keys in order. */
static size_t count_keys(const struct step *steps, size_t count) {
    size_t keys = count > 0;
    for (size_t i = 1; i < count; i++)
        keys += steps[i].key != steps[i - 1].key;
    return keys;
}

static bool any_training(const struct predictions *predictions) {
    bool any = false;
    for (size_t i = 0; i < predictions->count; i++)
        any = any || predictions->series[i]->fit != NULL;
    return any;
}

/* Series are numbered as they are in the split. */
static void number_series(const struct predictions *predictions, struct step *steps) {
    for (size_t i = 0; i < predictions->count; i++)
        steps[i] = (struct step){(double)(predictions->series[i] - predictions->series[0]), i};
    qsort(steps, predictions->count, sizeof *steps, by_key);
}

/* One moment is the same in all series, though each counts its time from its own first row and rounds. */
static void number_times(const struct predictions *predictions, struct step *steps) {
    double unit = predictions->dataset->time_unit, largest = 0;
    for (size_t i = 0; i < predictions->count; i++) {
        const struct series *series = predictions->series[i];
        steps[i] = (struct step){series->origin + series->time[predictions->row[i]] * unit, i};
        largest = fmax(largest, fabs(steps[i].key));
    }
    qsort(steps, predictions->count, sizeof *steps, by_key);
    const double rounding = 8 * DBL_EPSILON * largest;
    for (size_t i = 1; i < predictions->count; i++)
        if (steps[i].key - steps[i - 1].key <= rounding)
            steps[i].key = steps[i - 1].key;
}

/* The predictions in the order of the steps, twice in a row: without a block they are those from
 * its end to its next beginning. */
static struct predictions repeat_in_order(const struct predictions *predictions,
                                          const struct step *steps, struct arena *arena) {
    size_t outputs = (size_t)predictions->dataset->outputs, count = predictions->count;
    size_t width = (size_t)predictions->dataset->width;
    struct predictions twice = *predictions;
    twice.output = ARENA_NEW(arena, double, 2 * count * outputs);
    twice.truth = ARENA_NEW(arena, double, 2 * count * width);
    twice.series = ARENA_NEW(arena, const struct series *, 2 * count);
    twice.row = ARENA_NEW(arena, int, 2 * count);
    for (size_t i = 0; i < 2 * count; i++) {
        size_t from = steps[i % count].index;
        memcpy(twice.output + i * outputs, predictions->output + from * outputs,
               outputs * sizeof(double));
        memcpy(twice.truth + i * width, predictions->truth + from * width, width * sizeof(double));
        twice.series[i] = predictions->series[from];
        twice.row[i] = predictions->row[from];
    }
    return twice;
}

/* `count` of the predictions, from number `first` on. */
static struct predictions part_of(const struct predictions *predictions, size_t first,
                                  size_t count) {
    struct predictions part = *predictions;
    part.output += first * (size_t)predictions->dataset->outputs;
    part.truth += first * (size_t)predictions->dataset->width;
    part.series += first;
    part.row += first;
    part.count = count;
    return part;
}

/* ends[k]: the number of the first step after block k. Equal keys are in the same block. */
static void cut(const struct step *steps, size_t count, size_t keys, size_t blocks, size_t *ends) {
    size_t key = 0;
    for (size_t i = 0; i < count; i++) {
        key += i > 0 && steps[i].key != steps[i - 1].key;
        ends[key * blocks / keys] = i + 1;
    }
}

struct influence influence_of(const struct predictions *predictions,
                              const struct metric_type *metric, struct arena *arena) {
    struct arena scratch = {0};
    size_t count = predictions->count;
    struct influence influence = {0};
    struct step *steps = ARENA_NEW(&scratch, struct step, count);
    number_series(predictions, steps);
    influence.by_series = count_keys(steps, count) >= MIN_NEW_SERIES && !any_training(predictions);
    if (!influence.by_series)
        number_times(predictions, steps);
    size_t keys = count_keys(steps, count);
    influence.count = keys > MAX_BLOCKS ? MAX_BLOCKS : keys;
    double *values = ARENA_NEW(arena, double, influence.count);
    size_t *ends = ARENA_NEW(&scratch, size_t, influence.count);
    struct predictions twice = repeat_in_order(predictions, steps, &scratch);
    cut(steps, count, keys, influence.count, ends);
    double score = metric->score(predictions), share = 1 - 1 / (double)influence.count;
    bool finite = isfinite(score) && influence.count > 1;
    for (size_t k = 0; finite && k < influence.count; k++) {
        size_t first = k > 0 ? ends[k - 1] : 0;
        struct predictions rest = part_of(&twice, ends[k], count - (ends[k] - first));
        values[k] = share * (score - metric->score(&rest));
        finite = isfinite(values[k]);
    }
    influence.values = finite ? values : NULL;
    arena_free(&scratch);
    return influence;
}
