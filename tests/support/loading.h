/* Loading a data set from JSON text, as a config would. */
#ifndef SUPPORT_LOADING_H
#define SUPPORT_LOADING_H

#include "data/pipeline/dataset.h"

struct loaded {
    struct arena arena;
    struct dataset_options options;
    struct task_options task;
    struct dataset dataset;
    cJSON *json[2]; /* what the options point into */
    struct error error;
    bool good;
};

/* Resolves and loads; `dataset` and `task` are JSON objects, paths relative to `folder`. On failure
 * `good` is false and the error is kept. Free with unload(). */
void load(struct loaded *loaded, const char *dataset, const char *task, const char *folder);
/* The same for what must load: otherwise the test fails with the error. */
void load_good(struct loaded *loaded, const char *dataset, const char *task, const char *folder);
void unload(struct loaded *loaded);

/* Loading must fail with a message that contains each of these texts (NULL ends the list). */
void assert_load_fails(const char *dataset, const char *task, const char *folder, ...);

#endif
