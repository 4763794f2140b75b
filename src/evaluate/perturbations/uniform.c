#include "evaluate/perturbation.h"
#include "evaluate/perturbations/observed.h"

#include <gsl/gsl_randist.h>

/* x += severity * σ * U(-√3, √3): the same standard deviation as Gaussian noise, but bounded. */
static void apply(const struct disturbance *disturbance, const struct dataset *dataset,
                  struct series *series, gsl_rng *rng) {
    for (int t = 0; t < series->rows; t++)
        for (int k = 0; k < hit_count(dataset, disturbance); k++) {
            int i = hit_input(disturbance, k);
            real *x = observed_value(dataset, series, t, i);
            double max = disturbance->severity * dataset->input_std[i] * sqrt(3);
            if (x != NULL)
                *x += (real)gsl_ran_flat(rng, -max, max);
        }
}

const struct perturbation_type perturbation_uniform = {
    .name = "uniform",
    .title = "Uniform noise",
    .citation = "bounded white noise on every input",
    .severity = "standard deviation of the noise, in those of each input in training",
    .severities = {0.1, 0.2, 0.4, 0.8, 1.6},
    .apply = apply,
};
