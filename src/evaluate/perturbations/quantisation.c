#include "evaluate/perturbation.h"
#include "evaluate/perturbations/observed.h"

/* x is rounded to the nearest mean + k * severity * σ: a sensor of few bits. Nothing is random. */
static void apply(const struct disturbance *disturbance, const struct dataset *dataset,
                  struct series *series, gsl_rng *rng, struct arena *arena) {
    (void)arena;
    (void)rng;
    for (int k = 0; k < hit_count(dataset, disturbance); k++) {
        int i = hit_input(disturbance, k);
        double step = disturbance->severity * dataset->input_std[i], mean = dataset->input_mean[i];
        for (int t = 0; t < series->rows && step > 0; t++) {
            real *x = observed_value(dataset, series, t, i);
            if (x != NULL)
                *x = (real)(mean + step * round(((double)*x - mean) / step));
        }
    }
}

const struct perturbation_type perturbation_quantisation = {
    .name = "quantisation",
    .title = "Quantisation",
    .citation = "a sensor of coarse resolution",
    .severity = "step of the sensor, in standard deviations of each input in training",
    .severities = {0.125, 0.25, 0.5, 1, 2},
    .apply = apply,
};
