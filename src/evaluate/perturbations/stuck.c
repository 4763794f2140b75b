#include "evaluate/perturbation.h"
#include "evaluate/perturbations/observed.h"

/* One sensor, drawn for each series, repeats for a stretch of `severity` of the time what it said
 * last when that began. Sensors that the disturbance names fail each in a stretch of its own, as
 * SensorFault-Bench counts it. */
static void apply(const struct disturbance *disturbance, const struct dataset *dataset,
                  struct series *series, gsl_rng *rng) {
    for (int k = 0; k < sensor_count(disturbance); k++) {
        int input = draw_sensor(dataset, disturbance, k, rng);
        struct outage outage = disturbance->inputs != NULL
                                   ? draw_hold(disturbance, series, disturbance->severity, rng)
                                   : draw_outage(disturbance, series, disturbance->severity, rng);
        hold_value(dataset, series, outage, input);
    }
}

const struct perturbation_type perturbation_stuck = {
    .name = "stuck",
    .title = "Stuck sensor",
    .citation = "one channel repeats the same value for a stretch of time",
    .severity = "share of a series in which one of its inputs is stuck",
    .severities = {0.1, 0.2, 0.4, 0.7, 1},
    .has_place = true,
    .apply = apply,
};
