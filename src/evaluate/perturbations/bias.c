#include "evaluate/perturbation.h"
#include "evaluate/perturbations/observed.h"

/* x += ±severity * σ */
static real biased(const struct faulty_sensor *sensor, real x) {
    return x + (real)(sensor->size * sensor->std);
}

static void apply(const struct disturbance *disturbance, const struct dataset *dataset,
                  struct series *series, gsl_rng *rng) {
    misread(disturbance, dataset, series, rng, biased);
}

const struct perturbation_type perturbation_bias = {
    .name = "bias",
    .title = "Bias",
    .citation = "constant offset of every sensor, up or down at random",
    .severity = "the offset, in standard deviations of each input in training",
    .severities = {0.1, 0.2, 0.4, 0.8, 1.6},
    .apply = apply,
};
