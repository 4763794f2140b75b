#include "report/results/degradation.h"

#include "evaluate/robustness.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

size_t perturbations_of(const struct dataset_results *dataset, const char **types) {
    size_t count = 0;
    for (size_t c = 0; c < dataset->condition_count; c++) {
        if (dataset->conditions[c].kind != CONDITION_NOISE)
            continue;
        size_t t = 0;
        while (t < count && strcmp(types[t], dataset->conditions[c].name) != 0)
            t++;
        if (t == count)
            types[count++] = dataset->conditions[c].name;
    }
    return count;
}

size_t severities_of(const struct dataset_results *dataset, const char *type, size_t *conditions) {
    size_t count = 0;
    for (size_t c = 0; c < dataset->condition_count; c++) {
        const struct condition *condition = &dataset->conditions[c];
        if (condition->kind != CONDITION_NOISE || strcmp(condition->name, type) != 0)
            continue;
        size_t place = count++;
        for (;
             place > 0 && dataset->conditions[conditions[place - 1]].severity > condition->severity;
             place--)
            conditions[place] = conditions[place - 1];
        conditions[place] = c;
    }
    return count;
}

size_t seeds_not_finite(const struct dataset_results *dataset, const struct model_results *model,
                        const size_t *conditions, size_t count) {
    size_t seeds = 0;
    for (size_t t = 0; t < model->trial_count; t++) {
        size_t i = 0;
        while (i < count && !isinf(scores_at(dataset, model, conditions[i], 0)->values[t]))
            i++;
        seeds += i < count;
    }
    return seeds;
}

/* ---- Perturbations ---- */

static double mean_over_seeds(const struct dataset_results *dataset,
                              const struct model_results *model, size_t condition) {
    return score_error(scores_at(dataset, model, condition, 0)->summary.mean,
                       dataset->metrics[0].higher_is_better);
}

static double clean_error(const struct dataset_results *dataset,
                          const struct model_results *model) {
    return mean_over_seeds(dataset, model, dataset->test);
}

static double *errors_at(const struct dataset_results *dataset, const struct model_results *model,
                         const size_t *conditions, size_t count, struct arena *arena) {
    double *errors = ARENA_NEW(arena, double, count + 1);
    for (size_t i = 0; i < count; i++)
        errors[i] = mean_over_seeds(dataset, model, conditions[i]);
    return errors;
}

static double area_of(const struct dataset_results *dataset, const struct model_results *model,
                      const size_t *conditions, size_t count, struct arena *arena) {
    double *severities = ARENA_NEW(arena, double, count + 1);
    double *scores = ARENA_NEW(arena, double, count + 1);
    for (size_t i = 0; i < count; i++) {
        severities[i] = dataset->conditions[conditions[i]].severity;
        scores[i] = scores_at(dataset, model, conditions[i], 0)->summary.mean;
    }
    return area_under_severity(scores_at(dataset, model, dataset->test, 0)->summary.mean,
                               severities, scores, count);
}

static struct degradation degrade(const struct dataset_results *dataset,
                                  const struct model_results *model,
                                  const struct model_results *reference, const char *type,
                                  struct arena *arena) {
    size_t *conditions = ARENA_NEW(arena, size_t, dataset->condition_count + 1);
    size_t count = severities_of(dataset, type, conditions);
    conditions[count] = dataset->test;
    double clean = clean_error(dataset, model);
    double *errors = errors_at(dataset, model, conditions, count, arena);
    struct degradation result = {
        .area = area_of(dataset, model, conditions, count, arena),
        .clean = clean,
        .faulted = mean_over_perturbations(errors, count),
        .mean = mean_degradation(clean, errors, count),
        .corruption = NAN,
        .relative = NAN,
        .worst_under = type,
        .not_finite = seeds_not_finite(dataset, model, conditions, count + 1),
    };
    double *degradations = ARENA_NEW(arena, double, count + 1);
    for (size_t i = 0; i < count; i++)
        degradations[i] = mean_degradation(clean, &errors[i], 1);
    result.worst = worst_degradation(degradations, count, NULL);
    if (reference != NULL) {
        double *theirs = errors_at(dataset, reference, conditions, count, arena);
        result.corruption = corruption_error(errors, theirs, count);
        result.relative = relative_corruption_error(clean, errors, clean_error(dataset, reference),
                                                    theirs, count);
    }
    return result;
}

/* The mean of one of the numbers over the perturbations, without those that have none: there is no
 * CE where the reference model's score is not finite, and no relative CE where a perturbation does
 * that model no harm. */
static double mean_of(const struct degradation *items, size_t count, size_t offset,
                      struct arena *arena) {
    double *values = ARENA_NEW(arena, double, count + 1);
    size_t known = 0;
    for (size_t t = 0; t < count; t++) {
        double value = *(const double *)((const char *)&items[t] + offset);
        if (!isnan(value))
            values[known++] = value;
    }
    return mean_over_perturbations(values, known);
}

