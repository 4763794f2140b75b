#include "evaluate/perturbation.h"
#include "evaluate/perturbations/observed.h"

/* x += ±severity * σ in one row after the first, another one for each input. */
static void apply(const struct disturbance *disturbance, const struct dataset *dataset,
                  struct series *series, gsl_rng *rng) {
    for (int k = 0; k < hit_count(dataset, disturbance) && series->rows > 1; k++) {
        int i = hit_input(disturbance, k);
        int row = draw_first(disturbance->sensitivity, 1, series->rows - 1, 1, rng);
        double sign = draw_sign(disturbance, rng);
        real *x = observed_value(dataset, series, row, i);
        if (x != NULL)
            *x += (real)(sign * disturbance->severity * dataset->input_std[i]);
    }
}

const struct perturbation_type perturbation_spike = {
    .name = "spike",
    .title = "One spike",
    .citation = "one row of every input is far off; Windmann et al. 2026 (SensorFault-Bench)",
    .severity = "height of the spike, in standard deviations of each input in training",
    .severities = {0.5, 1, 2, 4, 8},
    .has_place = true,
    .apply = apply,
};
