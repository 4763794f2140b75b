#include "evaluate/perturbation.h"
#include "evaluate/perturbations/observed.h"

/* x = mean + (1 ± severity) (x - mean), around the input's mean in training: one sign for each
 * input and series. */
static void apply(const struct disturbance *disturbance, const struct dataset *dataset,
                  struct series *series, gsl_rng *rng, struct arena *arena) {
    (void)arena;
    for (int k = 0; k < hit_count(dataset, disturbance); k++) {
        int i = hit_input(disturbance, k);
        double sign = draw_sign(disturbance, rng);
        for (int t = 0; t < series->rows; t++) {
            real *x = observed_value(dataset, series, t, i);
            if (x != NULL)
                *x += (real)(sign * disturbance->severity * ((double)*x - dataset->input_mean[i]));
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
