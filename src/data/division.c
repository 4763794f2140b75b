#include "data/assembly.h"
#include "math/random.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* --- series ---------------------------------------------------------------------------------- */

static const char *group_text(const struct column *column, size_t row, struct arena *arena) {
    double value = column->values[row];
    if (isnan(value))
        return "missing";
    if (column->type == COLUMN_LABEL)
        return column->labels[(size_t)value];
    return arena_printf(arena, "%.15g", value);
}

static struct part *add_part(struct parts *parts) {
    parts->items = mem_grow(parts->items, (size_t)parts->count, sizeof *parts->items);
    return &parts->items[parts->count++];
}

static bool check_times(const struct dataset_options *options, const struct part *part,
                        struct error *error) {
    const struct table *table = &part->source->table;
    const struct column *column = &table->columns[part->source->time];
    for (size_t row = part->first; row < part->first + (size_t)part->rows; row++) {
        if (isnan(column->values[row]))
            return error_set(error, "dataset.time: %s: row %zu has no time", table->path, row + 1);
        if (row > part->first && column->values[row] <= column->values[row - 1])
            return error_set(
                error,
                "dataset.time: %s: row %zu: the time %s that of the row before; sort "
                "the rows by \"%s\"%s",
                table->path, row + 1,
                column->values[row] == column->values[row - 1] ? "equals" : "is earlier than",
                options->time, options->group ? "" : ", or name the column of series in \"group\"");
    }
    return true;
}

static bool find_in_source(const struct dataset_options *options, const struct source *source,
                           struct arena *arena, struct parts *series, struct error *error) {
    const struct table *table = &source->table;
    const struct column *group = options->group ? &table->columns[source->group] : NULL;
    for (size_t first = 0, end; first < table->rows; first = end) {
        for (end = first + 1; end < table->rows; end++) {
            if (group == NULL)
                continue;
            double here = group->values[end], before = group->values[end - 1];
            if (here != before && !(isnan(here) && isnan(before)))
                break;
        }
        if (end - first > INT_MAX)
            return error_set(error, "%s: has more than %d rows in one series", table->path,
                             INT_MAX);
        struct part *part = add_part(series);
        *part = (struct part){
            .source = source, .origin = first, .first = first, .rows = (int)(end - first)};
        part->group = group == NULL ? source->name : group_text(group, first, arena);
        part->name =
            group == NULL ? source->name : arena_printf(arena, "%s %s", source->name, part->group);
        if (options->time != NULL && !check_times(options, part, error))
            return false;
    }
    return true;
}

bool series_find(const struct dataset_options *options, const struct sources *sources,
                 struct arena *arena, struct parts *series, struct error *error) {
    for (size_t i = 0; i < sources->count; i++)
        if (!find_in_source(options, &sources->items[i], arena, series, error))
            return false;
    return true;
}

static bool is_named(const struct string_list *names, const char *name) {
    for (size_t i = 0; i < names->count; i++)
        if (strcmp(names->items[i], name) == 0)
            return true;
    return false;
}

void parts_select(struct parts *parts, const struct string_list *groups, bool named) {
    int kept = 0;
    for (int i = 0; i < parts->count; i++)
        if (is_named(groups, parts->items[i].group) == named)
            parts->items[kept++] = parts->items[i];
    parts->count = kept;
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
static void divide_by_time(const double shares[ROLE_COUNT], const struct parts *series,
                           struct parts parts[ROLE_COUNT]) {
    for (int i = 0; i < series->count; i++) {
        const struct part *whole = &series->items[i];
        double share = 0;
        int start = 0;
        for (enum role role = ROLE_TRAIN; role < ROLE_COUNT; role++) {
            share += shares[role];
            int end = (int)lround(share * whole->rows);
            if (end > whole->rows)
                end = whole->rows;
            struct part part = *whole;
            part.first = whole->first + (size_t)start;
            part.rows = end - start;
            if (part.rows > 0)
                *add_part(&parts[role]) = part;
            start = end;
        }
    }
}

/* Series by series in a random order: test, validation, training, as in the code that published
 * the irregular Walker2d data. All series of one file stay together. */
static bool divide_files(const struct split_options *split, const double shares[ROLE_COUNT],
                         const struct parts *series, struct parts parts[ROLE_COUNT],
                         struct arena *arena, struct error *error) {
    const struct source *first = series->items[0].source;
    size_t files = (size_t)(series->items[series->count - 1].source - first) + 1;
    size_t *order = ARENA_NEW(arena, size_t, files);
    random_numpy_permutation((uint32_t)split->seed, files, order);
    size_t test_end = (size_t)(shares[ROLE_TEST] * (double)files);
    size_t valid_end = (size_t)((shares[ROLE_TEST] + shares[ROLE_VALID]) * (double)files);
    if (test_end == 0 || valid_end == test_end || valid_end == files)
        return error_set(error, "dataset.split: %zu files are too few for these shares", files);
    size_t *places = ARENA_NEW(arena, size_t, files);
    for (size_t i = 0; i < files; i++)
        places[order[i]] = i;
    for (int i = 0; i < series->count; i++) {
        struct part part = series->items[i];
        part.drawn = places[part.source - first];
        enum role role = part.drawn < test_end    ? ROLE_TEST
                         : part.drawn < valid_end ? ROLE_VALID
                                                  : ROLE_TRAIN;
        *add_part(&parts[role]) = part;
    }
    return true;
}

bool parts_divide(const struct split_options *split, const struct parts *series,
                  struct parts parts[ROLE_COUNT], struct arena *arena, struct error *error) {
    double shares[ROLE_COUNT];
    if (!split_shares(split, shares, error))
        return false;
    if (split_has_patterns(split)) {
        for (int i = 0; i < series->count; i++)
            *add_part(&parts[series->items[i].source->role]) = series->items[i];
    } else if (strcmp(split->method, "files") == 0) {
        return divide_files(split, shares, series, parts, arena, error);
    } else if (strcmp(split->method, "random") == 0) {
        for (int i = 0; i < series->count; i++)
            *add_part(&parts[ROLE_TRAIN]) = series->items[i];
    } else {
        divide_by_time(shares, series, parts);
    }
    return true;
}
