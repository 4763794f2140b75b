/* A team of threads that share out numbered tasks.
 *
 * The calling thread is number 0 and works with the others, so a team of one has no other thread at
 * all. Between two calls the others look for work for some microseconds, since training hands out
 * tasks thousands of times a second, and then sleep. Which thread does a task is a matter of
 * chance; tasks that give the same numbers wherever they run, and add up in the order of their
 * numbers afterwards, make results that do not depend on the size of the team. */
#ifndef BASE_TEAM_H
#define BASE_TEAM_H

#include "base/arena.h"

/* Processors that this process may use. */
int processor_count(void);

struct team;

/* Does task `number` (from 0) in thread `thread` (from 0, below the team's size). */
typedef void (*team_task)(void *context, int thread, int number);

/* Starts threads - 1 threads, or as many as the system will give. The team lives in the arena. */
struct team *team_start(int threads, struct arena *arena);

/* Does the tasks 0 .. count - 1 and returns when all are done. Allocates nothing. */
void team_run(struct team *team, int count, team_task task, void *context);

/* Ends the threads. */
void team_end(struct team *team);

#endif
