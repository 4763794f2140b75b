/* What killed runs have left in a results folder: half-written files, and claims. */
#ifndef EXPERIMENT_RUN_LEFTOVERS_H
#define EXPERIMENT_RUN_LEFTOVERS_H

#include "experiment/run/claim.h"

/* Removes temporary files of trials that nobody has claimed but processes that are gone, and such
 * processes' claims of trials that have a record. Other runs may be at work in the folder: what
 * belongs to them, or may do so, stays. */
void leftovers_remove(const char *folder, const struct trial_claim *own);

#endif
