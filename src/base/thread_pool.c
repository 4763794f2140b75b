#include "base/thread_pool.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <time.h>

#if defined(__x86_64__)
#define PAUSE() __builtin_ia32_pause()
#else
#define PAUSE() ((void)0)
#endif

/* SPINS: some tenths of a millisecond, longer than what an update does between two passes over most
 * networks, and too short for anybody to miss the processor. CROWDED_SPINS, some microseconds: on a
 * busy machine a thread that spins uses up its share of the processor, and one that has slept gets
 * the processor soon after it is called. */
enum { SPINS = 10000, CROWDED_SPINS = 100 };

int processor_count(void) {
    cpu_set_t set;
    return sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
}

/* A thread of the pool. */
struct member {
    struct thread_pool *pool;
    int number; /* 0: the caller */
    pthread_t handle;
    clockid_t clock;   /* processor time that it has used */
    int home;          /* its processor, where the pool has homes */
    atomic_bool works; /* on a task */
    bool is_away;      /* on a processor that another member has lent it (under the mutex) */
    bool is_crowded;   /* in its last round, it lent a processor or was lent one */
};

struct thread_pool {
    int threads; /* with the caller's */
    struct member *members;
    atomic_uint
        round;       /* counts the calls of thread_pool_run(); its change is the signal to begin */
    atomic_int left; /* tasks that nobody has taken; below 0 where members came too late */
    atomic_int pending; /* tasks that are not done */
    atomic_bool ending;
    /* For those who have looked long enough: `changed` tells of a new round, and of the end of one. */
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    bool has_homes;
    cpu_set_t allowed; /* processors of the caller, before it got a home */
    /* The round's work, constant while a task is pending. */
    int count;
    thread_pool_task task;
    void *context;
};

/* --- waiting ---------------------------------------------------------------------------------- */

static void announce(struct thread_pool *pool) {
    pthread_mutex_lock(&pool->mutex);
    pthread_cond_broadcast(&pool->changed);
    pthread_mutex_unlock(&pool->mutex);
}

typedef bool (*pool_event)(struct thread_pool *pool, unsigned round);

static bool is_another_round(struct thread_pool *pool, unsigned round) {
    return atomic_load(&pool->round) != round;
}

static bool is_over(struct thread_pool *pool, unsigned round) {
    return atomic_load(&pool->pending) == 0 || is_another_round(pool, round);
}

static bool spin_until(struct thread_pool *pool, pool_event happened, unsigned round, int spins) {
    for (int i = 0; i < spins; i++) {
        if (happened(pool, round))
            return true;
        PAUSE();
    }
    return false;
}

static void wait_until(struct member *self, pool_event happened, unsigned round) {
    struct thread_pool *pool = self->pool;
    if (spin_until(pool, happened, round, self->is_crowded ? CROWDED_SPINS : SPINS))
        return;
    pthread_mutex_lock(&pool->mutex);
    while (!happened(pool, round))
        pthread_cond_wait(&pool->changed, &pool->mutex);
    pthread_mutex_unlock(&pool->mutex);
}

/* --- processors ------------------------------------------------------------------------------- */

static bool move(const struct member *member, int processor) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(processor, &set);
    return pthread_setaffinity_np(member->handle, sizeof set, &set) == 0;
}

static void free_caller(struct thread_pool *pool) {
    pthread_setaffinity_np(pool->members[0].handle, sizeof pool->allowed, &pool->allowed);
}

/* Where there are as many threads as processors: with another process on the machine, the system
 * would often leave it a processor and have two threads share the other one. */
static void give_homes(struct thread_pool *pool) {
    if (pool->threads < 2 ||
        pthread_getaffinity_np(pthread_self(), sizeof pool->allowed, &pool->allowed) != 0 ||
        CPU_COUNT(&pool->allowed) != pool->threads)
        return;
    bool good = true;
    for (int i = 0, processor = 0; i < pool->threads; i++, processor++) {
        struct member *member = &pool->members[i];
        while (!CPU_ISSET(processor, &pool->allowed))
            processor++;
        member->home = processor;
        good = good && pthread_getcpuclockid(member->handle, &member->clock) == 0 &&
               move(member, processor);
    }
    pool->has_homes = good;
    if (!good)
        free_caller(pool);
}

static double seconds_used(const struct member *member) {
    struct timespec used = {0};
    clock_gettime(member->clock, &used);
    return (double)used.tv_sec + (double)used.tv_nsec * 1e-9;
}

/* Gives the peer one's own processor. The caller keeps it, because it goes on after the round, and
 * leaves the one where it had to wait. */
