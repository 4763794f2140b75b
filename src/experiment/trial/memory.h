/* What a network remembers: its scores along a ladder of lengths, and how far back its gradients
 * reach. */
#ifndef EXPERIMENT_TRIAL_MEMORY_H
#define EXPERIMENT_TRIAL_MEMORY_H

#include "config/plan.h"

/* Sets "ladder" and "gradient_lag" of the record, where the config asks for them. Every rung is a
 * training of its own, with the trial's seed and settings. */
void measure_memory(const struct plan *plan, const struct trial_plan *trial, const real *params,
                    cJSON *record);

#endif
