/* The results folder of an experiment, prepared for a run. */
#ifndef EXPERIMENT_FOLDER_H
#define EXPERIMENT_FOLDER_H

#include "experiment/plan.h"

/* Makes the folder, locks it against other runs, removes what a killed run left half-written, finds
 * out whether there is room on the disk, and writes experiment.json. Returns the lock, to be
 * close()d after the run, or -1 on error. */
int folder_open(const char *folder, const struct plan *plan, const cJSON *provenance,
                struct error *error);

/* Removes what process `pid` may have left half-written when it was killed. */
void folder_clean_after(const char *folder, const struct trial_plan *trial, long pid);

#endif
