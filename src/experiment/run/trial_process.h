/* What happens in the process that the runner forks for a trial, and what its parent hears of it: a message
 * after each epoch, an exit code at the end. */
#ifndef EXPERIMENT_RUN_TRIAL_PROCESS_H
#define EXPERIMENT_RUN_TRIAL_PROCESS_H

#include "config/plan.h"

#include <signal.h>
#include <sys/types.h>

/* A file could not be written; the last message says why. See also EXIT_OUT_OF_MEMORY. */
enum { EXIT_UNWRITABLE = 98 };

/* Smaller than a pipe's atomic unit, so messages arrive whole. */
struct trial_message {
    int epoch; /* 0: `text` says why a file could not be written */
    double valid;
    double cpu; /* seconds on processors, of this process up to now */
    char text[400];
};

/* Runs the trial in this process, which has just been forked, with the memory that limits.memory allows, and
 * ends it. Messages go into `pipe`; `mask` are the signals to block. When `parent` dies, so does this
 * process. */
_Noreturn void run_trial_process(const struct plan *plan, const struct trial_plan *trial,
                                 const cJSON *provenance, const char *folder, const sigset_t *mask,
                                 int pipe, pid_t parent);

/* Whether limits.memory has an effect in this build. */
bool memory_can_be_limited(void);

#endif
