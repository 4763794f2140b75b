#include "evaluate/perturbation.h"
#include "evaluate/perturbations/observed.h"

static const double BEGINS = 0.25, CONTINUES = 0.9; /* at severity 1, for each row */

/* Bursts of lost packets (Gilbert 1960): after a row that arrived, the next is lost with probability
 * 0.25 severity; after one that was lost, with 0.9 severity. One burst begins in any case, at a random
 * row. What is lost repeats the row before, untold; each input by itself. */
static void apply(const struct disturbance *disturbance, const struct dataset *dataset,
                  struct series *series, gsl_rng *rng) {
    if (disturbance->severity == 0 || series->rows < 2)
        return;
    for (int k = 0; k < hit_count(dataset, disturbance); k++) {
        int i = hit_input(disturbance, k), burst = -1;
        int forced = draw_first(disturbance->sensitivity, 1, series->rows - 1, 1, rng);
        for (int t = 1; t <= series->rows; t++) {
            double chance = disturbance->severity * (burst >= 0 ? CONTINUES : BEGINS);
            bool lost = t < series->rows && (gsl_rng_uniform(rng) < chance || t == forced);
            if (lost && burst < 0)
                burst = t - 1;
            if (lost || burst < 0)
                continue;
            hold_value(dataset, series, (struct outage){.first = burst, .end = t}, i);
            burst = -1;
        }
    }
}

const struct perturbation_type perturbation_packet_loss = {
    .name = "packet_loss",
    .title = "Packet loss in bursts",
    .citation = "rows are lost in bursts and filled forward, untold; Gilbert 1960, Windmann et al. "
                "2026 (SensorFault-Bench)",
    .severity = "4 times the probability that a row begins a burst, and 1.1 times that it goes on",
    .severities = {0.2, 0.4, 0.6, 0.8, 1},
    .has_place = true,
    .apply = apply,
};
