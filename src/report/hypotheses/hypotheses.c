#include "report/hypotheses/hypotheses.h"

#include "base/json.h"
#include "base/string_list.h"
#include "evaluate/significance.h"
#include "report/hypotheses/measures.h"
#include "report/results/pairs.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *decision_name(enum decision decision) {
    static const char *const names[] = {[UNDECIDED] = "undecided",
                                        [SUPPORTED] = "supported",
                                        [REFUTED] = "refuted",
                                        [NO_DIFFERENCE] = "no difference that matters"};
    return names[decision];
}

const char *decision_short_name(enum decision decision) {
    return decision == NO_DIFFERENCE ? "no difference" : decision_name(decision);
}

/* ---- One data set ---- */

/* Trials of a model that count as the worst. */
static size_t count_worst(const double *values, size_t count) {
    size_t worst = 0;
    for (size_t i = 0; i < count; i++)
        worst += isinf(values[i]) != 0;
    return worst;
}

/* Adds a sample for each model; says why when one has no values. */
static const char *add_samples(struct hypothesis_unit *unit, const struct measure *measure,
                               const struct string_list *models, bool is_against,
                               struct sample *samples, size_t *count, struct arena *arena) {
    for (size_t i = 0; i < models->count; i++) {
        struct measured measured = measure_values(measure, unit->dataset, models->items[i], arena);
        if (measured.reason != NULL)
            return measured.reason;
        unit->failed += count_worst(measured.values, measured.count);
        samples[(*count)++] =
            (struct sample){measured.values, measured.count, is_against, measured.is_constant};
    }
    return NULL;
}

static struct hypothesis_unit make_unit(const struct hypothesis_options *options,
                                        const struct measure *measure,
                                        const struct dataset_results *dataset,
                                        struct arena *arena) {
    struct hypothesis_unit unit = {.dataset = dataset, .effect = {.mean = NAN, .error = NAN}};
    size_t count = 0;
    struct sample *samples =
        ARENA_NEW(arena, struct sample, options->models.count + options->against.count);
    unit.reason = add_samples(&unit, measure, &options->models, false, samples, &count, arena);
    if (unit.reason == NULL)
        unit.reason = add_samples(&unit, measure, &options->against, true, samples, &count, arena);
    if (unit.reason == NULL) {
        unit.effect = effect_of_samples(samples, count, measure_higher_is_better(measure, dataset),
                                        measure_is_exact(measure));
        if (isnan(unit.effect.mean))
            unit.reason = "no trial has a finite value";
    }
    effect_interval(&unit.effect, SIGNIFICANCE_LEVEL, &unit.low, &unit.high);
    return unit;
}

/* ---- Reading ---- */

static bool has_same_rule(const struct hypothesis *a, const struct hypothesis *b) {
    return strcmp(a->rule, b->rule) == 0;
}

static const char *make_rule(const struct hypothesis_options *options, struct arena *arena) {
    const char *expect = expectation_name((size_t)options->expect - 1);
    const char *by =
        options->by > 0 ? arena_printf(arena, "%s by %g %%", expect, 100 * options->by) : expect;
    return arena_printf(arena, "%s against %s: %s %s", string_list_join(&options->models, arena),
                        string_list_join(&options->against, arena), options->measure, by);
}

/* The hypothesis of this name and rule, added if there is none. One that another experiment states
 * with another rule is a hypothesis of its own. */
static struct hypothesis *find_or_add(struct hypotheses *hypotheses, struct hypothesis *stated,
                                      const char *experiment, struct arena *arena) {
    bool is_taken = false;
    stated->stated_name = stated->options.name;
    for (size_t h = 0; h < hypotheses->count; h++) {
        struct hypothesis *other = &hypotheses->items[h];
        if (strcmp(other->stated_name, stated->stated_name) != 0)
            continue;
        if (has_same_rule(other, stated))
            return other;
        is_taken = true;
    }
    if (is_taken)
        stated->options.name = arena_printf(arena, "%s (%s)", stated->stated_name, experiment);
    hypotheses->items[hypotheses->count] = *stated;
    return &hypotheses->items[hypotheses->count++];
}

/* A plan that was edited may state a hypothesis twice: no data set counts twice for that. */
static bool has_unit(const struct hypothesis *hypothesis, const struct dataset_results *dataset) {
    for (size_t u = 0; u < hypothesis->unit_count; u++)
        if (hypothesis->units[u].dataset == dataset)
            return true;
    return false;
}

static void add_units(struct hypothesis *hypothesis, const struct results *results,
                      const char *experiment, struct arena *arena) {
    char part[MEASURE_PATH];
    struct measure measure = measure_parse(hypothesis->options.measure, part);
    if (hypothesis->units == NULL)
        hypothesis->units = ARENA_NEW(arena, struct hypothesis_unit, results->dataset_count);
    for (size_t d = 0; measure.type != NULL && d < results->dataset_count; d++)
        if (strcmp(results->datasets[d].experiment, experiment) == 0 &&
            !has_unit(hypothesis, &results->datasets[d]))
            hypothesis->units[hypothesis->unit_count++] =
                make_unit(&hypothesis->options, &measure, &results->datasets[d], arena);
}

