#include "evaluate/perturbation.h"
#include "evaluate/perturbations/observed.h"

/* x = mean + (1 ± severity * u) (x - mean), with u from 0 at the first row to 1 at the last: one sign for
 * each input and series. */
static void apply(const struct disturbance *disturbance, const struct dataset *dataset,
                  struct series *series, gsl_rng *rng, struct arena *arena) {
    (void)arena;
    for (int k = 0; k < hit_count(dataset, disturbance); k++) {
        int i = hit_input(disturbance, k);
        double size = draw_sign(disturbance, rng) * disturbance->severity;
        for (int t = 0; t < series->rows; t++) {
            real *x = observed_value(dataset, series, t, i);
            double u = elapsed_share(series, t);
            if (x != NULL)
                *x += (real)(size * u * ((double)*x - dataset->input_mean[i]));
        }
    }
}

const struct perturbation_type perturbation_gain_drift = {
    .name = "gain_drift",
    .title = "Gain drift",
    .citation =
        "every sensor's gain moves at a constant pace; Windmann et al. 2026 (SensorFault-Bench)",
    .severity = "relative error of the gain at a series's end",
    .severities = {0.05, 0.1, 0.2, 0.4, 0.8},
    .apply = apply,
};
