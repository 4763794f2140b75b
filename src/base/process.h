/* Running other programs: the only way to. */
#ifndef BASE_PROCESS_H
#define BASE_PROCESS_H

#include "base/arena.h"
#include "base/error.h"

#include <stddef.h>
#include <sys/types.h>

enum { PROCESS_WORDS = 256, PROCESS_MISSING = 127, PROCESS_TIMED_OUT = 124 };

struct process_options {
    const char *input;   /* text for its stdin; NULL: nothing */
    const char *folder;  /* where it works; NULL: where this process does */
    const char *output;  /* file for its stdout, */
    struct arena *arena; /* or where the result keeps it; both NULL: nowhere */
    double seconds;      /* it is ended when it takes longer; 0: it may take for ever */
    /* Called ten times a second while it runs, for a line of progress; may be NULL. */
    void (*watch)(void *context);
    void *context;
};

/* A program that runs. */
struct process {
    pid_t pid;          /* 0: there is no such program */
    int words, printed; /* descriptors of the files that collect its stderr and stdout; -1 */
    double deadline;
    struct process_options options;
};

struct process_result {
    /* Its exit code, 128 + n when signal n ended it, or PROCESS_MISSING, PROCESS_TIMED_OUT. */
    int code;
    /* The first and the last line of its stderr that say something, and no warning where there are
     * other lines; "" without one. */
    char first[PROCESS_WORDS], last[PROCESS_WORDS];
    char *output; /* its stdout, with a NUL after its end; NULL without an arena */
    size_t size;
};

/* Starts argv[0], which is looked up in $PATH (a name with a slash in it: from here), before the
 * change of folder. False when it cannot be
 * started for want of resources; then there is nothing to finish. */
bool process_start(const char *const argv[], const struct process_options *options,
                   struct process *process, struct error *error);

/* Waits for its end. A signal that ends this program (base/interrupt.h) ends the other one first:
 * false then. */
bool process_finish(struct process *process, struct process_result *result, struct error *error);

/* Both of them. */
bool process_run(const char *const argv[], const struct process_options *options,
                 struct process_result *result, struct error *error);

#endif
