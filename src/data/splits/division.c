#include "data/pipeline/assembly.h"

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
    if (cJSON_IsNumber(json) && json->valuedouble == 0 && strcmp(name, "valid") == 0) {
        *share = 0; /* split_has_no_validation() */
        return true;
    }
    if (!cJSON_IsNumber(json) || !(json->valuedouble > 0 && json->valuedouble < 1))
        return error_set(error, "dataset.split.%s: must be a share between 0 and 1", name);
    *share = json->valuedouble;
    return true;
}

/* Shares beside lists or ranges: that of validation, or with groups those of whatever is not
 * listed; 0 for a role that has a list or takes what is left. */
static bool shares_beside_lists(const struct split_options *split, double shares[ROLE_COUNT],
                                struct error *error) {
    bool has_groups = split->method == SPLIT_GROUPS;
    for (enum role role = ROLE_TRAIN; role < ROLE_COUNT; role++) {
        const cJSON *json = split_part(split, role);
        bool has_share = has_groups ? role != ROLE_TRAIN || json != NULL : role == ROLE_VALID;
        shares[role] = 0;
        if (has_share && !cJSON_IsArray(json) && !cJSON_IsString(json) &&
            !read_share(json, role_names[role], 0.15, &shares[role], error))
            return false;
    }
    return true;
}

bool split_shares(const struct split_options *split, double shares[ROLE_COUNT],
                  struct error *error) {
    if (split_has_patterns(split) || split_has_periods(split) || split->method == SPLIT_GROUPS)
        return shares_beside_lists(split, shares, error) &&
               (shares[ROLE_TRAIN] + shares[ROLE_VALID] + shares[ROLE_TEST] <= 1 + 1e-9 ||
                error_set(error, "dataset.split: the shares sum up to more than 1"));
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

size_t share_of(double share, size_t count) {
    return (size_t)(share * (double)count + 1e-9); /* 0.29 of 100 is 29 */
}

bool parts_divide(const struct dataset_options *options, const struct wholes *wholes,
                  struct parts parts[ROLE_COUNT], struct arena *arena, struct error *error) {
    const struct split_options *split = &options->split;
    double shares[ROLE_COUNT];
    if (!split_shares(split, shares, error))
        return false;
    if (split_has_periods(split))
        return divide_by_periods(options, shares[ROLE_VALID], wholes, parts, error);
    if (split->method == SPLIT_GROUPS ||
        (split->method == SPLIT_FILES && !split_has_patterns(split)))
        return divide_by_groups(options, shares, wholes, parts, arena, error);
    if (split->method == SPLIT_CHRONOLOGICAL) {
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
