/* The target that a config states beforehand ("target"), as a score of a data set: a share of the way
 * from the best trivial baseline to the median of the reference's trials. */
#ifndef REPORT_RESULTS_TARGET_H
#define REPORT_RESULTS_TARGET_H

#include "report/results/results.h"

struct target {
    double score; /* NaN: none is stated, or the reference is no better than the best baseline */
    bool higher_is_better;
};

/* On the test split, in the headline metric; failed trials of the reference count as the worst. */
struct target target_on_test(const struct dataset_results *dataset, struct arena *arena);

/* On the validation split, in the metric of the training curves. */
struct target target_of_curve(const struct dataset_results *dataset, struct arena *arena);

bool target_reached(const struct target *target, double score);

/* Position in the trial's curve of the first epoch that reaches it; curve_count when none does or
 * the trial failed. */
size_t target_epoch(const struct target *target, const struct trial *trial);

#endif
