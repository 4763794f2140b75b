/* Models across data sets: their ranks on each, Friedman's test, and Nemenyi's critical difference
 * (Demšar 2006). */
#ifndef REPORT_RESULTS_ACROSS_H
#define REPORT_RESULTS_ACROSS_H

#include "evaluate/ranking.h"
#include "report/results/results.h"

struct across {
    const struct dataset_results **datasets;
    size_t dataset_count;
    const struct model_results **models; /* as they are on the first data set */
    size_t model_count;
    double *ranks;      /* [dataset_count][model_count] by mean test score, 1 is best */
    double *mean_ranks; /* [model_count] */
    struct friedman friedman;
};

/* False unless at least two networks have test scores on at least two data sets each. */
bool across_make(const struct results *results, struct arena *arena, struct across *across);

/* The model at that place, from 0, in the order of mean ranks. */
size_t across_at_rank(const struct across *across, size_t place, struct arena *arena);

#endif
