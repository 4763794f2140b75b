#include "experiment/run/ranks.h"

#ifdef HAS_MPI

#include "base/clock.h"
#include "base/log.h"

#include <errno.h>
#include <math.h>
#include <mpi.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* MPI is used by a process of its own, the messenger. Where a rank is lost, MPI may end the process that uses
 * it, or never return to it; the run goes on in either case. */

static const double PATIENCE = 60; /* seconds until a rank that does not come is taken for lost */

/* A rank's place among all. */
struct rank_place {
    int count, number;
};

struct ranks {
    struct rank_place place;
    pid_t messenger;
    int channel; /* to it: a byte asks it to wait for all ranks, a byte says that all have come */
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

/* --- in the messenger ------------------------------------------------------------------------- */

/* MPI_Barrier() would keep a processor busy. */
static bool barrier(void) {
    MPI_Request request;
    int met = 0;
    bool good = MPI_Ibarrier(MPI_COMM_WORLD, &request) == MPI_SUCCESS;
    while (good && !met) {
        good = MPI_Test(&request, &met, MPI_STATUS_IGNORE) == MPI_SUCCESS;
        if (!met)
            nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    }
    return good;
}

_Noreturn static void be_messenger(int channel, pid_t parent) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(EXIT_FAILURE);
    signal(SIGINT, SIG_IGN); /* sent to all processes of a rank; the parent decides */
    signal(SIGTERM, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    struct rank_place place;
    char asked;
    if (MPI_Init(NULL, NULL) != MPI_SUCCESS)
        _exit(EXIT_FAILURE);
    MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
    MPI_Comm_size(MPI_COMM_WORLD, &place.count);
    MPI_Comm_rank(MPI_COMM_WORLD, &place.number);
    bool good = send(channel, &place, sizeof place, MSG_NOSIGNAL) == sizeof place;
    while (good && recv(channel, &asked, 1, 0) == 1)
        good = barrier() && send(channel, &asked, 1, MSG_NOSIGNAL) == 1;
    if (good)
        MPI_Finalize();
    _exit(EXIT_SUCCESS);
}

/* --- in the run ------------------------------------------------------------------------------- */

/* Whether there is an answer in time, or the end of the messenger. */
static bool is_heard(const struct ranks *ranks) {
    double end = seconds_now() + PATIENCE;
    struct pollfd polled = {.fd = ranks->channel, .events = POLLIN};
    int ready;
    do
        ready = poll(&polled, 1, (int)ceil(fmax(end - seconds_now(), 0) * 1e3));
    while (ready < 0 && errno == EINTR);
    return ready == 1;
}

/* False when nothing comes in time, or the messenger has ended. */
static bool hear(const struct ranks *ranks, void *answer, size_t size) {
    return is_heard(ranks) && recv(ranks->channel, answer, size, 0) == (ssize_t)size;
}

/* The messenger is stopped, because MPI may wait busily. If it ended, mpirun might end the job. */
static void leave_alone(struct ranks *ranks) {
    ranks->some_are_lost = true;
    kill(ranks->messenger, SIGSTOP);
}

/* Waits for all ranks; the lost ones never come. */
static void meet(struct ranks *ranks) {
    char byte = 0;
    if (ranks->some_are_lost ||
        (send(ranks->channel, &byte, 1, MSG_NOSIGNAL) == 1 && hear(ranks, &byte, 1)))
        return;
    log_warning("rank %d: not all of the %d MPI ranks have come: some are lost",
                ranks->place.number, ranks->place.count);
    leave_alone(ranks);
}

struct ranks *ranks_join(struct arena *arena) {
    int ends[2];
    if (!is_launched() || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
        return NULL;
    struct ranks *ranks = ARENA_NEW(arena, struct ranks, 1);
    pid_t parent = getpid();
    ranks->messenger = fork();
    if (ranks->messenger == 0) {
        close(ends[0]);
        be_messenger(ends[1], parent);
    }
    ranks->channel = ends[0];
    close(ends[1]);
    if (ranks->messenger > 0 && hear(ranks, &ranks->place, sizeof ranks->place))
        return ranks;
    log_warning("MPI has not started: some ranks are lost; going on as a run of its own");
    if (ranks->messenger > 0)
        leave_alone(ranks);
    return NULL;
}

int ranks_count(const struct ranks *ranks) {
    return ranks != NULL ? ranks->place.count : 1;
}

int ranks_number(const struct ranks *ranks) {
    return ranks != NULL ? ranks->place.number : 0;
}

void ranks_begin_plan(struct ranks *ranks) {
    if (ranks != NULL)
        meet(ranks);
}

bool ranks_end_plan(struct ranks *ranks) {
    if (ranks == NULL)
        return true;
    meet(ranks);
    return ranks->place.number == 0 || ranks->some_are_lost;
}

bool ranks_end_report(struct ranks *ranks) {
    if (ranks == NULL || ranks->some_are_lost)
        return true;
    meet(ranks);
    return ranks->place.number == 0 || !ranks->some_are_lost;
}

bool ranks_part(struct ranks *ranks) {
    if (ranks == NULL)
        return true;
    meet(ranks);
    shutdown(ranks->channel, SHUT_WR);
    return !ranks->some_are_lost && is_heard(ranks); /* the end, after MPI_Finalize() */
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
