/* Mean and deviation, as data sets are scaled by them. */
#ifndef DATA_SPLITS_SCALING_H
#define DATA_SPLITS_SCALING_H

#include <stdbool.h>

/* scaled = (value - offset) / scale has mean 0 and deviation 1 over the values that are not NaN; if
 * they are constant, but for rounding, they are only shifted. False, and nothing is set, when all
 * are NaN. */
bool scale_of_values(const double *values, int count, double *scale, double *offset);

/* Rows of the first window of a series of `rows` rows, by which it is scaled when it has no
 * training rows; `window` 0: the whole series, but for the `ahead` rows that a forecast only
 * predicts. */
int first_window_rows(int rows, int window, int ahead);

#endif
