#include "evaluate/perturbation.h"
#include "evaluate/perturbations/observed.h"

static void lose(const struct dataset *dataset, struct series *series, struct outage outage,
                 int input) {
    for (int t = outage.first; t < outage.end; t++) {
        real *x = series->x + (size_t)t * (size_t)dataset->inputs; /* [I] */
        x[input] = (real)dataset->input_mean[input];
        if (input >= dataset->flags)
            continue;
        x[value_inputs(dataset) + input] = 0;
        mark_absent(dataset, series, t);
    }
}

/* One sensor, drawn for each series, says nothing for `severity` of the time: its training mean
 * stands in, and its observed flag, if there is one, is 0. */
static void apply(const struct disturbance *disturbance, const struct dataset *dataset,
                  struct series *series, gsl_rng *rng) {
    for (int k = 0; k < sensor_count(disturbance); k++) {
        int input = draw_sensor(dataset, disturbance, k, rng);
        struct outage outage = draw_outage(disturbance, series, disturbance->severity, rng);
        lose(dataset, series, outage, input);
    }
}

const struct perturbation_type perturbation_sensor_dropout = {
    .name = "sensor_dropout",
    .title = "Lost sensor",
    .citation = "one channel falls silent for a stretch of time",
    .severity = "share of a series in which one of its inputs is lost",
    .severities = {0.1, 0.2, 0.4, 0.7, 1},
    .has_place = true,
    .apply = apply,
};
