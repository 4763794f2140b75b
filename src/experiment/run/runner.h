/* Runs a plan: one forked process a trial, several at once, beside other runs in the same folder.
 *
 * A process of its own gives a trial its own peak memory, a time and a memory limit, and lets it
 * crash without taking the others along: what became of it is a record in any case. Trials that are
 * done already are skipped, so running again resumes. */
#ifndef EXPERIMENT_RUN_RUNNER_H
#define EXPERIMENT_RUN_RUNNER_H

#include "config/plan.h"

struct run_options {
    const char *folder; /* of the results */
    int jobs;           /* trials at once; 0: as many as there are processors */
    bool fresh;         /* run those that are done, too */
    const char *only;   /* pattern of trial names, as the shell's; NULL: all */
    int shard, shards;  /* only this share of the plan, from 1; shards 0: all of it */
    double
        patience; /* seconds without a sign of life until another machine's trial is taken over */
    const char *log;     /* file for the journal; NULL: none */
    struct ranks *ranks; /* of an MPI job (experiment/run/ranks.h); NULL: none */
    double later_work;   /* operations of trials that follow the plan, for the estimate */
};

struct run_result {
    size_t selected; /* trials of the plan that `only` and `shard` name */
    size_t done;     /* of these: with a record now, from any run */
    size_t started;  /* of these: by this run */
    size_t failed;   /* of these: with another status than "ok" */
    size_t missing;  /* trials of the plan that were not selected and have no record yet */
    int signal;      /* that stopped the run; 0: it ran to its end */
};

/* Trials at once: as the options say, else as many as keep the processors busy with the threads of the widest of
 * these trials. */
int run_jobs(const struct run_options *options, const struct trial_plan *const *trials,
             size_t count);

/* False when nothing can be written or no process be started; what is done until then stays. */
bool run_plan(const struct plan *plan, const struct run_options *options, struct run_result *result,
              struct error *error);

#endif
