/* One trial: a model, trained and measured in this process. */
#ifndef EXPERIMENT_TRIAL_TRIAL_H
#define EXPERIMENT_TRIAL_TRIAL_H

#include "config/plan.h"
#include "train/trainer.h"

/* Trains and evaluates, then writes models/<stem>.safetensors and trials/<stem>.json below
 * `folder`, in this order: whoever sees the record finds the model. A trial that diverges or fails
 * is a record too; false means that a file could not be written. */
bool trial_run(const struct plan *plan, const struct trial_plan *trial, const cJSON *provenance,
               const char *folder, epoch_observer observer, void *context, struct error *error);

/* The scores of a trial's network with these parameters on the clean test, as in a record's "metrics".
 * cJSON_Delete() them. */
cJSON *trial_score(const struct plan *plan, const struct trial_plan *trial, const real *params);

#endif
