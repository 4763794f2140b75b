/* One number of a model, such as a metric, for all seeds of two results. */
#ifndef REPORT_RESULTS_SIDES_H
#define REPORT_RESULTS_SIDES_H

#include "report/results/results.h"

struct sides {
    bool paired; /* base[i] and changed[i] have the same seed */
    double *base, *changed;
    size_t base_count, changed_count;
    size_t lost; /* seeds with a value in base and a finished trial without one in changed */
};

/* Position of a seed among a model's trials; trial_count when it is not there. */
size_t seed_position(const struct model_results *model, double seed);

/* Whether `changed` has trials, but none with a seed of `base`. */
bool runs_other_seeds(const struct model_results *base, const struct model_results *changed);

/* The values of the seeds that both have; all values of both when it runs other seeds. Values are
 * [trial_count] of either model, NaN where there is none. */
struct sides sides_collect(const struct model_results *base, const double *base_values,
                           const struct model_results *changed, const double *changed_values,
                           struct arena *arena);

/* Whether the difference is more than chance, its p in *p: the paired t test of log ratios (of
 * differences where a value is not positive) when both have the same seeds, else Welch's test, at
 * level alpha. With fewer than three pairs, or one value of changed, *p is left alone and the
 * difference must be more than two standard deviations of base; a single seed of base supports any. */
bool sides_support(const struct sides *sides, double alpha, double *p);

/* The smallest relative change for the worse that this test finds with DETECTABLE_POWER, given how
 * the seeds scatter; NaN where there is no test. */
#define DETECTABLE_POWER 0.8
double sides_detectable(const struct sides *sides, double alpha, bool higher_is_better);

#endif
