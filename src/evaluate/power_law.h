/* A power law y = factor x^exponent, fitted by least squares of the logarithms. */
#ifndef EVALUATE_POWER_LAW_H
#define EVALUATE_POWER_LAW_H

#include <stddef.h>

struct power_law {
    double exponent, factor;
    double low, high; /* 95 % interval of the exponent (Student's t); infinite with two points */
    size_t count;     /* points that were fitted */
};

/* Points that are not positive and finite are left out. NaN with fewer than two different x. */
struct power_law power_law_fit(const double *x, const double *y, size_t count);

#endif
