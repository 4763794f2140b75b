/* Statistics over seeds. */
#ifndef EVALUATE_STATISTICS_H
#define EVALUATE_STATISTICS_H

#include <stddef.h>

struct summary {
    size_t count;           /* finite values */
    double mean, deviation; /* sample standard deviation; 0 for a single value */
    double least, most;
};

/* Values that are not finite are left out; without any left, the numbers are NaN. */
struct summary summarize(const double *values, size_t count);

#endif
