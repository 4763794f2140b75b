#include "evaluate/perturbation.h"
#include "evaluate/perturbations/observed.h"

/* x += ±severity * σ: one sign for each input and series. */
static void apply(const struct dataset *dataset, struct series *series, double severity,
                  gsl_rng *rng, struct arena *arena) {
    (void)arena;
    for (int i = 0; i < value_inputs(dataset); i++) {
        double sign = gsl_rng_uniform_int(rng, 2) == 0 ? 1 : -1;
        for (int t = 0; t < series->rows; t++) {
            real *x = observed_value(dataset, series, t, i);
            if (x != NULL)
                *x += (real)(sign * severity * dataset->input_std[i]);
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
