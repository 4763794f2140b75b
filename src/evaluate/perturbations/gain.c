#include "evaluate/perturbation.h"
#include "evaluate/perturbations/observed.h"

/* x = mean + (1 ± severity) (x - mean) */
static real amplified(const struct faulty_sensor *sensor, real x) {
    return x + (real)(sensor->size * ((double)x - sensor->mean));
}

static void apply(const struct disturbance *disturbance, const struct dataset *dataset,
                  struct series *series, gsl_rng *rng) {
    misread(disturbance, dataset, series, rng, amplified);
}

const struct perturbation_type perturbation_gain = {
    .name = "gain",
    .title = "Gain error",
    .citation = "every sensor's deviation from its mean is too large or too small, at random",
    .severity = "relative error of the gain",
    .severities = {0.05, 0.1, 0.2, 0.4, 0.8},
    .apply = apply,
};
