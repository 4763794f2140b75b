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

/* Copies the pairs, as logarithms where all values are positive: a change that worsens every seed by
 * the same share is no chance, however much the seeds scatter. Returns whether they are logarithms. */
static bool paired_values(const struct sides *sides, double *x, double *y) {
    bool positive = true;
    for (size_t i = 0; i < sides->base_count; i++)
        positive &= sides->base[i] > 0 && sides->changed[i] > 0;
    for (size_t i = 0; i < sides->base_count; i++) {
        x[i] = positive ? log(sides->base[i]) : sides->base[i];
        y[i] = positive ? log(sides->changed[i]) : sides->changed[i];
    }
    return positive;
}

static double paired_p(const struct sides *sides) {
    struct arena scratch = {0};
    double *x = ARENA_NEW(&scratch, double, sides->base_count);
    double *y = ARENA_NEW(&scratch, double, sides->base_count);
    paired_values(sides, x, y);
    double p = paired_t_test(x, y, sides->base_count);
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
    *p = sides->paired ? paired_p(sides) : welch_test(base, n, changed, m);
    return *p <= alpha;
}

/* Standard error of the mean difference of pairs. Pairs that scatter a hundredth of what the seeds do
 * are the same trainings but for rounding: how a change would scatter them is not seen, and is taken
 * for what trainings of their own would do. */
static double paired_error(const double *x, double *y, size_t count) {
    double trainings = M_SQRT2 * gsl_stats_sd(x, 1, count);
    for (size_t i = 0; i < count; i++)
        y[i] -= x[i];
    double pairs = gsl_stats_sd(y, 1, count);
    return (pairs < trainings / 100 ? trainings : pairs) / sqrt((double)count);
}

static double detectable_in_pairs(const struct sides *sides, double alpha, bool higher_is_better) {
    struct arena scratch = {0};
    size_t n = sides->base_count;
    double *x = ARENA_NEW(&scratch, double, n), *y = ARENA_NEW(&scratch, double, n);
    bool logarithms = paired_values(sides, x, y);
    double difference =
        paired_error(x, y, n) * detectable_difference((double)(n - 1), alpha, DETECTABLE_POWER);
    arena_free(&scratch);
    if (!logarithms)
        return difference / fabs(gsl_stats_mean(sides->base, 1, n));
    return higher_is_better ? -expm1(-difference) : expm1(difference);
}

double sides_detectable(const struct sides *sides, double alpha, bool higher_is_better) {
    size_t n = sides->base_count, m = sides->changed_count;
    if (sides->paired)
        return n < FEWEST_PAIRS ? NAN : detectable_in_pairs(sides, alpha, higher_is_better);
    if (n < 2 || m < 2)
        return NAN;
    double freedom, error = welch_error(sides->base, n, sides->changed, m, &freedom);
    return error == 0 ? 0
                      : error * detectable_difference(freedom, alpha, DETECTABLE_POWER) /
                            fabs(gsl_stats_mean(sides->base, 1, n));
}
