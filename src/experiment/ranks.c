#include "experiment/ranks.h"

#include <math.h>

#ifdef HAS_MPI

#include "base/clock.h"

#include <mpi.h>
#include <stdlib.h>
#include <time.h>

enum { MOST_PLANS = 4096 }; /* beyond, trials come in the plan's order and claims share them out */

static const double PERIOD = 0.02;
static const double PATIENCE = 60; /* seconds until a rank that does not come is taken for lost */

struct ranks {
    int count, number;
    int plan;       /* the current one, from 0 */
    int *counters;  /* rank 0's: the next position of each plan */
    MPI_Win window; /* to them */
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

struct ranks *ranks_join(struct arena *arena) {
    if (!is_launched() || MPI_Init(NULL, NULL) != MPI_SUCCESS)
        return NULL;
    struct ranks *ranks = ARENA_NEW(arena, struct ranks, 1);
    MPI_Comm_size(MPI_COMM_WORLD, &ranks->count);
    MPI_Comm_rank(MPI_COMM_WORLD, &ranks->number);
    MPI_Aint size = ranks->number == 0 ? MOST_PLANS * (MPI_Aint)sizeof(int) : 0;
    MPI_Win_allocate(size, sizeof(int), MPI_INFO_NULL, MPI_COMM_WORLD, &ranks->counters,
                     &ranks->window);
    for (int i = 0; ranks->number == 0 && i < MOST_PLANS; i++)
        ranks->counters[i] = 0;
    ranks->plan = -1;
    MPI_Barrier(MPI_COMM_WORLD);
    MPI_Win_lock_all(0, ranks->window);
    return ranks;
}

int ranks_count(const struct ranks *ranks) {
    return ranks != NULL ? ranks->count : 1;
}

int ranks_number(const struct ranks *ranks) {
    return ranks != NULL ? ranks->number : 0;
}

/* Whether all ranks have come here. The lost ones never do. */
static bool meet(double patience) {
    MPI_Request request;
    int met = 0;
    MPI_Ibarrier(MPI_COMM_WORLD, &request);
    for (double end = seconds_now() + patience; !met && seconds_now() < end;) {
        MPI_Test(&request, &met, MPI_STATUS_IGNORE);
        if (!met)
            nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    }
    return met;
}

void ranks_begin_plan(struct ranks *ranks) {
    if (ranks == NULL)
        return;
    ranks->plan++;
    meet(PATIENCE);
}

size_t ranks_next(struct ranks *ranks, size_t next) {
    if (ranks == NULL || ranks->plan >= MOST_PLANS)
        return next;
    int one = 1, position = 0;
    MPI_Fetch_and_op(&one, &position, MPI_INT, 0, ranks->plan, MPI_SUM, ranks->window);
    MPI_Win_flush(0, ranks->window);
    return (size_t)position;
}

double ranks_period(const struct ranks *ranks) {
    return ranks_count(ranks) > 1 && ranks->number == 0 ? PERIOD : INFINITY;
}

void ranks_attend(const struct ranks *ranks) {
    int is_there;
    if (ranks != NULL) /* any call into MPI makes it look after what has arrived */
        MPI_Iprobe(MPI_ANY_SOURCE, MPI_ANY_TAG, MPI_COMM_WORLD, &is_there, MPI_STATUS_IGNORE);
}

bool ranks_part(struct ranks *ranks) {
    if (ranks == NULL)
        return true;
    bool met = meet(PATIENCE);
    if (met) {
        MPI_Win_unlock_all(ranks->window);
        MPI_Win_free(&ranks->window);
        MPI_Finalize();
    }
    return met;
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

size_t ranks_next(struct ranks *ranks, size_t next) {
    (void)ranks;
    return next;
}

double ranks_period(const struct ranks *ranks) {
    (void)ranks;
    return INFINITY;
}

void ranks_attend(const struct ranks *ranks) {
    (void)ranks;
}

bool ranks_part(struct ranks *ranks) {
    (void)ranks;
    return true;
}

#endif
