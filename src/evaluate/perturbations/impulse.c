#include "evaluate/perturbation.h"
#include "evaluate/perturbations/observed.h"

static const double HEIGHT = 5; /* of a spike, in standard deviations */

/* Each observed value gets, with probability `severity`, a spike of ±5 σ. */
static void apply(const struct disturbance *disturbance, const struct dataset *dataset,
                  struct series *series, gsl_rng *rng) {
    for (int t = 0; t < series->rows; t++)
        for (int k = 0; k < hit_count(dataset, disturbance); k++) {
            int i = hit_input(disturbance, k);
            real *x = observed_value(dataset, series, t, i);
            if (x == NULL || gsl_rng_uniform(rng) >= disturbance->severity)
                continue;
            double spike = HEIGHT * dataset->input_std[i];
            *x += (real)(draw_sign(disturbance, rng) * spike);
        }
}

const struct perturbation_type perturbation_impulse = {
    .name = "impulse",
    .title = "Spikes",
    .citation = "outliers of five standard deviations; the impulse noise of Hendrycks & Dietterich "
                "2019, for sensors",
    .severity = "probability that a value has a spike",
    .severities = {0.01, 0.02, 0.05, 0.1, 0.2},
    .apply = apply,
};
