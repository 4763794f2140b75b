#include "report/results/target.h"

#include <gsl/gsl_sort_double.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <string.h>

static size_t metric_named(const struct dataset_results *dataset, const char *name) {
    size_t m = 0;
    while (m < dataset->metric_count && strcmp(dataset->metrics[m].name, name) != 0)
        m++;
    return m;
}

/* Position of a split among the conditions; condition_count when it was not scored. */
static size_t split_named(const struct dataset_results *dataset, const char *name) {
    struct condition split = {CONDITION_SPLIT, name, 0, NULL};
    return condition_position(dataset, &split);
}

static double best_baseline(const struct dataset_results *dataset, size_t condition,
                            size_t metric) {
    double best = NAN;
    for (size_t m = dataset->network_count; m < dataset->model_count; m++) {
        double score = scores_at(dataset, &dataset->models[m], condition, metric)->summary.mean;
        if (!isnan(score) && (isnan(best) || metric_better(&dataset->metrics[metric], score, best)))
            best = score;
    }
    return best;
}

/* The best score of a curve; the worst there is of a trial that failed. */
static double best_of_curve(const struct trial *trial, bool higher_is_better) {
    double best = worst_score(higher_is_better);
    for (size_t e = 0; trial->ok && e < trial->curve_count; e++) {
        double score = trial->curve[e].valid;
        if (higher_is_better ? score > best : score < best)
            best = score;
    }
    return best;
}

static double median(double *values, size_t count) {
    gsl_sort(values, 1, count);
    return count == 0 ? NAN : gsl_stats_median_from_sorted_data(values, 1, count);
}

static const struct trial *first_trial(const struct dataset_results *dataset) {
    return dataset->model_count > 0 && dataset->models[0].trial_count > 0
               ? dataset->models[0].trials[0]
               : NULL;
}

static struct target between(double baseline, double reference, double share,
                             const struct metric_info *metric) {
    struct target target = {NAN, metric->higher_is_better};
    if (isfinite(baseline) && isfinite(reference) && metric_better(metric, reference, baseline))
        target.score = baseline + share * (reference - baseline);
    return target;
}

struct target target_on_test(const struct dataset_results *dataset, struct arena *arena) {
    const struct trial *trial = first_trial(dataset);
    struct target none = {NAN, false};
    if (trial == NULL || dataset->metric_count == 0)
        return none;
    const struct metric_info *metric = &dataset->metrics[0];
    if (trial->target_score != 0)
        return (struct target){trial->target_score, metric->higher_is_better};
    const struct model_results *reference = dataset->reference;
    if (trial->target_share <= 0 || reference == NULL)
        return none;
    double *values = ARENA_NEW(arena, double, reference->trial_count + 1);
    for (size_t t = 0; t < reference->trial_count; t++)
        values[t] = reference->trials[t]->ok
                        ? scores_at(dataset, reference, dataset->test, 0)->values[t]
                        : worst_score(metric->higher_is_better);
    return between(best_baseline(dataset, dataset->test, 0), median(values, reference->trial_count),
                   trial->target_share, metric);
}

struct target target_of_curve(const struct dataset_results *dataset, struct arena *arena) {
    const struct trial *trial = first_trial(dataset);
    struct target none = {NAN, false};
    size_t metric = trial == NULL ? 0 : metric_named(dataset, trial->select);
    size_t valid = split_named(dataset, "valid");
    if (trial == NULL || metric == dataset->metric_count)
        return none;
    bool higher_is_better = dataset->metrics[metric].higher_is_better;
    if (trial->target_score != 0)
        return metric == 0 ? (struct target){trial->target_score, higher_is_better} : none;
    const struct model_results *reference = dataset->reference;
    if (trial->target_share <= 0 || reference == NULL || valid == dataset->condition_count)
        return none;
    double *values = ARENA_NEW(arena, double, reference->trial_count + 1);
    for (size_t t = 0; t < reference->trial_count; t++)
        values[t] = best_of_curve(reference->trials[t], higher_is_better);
    return between(best_baseline(dataset, valid, metric), median(values, reference->trial_count),
                   trial->target_share, &dataset->metrics[metric]);
}

bool target_reached(const struct target *target, double score) {
    return target->higher_is_better ? score >= target->score : score <= target->score;
}

size_t target_epoch(const struct target *target, const struct trial *trial) {
    size_t e = trial->ok ? 0 : trial->curve_count;
    while (e < trial->curve_count && !target_reached(target, trial->curve[e].valid))
        e++;
    return e;
}
