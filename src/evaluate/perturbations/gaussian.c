#include "evaluate/perturbation.h"
#include "evaluate/perturbations/observed.h"

#include <gsl/gsl_randist.h>

/* x += severity * σ * N(0, 1), with σ the input's standard deviation in training. */
static void apply(const struct disturbance *disturbance, const struct dataset *dataset,
                  struct series *series, gsl_rng *rng) {
    for (int t = 0; t < series->rows; t++)
        for (int k = 0; k < hit_count(dataset, disturbance); k++) {
            int i = hit_input(disturbance, k);
            real *x = observed_value(dataset, series, t, i);
            if (x != NULL)
                *x += (real)gsl_ran_gaussian(rng, disturbance->severity * dataset->input_std[i]);
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