/* What an experiment states. What this program wrote it can read; what it cannot is left out. */
static void read_experiment(struct hypotheses *hypotheses, const struct results *results,
                            const struct experiment_results *experiment, struct arena *arena) {
    cJSON *config = cJSON_Parse(experiment->config);
    const cJSON *item;
    cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(config, "hypotheses")) {
        struct hypothesis stated = {.effect = {.mean = NAN, .error = NAN}};
        struct field_target target = {hypothesis_fields, &stated.options};
        struct error ignored;
        if (!fields_read(&target, 1, item, "hypotheses", arena, &ignored))
            continue;
        stated.rule = make_rule(&stated.options, arena);
        add_units(find_or_add(hypotheses, &stated, experiment->name, arena), results,
                  experiment->name, arena);
    }
    cJSON_Delete(config);
}

static size_t count_stated(const struct results *results) {
    size_t count = 0;
    for (size_t e = 0; e < results->experiment_count; e++) {
        cJSON *config = cJSON_Parse(results->experiments[e].config);
        count += (size_t)cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(config, "hypotheses"));
        cJSON_Delete(config);
    }
    return count;
}

/* ---- Deciding ---- */

static struct claim claim_of(const struct hypothesis *hypothesis) {
    return (struct claim){hypothesis->options.expect == EXPECT_HIGHER, hypothesis->options.by};
}

static void combine(struct hypothesis *hypothesis, struct arena *arena) {
    char part[MEASURE_PATH];
    struct measure measure = measure_parse(hypothesis->options.measure, part);
    double *means = ARENA_NEW(arena, double, hypothesis->unit_count + 1);
    size_t known = 0, last = 0;
    for (size_t u = 0; u < hypothesis->unit_count; u++) {
        means[u] = hypothesis->units[u].effect.mean;
        if (!isnan(means[u])) {
            known++;
            last = u;
        }
    }
    if (known == 1)
        hypothesis->effect = hypothesis->units[last].effect;
    else if (known > 1)
        hypothesis->effect =
            effect_of_datasets(means, hypothesis->unit_count, measure_is_exact(&measure));
    struct claim claim = claim_of(hypothesis);
    hypothesis->p = effect_p(&hypothesis->effect, &claim);
}

static int by_p(const void *a, const void *b) {
    double x = (*(struct hypothesis *const *)a)->p, y = (*(struct hypothesis *const *)b)->p;
    return isnan(x) - isnan(y) + (x > y) - (x < y);
}

/* Holm's correction: in the order of their p each is decided at α / (number left), until one is not;
 * the level that this one had is that of all others. */
static void share_level(struct hypotheses *hypotheses, struct arena *arena) {
    struct hypothesis **order = ARENA_NEW(arena, struct hypothesis *, hypotheses->count + 1);
    double *adjusted = ARENA_NEW(arena, double, hypotheses->count + 1);
    for (size_t h = 0; h < hypotheses->count; h++) {
        order[h] = &hypotheses->items[h];
        adjusted[h] = order[h]->p;
        hypotheses->tested += !isnan(adjusted[h]);
    }
    holm_adjust(adjusted, hypotheses->count);
    for (size_t h = 0; h < hypotheses->count; h++)
        hypotheses->items[h].adjusted = adjusted[h];
    qsort(order, hypotheses->count, sizeof *order, by_p);
    size_t left = hypotheses->tested > 0 ? hypotheses->tested : 1;
    for (size_t h = 0; h < hypotheses->count; h++) {
        order[h]->level = SIGNIFICANCE_LEVEL / (double)left;
        left -= left > 1 && left == hypotheses->tested - h && order[h]->p <= order[h]->level;
    }
}

static void decide(struct hypothesis *hypothesis) {
    struct claim claim = claim_of(hypothesis);
    hypothesis->verdict = effect_decide(&hypothesis->effect, &claim, hypothesis->level);
    effect_interval(&hypothesis->effect, hypothesis->level, &hypothesis->low, &hypothesis->high);
    hypothesis->needed =
        hypothesis->verdict != UNDECIDED
            ? NAN
            : effect_needed(&hypothesis->effect, &claim, hypothesis->level, SIGNIFICANCE_POWER);
}

struct hypotheses hypotheses_make(const struct results *results, struct arena *arena) {
    struct hypotheses hypotheses = {0};
    hypotheses.items = ARENA_NEW(arena, struct hypothesis, count_stated(results) + 1);
    for (size_t e = 0; e < results->experiment_count; e++)
        read_experiment(&hypotheses, results, &results->experiments[e], arena);
    for (size_t h = 0; h < hypotheses.count; h++)
        combine(&hypotheses.items[h], arena);
    share_level(&hypotheses, arena);
    for (size_t h = 0; h < hypotheses.count; h++) {
        decide(&hypotheses.items[h]);
        hypotheses.counts[hypotheses.items[h].verdict]++;
    }
    return hypotheses;
}