/* Whether a model's mean error at some severity is infinite. */
static bool is_lost(const struct dataset_results *dataset, const struct model_results *model,
                    const char *type, struct arena *arena) {
    size_t *conditions = ARENA_NEW(arena, size_t, dataset->condition_count);
    size_t count = severities_of(dataset, type, conditions);
    return seeds_not_finite(dataset, model, conditions, count) > 0;
}

static size_t seeds_perturbed_not_finite(const struct dataset_results *dataset,
                                         const struct model_results *model, struct arena *arena) {
    size_t *conditions = ARENA_NEW(arena, size_t, dataset->condition_count), count = 0;
    for (size_t c = 0; c < dataset->condition_count; c++)
        if (c == dataset->test || dataset->conditions[c].kind == CONDITION_NOISE)
            conditions[count++] = c;
    return seeds_not_finite(dataset, model, conditions, count);
}

static struct degradation summarize_degradations(const struct degradation *items, size_t count,
                                                 struct arena *arena) {
    double *worst = ARENA_NEW(arena, double, count + 1),
           *mean = ARENA_NEW(arena, double, count + 1);
    size_t which = 0, fault = 0;
    for (size_t t = 0; t < count; t++) {
        worst[t] = items[t].worst;
        mean[t] = items[t].mean;
    }
    struct degradation overall = {
        .area = mean_of(items, count, offsetof(struct degradation, area), arena),
        .mean = mean_of(items, count, offsetof(struct degradation, mean), arena),
        .corruption = mean_of(items, count, offsetof(struct degradation, corruption), arena),
        .relative = mean_of(items, count, offsetof(struct degradation, relative), arena),
        .worst = worst_degradation(worst, count, &which),
        .worst_under = "",
        .clean = count > 0 ? items[0].clean : NAN,
        .faulted = mean_of(items, count, offsetof(struct degradation, faulted), arena),
        .worst_mean = worst_degradation(mean, count, &fault),
        .worst_fault = "",
    };
    if (count > 0 && !isnan(overall.worst_mean))
        overall.worst_fault = items[fault].worst_under;
    if (count > 0 && !isnan(overall.worst))
        overall.worst_under = items[which].worst_under;
    return overall;
}

/* ---- Shifts ---- */

static void average_shifts(const struct dataset_results *dataset, size_t m,
                           struct degradations *result) {
    const struct model_results *model = &dataset->models[m];
    double clean = clean_error(dataset, model), gap = 0, ratio = 0;
    size_t count = 0;
    for (size_t c = 0; c < dataset->condition_count; c++) {
        if (dataset->conditions[c].kind != CONDITION_OOD ||
            scores_at(dataset, model, c, 0)->summary.count == 0)
            continue;
        double shifted = mean_over_seeds(dataset, model, c);
        gap += shift_gap(clean, shifted);
        ratio += shift_ratio(clean, shifted);
        count++;
    }
    result->shift_gap[m] = count == 0 ? NAN : gap / (double)count;
    result->shift_ratio[m] = count == 0 ? NAN : ratio / (double)count;
}

struct degradations degradations_make(const struct dataset_results *dataset, struct arena *arena) {
    size_t models = dataset->model_count;
    struct degradations result = {
        .types = ARENA_NEW(arena, const char *, dataset->condition_count + 1),
        .overall = ARENA_NEW(arena, struct degradation, models + 1),
        .shift_gap = ARENA_NEW(arena, double, models + 1),
        .shift_ratio = ARENA_NEW(arena, double, models + 1),
    };
    if (dataset->metric_count == 0)
        return result;
    result.type_count = perturbations_of(dataset, result.types);
    result.reference = dataset->reference != NULL   ? dataset->reference
                       : dataset->network_count > 0 ? &dataset->models[0]
                                                    : NULL;
    result.items = ARENA_NEW(arena, struct degradation, models * result.type_count + 1);
    for (size_t t = 0; result.reference != NULL && t < result.type_count; t++)
        result.without_reference += is_lost(dataset, result.reference, result.types[t], arena);
    for (size_t m = 0; m < models; m++) {
        struct degradation *items = result.items + m * result.type_count;
        for (size_t t = 0; t < result.type_count; t++)
            items[t] =
                degrade(dataset, &dataset->models[m], result.reference, result.types[t], arena);
        result.overall[m] = summarize_degradations(items, result.type_count, arena);
        result.overall[m].not_finite =
            seeds_perturbed_not_finite(dataset, &dataset->models[m], arena);
        average_shifts(dataset, m, &result);
    }
    return result;
}
