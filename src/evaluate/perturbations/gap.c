#include "evaluate/perturbation.h"
#include "evaluate/perturbations/observed.h"

/* All sensors at once repeat for a stretch of `severity` of the rows what they said before it, and
 * nothing tells the model. */
static void apply(const struct disturbance *disturbance, const struct dataset *dataset,
                  struct series *series, gsl_rng *rng) {
    struct outage outage = draw_hold(disturbance, series, disturbance->severity, rng);
    for (int k = 0; k < hit_count(dataset, disturbance); k++)
        hold_value(dataset, series, outage, hit_input(disturbance, k));
}

const struct perturbation_type perturbation_gap = {
    .name = "gap",
    .title = "Untold gap",
    .citation = "all inputs are missing at once and filled forward, untold; Windmann et al. 2026 "
                "(SensorFault-Bench)",
    .severity = "share of a series that is missing",
    .severities = {0.05, 0.1, 0.2, 0.4, 0.6},
    .has_place = true,
    .apply = apply,
};
