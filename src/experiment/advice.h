/* What the user should know about how an experiment's metrics and baselines treat its data. */
#ifndef EXPERIMENT_ADVICE_H
#define EXPERIMENT_ADVICE_H

#include "experiment/experiment.h"

/* Adds it to the notes of the data set. */
void advice_add(const struct experiment *experiment, struct dataset *dataset, struct arena *arena);

#endif
