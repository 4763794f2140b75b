#include "evaluate/perturbation.h"
#include "evaluate/perturbations/warp.h"

static const double MIN_RATE = 1e-3;

/* Half of the rows read ahead, and stand at the last row's value once that is reached. */
static void apply(const struct disturbance *disturbance, const struct dataset *dataset,
                  struct series *series, gsl_rng *rng) {
    warp(disturbance, fmax(1 - disturbance->severity, MIN_RATE), dataset, series, rng);
}

const struct perturbation_type perturbation_compress = {
    .name = "compress",
    .title = "Compressed time",
    .citation = "half of the rows run fast; Windmann et al. 2026 (SensorFault-Bench)",
    .severity = "1 less the share of the time that a stretch of the signal takes",
    .severities = {0.1, 0.2, 0.4, 0.6, 0.9},
    .has_place = true,
    .apply = apply,
};
