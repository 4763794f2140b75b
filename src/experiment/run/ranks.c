#include "experiment/run/ranks.h"

#ifdef HAS_MPI

#include "base/clock.h"
#include "base/log.h"

#include <mpi.h>
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

struct ranks *ranks_join(struct arena *arena) {
    if (!is_launched() || MPI_Init(NULL, NULL) != MPI_SUCCESS)
        return NULL;
    struct ranks *ranks = ARENA_NEW(arena, struct ranks, 1);
    MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
    MPI_Comm_size(MPI_COMM_WORLD, &ranks->count);
    MPI_Comm_rank(MPI_COMM_WORLD, &ranks->number);
    return ranks;
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

bool ranks_part(struct ranks *ranks) {
    (void)ranks;
    return true;
}

#endif
