/* How long an experiment will take on this machine, measured before it runs. */
#ifndef EXPERIMENT_RUN_ESTIMATE_H
#define EXPERIMENT_RUN_ESTIMATE_H

#include "config/plan.h"
#include "experiment/run/eta.h"

/* Seconds that an epoch of a trial takes on one processor, with its validation, from a few training steps
 * timed for about `budget` seconds; 0 for a baseline. */
double estimate_epoch(const struct plan *plan, const struct trial_plan *trial, double budget);

/* What is known of the experiment's models without timing them, in the arena. */
struct eta_model *estimate_models(const struct plan *plan, struct arena *arena);

/* Floating-point operations of the plan's trials, with their evaluations. */
double estimate_work(const struct plan *plan);

/* Seconds that trials of the plan take with so many at a time, if none stops early; each model is timed
 * once. `each`: what each trial takes alone [count]; NULL: not asked for. */
double estimate_trials(const struct plan *plan, const struct trial_plan *const *trials,
                       size_t count, size_t workers, double budget, double *each);

#endif
