#include "evaluate/perturbation.h"
#include "evaluate/perturbations/observed.h"

/* x is cut off at mean ± σ / severity. Nothing is random. */
static void apply(const struct disturbance *disturbance, const struct dataset *dataset,
                  struct series *series, gsl_rng *rng, struct arena *arena) {
    (void)arena;
    (void)rng;
    if (disturbance->severity == 0)
        return;
    for (int k = 0; k < hit_count(dataset, disturbance); k++) {
        int i = hit_input(disturbance, k);
        double range = dataset->input_std[i] / disturbance->severity, mean = dataset->input_mean[i];
        for (int t = 0; t < series->rows; t++) {
            real *x = observed_value(dataset, series, t, i);
            if (x != NULL && fabs((double)*x - mean) > range)
                *x = (real)(mean + copysign(range, (double)*x - mean));
        }
    }
}

const struct perturbation_type perturbation_saturation = {
    .name = "saturation",
    .title = "Saturation",
    .citation = "a sensor whose range is too small",
    .severity = "standard deviation of each input in training, in ranges of the sensor to one side",
    .severities = {0.4, 0.5, 0.7, 1, 2},
    .apply = apply,
};
