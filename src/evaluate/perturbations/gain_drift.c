#include "evaluate/perturbation.h"
#include "evaluate/perturbations/observed.h"

/* x = mean + (1 ± severity * u) (x - mean) */
static real drifted(const struct faulty_sensor *sensor, real x) {
    return x + (real)(sensor->size * sensor->u * ((double)x - sensor->mean));
}

static void apply(const struct disturbance *disturbance, const struct dataset *dataset,
                  struct series *series, gsl_rng *rng) {
    misread(disturbance, dataset, series, rng, drifted);
}

const struct perturbation_type perturbation_gain_drift = {
    .name = "gain_drift",
    .title = "Gain drift",
    .citation =
        "every sensor's gain moves at a constant pace; Windmann et al. 2026 (SensorFault-Bench)",
    .severity = "relative error of the gain at a series's end",
    .severities = {0.05, 0.1, 0.2, 0.4, 0.8},
    .apply = apply,
};
