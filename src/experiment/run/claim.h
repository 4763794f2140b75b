/* Claims: which run is at work on which trial of a results folder.
 *
 * Several runs may share a folder, on one machine or on many. Before a trial starts, its run
 * creates claims/<stem>, which only one of them can; it touches the file every few seconds while
 * the trial runs and removes it afterwards. A claim is stale when its process is gone, and anyone
 * may take it over: on the same machine the process can be looked up. Where that says nothing (it
 * runs elsewhere, is hidden, or the file cannot be read), the file's time has to stand still for so
 * long, by the clock of the one who looks. No two clocks are ever compared, so none needs to be
 * right.
 *
 * A run that was cut off and comes back may find its trial taken. Both then write the same record,
 * whole, one after the other: time is lost, nothing else. */
#ifndef EXPERIMENT_RUN_CLAIM_H
#define EXPERIMENT_RUN_CLAIM_H

#include "base/error.h"

#include <sys/stat.h>
#include <sys/types.h>
#include <time.h>

extern const double CLAIM_BEAT; /* seconds between two touches */

/* Who holds a claim. */
struct trial_claim {
    char host[65];
    char place[128]; /* where the process's number is valid: one boot, one namespace; "": unknown */
    long pid;
    unsigned long long started; /* of the process, in ticks after boot: numbers are used again */
    time_t since;               /* by the holder's calendar: for people */
};

/* What a claim's file looked like to a run that waits for it. All zero: not seen yet. */
struct claim_watch {
    struct stat seen;
    double since; /* our seconds_now() when the file first looked like that */
};

/* How far the trial is, as the holder last said. */
struct claim_news {
    int epoch, epochs;  /* finished, and at most */
    double trained;     /* seconds that these took; NaN: none yet */
    double cpu;         /* likewise, on processors */
    double seconds;     /* since the trial's start */
    double valid, best; /* validation score: last and best; NaN: none yet */
};

enum claim_result {
    CLAIM_TAKEN,
    CLAIM_TAKEN_OVER, /* from a run that is gone */
    CLAIM_HELD,       /* by another run */
    CLAIM_FAILED,     /* nothing can be written there */
};

/* A claim as this process would hold it. */
struct trial_claim claim_of_this_process(void);

/* Tries to create the file. One whose holder is unknown is stale when nobody has touched it for
 * `patience` seconds. */
enum claim_result claim_take(const char *path, const struct trial_claim *own,
                             struct claim_watch *watch, double patience, struct error *error);

/* Shows that the holder is alive, and how far the trial is; does nothing to a claim of others. */
void claim_beat(const char *path, const struct trial_claim *own, const struct claim_news *news);

/* Removes the file, if it is (still) ours. */
void claim_release(const char *path, const struct trial_claim *own);

/* Removes the file, if its holder is known to be gone. */
void claim_clear(const char *path, const struct trial_claim *own);

/* Reads who holds a claim, and the news (may be NULL); *status (may be NULL): the file's, all zero when
 * there is none. False when the file does not say whose it is. */
bool claim_read(const char *path, struct trial_claim *claim, struct claim_news *news,
                struct stat *status);

/* What is known of the holder, as only its own machine can know. */
enum claim_holder { HOLDER_UNKNOWN, HOLDER_ALIVE, HOLDER_GONE };
enum claim_holder claim_holder(const struct trial_claim *claim, const struct trial_claim *own);

#endif
