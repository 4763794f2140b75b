/* What the predictions of the clean test say beyond their scores. */
#ifndef EXPERIMENT_TRIAL_DETAILS_H
#define EXPERIMENT_TRIAL_DETAILS_H

#include "config/experiment.h"
#include "evaluate/score.h"

#include <cjson/cJSON.h>

/* Steps ahead for which an error is recorded, from 1: all of them, or some 64 that grow by a factor.
 * Returns the one after `step`. */
int next_horizon(int step, int steps);

/* Fills in the record's "errors" (of numbers), "confusion" (of classes) and "sampling"; docs/results.md
 * describes them. */
void record_details(const struct predictions *predictions, const struct evaluate_options *options,
                    cJSON *record);

#endif
