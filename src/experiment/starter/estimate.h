/* How long an experiment will take on this machine, measured before it runs. */
#ifndef EXPERIMENT_STARTER_ESTIMATE_H
#define EXPERIMENT_STARTER_ESTIMATE_H

#include "config/plan.h"

/* Seconds that an epoch of a trial takes on one processor, with its validation, from a few training steps
 * timed for about `budget` seconds; 0 for a baseline. */
double estimate_epoch(const struct plan *plan, const struct trial_plan *trial, double budget);

/* What evaluating a trained model costs, in epochs, as the number of windows says that it has to predict. */
double estimate_evaluation(const struct plan *plan);

/* The same of a trial's whole training, if it does not stop early. */
double estimate_trial(const struct plan *plan, const struct trial_plan *trial, double budget);

/* The same for all trials of the plan together; each model is timed once. */
double estimate_plan(const struct plan *plan, double budget);

#endif
