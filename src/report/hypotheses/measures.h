/* The values of measures (evaluate/measure.h) from results. */
#ifndef REPORT_HYPOTHESES_MEASURES_H
#define REPORT_HYPOTHESES_MEASURES_H

#include "evaluate/measure.h"
#include "report/results/results.h"

/* Writes a model's values, [trial_count]: NaN where not measured, infinite in the worse direction
 * for trials that failed and for scores that are not finite. False when the data set does not
 * measure it at all. */
bool measure_values(const struct measure *measure, const struct dataset_results *dataset,
                    const struct model_results *model, double *values);

bool measure_higher_is_better(const struct measure *measure, const struct dataset_results *dataset);

/* Whether chance has no part in it, as in the number of parameters. */
bool measure_is_exact(const struct measure *measure);

#endif
