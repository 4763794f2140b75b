#include "evaluate/perturbation.h"
#include "evaluate/perturbations/observed.h"

/* The row of the input's last observation up to `row`, or else of its first one after that; -1 when
 * it is never observed. */
static int held_row(const struct dataset *dataset, const struct series *series, int row,
                    int input) {
    for (int t = row; t >= 0; t--)
        if (observed_value(dataset, series, t, input) != NULL)
            return t;
    for (int t = row + 1; t < series->rows; t++)
        if (observed_value(dataset, series, t, input) != NULL)
            return t;
    return -1;
}

/* One sensor, drawn for each series, repeats for a stretch of `severity` of the time what it said
 * last when that began. */
static void apply(const struct dataset *dataset, struct series *series, double severity,
                  gsl_rng *rng, struct arena *arena) {
    (void)arena;
    struct outage outage = draw_outage(dataset, series, severity, rng);
    int held = held_row(dataset, series, outage.first, outage.input);
    if (outage.first == outage.end || held < 0)
        return;
    real value = *observed_value(dataset, series, held, outage.input);
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
