/* What is behind include/liquidbench.h, for the parts of liquidbench that need more of a model
 * than its interface tells, such as how its files are read. */
#ifndef EXPERIMENT_DEPLOY_LIBRARY_H
#define EXPERIMENT_DEPLOY_LIBRARY_H

#include "../include/liquidbench.h"
#include "experiment/deploy/feed.h"

struct liquidbench_model {
    struct saved_model saved;
    char **output_names; /* [network.outputs] */
};

struct liquidbench_stream {
    struct feed feed;
    struct arena arena;
};

/* liquidbench_load() with an error for a message. */
liquidbench_model *library_load(const char *path, struct error *error);

#endif
