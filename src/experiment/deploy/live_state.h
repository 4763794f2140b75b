/* The streams of a live run, one for each series, and the file that keeps what they remember. */
#ifndef EXPERIMENT_DEPLOY_LIVE_STATE_H
#define EXPERIMENT_DEPLOY_LIVE_STATE_H

#include "experiment/deploy/library.h"

struct live_series {
    char *name; /* its group; "" without groups */
    liquidbench_stream *stream;
    double time, rest; /* of its last row: the sum of both */
    double waited;     /* rows that were skipped since, where rows are equally spaced */
};

struct live_streams {
    const liquidbench_model *model;
    struct live_series *items;
    size_t count;
    struct live_series *latest; /* the last one asked for */
    size_t rows;                /* read so far, those of earlier runs among them */
};

/* The series of that name, a new one where it has none yet. NULL and an error when a new series
 * cannot be scaled. */
struct live_series *live_series_of(struct live_streams *streams, const char *name,
                                   struct error *error);

/* Writes the file whole or not at all. `checksum` is the model file's. */
bool live_state_write(const struct live_streams *streams, const char *path, const char *checksum,
                      struct error *error);

/* Reads it back. A file that is not there is no error; one of another model, or a broken one, is. */
bool live_state_read(struct live_streams *streams, const char *path, const char *checksum,
                     struct error *error);

void live_streams_free(struct live_streams *streams);

#endif
