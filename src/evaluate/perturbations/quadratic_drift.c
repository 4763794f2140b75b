#include "evaluate/perturbation.h"
#include "evaluate/perturbations/observed.h"

/* x += ±severity * σ * (u + u²) / 2 */
static real drifted(const struct faulty_sensor *sensor, real x) {
    return x + (real)(sensor->size * sensor->std * (sensor->u + sensor->u * sensor->u) / 2);
}

static void apply(const struct disturbance *disturbance, const struct dataset *dataset,
                  struct series *series, gsl_rng *rng) {
    misread(disturbance, dataset, series, rng, drifted);
}

const struct perturbation_type perturbation_quadratic_drift = {
    .name = "quadratic_drift",
    .title = "Quadratic drift",
    .citation = "every sensor's zero moves ever faster; Windmann et al. 2026 (SensorFault-Bench)",
    .severity = "the offset at a series's end, in standard deviations of each input in training",
    .severities = {0.1, 0.2, 0.4, 0.8, 1.6},
    .apply = apply,
};
