/* How far a sweep is: what a results folder says about it, whether or not a run is at work. */
#ifndef EXPERIMENT_RUN_PROGRESS_H
#define EXPERIMENT_RUN_PROGRESS_H

#include "base/arena.h"
#include "experiment/run/claim.h"

#include <stddef.h>

enum trial_state { STATE_DONE, STATE_FAILED, STATE_RUNNING, STATE_TO_DO, STATE_COUNT };

extern const char *const trial_state_names[STATE_COUNT]; /* "to_do" */

struct trial_progress {
    const char *stem;
    enum trial_state state;
    const char *status, *error; /* of the record; NULL: there is none, or no error */
    double trained,
        cpu; /* done: seconds of training, by the clock and on processors; NaN if not known */
    double seconds;            /* done: of the whole trial, NaN if not known; running: up to now */
    double age;                /* done: seconds since then */
    int epochs;                /* done: trained */
    double silent;             /* running: seconds since the last sign of life */
    struct trial_claim holder; /* running */
    struct claim_news news;    /* running */
};

struct progress {
    const char *experiment;
    struct trial_progress *trials; /* in the plan's order */
    size_t trial_count;
    size_t counts[STATE_COUNT];
    size_t workers; /* at work side by side */
    /* Until all is done, if as many go on (experiment/run/eta.h); NaN when nothing runs or nothing is known. */
    double seconds_left;
};

/* Of the search (experiment/search/search.h) as long as that is what goes on in the folder. Everything
 * lives in the arena. */
bool progress_read(struct progress *progress, const char *folder, struct arena *arena,
                   struct error *error);

/* Below the results folder: what a run knew when it began, {"jobs": at once, "later_work": operations of trials
 * that follow}, and of its models,
 * "<data set>-<model>": {"epochs": at most, "epoch_seconds": as timed, or null, "epoch_work": operations,
 * "evaluation_epochs": what an evaluation costs, in epochs}. */
#define ESTIMATE_FILE "estimate.json"

/* "12 s", "3 min", "1.5 h" */
void format_duration(double seconds, char *text, size_t size);

#endif
