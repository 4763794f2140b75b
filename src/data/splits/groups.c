#include "base/choice.h"
#include "data/pipeline/assembly.h"
#include "math/random.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What goes whole into one split: a file, or all series of one group. */
struct unit {
    const char *name;
    const struct source *source; /* of a file; NULL: a group, which may be in several files */
    int first;                   /* its first series */
    enum role role;              /* ROLE_ANY: not named */
    size_t drawn;
};

struct units {
    struct unit *items;
    size_t count;
    size_t *of; /* [wholes->count] the unit of each series */
};

bool check_group(const struct wholes *wholes, const char *name, const char *field,
                 struct error *error) {
    struct suggestion nearest = {.wanted = name};
    for (int i = 0; i < wholes->count; i++) {
        if (strcmp(wholes->items[i].group, name) == 0)
            return true;
        suggestion_offer(&nearest, wholes->items[i].group);
    }
    return error_set(
        error, "%s: there is no group or file \"%s\"%s", field, name,
        suggestion_or(&nearest, "the first of %d is \"%s\"", wholes->count, wholes->items[0].group)
            .text);
}

/* --- units ----------------------------------------------------------------------------------- */

static int by_name(const void *a, const void *b) {
    const struct unit *one = a, *other = b;
    int order = strcmp(one->name, other->name);
    return order != 0 ? order : one->first - other->first;
}

static int by_first(const void *a, const void *b) {
    return ((const struct unit *)a)->first - ((const struct unit *)b)->first;
}

static bool same_unit(const struct unit *a, const struct unit *b) {
    return a->source != NULL ? a->source == b->source : strcmp(a->name, b->name) == 0;
}

/* Files, or groups; in the order of their first series. */
static struct units find_units(const struct wholes *wholes, bool by_file, struct arena *arena) {
    size_t series = (size_t)wholes->count;
    struct units units = {.items = ARENA_NEW(arena, struct unit, series),
                          .of = ARENA_NEW(arena, size_t, series)};
    int *first = ARENA_NEW(arena, int, series); /* the first series of each series' unit */
    for (size_t i = 0; i < series; i++)
        units.items[i] = (struct unit){.name = wholes->items[i].group,
                                       .source = by_file ? wholes->items[i].source : NULL,
                                       .first = (int)i,
                                       .role = ROLE_ANY};
    if (!by_file)
        qsort(units.items, series, sizeof *units.items, by_name);
    for (size_t i = 0; i < series; i++) {
        if (i == 0 || !same_unit(&units.items[units.count - 1], &units.items[i])) {
            first[units.items[i].first] = units.items[i].first;
            units.items[units.count++] = units.items[i];
        } else {
            first[units.items[i].first] = units.items[units.count - 1].first;
        }
    }
    qsort(units.items, units.count, sizeof *units.items, by_first);
    size_t *place = ARENA_NEW(arena, size_t, series); /* of the unit that begins with a series */
    for (size_t i = 0; i < units.count; i++)
        place[units.items[i].first] = i;
    for (size_t i = 0; i < series; i++)
        units.of[i] = place[first[i]];
    return units;
}

/* --- named ----------------------------------------------------------------------------------- */

static bool name_group(const struct wholes *wholes, struct units *units, const char *name,
                       enum role role, struct error *error) {
    char field[32];
    snprintf(field, sizeof field, "dataset.split.%s", role_names[role]);
    if (!check_group(wholes, name, field, error))
        return false;
    for (size_t i = 0; i < units->count; i++) {
        struct unit *unit = &units->items[i];
        if (strcmp(unit->name, name) != 0)
            continue;
        if (unit->role != ROLE_ANY && unit->role != role)
            return error_set(error, "dataset.split: group \"%s\" is in both \"%s\" and \"%s\"",
                             name, role_names[unit->role], role_names[role]);
        unit->role = role;
    }
    return true;
}

