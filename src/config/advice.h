/* What the user should know about how an experiment's metrics and baselines treat its data. */
#ifndef CONFIG_ADVICE_H
#define CONFIG_ADVICE_H

#include "config/experiment.h"

/* Adds it to the notes of the data set. */
void advice_add(const struct experiment *experiment, struct dataset *dataset, struct arena *arena);

#endif
