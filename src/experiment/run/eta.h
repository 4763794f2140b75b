/* How long a sweep will still take, from what its trials have taken so far.
 *
 * A trial costs so many epochs, and an evaluation. Each model has its own seconds an epoch: measured where a
 * trial of it has finished an epoch; else timed before the run, times the slowdown that the measured models
 * show against their own timing; else from the operations of an epoch, at the rate of the models that are
 * known. How early trials stop comes from the model's ended trials, else from those of all models; so does
 * what an evaluation costs: a constant, and as many epochs as others have shown, else as its windows say. What
 * is left is then dealt out to the workers, the longest trial first, as a run does.
 *
 * All of this is counted in seconds on processors, which other programs hardly change. In the end it is divided by
 * the trials' share of the processors, which they do change: that of all trials so far, the later ones counting
 * more. */
#ifndef EXPERIMENT_RUN_ETA_H
#define EXPERIMENT_RUN_ETA_H

#include <stddef.h>

struct eta_model {
    int epochs;           /* at most; 0: a baseline, or not known */
    double epoch_seconds; /* timed before the run; NaN: not timed */
    double epoch_work;    /* floating-point operations; 0: not known */
    double
        evaluation_epochs; /* what an evaluation costs, in epochs, as its windows say; 0: not known */
};

enum eta_state { ETA_TO_DO, ETA_RUNNING, ETA_ENDED };

struct eta_trial {
    size_t model; /* index */
    enum eta_state state;
    int epoch;      /* finished */
    double trained; /* seconds of these epochs; NaN: not known */
    double cpu;     /* likewise, on processors; NaN: not known */
    double seconds; /* of the whole trial, up to now; NaN: not known */
    double age;     /* ended: seconds since then; NaN: not known */
};

/* Seconds until all trials have ended, with so many at a time; NaN when nothing is known of any. `later_work`:
 * operations of trials that follow these, as those of a search are followed by the final ones, and whose
 * models are like these. */
double eta_seconds(const struct eta_model *models, size_t model_count,
                   const struct eta_trial *trials, size_t count, size_t workers, double later_work);

#endif
