#include "report/results/sides.h"

#include "evaluate/significance.h"

#include <gsl/gsl_statistics_double.h>
#include <math.h>

size_t seed_position(const struct model_results *model, double seed) {
    size_t t = 0;
    while (t < model->trial_count && model->trials[t]->seed != seed)
        t++;
    return t;
}

bool runs_other_seeds(const struct model_results *base, const struct model_results *changed) {
    for (size_t t = 0; t < base->trial_count; t++)
        if (seed_position(changed, base->trials[t]->seed) < changed->trial_count)
            return false;
    return changed->trial_count > 0;
}

static void add_finite(double value, double *values, size_t *count) {
    if (isfinite(value))
        values[(*count)++] = value;
}

struct sides sides_collect(const struct model_results *base, const double *base_values,
                           const struct model_results *changed, const double *changed_values,
                           struct arena *arena) {
    struct sides sides = {
        .paired = !runs_other_seeds(base, changed),
        .base = ARENA_NEW(arena, double, base->trial_count),
        .changed = ARENA_NEW(arena, double, base->trial_count + changed->trial_count),
    };
    for (size_t t = 0; t < base->trial_count; t++) {
        size_t other = seed_position(changed, base->trials[t]->seed);
        if (!sides.paired) {
            add_finite(base_values[t], sides.base, &sides.base_count);
        } else if (other < changed->trial_count && isfinite(base_values[t])) {
            if (!isfinite(changed_values[other])) {
                sides.lost += changed->trials[other]->ok;
                continue;
            }
            add_finite(base_values[t], sides.base, &sides.base_count);
            add_finite(changed_values[other], sides.changed, &sides.changed_count);
        }
    }
    for (size_t t = 0; !sides.paired && t < changed->trial_count; t++) {
        sides.lost += isinf(changed_values[t]) != 0;
        add_finite(changed_values[t], sides.changed, &sides.changed_count);
    }
    return sides;
}

/* With two pairs even a change of the same size in both reaches no strict level. */
enum { FEWEST_PAIRS = 3 };

/* p of the paired t test on log ratios where all values are positive, else on differences: a change
 * that worsens every seed by the same share is no chance, however much the seeds scatter. */
static double paired_p(const double *base, const double *changed, size_t count) {
    struct arena scratch = {0};
    double *x = ARENA_NEW(&scratch, double, count), *y = ARENA_NEW(&scratch, double, count);
    bool positive = true;
    for (size_t i = 0; i < count; i++)
        positive &= base[i] > 0 && changed[i] > 0;
    for (size_t i = 0; i < count; i++) {
        x[i] = positive ? log(base[i]) : base[i];
        y[i] = positive ? log(changed[i]) : changed[i];
    }
    double p = paired_t_test(x, y, count);
    arena_free(&scratch);
    return p;
}

bool sides_support(const struct sides *sides, double alpha, double *p) {
    const double *base = sides->base, *changed = sides->changed;
    size_t n = sides->base_count, m = sides->changed_count;
    if (n < 2)
        return true;
    if (m < (sides->paired ? FEWEST_PAIRS : 2))
        return fabs(gsl_stats_mean(changed, 1, m) - gsl_stats_mean(base, 1, n)) >
               2 * gsl_stats_sd(base, 1, n);
    *p = sides->paired ? paired_p(base, changed, n) : welch_test(base, n, changed, m);
    return *p <= alpha;
}
