#include "report/hypotheses/measures.h"

#include "evaluate/robustness.h"

#include <math.h>
#include <string.h>

/* What a value is computed from. */
struct place {
    const struct measure *measure;
    const struct dataset_results *dataset;
    const struct model_results *model;
    size_t trial; /* position among the model's */
};

/* ---- Errors of the headline metric ---- */

static double error_under(const struct place *place, size_t condition) {
    if (place->dataset->metric_count == 0)
        return NAN;
    double score = scores_at(place->dataset, place->model, condition, 0)->values[place->trial];
    return score_error(score, place->dataset->metrics[0].higher_is_better);
}

static double clean_error(const struct place *place) {
    return error_under(place, place->dataset->test);
}

/* What an error is relative to the clean one; NaN where a ratio means nothing. */
static double growth_under(const struct place *place, size_t condition) {
    double clean = clean_error(place), error = error_under(place, condition);
    return isinf(clean) || isinf(error) ? INFINITY : clean > 0 ? error / clean : NAN;
}

static bool is_all(const struct measure *measure) {
    return strcmp(measure->part, "all") == 0;
}

/* Whether a condition is one of the noise or of the shifts that the measure is about. */
static bool is_meant(const struct place *place, enum condition_kind kind, size_t condition) {
    const struct condition *candidate = &place->dataset->conditions[condition];
    return candidate->kind == kind &&
           (is_all(place->measure) || strcmp(candidate->name, place->measure->part) == 0);
}

typedef double (*condition_value)(const struct place *place, size_t condition);

/* Mean over the conditions; each perturbation has as many severities as the others. */
static double mean_over(const struct place *place, enum condition_kind kind,
                        condition_value value) {
    double sum = 0, count = 0;
    for (size_t c = 0; c < place->dataset->condition_count; c++)
        if (is_meant(place, kind, c)) {
            sum += value(place, c);
            count++;
        }
    return sum / count; /* 0 / 0 is NaN */
}

static double worst_growth(const struct place *place) {
    double worst = NAN;
    for (size_t c = 0; c < place->dataset->condition_count; c++)
        if (is_meant(place, CONDITION_NOISE, c))
            worst = fmax(worst, growth_under(place, c));
    return worst;
}

/* ---- Other values ---- */

static double metric_value(const struct place *place) {
    const struct dataset_results *dataset = place->dataset;
    const char *path = place->measure->type->path;
    size_t length = strcspn(path, "."), m = 0;
    while (m < dataset->metric_count && strcmp(dataset->metrics[m].name, place->measure->part) != 0)
        m++;
    for (size_t c = 0; m < dataset->metric_count && c < dataset->condition_count; c++)
        if (dataset->conditions[c].kind == CONDITION_SPLIT &&
            strlen(dataset->conditions[c].name) == length &&
            strncmp(dataset->conditions[c].name, path, length) == 0)
            return scores_at(dataset, place->model, c, m)->values[place->trial];
    return NAN;
}

/* Mean over the rollouts. */
static double valid_steps(const struct place *place) {
    const struct trial *trial = place->model->trials[place->trial];
    double sum = 0, count = 0;
    for (size_t i = 0; i < trial->measurement_count; i++) {
        const struct measurement *measurement = &trial->measurements[i];
        if (measurement->rollout != NULL &&
            (is_all(place->measure) ||
             strcmp(measurement->condition.name, place->measure->part) == 0)) {
            sum += measurement->rollout->valid_steps;
            count++;
        }
    }
    return sum / count;
}

static const struct cost_info *cost_named(const char *name) {
    for (size_t c = 0; c < COST_COUNT; c++)
        if (strcmp(cost_infos[c].name, name) == 0)
            return &cost_infos[c];
    return NULL;
}

static double cost_value(const struct place *place) {
    const struct cost_info *cost = cost_named(place->measure->part);
    return cost == NULL ? NAN : place->model->trials[place->trial]->costs[cost - cost_infos];
}

static double sum_of_costs(const struct place *place, const enum cost *costs, size_t count) {
    double sum = 0;
    for (size_t c = 0; c < count; c++)
        sum += place->model->trials[place->trial]->costs[costs[c]];
    return sum;
}

static double value_of(const struct place *place) {
    static const enum cost run[] = {COST_PARAMETER_BYTES, COST_STREAMING_BYTES};
    static const enum cost training[] = {COST_PARAMETER_BYTES, COST_GRADIENT_BYTES,
                                         COST_OPTIMIZER_BYTES, COST_ACTIVATION_BYTES};
    const struct measure_type *type = place->measure->type;
    switch (type->kind) {
    case MEASURE_METRIC:
        return metric_value(place);
    case MEASURE_ERROR:
        return clean_error(place);
    case MEASURE_NOISE_ERROR:
        return mean_over(place, CONDITION_NOISE, error_under);
    case MEASURE_NOISE_GROWTH:
        return mean_over(place, CONDITION_NOISE, growth_under);
    case MEASURE_NOISE_WORST:
        return worst_growth(place);
    case MEASURE_SHIFT_ERROR:
        return mean_over(place, CONDITION_OOD, error_under);
    case MEASURE_SHIFT_GROWTH:
        return mean_over(place, CONDITION_OOD, growth_under);
    case MEASURE_VALID_STEPS:
        return valid_steps(place);
    case MEASURE_COST:
        return cost_value(place);
    case MEASURE_RUN_BYTES:
        return sum_of_costs(place, run, sizeof run / sizeof run[0]);
    case MEASURE_TRAIN_BYTES:
        return sum_of_costs(place, training, sizeof training / sizeof training[0]);
    case MEASURE_RECORD:
        return place->model->trials[place->trial]->recorded[measure_position(type)];
    }
    return NAN;
}

bool measure_higher_is_better(const struct measure *measure,
                              const struct dataset_results *dataset) {
    for (size_t m = 0; measure->type->kind == MEASURE_METRIC && m < dataset->metric_count; m++)
        if (strcmp(dataset->metrics[m].name, measure->part) == 0)
            return dataset->metrics[m].higher_is_better;
    return measure->type->higher_is_better;
}

bool measure_is_exact(const struct measure *measure) {
    const struct cost_info *cost =
        measure->type->kind == MEASURE_COST ? cost_named(measure->part) : NULL;
    return cost != NULL ? cost->exact : measure->type->exact;
}

bool measure_values(const struct measure *measure, const struct dataset_results *dataset,
                    const struct model_results *model, double *values) {
    bool any = false;
    double worst = worst_score(measure_higher_is_better(measure, dataset));
    for (size_t t = 0; t < model->trial_count; t++) {
        struct place place = {measure, dataset, model, t};
        values[t] = value_of(&place);
        if (!model->trials[t]->ok && !(measure_is_exact(measure) && isfinite(values[t])))
            values[t] = worst;
        any = any || !isnan(values[t]);
    }
    return any;
}
