/* The journal of a run: one line of JSON for each event, for programs that watch it.
 *
 * Several runs may write into the same file: a line is appended in one piece. */
#ifndef EXPERIMENT_RUN_JOURNAL_H
#define EXPERIMENT_RUN_JOURNAL_H

#include "experiment/run/runner.h"
#include "record/record.h"

struct journal {
    int descriptor; /* -1: there is none, and the functions below do nothing */
};

/* Without a path, there is no journal. */
bool journal_open(struct journal *journal, const char *path, struct error *error);
void journal_close(struct journal *journal);

/* `jobs`: trials at once. */
void journal_run_started(struct journal *journal, const struct plan *plan,
                         const struct run_options *options, const struct run_result *result,
                         int jobs);
void journal_trial_started(struct journal *journal, const struct trial_plan *trial, long pid);
void journal_trial_finished(struct journal *journal, const struct trial_plan *trial,
                            const struct record_summary *summary);
/* `problem`: what broke the run off, or NULL. */
void journal_run_ended(struct journal *journal, const struct run_result *result,
                       const char *problem);

#endif
