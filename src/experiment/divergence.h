/* Why a training most likely diverged, and what to do about it. */
#ifndef EXPERIMENT_DIVERGENCE_H
#define EXPERIMENT_DIVERGENCE_H

#include "data/dataset.h"
#include "model/network.h"
#include "train/options.h"

/* A sentence for the record of a trial whose loss was not finite in an epoch (from 1). It names the
 * longest step of time where the network integrates over long ones, else inputs or targets that are
 * far from scaled, else the learning rate. Lives in the arena. */
const char *divergence_reason(const struct network *network, const struct dataset *dataset,
                              const struct train_options *train, int epoch, struct arena *arena);

#endif