static bool lend(struct member *self, struct member *peer) {
    struct thread_pool *pool = self->pool;
    int home = self->home;
    pthread_mutex_lock(&pool->mutex);
    bool lends = atomic_load(&peer->works) && !peer->is_away && move(peer, home);
    if (lends)
        peer->is_away = true;
    if (lends && peer->number == 0) {
        self->home = peer->home;
        peer->home = home;
    }
    pthread_mutex_unlock(&pool->mutex);
    if (self->home != home)
        move(self, self->home);
    return lends;
}

/* Until the round is over, somewhat like wait_until(): looks for a peer that has a task and no
 * processor, because another process has taken it. True when it got one's own. */
static bool help(struct member *self, unsigned round) {
    enum { LOOK = 200 }; /* some microseconds, in which a peer that runs uses processor time */
    struct thread_pool *pool = self->pool;
    for (int spun = 0; spun < SPINS; spun += LOOK) {
        struct member *peer = &pool->members[spun / LOOK % pool->threads];
        double before = seconds_used(peer);
        if (spin_until(pool, is_over, round, LOOK))
            return false;
        if (peer != self && atomic_load(&peer->works) && seconds_used(peer) <= before &&
            lend(self, peer))
            return true;
    }
    return false;
}

/* Once there is nothing left to do. The caller stays where it is: lend(). */
static void finish(struct member *self, unsigned round) {
    struct thread_pool *pool = self->pool;
    if (!pool->has_homes)
        return;
    pthread_mutex_lock(&pool->mutex);
    bool was_away = self->is_away;
    self->is_away = false;
    pthread_mutex_unlock(&pool->mutex);
    if (was_away && self->number > 0)
        move(self, self->home);
    bool has_lent = help(self, round);
    self->is_crowded = was_away || has_lent;
}

/* --- rounds ----------------------------------------------------------------------------------- */

static void do_tasks(struct member *self) {
    struct thread_pool *pool = self->pool;
    for (int left; (left = atomic_fetch_sub(&pool->left, 1)) > 0;) {
        atomic_store(&self->works, true);
        pool->task(pool->context, self->number, pool->count - left);
        atomic_store(&self->works, false);
        if (atomic_fetch_sub(&pool->pending, 1) == 1 && self->number > 0)
            announce(pool);
    }
}

static void *member_main(void *argument) {
    struct member *self = argument;
    struct thread_pool *pool = self->pool;
    for (unsigned round = 0;;) {
        wait_until(self, is_another_round, round);
        round = atomic_load(&pool->round);
        if (atomic_load(&pool->ending))
            return NULL;
        do_tasks(self);
        finish(self, round);
    }
}

struct thread_pool *thread_pool_start(int threads, struct arena *arena) {
    struct thread_pool *pool = ARENA_NEW(arena, struct thread_pool, 1);
    pool->members = ARENA_NEW(arena, struct member, threads);
    pthread_mutex_init(&pool->mutex, NULL);
    pthread_cond_init(&pool->changed, NULL);
    for (int i = 0; i < threads; i++)
        pool->members[i] = (struct member){.pool = pool, .number = i, .handle = pthread_self()};
    pool->threads = 1;
    while (pool->threads < threads &&
           pthread_create(&pool->members[pool->threads].handle, NULL, member_main,
                          &pool->members[pool->threads]) == 0)
        pool->threads++;
    give_homes(pool);
    return pool;
}

/* Everybody begins the round with what was set before. */
static void begin_round(struct thread_pool *pool) {
    atomic_fetch_add(&pool->round, 1);
    announce(pool);
}

void thread_pool_run(struct thread_pool *pool, int count, thread_pool_task task, void *context) {
    struct member *caller = &pool->members[0];
    pool->count = count;
    pool->task = task;
    pool->context = context;
    atomic_store(&pool->pending, count);
    atomic_store(&pool->left, count);
    if (pool->threads > 1 && count > 1)
        begin_round(pool);
    do_tasks(caller);
    unsigned round = atomic_load(&pool->round);
    finish(caller, round);
    wait_until(caller, is_over, round);
}

void thread_pool_end(struct thread_pool *pool) {
    atomic_store(&pool->ending, true);
    begin_round(pool);
    for (int i = 1; i < pool->threads; i++)
        pthread_join(pool->members[i].handle, NULL);
    if (pool->has_homes)
        free_caller(pool);
    pthread_cond_destroy(&pool->changed);
    pthread_mutex_destroy(&pool->mutex);
}
