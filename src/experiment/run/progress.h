/* How far a sweep is: what a results folder says about it, whether or not a run is at work. */
#ifndef EXPERIMENT_RUN_PROGRESS_H
#define EXPERIMENT_RUN_PROGRESS_H

#include "base/arena.h"
#include "experiment/run/claim.h"

#include <stddef.h>

enum trial_state { STATE_DONE, STATE_FAILED, STATE_RUNNING, STATE_TO_DO, STATE_COUNT };

extern const char *const trial_state_names[STATE_COUNT]; /* "to_do" */

struct trial_standing {
    const char *stem;
    enum trial_state state;
    const char *status, *error; /* of the record; NULL: there is none, or no error */
    double seconds;             /* done: of training, NaN if not known; running: up to now */
    double silent;              /* running: seconds since the last sign of life */
    struct trial_claim holder;  /* running */
};

struct standing {
    const char *experiment;
    struct trial_standing *trials; /* in the plan's order */
    size_t trial_count;
    size_t counts[STATE_COUNT];
    /* Until all is done, if as many trials go on side by side as do now and take as long as those
     * of the same model did; NaN when nothing runs or nothing is done. */
    double seconds_left;
};

/* Of the search (experiment/search/search.h) as long as that is what goes on in the folder. Everything
 * lives in the arena. */
bool standing_read(struct standing *standing, const char *folder, struct arena *arena,
                   struct error *error);

#endif
