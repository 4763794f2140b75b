#include "report/results/families.h"

#include "evaluate/robustness.h"

#include <math.h>
#include <string.h>

static double rung_of(const struct model_results *model, enum family_kind kind) {
    const struct trial *trial = model->trials[0];
    return kind == FAMILY_OF_RATES ? trial->learning_rate : trial->costs[COST_PARAMETERS];
}

static struct family *find_or_add_family(struct families *families, const char *name, size_t most,
                                         struct arena *arena) {
    for (size_t f = 0; f < families->count; f++)
        if (strcmp(families->items[f].name, name) == 0)
            return &families->items[f];
    struct family *added = &families->items[families->count++];
    added->name = name;
    added->models = ARENA_NEW(arena, const struct model_results *, most);
    return added;
}

/* Puts a model behind those with smaller rungs. */
static void insert(struct family *family, const struct model_results *model,
                   enum family_kind kind) {
    size_t place = family->count++;
    for (; place > 0 && rung_of(family->models[place - 1], kind) > rung_of(model, kind); place--)
        family->models[place] = family->models[place - 1];
    family->models[place] = model;
}

static bool differs(const struct family *family, enum family_kind kind) {
    return family->count > 1 &&
           rung_of(family->models[0], kind) != rung_of(family->models[family->count - 1], kind);
}

static struct families all_families(const struct dataset_results *dataset, enum family_kind kind,
                                    struct arena *arena) {
    struct families families = {.items =
                                    ARENA_NEW(arena, struct family, dataset->network_count + 1)};
    for (size_t m = 0; m < dataset->network_count; m++) {
        const struct model_results *model = &dataset->models[m];
        if (model->family[0] != '\0')
            insert(find_or_add_family(&families, model->family, dataset->network_count, arena),
                   model, kind);
    }
    return families;
}

struct families families_of(const struct dataset_results *dataset, enum family_kind kind,
                            struct arena *arena) {
    struct families all = all_families(dataset, kind, arena), chosen = {.items = all.items};
    for (size_t f = 0; f < all.count; f++) {
        struct family family = all.items[f];
        struct family rates = family; /* sorted by rate, to see whether those differ */
        rates.models = ARENA_NEW(arena, const struct model_results *, family.count);
        rates.count = 0;
        for (size_t m = 0; m < family.count; m++)
            insert(&rates, family.models[m], FAMILY_OF_RATES);
        if (!differs(&family, kind) ||
            differs(&rates, FAMILY_OF_RATES) != (kind == FAMILY_OF_RATES))
            continue;
        family.rungs = ARENA_NEW(arena, double, family.count);
        for (size_t m = 0; m < family.count; m++)
            family.rungs[m] = rung_of(family.models[m], kind);
        chosen.items[chosen.count++] = family;
    }
    return chosen;
}

static size_t count_trials(const struct family *family) {
    size_t count = 0;
    for (size_t m = 0; m < family->count; m++)
        count += family->models[m]->trial_count;
    return count;
}

struct power_law family_error_law(const struct dataset_results *dataset,
                                  const struct family *family, struct arena *arena) {
    double *x = ARENA_NEW(arena, double, count_trials(family) + 1);
    double *y = ARENA_NEW(arena, double, count_trials(family) + 1);
    size_t count = 0;
    for (size_t m = 0; m < family->count; m++)
        for (size_t t = 0; t < family->models[m]->trial_count; t++) {
            x[count] = family->models[m]->trials[t]->costs[COST_PARAMETERS];
            y[count++] =
                score_error(scores_at(dataset, family->models[m], dataset->test, 0)->values[t],
                            dataset->metrics[0].higher_is_better);
        }
    return power_law_fit(x, y, count);
}

struct power_law family_time_law(const struct family *family, struct arena *arena) {
    double *x = ARENA_NEW(arena, double, count_trials(family) + 1);
    double *y = ARENA_NEW(arena, double, count_trials(family) + 1);
    size_t count = 0;
    for (size_t m = 0; m < family->count; m++)
        for (size_t t = 0; t < family->models[m]->trial_count; t++) {
            const struct trial *trial = family->models[m]->trials[t];
            x[count] = trial->costs[COST_PARAMETERS];
            y[count++] =
                trial->ok ? trial->costs[COST_TRAIN_CPU_SECONDS] / (double)trial->curve_count : NAN;
        }
    return power_law_fit(x, y, count);
}
