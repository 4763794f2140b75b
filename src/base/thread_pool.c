#include "base/thread_pool.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>

#if defined(__x86_64__)
#define PAUSE() __builtin_ia32_pause()
#else
#define PAUSE() ((void)0)
#endif

/* Some tenths of a millisecond: longer than what an update does between two passes over most
 * networks, and too short for anybody to miss the processor. */
enum { SPINS = 10000 };

int processor_count(void) {
    cpu_set_t set;
    return sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
}

struct thread_pool {
    int threads; /* beside the caller */
    pthread_t *handles;
    atomic_int numbered; /* threads that have taken their number */
    atomic_uint
        round;       /* counts the calls of thread_pool_run(); its change is the signal to begin */
    atomic_int next; /* task that nobody has taken */
    atomic_int working; /* threads that have not finished this round */
    atomic_bool ending;
    /* For those who have looked long enough: `changed` tells of a new round, and of an end of
     * work. */
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    /* The round's work, constant while anybody is at it. */
    int count;
    thread_pool_task task;
    void *context;
};

static void do_tasks(struct thread_pool *pool, int thread) {
    for (int number; (number = atomic_fetch_add(&pool->next, 1)) < pool->count;)
        pool->task(pool->context, thread, number);
}

static void announce(struct thread_pool *pool) {
    pthread_mutex_lock(&pool->mutex);
    pthread_cond_broadcast(&pool->changed);
    pthread_mutex_unlock(&pool->mutex);
}

static bool is_another_round(struct thread_pool *pool, unsigned last) {
    return atomic_load(&pool->round) != last;
}

static bool is_done(struct thread_pool *pool, unsigned unused) {
    (void)unused;
    return atomic_load(&pool->working) == 0;
}

static void wait_until(struct thread_pool *pool, bool (*happened)(struct thread_pool *, unsigned),
                       unsigned last) {
    for (int i = 0; i < SPINS; i++) {
        if (happened(pool, last))
            return;
        PAUSE();
    }
    pthread_mutex_lock(&pool->mutex);
    while (!happened(pool, last))
        pthread_cond_wait(&pool->changed, &pool->mutex);
    pthread_mutex_unlock(&pool->mutex);
}

static void *member(void *argument) {
    struct thread_pool *pool = argument;
    int thread = 1 + atomic_fetch_add(&pool->numbered, 1);
    for (unsigned round = 0;; round++) {
        wait_until(pool, is_another_round, round);
        if (atomic_load(&pool->ending))
            return NULL;
        do_tasks(pool, thread);
        if (atomic_fetch_sub(&pool->working, 1) == 1)
            announce(pool);
    }
}

struct thread_pool *thread_pool_start(int threads, struct arena *arena) {
    struct thread_pool *pool = ARENA_NEW(arena, struct thread_pool, 1);
    pool->handles = ARENA_NEW(arena, pthread_t, threads);
    pthread_mutex_init(&pool->mutex, NULL);
    pthread_cond_init(&pool->changed, NULL);
    while (pool->threads < threads - 1 &&
           pthread_create(&pool->handles[pool->threads], NULL, member, pool) == 0)
        pool->threads++;
    return pool;
}

/* Everybody begins the round with what was set before. */
static void begin_round(struct thread_pool *pool) {
    atomic_store(&pool->working, pool->threads);
    atomic_fetch_add(&pool->round, 1);
    announce(pool);
}

void thread_pool_run(struct thread_pool *pool, int count, thread_pool_task task, void *context) {
    pool->count = count;
    pool->task = task;
    pool->context = context;
    atomic_store(&pool->next, 0);
    if (pool->threads > 0 && count > 1)
        begin_round(pool);
    do_tasks(pool, 0);
    wait_until(pool, is_done, 0);
}

void thread_pool_end(struct thread_pool *pool) {
    atomic_store(&pool->ending, true);
    begin_round(pool);
    for (int i = 0; i < pool->threads; i++)
        pthread_join(pool->handles[i], NULL);
    pthread_cond_destroy(&pool->changed);
    pthread_mutex_destroy(&pool->mutex);
}
