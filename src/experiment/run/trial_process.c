#include "experiment/run/trial_process.h"

#include "base/clock.h"
#include "experiment/trial/trial.h"

#include <gsl/gsl_errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__)
#define LIMITS_MEMORY false
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define LIMITS_MEMORY false
#endif
#endif
#ifndef LIMITS_MEMORY
#define LIMITS_MEMORY true /* AddressSanitizer reserves terabytes: no limit would do */
#endif

static void send_message(int pipe, const struct trial_message *message) {
    /* When the parent is gone, so is this process before long. */
    ssize_t written = write(pipe, message, sizeof *message);
    (void)written;
}

static void send_epoch(void *context, int epoch, const struct epoch_record *record) {
    struct trial_message message = {
        .epoch = epoch, .valid = record->valid, .cpu = cpu_seconds_now()};
    send_message(*(const int *)context, &message);
}

static void exit_on_gsl_error(const char *reason, const char *file, int line, int code) {
    if (code == GSL_ENOMEM)
        _exit(EXIT_OUT_OF_MEMORY);
    fprintf(stderr, "liquidbench: %s:%d: %s\n", file, line, reason);
    raise(SIGABRT);
}

bool memory_can_be_limited(void) {
    return LIMITS_MEMORY;
}

static double address_space(void) {
    double pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file != NULL) {
        if (fscanf(file, "%lf", &pages) != 1)
            pages = 0;
        fclose(file);
    }
    return pages * (double)sysconf(_SC_PAGESIZE);
}

/* The stack may not grow any more under a limit: that would look like a crash. */
static __attribute__((noinline)) void reserve_stack(void) {
    enum { ROOM = 1 << 20, PAGE = 1 << 12 };
    char room[ROOM];
    for (size_t i = 0; i < ROOM; i += PAGE)
        *(volatile char *)&room[i] = 0;
}

/* LIBXSMM jumps into memory that is no code when it finds none for a kernel. A crash is for want of
 * memory when not even a megabyte can be had; any other comes again when this returns. */
static void on_crash(int signal) {
    (void)signal;
    if (mmap(NULL, 1 << 20, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED)
        _exit(EXIT_OUT_OF_MEMORY);
}

static void limit_memory(double mebibytes) {
    if (mebibytes <= 0 || !LIMITS_MEMORY)
        return;
    reserve_stack();
    struct sigaction crash = {.sa_handler = on_crash, .sa_flags = (int)SA_RESETHAND};
    sigaction(SIGSEGV, &crash, NULL);
    rlim_t bytes = (rlim_t)(address_space() + mebibytes * (1 << 20));
    struct rlimit limit = {bytes, bytes};
    setrlimit(RLIMIT_AS, &limit);
}

void run_trial_process(const struct plan *plan, const struct trial_plan *trial,
                       const cJSON *provenance, const char *folder, const sigset_t *mask, int pipe,
                       pid_t parent) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(EXIT_FAILURE);
    signal(SIGINT, SIG_IGN); /* the terminal sends it to everyone; the parent decides */
    sigprocmask(SIG_SETMASK, mask, NULL);
    gsl_set_error_handler(exit_on_gsl_error);
    limit_memory(plan->experiment->limits.memory);
    struct error error;
    if (trial_run(plan, trial, provenance, folder, send_epoch, &pipe, &error))
        _exit(EXIT_SUCCESS);
    struct trial_message message = {.epoch = 0};
    snprintf(message.text, sizeof message.text, "%s", error.text);
    send_message(pipe, &message);
    _exit(EXIT_UNWRITABLE);
}
