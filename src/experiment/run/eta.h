/* How long a sweep will still take, from what its trials have taken so far.
 *
 * A trial costs so many epochs, and an evaluation that is worth so many more. Each model has its own seconds
 * an epoch: measured where a trial of it has finished an epoch; else timed before the run, times the slowdown
 * that the measured models show against their own timing. How early trials stop and what an evaluation costs
 * come from the model's ended trials, else from those of all models. What is left is then dealt out to the
 * workers, the longest trial first, as a run does. */
#ifndef EXPERIMENT_RUN_ETA_H
#define EXPERIMENT_RUN_ETA_H

#include <stddef.h>

struct eta_model {
    int epochs;           /* at most; 0: a baseline, or not known */
    double epoch_seconds; /* timed before the run; NaN: not timed */
};

enum eta_state { ETA_TO_DO, ETA_RUNNING, ETA_ENDED };

struct eta_trial {
    size_t model; /* index */
    enum eta_state state;
    int epoch;      /* finished */
    double trained; /* seconds of these epochs; NaN: not known */
    double seconds; /* of the whole trial, up to now; NaN: not known */
};

/* Seconds until all trials have ended, with so many at a time; NaN when nothing is known of any. */
double eta_seconds(const struct eta_model *models, size_t model_count,
                   const struct eta_trial *trials, size_t count, size_t workers);

#endif
