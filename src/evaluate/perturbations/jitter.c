#include "evaluate/perturbation.h"
#include "evaluate/perturbations/observed.h"

#include <gsl/gsl_randist.h>
#include <string.h>

/* Whether the row and the one after it hold observations of the input. */
static bool observed_around(const struct dataset *dataset, const struct series *series, int row,
                            int input) {
    return observed_value(dataset, series, row, input) != NULL &&
           observed_value(dataset, series, row + 1, input) != NULL;
}

/* The row before a time, so that there is one after it. */
static int row_before(const struct series *series, int row, double time) {
    while (row > 0 && series->time[row] > time)
        row--;
    while (row + 2 < series->rows && series->time[row + 1] <= time)
        row++;
    return row;
}

/* Each row is sampled at t + severity * N(0, 1) although its time says t: values are interpolated
 * between the rows around that time, where both are observed. */
static void apply(const struct disturbance *disturbance, const struct dataset *dataset,
                  struct series *series, gsl_rng *rng) {
    size_t inputs = (size_t)dataset->inputs, numbers = (size_t)series->rows * inputs;
    const real *original =
        memcpy(ARENA_NEW(disturbance->scratch, real, numbers), series->x, numbers * sizeof(real));
    for (int t = 0; t < series->rows && series->rows > 1 && disturbance->severity > 0; t++) {
        const double *time = series->time;
        double moment = time[t] + gsl_ran_gaussian(rng, disturbance->severity);
        moment = fmin(fmax(moment, time[0]), time[series->rows - 1]);
        int row = row_before(series, t == series->rows - 1 ? t - 1 : t, moment);
        double gap = time[row + 1] - time[row];
        double share = gap > 0 ? (moment - time[row]) / gap : 0;
        const real *before = original + (size_t)row * inputs; /* [I], the one after it behind */
        for (int k = 0; k < hit_count(dataset, disturbance); k++) {
            int i = hit_input(disturbance, k);
            real *x = observed_value(dataset, series, t, i);
            if (x != NULL && observed_around(dataset, series, row, i))
                *x = (real)((1 - share) * (double)before[i] +
                            share * (double)before[inputs + (size_t)i]);
        }
    }
}

const struct perturbation_type perturbation_jitter = {
    .name = "jitter",
    .title = "Time jitter",
    .citation = "rows are not sampled at the times they say",
    .severity = "standard deviation of the time of sampling, in units of time",
    .severities = {0.1, 0.2, 0.4, 0.8, 1.6},
    .apply = apply,
};
