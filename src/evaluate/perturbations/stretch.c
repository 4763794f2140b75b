#include "evaluate/perturbation.h"
#include "evaluate/perturbations/warp.h"

/* Half of the rows show their beginning in slow motion; then the signal jumps back to what it is. */
static void apply(const struct disturbance *disturbance, const struct dataset *dataset,
                  struct series *series, gsl_rng *rng) {
    warp(disturbance, 1 + disturbance->severity, dataset, series, rng);
}

const struct perturbation_type perturbation_stretch = {
    .name = "stretch",
    .title = "Stretched time",
    .citation = "half of the rows run slow; Windmann et al. 2026 (SensorFault-Bench)",
    .severity = "how many times slower than true, less 1",
    .severities = {0.25, 0.5, 1, 2, 4},
    .has_place = true,
    .apply = apply,
};
