#include "evaluate/perturbation.h"
#include "evaluate/perturbations/observed.h"

/* One sensor, drawn for each series, repeats its value at the beginning of a stretch of `severity`
 * of the time. */
static void apply(const struct dataset *dataset, struct series *series, double severity,
                  gsl_rng *rng, struct arena *arena) {
    (void)arena;
    struct outage outage = draw_outage(dataset, series, severity, rng);
    if (outage.first == outage.end)
        return;
    size_t inputs = (size_t)dataset->inputs;
    real value = series->x[(size_t)outage.first * inputs + (size_t)outage.input];
    for (int t = outage.first; t < outage.end; t++) {
        real *x = observed_value(dataset, series, t, outage.input);
        if (x != NULL)
            *x = value;
    }
}

const struct perturbation_type perturbation_stuck = {
    .name = "stuck",
    .title = "Stuck sensor",
    .citation = "one channel repeats the same value for a stretch of time",
    .severity = "share of a series in which one of its inputs is stuck",
    .severities = {0.1, 0.2, 0.4, 0.7, 1},
    .apply = apply,
};
