#include "evaluate/perturbation.h"
#include "evaluate/perturbations/observed.h"

#include <gsl/gsl_math.h>
#include <gsl/gsl_randist.h>

static const double SHORTEST = 4, LONGEST = 32; /* period, in units of time */

/* x += severity * σ * √2 sin(2π t / P + φ): one period P for each series, log-uniform from 4 to 32
 * units of time, and one phase φ for each of its inputs. */
static void apply(const struct disturbance *disturbance, const struct dataset *dataset,
                  struct series *series, gsl_rng *rng) {
    double period = exp(gsl_ran_flat(rng, log(SHORTEST), log(LONGEST)));
    for (int k = 0; k < hit_count(dataset, disturbance); k++) {
        int i = hit_input(disturbance, k);
        double phase = gsl_ran_flat(rng, 0, 2 * M_PI);
        double amplitude = disturbance->severity * dataset->input_std[i] * M_SQRT2;
        for (int t = 0; t < series->rows; t++) {
            real *x = observed_value(dataset, series, t, i);
            double turns = (series->time[t] - series->time[0]) / period;
            if (x != NULL)
                *x += (real)(amplitude * sin(2 * M_PI * turns + phase));
        }
    }
}

const struct perturbation_type perturbation_hum = {
    .name = "hum",
    .title = "Hum",
    .citation = "periodic interference on every input, as from the mains",
    .severity = "root mean square of the hum, in standard deviations of each input in training",
    .severities = {0.1, 0.2, 0.4, 0.8, 1.6},
    .apply = apply,
};
