#include "report/results/steadiness.h"

#include "evaluate/robustness.h"
#include "evaluate/significance.h"

#include <math.h>

static bool is_selected(const struct dataset_results *dataset, const struct selection *selection,
                        size_t condition) {
    return dataset->conditions[condition].kind == selection->kind &&
           (selection->only == ALL_CONDITIONS || selection->only == condition);
}

/* Each seed's mean error over the conditions, relative to its clean one. *mean: of the mean errors over seeds, as
 * tables have it. */
static double *growth_of_seeds(const struct dataset_results *dataset,
                               const struct model_results *model, const struct selection *selection,
                               double *mean, struct arena *arena) {
    bool higher = dataset->metrics[0].higher_is_better;
    double *growth = ARENA_NEW(arena, double, model->trial_count + 1);
    const double *clean = scores_at(dataset, model, dataset->test, 0)->values;
    double clean_sum = 0, changed_sum = 0;
    size_t seeds = 0;
    for (size_t t = 0; t < model->trial_count; t++) {
        size_t count = 0;
        for (size_t c = 0; c < dataset->condition_count; c++) {
            double changed = scores_at(dataset, model, c, 0)->values[t];
            if (!is_selected(dataset, selection, c) || isnan(changed))
                continue;
            growth[t] += score_error(changed, higher);
            count++;
        }
        double changed = count == 0 ? NAN : growth[t] / (double)count;
        double before = score_error(clean[t], higher);
        growth[t] = count == 0 ? NAN : shift_ratio(before, changed);
        if (!isnan(growth[t])) {
            clean_sum += before;
            changed_sum += changed;
            seeds++;
        }
    }
    *mean = seeds == 0 ? NAN : shift_ratio(clean_sum / (double)seeds, changed_sum / (double)seeds);
    return growth;
}

/* The networks' growth of error, least first; returns their number. */
static size_t sort_growths(const struct dataset_results *dataset, const struct selection *selection,
                           struct growth *growths, struct arena *arena) {
    size_t count = 0;
    for (size_t m = 0; m < dataset->network_count; m++) {
        const struct model_results *model = &dataset->models[m];
        double mean, *values = growth_of_seeds(dataset, model, selection, &mean, arena);
        if (isnan(mean))
            continue;
        size_t place = count++;
        for (; place > 0 && growths[place - 1].mean > mean; place--)
            growths[place] = growths[place - 1];
        growths[place] = (struct growth){model, values, mean};
    }
    return count;
}

/* Over the seeds that both have. Bonferroni's correction, because the first is compared with the next
 * of all `networks`. */
static double growth_p(const struct growth *a, const struct growth *b, size_t networks,
                       struct arena *arena) {
    size_t count = 0;
    double *x = ARENA_NEW(arena, double, a->model->trial_count + 1);
    double *y = ARENA_NEW(arena, double, a->model->trial_count + 1);
    for (size_t i = 0; i < a->model->trial_count; i++)
        for (size_t j = 0; j < b->model->trial_count; j++)
            if (a->model->trials[i]->seed == b->model->trials[j]->seed) {
                x[count] = a->seeds[i];
                y[count++] = b->seeds[j];
            }
    return fmin(1, seeds_test(x, y, count) * (double)(networks - 1));
}

bool find_steadiness(const struct dataset_results *dataset, const struct selection *selection,
                     struct steadiness *found, struct arena *arena) {
    found->growths = ARENA_NEW(arena, struct growth, dataset->network_count + 1);
    found->count = sort_growths(dataset, selection, found->growths, arena);
    if (found->count < 2 || isinf(found->growths[0].mean))
        return false;
    found->p = growth_p(&found->growths[0], &found->growths[1], found->count, arena);
    return true;
}
