#include "evaluate/perturbation.h"
#include "evaluate/perturbations/observed.h"

/* x += ±severity * σ * (u + u²) / 2, with u from 0 at the first row to 1 at the last: one sign for
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
                *x += (real)(size * dataset->input_std[i] * (u + u * u) / 2);
        }
    }
}

const struct perturbation_type perturbation_quadratic_drift = {
    .name = "quadratic_drift",
    .title = "Quadratic drift",
    .citation = "every sensor's zero moves ever faster; Windmann et al. 2026 (SensorFault-Bench)",
    .severity = "the offset at a series's end, in standard deviations of each input in training",
    .severities = {0.1, 0.2, 0.4, 0.8, 1.6},
    .apply = apply,
};
