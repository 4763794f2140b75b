/* A parameter budget: models sized to the same number of parameters, so that a comparison is fair.
 * The size of a model is its "hidden", or its wiring's "units" where it has them. */
#ifndef CONFIG_MATCH_H
#define CONFIG_MATCH_H

#include "config/experiment.h"
#include "data/pipeline/dataset.h"

/* Sizes the networks as experiment->match says, each as close to the budget as it gets, and writes
 * the sizes into the resolved config too. Nothing happens when there is no budget. */
bool match_models(struct experiment *experiment, const struct dataset *dataset,
                  struct error *error);

#endif
