#include "experiment/run/ranks.h"

#ifdef HAS_MPI

#include "base/clock.h"
#include "base/log.h"

#include <mpi.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

static const double PATIENCE = 60; /* seconds until a rank that does not come is taken for lost */

struct ranks {
    int count, number;
    bool some_are_lost; /* then MPI is left alone: what it does without them is not defined */
};

/* Whether a launcher has started this process: MPI_Init() alone would take a second for nothing. */
static bool is_launched(void) {
    static const char *const signs[] = {"OMPI_COMM_WORLD_SIZE", "PMIX_RANK", "PMI_RANK"};
    for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++)
        if (getenv(signs[i]) != NULL)
            return true;
    return false;
}

bool ranks_are_possible(void) {
    return true;
}

/* Waits for all ranks; the lost ones never come. */
static void meet(struct ranks *ranks) {
    MPI_Request request;
    int met = 0;
    bool good = !ranks->some_are_lost && MPI_Ibarrier(MPI_COMM_WORLD, &request) == MPI_SUCCESS;
    for (double end = seconds_now() + PATIENCE; good && !met && seconds_now() < end;) {
        good = MPI_Test(&request, &met, MPI_STATUS_IGNORE) == MPI_SUCCESS;
        if (!met)
            nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    }
    if (!met && !ranks->some_are_lost)
        log_warning("rank %d: not all of the %d MPI ranks have come: some are lost", ranks->number,
                    ranks->count);
    ranks->some_are_lost = ranks->some_are_lost || !met;
}

/* Returns what was given; NULL when MPI cannot be used. */
static void *start(void *given) {
    struct ranks *ranks = given;
    int level;
    if (MPI_Init_thread(NULL, NULL, MPI_THREAD_SERIALIZED, &level) != MPI_SUCCESS ||
        level < MPI_THREAD_SERIALIZED)
        return NULL;
    MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
    MPI_Comm_size(MPI_COMM_WORLD, &ranks->count);
    MPI_Comm_rank(MPI_COMM_WORLD, &ranks->number);
    return ranks;
}

/* MPI starts in a thread of its own, which never ends when a rank is lost in the meantime. */
struct ranks *ranks_join(struct arena *arena) {
    pthread_t thread;
    void *joined = NULL;
    struct timespec end;
    if (!is_launched() ||
        pthread_create(&thread, NULL, start, ARENA_NEW(arena, struct ranks, 1)) != 0)
        return NULL;
    clock_gettime(CLOCK_MONOTONIC, &end);
    end.tv_sec += (time_t)PATIENCE;
    if (pthread_clockjoin_np(thread, &joined, CLOCK_MONOTONIC, &end) != 0)
        log_warning("MPI has not started within %.0f s: some ranks are lost; going on as a run of "
                    "its own",
                    PATIENCE);
    return joined;
}

int ranks_count(const struct ranks *ranks) {
    return ranks != NULL ? ranks->count : 1;
}

int ranks_number(const struct ranks *ranks) {
    return ranks != NULL ? ranks->number : 0;
}

void ranks_begin_plan(struct ranks *ranks) {
    if (ranks != NULL)
        meet(ranks);
}

bool ranks_end_plan(struct ranks *ranks) {
    if (ranks == NULL)
        return true;
    meet(ranks);
    return ranks->number == 0 || ranks->some_are_lost;
}

bool ranks_end_report(struct ranks *ranks) {
    if (ranks == NULL || ranks->some_are_lost)
        return true;
    meet(ranks);
    return ranks->number == 0 || !ranks->some_are_lost;
}

bool ranks_part(struct ranks *ranks) {
    if (ranks == NULL)
        return true;
    meet(ranks);
    if (!ranks->some_are_lost)
        MPI_Finalize();
    return !ranks->some_are_lost;
}

#else

bool ranks_are_possible(void) {
    return false;
}

struct ranks *ranks_join(struct arena *arena) {
    (void)arena;
    return NULL;
}

int ranks_count(const struct ranks *ranks) {
    (void)ranks;
    return 1;
}

int ranks_number(const struct ranks *ranks) {
    (void)ranks;
    return 0;
}

void ranks_begin_plan(struct ranks *ranks) {
    (void)ranks;
}

bool ranks_end_plan(struct ranks *ranks) {
    (void)ranks;
    return true;
}

bool ranks_end_report(struct ranks *ranks) {
    (void)ranks;
    return true;
}

bool ranks_part(struct ranks *ranks) {
    (void)ranks;
    return true;
}

#endif
