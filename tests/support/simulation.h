/* How often tests on losses that depend on their past find a difference where there is none, and where
 * there is one: simulated, because only then it is known. */
#ifndef TESTS_SUPPORT_SIMULATION_H
#define TESTS_SUPPORT_SIMULATION_H

#include <stdbool.h>
#include <stddef.h>

/* ---- The test data alone: one loss differential ---- */

/* A loss differential with mean 0, by what makes it depend on its past. */
struct process {
    const char *title;
    double
        correlation; /* of an autoregression of first order; NaN: the sum of the last 12 shocks, as the
                           errors of the best forecast 12 steps ahead are */
    bool squares;    /* the difference of the squares of two of them, as of two models' errors */
    bool heavy;      /* Student's shocks with 3 degrees of freedom instead of normal ones */
};

extern const struct process processes[];
extern const size_t process_count;

/* p of the hypothesis that the mean is 0. */
struct serial_test {
    const char *title;
    double (*p)(const double *losses, size_t steps);
};

extern const struct serial_test serial_tests[]; /* the first is the one that reports use */
extern const size_t serial_test_count;

/* Shares of draws in which each test finds a difference at 5 %. */
void simulate_serial(const struct process *process, size_t steps, int draws, size_t tests,
                     double *rates);

/* ---- Seeds and test data ---- */

/* Where the variance of the difference of two models' mean scores comes from: the seeds' own effects,
 * what a step does to all seeds of a model, and what it does to one. The shares add up to 1. */
struct scenario {
    double seeds, steps, both;
};

extern const struct scenario scenarios[];
extern const size_t scenario_count;

/* p that the difference is 0, of two models with `seeds` seeds each. */
struct joint_sample {
    const double *const *a, *const *b; /* [seeds][SIMULATED_STEPS] losses */
    size_t seeds;
};
enum { SIMULATED_STEPS = 100 };

struct joint_test {
    const char *title;
    double (*p)(const struct joint_sample *sample);
};

extern const struct joint_test joint_tests[]; /* the first is the one that reports use */
extern const size_t joint_test_count;

/* Shares of draws in which each test finds the difference `effect` (in standard errors of it) at 5 %. */
void simulate_joint(const struct scenario *scenario, size_t seeds, double effect, int draws,
                    size_t tests, double *rates);

#endif
