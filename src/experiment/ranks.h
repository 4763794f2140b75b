/* The ranks of an MPI job: the processes that `mpirun -n N liquidbench run` starts, on any number
 * of machines that share the results folder.
 *
 * Rank 0 keeps a counter for each plan; every rank, 0 included, draws the position of its next
 * trial from it. Nothing else goes through MPI: results go to the folder, and its claims make good
 * for a rank that is lost. Without MPI=1 at build time, or without mpirun, there is one rank. */
#ifndef EXPERIMENT_RANKS_H
#define EXPERIMENT_RANKS_H

#include "base/arena.h"

#include <stdbool.h>

struct ranks; /* NULL: this process is alone */

/* Whether the program was built with MPI=1. */
bool ranks_are_possible(void);

/* Joins the job, if this process is part of one: once in a process. */
struct ranks *ranks_join(struct arena *arena);

int ranks_count(const struct ranks *ranks);
int ranks_number(const struct ranks *ranks); /* of this process, from 0 */

/* All ranks go on to the next plan, together. */
void ranks_begin_plan(struct ranks *ranks);

/* The position of the next trial of the plan; for one who is alone, `next`. */
size_t ranks_next(struct ranks *ranks, size_t next);

/* Lets the others draw from rank 0's counters, which needs its help on some networks; to be called
 * every ranks_period() seconds, INFINITY when nobody depends on it. */
double ranks_period(const struct ranks *ranks);
void ranks_attend(const struct ranks *ranks);

/* Leaves the job. Returns false when other ranks did not come to do so within some seconds: they
 * are lost. */
bool ranks_part(struct ranks *ranks);

#endif
