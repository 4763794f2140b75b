/* A stretch of the test split with predictions beside the truth, for a plot. */
#ifndef EXPERIMENT_TRIAL_EXAMPLE_H
#define EXPERIMENT_TRIAL_EXAMPLE_H

#include "evaluate/predictor.h"

#include <cjson/cJSON.h>

/* {"name": series, "target", "time": [...], "truth": [...], "prediction": [...]} in units of the
 * data (classes by number), at most 200 points of the first target. Each prediction is the one that
 * the test scores, with the most steps of its window before it. Where windows have one scored step
 * each, "time" is the number of the window. NULL when nothing is scored. */
cJSON *example_json(const struct predictor *predictor, const struct dataset *dataset);

#endif
