#include "evaluate/perturbation.h"
#include "evaluate/perturbations/observed.h"

/* x += ±severity * σ * u */
static real drifted(const struct faulty_sensor *sensor, real x) {
    return x + (real)(sensor->size * sensor->std * sensor->u);
}

static void apply(const struct disturbance *disturbance, const struct dataset *dataset,
                  struct series *series, gsl_rng *rng) {
    misread(disturbance, dataset, series, rng, drifted);
}

const struct perturbation_type perturbation_linear_drift = {
    .name = "linear_drift",
    .title = "Linear drift",
    .citation =
        "every sensor's zero moves at a constant pace; Windmann et al. 2026 (SensorFault-Bench)",
    .severity = "the offset at a series's end, in standard deviations of each input in training",
    .severities = {0.1, 0.2, 0.4, 0.8, 1.6},
    .apply = apply,
};
