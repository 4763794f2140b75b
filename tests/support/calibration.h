/* How often statistical tests err, measured on many seeds of real trainings
 * (results/reference/calibration/scores.csv, which scripts/calibrate-tests.sh writes). */
#ifndef TESTS_SUPPORT_CALIBRATION_H
#define TESTS_SUPPORT_CALIBRATION_H

#include "base/arena.h"
#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

/* The scores of one model on one data set by one metric, as errors: lower is better. */
struct sample {
    const char *data, *model, *metric;
    double *errors; /* [seeds] */
    double mean;
};

struct calibration {
    struct sample *samples;
    size_t count, seeds;
    struct arena arena;
};

/* p of the difference between two groups of n scores each. */
typedef double (*two_sample_test)(const double *a, const double *b, size_t n);

/* Shares of draws in which the test found a difference at the level. */
struct error_rates {
    double same_model;  /* two groups of seeds of one model: mean over samples, */
    double worst_model; /* and the largest of them */
    double same_mean;   /* two models, one shifted to the mean of the other, spreads as they are */
    double power;       /* two models as they are */
};

bool calibration_load(struct calibration *calibration, const char *path, struct error *error);
void calibration_free(struct calibration *calibration);

/* Draws `draws` pairs of groups of n seeds from each sample, and from each two models of the same
 * data set and metric. The same draws for every test. */
struct error_rates calibration_measure(const struct calibration *calibration, two_sample_test test,
                                       size_t n, double level, int draws);

#endif
