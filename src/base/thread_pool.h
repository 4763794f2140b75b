/* A thread pool: threads that share out numbered tasks.
 *
 * The calling thread is number 0 and works with the others, so a pool of one has no other thread at
 * all. Between two calls the others look for work for some microseconds, since training hands out
 * tasks thousands of times a second, and then sleep. Which thread does a task is a matter of
 * chance; tasks that give the same numbers wherever they run, and add up in the order of their
 * numbers afterwards, make results that do not depend on the size of the pool.
 *
 * A pool of as many threads as this process has processors gives each thread one of them. When
 * another process takes a processor away in the middle of a task, a thread that has nothing left to
 * do lends the task's thread its own, so a round never waits for the other process. */
#ifndef BASE_THREAD_POOL_H
#define BASE_THREAD_POOL_H

#include "base/arena.h"

/* Processors that this process may use. */
int processor_count(void);

struct thread_pool;

/* Does task `number` (from 0) in thread `thread` (from 0, below the pool's size). */
typedef void (*thread_pool_task)(void *context, int thread, int number);

/* Starts threads - 1 threads, or as many as the system will give. The pool lives in the arena. */
struct thread_pool *thread_pool_start(int threads, struct arena *arena);

/* Does the tasks 0 .. count - 1 and returns when all are done. Allocates nothing. */
void thread_pool_run(struct thread_pool *pool, int count, thread_pool_task task, void *context);

/* Ends the threads. */
void thread_pool_end(struct thread_pool *pool);

#endif
