#include "evaluate/perturbation.h"

#include <gsl/gsl_randist.h>

/* x += severity * σ * N(0, 1), with σ the input's standard deviation in training. Sensor noise:
 * what was not observed is left alone. */
static void apply(const struct dataset *dataset, struct series *series, double severity,
                  gsl_rng *rng, struct arena *arena) {
    (void)arena;
    int inputs = dataset->inputs, values = inputs - dataset->flags;
    for (int t = 0; t < series->rows; t++) {
        real *row = series->x + (size_t)t * (size_t)inputs; /* [I] */
        if (series->present[t] == 0)
            continue;
        for (int i = 0; i < values; i++)
            if (i >= dataset->flags || row[values + i] != 0)
                row[i] += (real)gsl_ran_gaussian(rng, severity * dataset->input_std[i]);
    }
}

const struct perturbation_type perturbation_gaussian = {
    .name = "gaussian",
    .title = "Gaussian noise",
    .citation = "white noise on every input; Hendrycks & Dietterich 2019",
    .severity = "standard deviation of the noise, in those of each input in training",
    .severities = {0.1, 0.2, 0.4, 0.8, 1.6},
    .apply = apply,
};
