/* What the seasonal baseline shares with persistence. */
#ifndef MODEL_BASELINES_PERSISTENCE_H
#define MODEL_BASELINES_PERSISTENCE_H

#include "model/baseline.h"

extern const struct baseline_type baseline_persistence;

/* The value, in scaled units of the target, that a row of inputs [I] holds of it, by the scaling of
 * its series. */
real target_of_inputs(const struct dataset *dataset, const struct scaling *scaling, int target,
                      const real *inputs);

/* Whether the row of inputs [I] says that the input was observed; without flags, filled values count, too. */
bool input_is_observed(const struct dataset *dataset, int input, const real *inputs);

#endif
