/* Why a training most likely diverged, and what to do about it. */
#ifndef EXPERIMENT_TRIAL_DIVERGENCE_H
#define EXPERIMENT_TRIAL_DIVERGENCE_H

#include "data/pipeline/dataset.h"
#include "model/network.h"
#include "train/trainer.h"

/* A sentence for the record of a trial whose training diverged. It names the
 * longest step of time where the network integrates over long ones, else inputs or targets that are
 * far from scaled, else the learning rate. Lives in the arena. */
const char *divergence_reason(const struct network *network, const struct dataset *dataset,
                              const struct train_options *train, const struct train_result *result,
                              struct arena *arena);

#endif
