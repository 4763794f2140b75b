#include "evaluate/perturbation.h"
#include "evaluate/perturbations/observed.h"

static const double ROUNDING = 1e-6;

static void delay_input(const struct dataset *dataset, struct series *series, double delay,
                        int input) {
    size_t inputs = (size_t)dataset->inputs;
    int flag = input < dataset->flags ? value_inputs(dataset) + input : -1;
    /* Backwards, so that earlier rows are still what they were. */
    for (int t = series->rows - 1, from = t; t >= 0; t--) {
        while (from > 0 && (from > t || series->time[from] > series->time[t] - delay + ROUNDING))
            from--;
        real *x = series->x + (size_t)t * inputs;                /* [I] */
        const real *earlier = series->x + (size_t)from * inputs; /* [I] */
        if (series->present[t] == 0)
            continue;
        x[input] = earlier[input];
        if (flag < 0)
            continue;
        x[flag] = earlier[flag];
        mark_absent(dataset, series, t);
    }
}

/* One sensor, drawn for each series, arrives late: at time t stands what it said (and whether it
 * said anything) at the last row up to t - severity; before that, its first value. A row in which
 * that leaves no observation at all is absent. */
static void apply(const struct disturbance *disturbance, const struct dataset *dataset,
                  struct series *series, gsl_rng *rng) {
    for (int k = 0; k < sensor_count(disturbance); k++)
        delay_input(dataset, series, disturbance->severity,
                    draw_sensor(dataset, disturbance, k, rng));
}

const struct perturbation_type perturbation_delay = {
    .name = "delay",
    .title = "Delayed sensor",
    .citation = "one channel lags behind the others",
    .severity = "the delay, in units of time",
    .severities = {1, 2, 4, 8, 16},
    .apply = apply,
};
