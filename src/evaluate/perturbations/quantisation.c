#include "evaluate/perturbation.h"
#include "evaluate/perturbations/observed.h"

/* x is rounded to the nearest mean + k * severity * σ: a sensor of few bits. Nothing is random. */
static real rounded(const struct faulty_sensor *sensor, real x) {
    double step = sensor->size * sensor->std;
    return step > 0 ? (real)(sensor->mean + step * round(((double)x - sensor->mean) / step)) : x;
}

static void apply(const struct disturbance *disturbance, const struct dataset *dataset,
                  struct series *series, gsl_rng *rng) {
    (void)rng;
    misread(disturbance, dataset, series, NULL, rounded);
}

const struct perturbation_type perturbation_quantisation = {
    .name = "quantisation",
    .title = "Quantisation",
    .citation = "a sensor of coarse resolution",
    .severity = "step of the sensor, in standard deviations of each input in training",
    .severities = {0.125, 0.25, 0.5, 1, 2},
    .apply = apply,
};
