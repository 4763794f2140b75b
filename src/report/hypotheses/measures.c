#include "report/hypotheses/measures.h"

#include "evaluate/power_law.h"
#include "evaluate/robustness.h"
#include "report/results/sides.h"
#include "report/results/target.h"

#include <gsl/gsl_sort_double.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <string.h>

/* A learning rate works when it ends within this of the best one. */
static const double RATE_TOLERANCE = 1.1;

/* What a value is computed from. */
struct place {
    const struct measure *measure;
    const struct dataset_results *dataset;
    const struct model_results *model;
    struct target target;
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

/* Of the reference's seeds together, under the same condition. */
static double reference_error(const struct place *place, size_t condition) {
    const struct dataset_results *dataset = place->dataset;
    return dataset->metric_count == 0 || dataset->reference == NULL
               ? NAN
               : score_error(scores_at(dataset, dataset->reference, condition, 0)->summary.mean,
                             dataset->metrics[0].higher_is_better);
}

/* CE of one perturbation. */
static double corruption_under(const struct place *place, const char *type) {
    const struct dataset_results *dataset = place->dataset;
    double error = 0, reference = 0;
    for (size_t c = 0; c < dataset->condition_count; c++)
        if (dataset->conditions[c].kind == CONDITION_NOISE &&
            strcmp(dataset->conditions[c].name, type) == 0) {
            error += error_under(place, c);
            reference += reference_error(place, c);
        }
    return corruption_error(&error, &reference, 1);
}

/* Over all: their mean, as often as each has severities. */
static double corruption(const struct place *place) {
    const struct dataset_results *dataset = place->dataset;
    double sum = 0, count = 0;
    for (size_t c = 0; c < dataset->condition_count; c++)
        if (is_meant(place, CONDITION_NOISE, c)) {
            sum += corruption_under(place, dataset->conditions[c].name);
            count++;
        }
    return sum / count;
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

/* ---- Training ---- */

static const struct trial *trial_at(const struct place *place) {
    return place->model->trials[place->trial];
}

/* Epochs until the target; infinite when it is never reached. */
static double epochs_to_target(const struct place *place) {
    const struct trial *trial = trial_at(place);
    size_t epoch = target_epoch(&place->target, trial);
    return epoch < trial->curve_count ? (double)epoch + 1 : INFINITY;
}

/* What of a cost of the whole training was spent until then. */
static double cost_to_target(const struct place *place, enum cost cost) {
    const struct trial *trial = trial_at(place);
    double epochs = epochs_to_target(place);
    return isinf(epochs) ? INFINITY : trial->costs[cost] * epochs / (double)trial->curve_count;
}

static double gradient_spread(const struct place *place) {
    const struct trial *trial = trial_at(place);
    struct arena scratch = {0};
    double *medians = ARENA_NEW(&scratch, double, trial->curve_count + 1), longest = 0;
    for (size_t e = 0; e < trial->curve_count; e++) {
        medians[e] = trial->curve[e].gradient_median;
        longest = fmax(longest, trial->curve[e].gradient_max);
    }
    gsl_sort(medians, 1, trial->curve_count);
    double spread =
        trial->curve_count == 0
            ? NAN
            : longest / gsl_stats_median_from_sorted_data(medians, 1, trial->curve_count);
    arena_free(&scratch);
    return spread;
}

/* Mean of a share over the epochs. */
static double mean_share(const struct place *place, size_t offset) {
    const struct trial *trial = trial_at(place);
    double sum = 0;
    for (size_t e = 0; e < trial->curve_count; e++)
        sum += *(const double *)((const char *)&trial->curve[e] + offset);
    return sum / (double)trial->curve_count;
}

static double run_bytes(const struct place *place) {
    static const enum cost costs[] = {COST_PARAMETER_BYTES, COST_STREAMING_BYTES};
    return sum_of_costs(place, costs, sizeof costs / sizeof costs[0]);
}

static double train_bytes(const struct place *place) {
    static const enum cost costs[] = {COST_PARAMETER_BYTES, COST_GRADIENT_BYTES,
                                      COST_OPTIMIZER_BYTES, COST_ACTIVATION_BYTES};
    return sum_of_costs(place, costs, sizeof costs / sizeof costs[0]);
}

/* Of one trial. */
static double value_of(const struct place *place) {
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
    case MEASURE_NOISE_CE:
        return corruption(place);
    case MEASURE_SHIFT_ERROR:
        return mean_over(place, CONDITION_OOD, error_under);
    case MEASURE_SHIFT_GROWTH:
        return mean_over(place, CONDITION_OOD, growth_under);
    case MEASURE_VALID_STEPS:
        return valid_steps(place);
    case MEASURE_COST:
        return cost_value(place);
    case MEASURE_RUN_BYTES:
        return run_bytes(place);
    case MEASURE_TRAIN_BYTES:
        return train_bytes(place);
    case MEASURE_RECORD:
        return trial_at(place)->recorded[measure_position(type)];
    case MEASURE_EPOCHS_TO_TARGET:
        return epochs_to_target(place);
    case MEASURE_SECONDS_TO_TARGET:
        return cost_to_target(place, COST_TRAIN_CPU_SECONDS);
    case MEASURE_OPERATIONS_TO_TARGET:
        return cost_to_target(place, COST_TRAIN_OPERATIONS);
    case MEASURE_GRADIENT_SPREAD:
        return gradient_spread(place);
    case MEASURE_CLIPPED:
        return mean_share(place, offsetof(struct epoch, clipped));
    case MEASURE_EXPLODING:
        return mean_share(place, offsetof(struct epoch, exploding));
    default:
        return NAN; /* of families */
    }
}

/* ---- Families ---- */

/* The models of a family at one seed, those that ran it. */
struct rungs {
    struct place *items;
    size_t count;
};

static size_t find_family(const struct dataset_results *dataset, const char *name,
                          const struct model_results **members) {
    size_t count = 0;
    for (size_t m = 0; m < dataset->network_count; m++)
        if (strcmp(dataset->models[m].family, name) == 0)
            members[count++] = &dataset->models[m];
    return count;
}

static double price_of(const struct place *place) {
    switch (place->measure->type->kind) {
    case MEASURE_SIZES_RUN_BYTES:
        return run_bytes(place);
    case MEASURE_SIZES_TRAIN_BYTES:
        return train_bytes(place);
    default:
        return trial_at(place)->costs[COST_PARAMETERS];
    }
}

/* The least price at which the test score reaches the target. */
static double min_price(const struct rungs *rungs) {
    double min = INFINITY;
    for (size_t r = 0; r < rungs->count; r++) {
        const struct place *place = &rungs->items[r];
        double score =
            scores_at(place->dataset, place->model, place->dataset->test, 0)->values[place->trial];
        if (trial_at(place)->ok && target_reached(&place->target, score))
            min = fmin(min, price_of(place));
    }
    return min;
}

static double epoch_seconds(const struct place *place) {
    const struct trial *trial = trial_at(place);
    return trial->costs[COST_TRAIN_CPU_SECONDS] / (double)trial->curve_count;
}

/* The exponent of a power law in the number of parameters: the slope of the logarithms. */
static double exponent(const struct rungs *rungs, double (*value)(const struct place *place),
                       struct arena *arena) {
    double *x = ARENA_NEW(arena, double, rungs->count + 1);
    double *y = ARENA_NEW(arena, double, rungs->count + 1);
    for (size_t r = 0; r < rungs->count; r++) {
        x[r] = trial_at(&rungs->items[r])->costs[COST_PARAMETERS];
        y[r] = trial_at(&rungs->items[r])->ok ? value(&rungs->items[r]) : NAN;
    }
    return power_law_fit(x, y, rungs->count).exponent;
}

static double valid_error(const struct place *place) {
    struct condition valid = {CONDITION_SPLIT, "valid", 0, NULL};
    size_t condition = condition_position(place->dataset, &valid);
    if (!trial_at(place)->ok || condition == place->dataset->condition_count)
        return INFINITY;
    double error = error_under(place, condition);
    return isnan(error) ? INFINITY : error;
}

/* How many rungs end close to the best of them. */
static double share_near_best(const struct rungs *rungs) {
    double best = INFINITY, near = 0;
    for (size_t r = 0; r < rungs->count; r++)
        best = fmin(best, valid_error(&rungs->items[r]));
    for (size_t r = 0; r < rungs->count; r++)
        near += valid_error(&rungs->items[r]) <= RATE_TOLERANCE * best && isfinite(best);
    return near / (double)rungs->count;
}

static double value_of_family(const struct rungs *rungs, struct arena *arena) {
    switch (rungs->items[0].measure->type->kind) {
    case MEASURE_SIZES_GAIN:
        return -exponent(rungs, clean_error, arena);
    case MEASURE_SIZES_TIME:
        return exponent(rungs, epoch_seconds, arena);
    case MEASURE_RATES_SHARE:
        return share_near_best(rungs);
    default:
        return min_price(rungs);
    }
}

/* The models of the family that have this seed. */
static struct rungs rungs_at(const struct place *like, const struct model_results *const *members,
                             size_t member_count, double seed, struct arena *arena) {
    struct rungs rungs = {.items = ARENA_NEW(arena, struct place, member_count)};
    for (size_t m = 0; m < member_count; m++) {
        size_t trial = seed_position(members[m], seed);
        if (trial == members[m]->trial_count)
            continue;
        struct place *place = &rungs.items[rungs.count++];
        *place = *like;
        place->model = members[m];
        place->trial = trial;
    }
    return rungs;
}

/* ---- All ---- */

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

static struct measured values_of_model(struct place *place, const struct model_results *model,
                                       struct arena *arena) {
    double worst = worst_score(measure_higher_is_better(place->measure, place->dataset));
    struct measured measured = {.values = ARENA_NEW(arena, double, model->trial_count),
                                .count = model->trial_count,
                                .is_constant = model->baseline};
    bool any = false;
    place->model = model;
    for (size_t t = 0; t < model->trial_count; t++) {
        place->trial = t;
        double value = value_of(place);
        if (!model->trials[t]->ok && !(measure_is_exact(place->measure) && isfinite(value)))
            value = worst;
        measured.values[t] = value;
        any |= !isnan(value);
    }
    if (!any)
        measured.reason = arena_printf(arena, "it is not measured for %s", model->name);
    return measured;
}

static struct measured values_of_family(const struct place *like, const char *name,
                                        struct arena *arena) {
    const struct model_results **members =
        ARENA_NEW(arena, const struct model_results *, like->dataset->model_count + 1);
    size_t member_count = find_family(like->dataset, name, members);
    if (member_count == 0)
        return (struct measured){.reason = arena_printf(arena, "there is no family %s", name)};
    struct measured measured = {.values = ARENA_NEW(arena, double, members[0]->trial_count),
                                .count = members[0]->trial_count};
    for (size_t t = 0; t < measured.count; t++) {
        struct rungs rungs =
            rungs_at(like, members, member_count, members[0]->trials[t]->seed, arena);
        measured.values[t] = value_of_family(&rungs, arena);
    }
    return measured;
}

struct measured measure_values(const struct measure *measure, const struct dataset_results *dataset,
                               const char *name, struct arena *arena) {
    struct place place = {.measure = measure, .dataset = dataset};
    const struct measure_type *type = measure->type;
    if (measure_has_target(type)) {
        place.target = measure_of_family(type) ? target_on_test(dataset, arena)
                                               : target_of_curve(dataset, arena);
        if (isnan(place.target.score))
            return (struct measured){
                .reason = "there is no target: the reference is no better than the best baseline"};
    }
    if (measure_of_family(type))
        return values_of_family(&place, name, arena);
    const struct model_results *model = find_model_results(dataset, name);
    if (model == NULL)
        return (struct measured){.reason = arena_printf(arena, "there are no results of %s", name)};
    return values_of_model(&place, model, arena);
}
