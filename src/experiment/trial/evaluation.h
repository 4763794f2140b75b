/* What is measured of a trained model's predictions: scores on the splits, under noise and under
 * shifts, with their distances from training, and an example. */
#ifndef EXPERIMENT_TRIAL_EVALUATION_H
#define EXPERIMENT_TRIAL_EVALUATION_H

#include "config/plan.h"
#include "evaluate/predictor.h"

/* Windows of so many steps that are predicted at a time, at most. */
int evaluation_batch(int steps);

/* Fills in the record's "metrics", "errors", "confusion", "sampling", "test_distance", "noise", "ood"
 * and "example". The predictor must take windows as long as those of the plan's data set and of its shifts, evaluation_batch()
 * of them at a time. `training` is the data set with the inputs that the model was trained on. */
void evaluate_model(const struct predictor *predictor, const struct plan *plan, int seed,
                    const struct dataset *training, cJSON *record);

/* The scores on the clean test alone: name of the metric to score. cJSON_Delete() it. */
cJSON *evaluate_test(const struct predictor *predictor, const struct plan *plan);

/* Whether scores of numbers are in the units of the data, as evaluate.units says. */
bool evaluation_in_data_units(const struct experiment *experiment);

#endif
