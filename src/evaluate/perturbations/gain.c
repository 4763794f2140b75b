#include "evaluate/perturbation.h"
#include "evaluate/perturbations/observed.h"

/* x = mean + (1 ± severity) (x - mean), around the input's mean in training: one sign for each
 * input and series. */
static void apply(const struct dataset *dataset, struct series *series, double severity,
                  gsl_rng *rng, struct arena *arena) {
    (void)arena;
    for (int i = 0; i < value_inputs(dataset); i++) {
        double sign = gsl_rng_uniform_int(rng, 2) == 0 ? 1 : -1;
        for (int t = 0; t < series->rows; t++) {
            real *x = observed_value(dataset, series, t, i);
            if (x != NULL)
                *x += (real)(sign * severity * ((double)*x - dataset->input_mean[i]));
        }
    }
}

const struct perturbation_type perturbation_gain = {
    .name = "gain",
    .title = "Gain error",
    .citation = "every sensor's deviation from its mean is too large or too small, at random",
    .severity = "relative error of the gain",
    .severities = {0.05, 0.1, 0.2, 0.4, 0.8},
    .apply = apply,
};
