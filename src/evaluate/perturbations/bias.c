#include "evaluate/perturbation.h"
#include "evaluate/perturbations/observed.h"

/* x += ±severity * σ: one sign for each input and series. */
static void apply(const struct disturbance *disturbance, const struct dataset *dataset,
                  struct series *series, gsl_rng *rng, struct arena *arena) {
    (void)arena;
    for (int k = 0; k < hit_count(dataset, disturbance); k++) {
        int i = hit_input(disturbance, k);
        double sign = draw_sign(disturbance, rng);
        for (int t = 0; t < series->rows; t++) {
            real *x = observed_value(dataset, series, t, i);
            if (x != NULL)
                *x += (real)(sign * disturbance->severity * dataset->input_std[i]);
        }
    }
}

const struct perturbation_type perturbation_bias = {
    .name = "bias",
    .title = "Bias",
    .citation = "constant offset of every sensor, up or down at random",
    .severity = "the offset, in standard deviations of each input in training",
    .severities = {0.1, 0.2, 0.4, 0.8, 1.6},
    .apply = apply,
};
