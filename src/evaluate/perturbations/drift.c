#include "evaluate/perturbation.h"
#include "evaluate/perturbations/observed.h"

#include <gsl/gsl_randist.h>

/* x += severity * σ * W(t): a Wiener process of each input, 0 at the series's first row and with
 * standard deviation 1 at its last. */
static void apply(const struct disturbance *disturbance, const struct dataset *dataset,
                  struct series *series, gsl_rng *rng) {
    double *walk = ARENA_NEW(disturbance->scratch, double, value_inputs(dataset));
    double duration = series->time[series->rows - 1] - series->time[0];
    for (int t = 1; t < series->rows && duration > 0; t++) {
        double step = sqrt((series->time[t] - series->time[t - 1]) / duration);
        for (int k = 0; k < hit_count(dataset, disturbance); k++) {
            int i = hit_input(disturbance, k);
            walk[i] += gsl_ran_gaussian(rng, step);
            real *x = observed_value(dataset, series, t, i);
            if (x != NULL)
                *x += (real)(disturbance->severity * dataset->input_std[i] * walk[i]);
        }
    }
}

const struct perturbation_type perturbation_drift = {
    .name = "drift",
    .title = "Drift",
    .citation = "random-walk drift of every sensor's zero",
    .severity = "standard deviation of the drift at a series's end, in those of each input in "
                "training",
    .severities = {0.25, 0.5, 1, 2, 4},
    .apply = apply,
};
