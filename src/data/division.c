#include "data/assembly.h"
#include "math/random.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void part_add(struct parts *parts, struct whole *whole, int first, int rows) {
    parts->items = mem_grow(parts->items, (size_t)parts->count, sizeof *parts->items);
    parts->items[parts->count++] = (struct part){.whole = whole, .first = first, .rows = rows};
}

/* --- shares ---------------------------------------------------------------------------------- */

static bool read_share(const cJSON *json, const char *name, double fallback, double *share,
                       struct error *error) {
    *share = fallback;
    if (json == NULL)
        return true;
    if (!cJSON_IsNumber(json) || !(json->valuedouble > 0 && json->valuedouble < 1))
        return error_set(error, "dataset.split.%s: must be a share between 0 and 1", name);
    *share = json->valuedouble;
    return true;
}

bool split_shares(const struct split_options *split, double shares[ROLE_COUNT],
                  struct error *error) {
    if (split_has_patterns(split)) {
        shares[ROLE_TRAIN] = shares[ROLE_TEST] = 0;
        shares[ROLE_VALID] = 0;
        return cJSON_IsArray(split->valid) || cJSON_IsString(split->valid) ||
               read_share(split->valid, "valid", 0.15, &shares[ROLE_VALID], error);
    }
    if (!read_share(split->valid, "valid", 0.15, &shares[ROLE_VALID], error) ||
        !read_share(split->test, "test", 0.15, &shares[ROLE_TEST], error))
        return false;
    double rest = 1 - shares[ROLE_VALID] - shares[ROLE_TEST];
    if (!read_share(split->train, "train", rest, &shares[ROLE_TRAIN], error))
        return false;
    double sum = shares[ROLE_TRAIN] + shares[ROLE_VALID] + shares[ROLE_TEST];
    if (shares[ROLE_TRAIN] <= 0 || sum > 1 + 1e-9)
        return error_set(error,
                         "dataset.split: train %g, valid %g and test %g sum up to more than 1",
                         shares[ROLE_TRAIN], shares[ROLE_VALID], shares[ROLE_TEST]);
    return true;
}

/* --- division -------------------------------------------------------------------------------- */

/* Within each series: first training, then validation, then the test. */
static void divide_by_time(const double shares[ROLE_COUNT], const struct wholes *wholes,
                           struct parts parts[ROLE_COUNT]) {
    for (int i = 0; i < wholes->count; i++) {
        struct whole *whole = &wholes->items[i];
        double share = 0;
        int start = 0;
        for (enum role role = ROLE_TRAIN; role < ROLE_COUNT; role++) {
            share += shares[role];
            int end = (int)lround(share * whole->rows);
            if (end > whole->rows)
                end = whole->rows;
            if (end > start)
                part_add(&parts[role], whole, start, end - start);
            start = end;
        }
    }
}

/* Series by series in a random order: test, validation, training, as in the code that published
 * the irregular Walker2d data. All series of one file stay together. */
static bool divide_files(const struct split_options *split, const double shares[ROLE_COUNT],
                         const struct wholes *wholes, struct parts parts[ROLE_COUNT],
                         struct arena *arena, struct error *error) {
    const struct source *first = wholes->items[0].source;
    size_t files = (size_t)(wholes->items[wholes->count - 1].source - first) + 1;
    size_t *order = ARENA_NEW(arena, size_t, files);
    random_numpy_permutation((uint32_t)split->seed, files, order);
    size_t test_end = (size_t)(shares[ROLE_TEST] * (double)files);
    size_t valid_end = (size_t)((shares[ROLE_TEST] + shares[ROLE_VALID]) * (double)files);
    if (test_end == 0 || valid_end == test_end || valid_end == files)
        return error_set(error, "dataset.split: %zu files are too few for these shares", files);
    size_t *places = ARENA_NEW(arena, size_t, files);
    for (size_t i = 0; i < files; i++)
        places[order[i]] = i;
    for (int i = 0; i < wholes->count; i++) {
        struct whole *whole = &wholes->items[i];
        size_t drawn = places[whole->source - first];
        enum role role = drawn < test_end ? ROLE_TEST : drawn < valid_end ? ROLE_VALID : ROLE_TRAIN;
        part_add(&parts[role], whole, 0, whole->rows);
        parts[role].items[parts[role].count - 1].drawn = drawn;
    }
    return true;
}

bool parts_divide(const struct split_options *split, const struct wholes *wholes,
                  struct parts parts[ROLE_COUNT], struct arena *arena, struct error *error) {
    double shares[ROLE_COUNT];
    if (!split_shares(split, shares, error))
        return false;
    if (!split_has_patterns(split) && strcmp(split->method, "files") == 0)
        return divide_files(split, shares, wholes, parts, arena, error);
    if (!split_has_patterns(split) && strcmp(split->method, "chronological") == 0) {
        divide_by_time(shares, wholes, parts);
        return true;
    }
    for (int i = 0; i < wholes->count; i++) {
        struct whole *whole = &wholes->items[i];
        enum role role = split_has_patterns(split) ? whole->source->role : ROLE_TRAIN;
        part_add(&parts[role], whole, 0, whole->rows);
    }
    return true;
}

/* --- context --------------------------------------------------------------------------------- */

/* The last window before the first row to predict: it ends one row before it, or, when the target
 * is that of the same step, on it. */
static int context_rows(const struct dataset *dataset) {
    return dataset->task_options->window - (dataset->task == TASK_FORECAST ? 0 : 1);
}

void parts_look_back(const struct dataset *dataset, struct parts *parts) {
    if (!dataset->options->split.context)
        return;
    for (int i = 0; i < parts->count; i++) {
        struct part *part = &parts->items[i];
        int wanted = context_rows(dataset);
        while (wanted > 0 && part->lookback < part->first) {
            part->lookback++;
            wanted -= rows_left(part->whole, part->first - part->lookback,
                                part->first - part->lookback + 1);
        }
    }
}
