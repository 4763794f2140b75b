#include "evaluate/perturbation.h"
#include "evaluate/perturbations/observed.h"

/* x is cut off at mean ± σ / severity. Nothing is random. */
static real cut_off(const struct faulty_sensor *sensor, real x) {
    double range = sensor->std / sensor->size, deviation = (double)x - sensor->mean;
    return fabs(deviation) > range ? (real)(sensor->mean + copysign(range, deviation)) : x;
}

static void apply(const struct disturbance *disturbance, const struct dataset *dataset,
                  struct series *series, gsl_rng *rng) {
    (void)rng;
    misread(disturbance, dataset, series, NULL, cut_off);
}

const struct perturbation_type perturbation_saturation = {
    .name = "saturation",
    .title = "Saturation",
    .citation = "a sensor whose range is too small",
    .severity = "standard deviation of each input in training, in ranges of the sensor to one side",
    .severities = {0.4, 0.5, 0.7, 1, 2},
    .apply = apply,
};
