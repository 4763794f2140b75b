/* Rows answered as they come: CSV from a pipe or a terminal, each row fed to the stream of its
 * series through libliquidbench, with the streams' state kept in a file. */
#ifndef EXPERIMENT_DEPLOY_LIVE_H
#define EXPERIMENT_DEPLOY_LIVE_H

#include "experiment/deploy/library.h"

struct live_options {
    int input;         /* file descriptor */
    const char *state; /* file; NULL: none */
    const char *model; /* the model's file, whose checksum the state keeps */
    bool skips;        /* rows that cannot be read are reported and passed over; else they end it */
    bool times;        /* measures latencies */
    /* An answer: row from 1, outputs. False when it cannot be written. */
    bool (*answer)(void *context, size_t row, const double *outputs);
    void *context;
};

struct live_summary {
    size_t rows, skipped;
    double p50, p99, max; /* seconds from a row's arrival to its answer; NaN without `times` */
};

/* Until the input ends or a signal has come, which is no error: then the state is written. It is
 * also written once a second while rows come, and when they pause. */
bool live_run(const liquidbench_model *model, const struct live_options *options,
              struct live_summary *summary, struct error *error);

#endif
