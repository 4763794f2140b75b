/* How a trained model does on a stream that changes: as it is, and while it goes on learning. */
#ifndef EXPERIMENT_TRIAL_ADAPTATION_H
#define EXPERIMENT_TRIAL_ADAPTATION_H

#include "config/plan.h"
#include "evaluate/predictor.h"
#include "model/baseline.h"

/* Set "stream" of the record, where the config asks for it. Linear baselines learn by recursive
 * least squares; of the others, which have nothing to learn, online errors are the frozen ones. */
void measure_adaptation(const struct plan *plan, const struct trial_plan *trial, const real *params,
                        cJSON *record);
void measure_baseline_adaptation(const struct plan *plan, const struct baseline *baseline,
                                 const struct predictor *predictor, cJSON *record);

#endif