static bool name_groups(const struct split_options *split, const struct wholes *wholes,
                        struct units *units, struct error *error) {
    for (enum role role = ROLE_TRAIN; role < ROLE_COUNT; role++) {
        const cJSON *json = split_part(split, role);
        if (!cJSON_IsString(json) && !cJSON_IsArray(json))
            continue;
        const cJSON *item = cJSON_IsString(json) ? json : json->child;
        if (item == NULL)
            return error_set(error, "dataset.split.%s: names no group", role_names[role]);
        for (; item != NULL; item = cJSON_IsString(json) ? NULL : item->next) {
            char number[32];
            snprintf(number, sizeof number, "%.15g", item->valuedouble);
            if (!cJSON_IsString(item) && !cJSON_IsNumber(item))
                return error_set(error, "dataset.split.%s: must be a list of groups",
                                 role_names[role]);
            const char *name = cJSON_IsString(item) ? item->valuestring : number;
            if (!name_group(wholes, units, name, role, error))
                return false;
        }
    }
    return true;
}

/* --- drawn ----------------------------------------------------------------------------------- */

/* Those that are not named, in a random order: test, validation, training, as in the code that
 * published the irregular Walker2d data. */
static bool draw_units(const struct split_options *split, const double shares[ROLE_COUNT],
                       struct units *units, const char *what, struct arena *arena,
                       struct error *error) {
    size_t count = 0;
    struct unit **free_units = ARENA_NEW(arena, struct unit *, units->count);
    for (size_t i = 0; i < units->count; i++)
        if (units->items[i].role == ROLE_ANY)
            free_units[count++] = &units->items[i];
    size_t *order = ARENA_NEW(arena, size_t, count);
    random_numpy_permutation((uint32_t)split->seed, count, order);
    size_t test_end = share_of(shares[ROLE_TEST], count);
    size_t valid_end = share_of(shares[ROLE_TEST] + shares[ROLE_VALID], count);
    bool takes_rest = !cJSON_IsArray(split->train) && !cJSON_IsString(split->train);
    if ((shares[ROLE_TEST] > 0 && test_end == 0) ||
        (shares[ROLE_VALID] > 0 && valid_end == test_end) || (takes_rest && valid_end >= count))
        return error_set(error, "dataset.split: %zu %s are too few for these shares", count, what);
    size_t train_end = count;
    if (shares[ROLE_TRAIN] > 0 &&
        shares[ROLE_TRAIN] + shares[ROLE_VALID] + shares[ROLE_TEST] < 1 - 1e-9)
        train_end = valid_end + share_of(shares[ROLE_TRAIN], count);
    for (size_t i = 0; i < count; i++) {
        struct unit *unit = free_units[order[i]];
        unit->drawn = i;
        if (i < valid_end || (takes_rest && i < train_end))
            unit->role = i < test_end ? ROLE_TEST : i < valid_end ? ROLE_VALID : ROLE_TRAIN;
    }
    return true;
}

bool divide_by_groups(const struct dataset_options *options, const double shares[ROLE_COUNT],
                      const struct wholes *wholes, struct parts parts[ROLE_COUNT],
                      struct arena *arena, struct error *error) {
    bool by_file = options->split.method == SPLIT_FILES;
    const char *what = by_file || options->group == NULL ? "files" : "groups";
    struct units units = find_units(wholes, by_file, arena);
    if ((!by_file && !name_groups(&options->split, wholes, &units, error)) ||
        !draw_units(&options->split, shares, &units, what, arena, error))
        return false;
    for (int i = 0; i < wholes->count; i++) {
        const struct unit *unit = &units.items[units.of[i]];
        if (unit->role == ROLE_ANY)
            continue;
        struct parts *list = &parts[unit->role];
        part_add(list, &wholes->items[i], 0, wholes->items[i].rows);
        list->items[list->count - 1].drawn = unit->drawn;
    }
    for (enum role role = ROLE_TRAIN; role < ROLE_COUNT; role++)
        if (parts[role].count == 0 &&
            (role != ROLE_VALID || !split_has_no_validation(&options->split)))
            return error_set(error, "dataset.split.%s: no group is left for it", role_names[role]);
    return true;
}
