/* The ranks of an MPI job: the processes that `mpirun -n N liquidbench run` starts, on any number
 * of machines that share the results folder.
 *
 * The ranks share out the trials by the claims of the results folder (experiment/run/claim.h), as runs
 * without MPI do: no rank needs another, and a lost rank costs only the trials
 * that it was running. MPI tells them how many they are, lets them begin each plan together, and
 * says which one reports. Without MPI=1 at build time, or without mpirun, there is one rank. */
#ifndef EXPERIMENT_RUN_RANKS_H
#define EXPERIMENT_RUN_RANKS_H

#include "base/arena.h"

#include <stdbool.h>

struct ranks; /* NULL: this process is alone */

/* Whether the program was built with MPI=1. */
bool ranks_are_possible(void);

/* Joins the job, if this process is part of one: once in a process. NULL when it is not, or when MPI does
 * not start within a minute or fails, because ranks are lost. */
struct ranks *ranks_join(struct arena *arena);

int ranks_count(const struct ranks *ranks);
int ranks_number(const struct ranks *ranks); /* of this process, from 0 */

/* All ranks go on to the next plan, together: each has seen what was done before any of them goes
 * on. */
void ranks_begin_plan(struct ranks *ranks);

/* Whether this process reports: rank 0 when all ranks have come to the end of the plan; every rank
 * that is left when some did not come within a minute. */
bool ranks_end_plan(struct ranks *ranks);

/* Whether the reports are made; false when this process has to make its own, because rank 0 may have
 * been lost before it was done. */
bool ranks_end_report(struct ranks *ranks);

/* Leaves the job. Returns false when ranks are lost. */
bool ranks_part(struct ranks *ranks);

#endif
