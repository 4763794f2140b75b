#include "base/team.h"

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

struct team {
    int threads; /* beside the caller */
    pthread_t *handles;
    atomic_int numbered; /* threads that have taken their number */
    atomic_uint round;   /* counts the calls of team_run(); its change is the signal to begin */
    atomic_int next;     /* task that nobody has taken */
    atomic_int working;  /* threads that have not finished this round */
    atomic_bool ending;
    /* For those who have looked long enough: `changed` tells of a new round, and of an end of
     * work. */
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    /* The round's work, constant while anybody is at it. */
    int count;
    team_task task;
    void *context;
};

static void do_tasks(struct team *team, int thread) {
    for (int number; (number = atomic_fetch_add(&team->next, 1)) < team->count;)
        team->task(team->context, thread, number);
}

static void announce(struct team *team) {
    pthread_mutex_lock(&team->mutex);
    pthread_cond_broadcast(&team->changed);
    pthread_mutex_unlock(&team->mutex);
}

static bool is_another_round(struct team *team, unsigned last) {
    return atomic_load(&team->round) != last;
}

static bool is_done(struct team *team, unsigned unused) {
    (void)unused;
    return atomic_load(&team->working) == 0;
}

static void wait_until(struct team *team, bool (*happened)(struct team *, unsigned),
                       unsigned last) {
    for (int i = 0; i < SPINS; i++) {
        if (happened(team, last))
            return;
        PAUSE();
    }
    pthread_mutex_lock(&team->mutex);
    while (!happened(team, last))
        pthread_cond_wait(&team->changed, &team->mutex);
    pthread_mutex_unlock(&team->mutex);
}

static void *member(void *argument) {
    struct team *team = argument;
    int thread = 1 + atomic_fetch_add(&team->numbered, 1);
    for (unsigned round = 0;; round++) {
        wait_until(team, is_another_round, round);
        if (atomic_load(&team->ending))
            return NULL;
        do_tasks(team, thread);
        if (atomic_fetch_sub(&team->working, 1) == 1)
            announce(team);
    }
}

struct team *team_start(int threads, struct arena *arena) {
    struct team *team = ARENA_NEW(arena, struct team, 1);
    team->handles = ARENA_NEW(arena, pthread_t, threads);
    pthread_mutex_init(&team->mutex, NULL);
    pthread_cond_init(&team->changed, NULL);
    while (team->threads < threads - 1 &&
           pthread_create(&team->handles[team->threads], NULL, member, team) == 0)
        team->threads++;
    return team;
}

/* Everybody begins the round with what was set before. */
static void begin_round(struct team *team) {
    atomic_store(&team->working, team->threads);
    atomic_fetch_add(&team->round, 1);
    announce(team);
}

void team_run(struct team *team, int count, team_task task, void *context) {
    team->count = count;
    team->task = task;
    team->context = context;
    atomic_store(&team->next, 0);
    if (team->threads > 0 && count > 1)
        begin_round(team);
    do_tasks(team, 0);
    wait_until(team, is_done, 0);
}

void team_end(struct team *team) {
    atomic_store(&team->ending, true);
    begin_round(team);
    for (int i = 0; i < team->threads; i++)
        pthread_join(team->handles[i], NULL);
    pthread_cond_destroy(&team->changed);
    pthread_mutex_destroy(&team->mutex);
}
