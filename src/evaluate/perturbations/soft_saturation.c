#include "evaluate/perturbation.h"
#include "evaluate/perturbations/observed.h"

/* With s = severity, at most 1: what x exceeds mean ± (3 - 2 s) σ by shrinks to 1 - 0.4 s of it.
 * Nothing is random. */
static real softened(const struct faulty_sensor *sensor, real x) {
    double s = fmin(sensor->size, 1), deviation = (double)x - sensor->mean;
    double excess = fabs(deviation) - (3 - 2 * s) * sensor->std;
    return excess > 0 ? x - (real)copysign(0.4 * s * excess, deviation) : x;
}

static void apply(const struct disturbance *disturbance, const struct dataset *dataset,
                  struct series *series, gsl_rng *rng) {
    (void)rng;
    misread(disturbance, dataset, series, NULL, softened);
}

const struct perturbation_type perturbation_soft_saturation = {
    .name = "soft_saturation",
    .title = "Soft saturation",
    .citation = "a sensor that gives way near the ends of its range; Windmann et al. 2026 "
                "(SensorFault-Bench)",
    .severity = "0 is a range of 3 standard deviations to each side, 1 of one, beyond which less "
                "and less is left",
    .severities = {0.2, 0.4, 0.6, 0.8, 1},
    .apply = apply,
};
