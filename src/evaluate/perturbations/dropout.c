#include "evaluate/perturbation.h"

/* Each observation after the first goes missing with probability `severity`. Its values repeat the
 * last ones that were seen, so that a model that ignores presence sees a held sensor. What a row
 * that stays says of an unobserved input is left as it was filled in. */
static void apply(const struct disturbance *disturbance, const struct dataset *dataset,
                  struct series *series, gsl_rng *rng) {
    int inputs = dataset->inputs, flags = dataset->flags, values = inputs - flags;
    bool *lost = ARENA_NEW(disturbance->scratch, bool,
                           values); /* the input's latest observation went missing */
    int first = 0;
    while (first < series->rows && series->present[first] == 0)
        first++;
    for (int t = first + 1; t < series->rows; t++) {
        real *row = series->x + (size_t)t * (size_t)inputs; /* [I] */
        bool present = series->present[t] != 0;
        bool dropped = present && gsl_rng_uniform(rng) < disturbance->severity;
        for (int i = 0; i < values; i++) {
            if (present && (i >= flags || row[values + i] != 0))
                lost[i] = dropped;
            bool filled = present && !dropped && i < flags && row[values + i] == 0;
            if (lost[i] && !filled)
                row[i] = row[i - inputs];
        }
        if (!dropped)
            continue;
        series->present[t] = 0;
        for (int i = values; i < inputs; i++)
            row[i] = 0;
    }
}

const struct perturbation_type perturbation_dropout = {
    .name = "dropout",
    .title = "Missing observations",
    .citation = "whole observations go missing at random; Che et al. 2018",
    .severity = "probability that an observation goes missing",
    .severities = {0.1, 0.2, 0.4, 0.6, 0.8},
    .apply = apply,
};
