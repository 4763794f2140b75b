/* What a run knows of its models' speed before the first trial has finished an epoch. */
#ifndef EXPERIMENT_RUN_TIMING_H
#define EXPERIMENT_RUN_TIMING_H

#include "experiment/run/queue.h"

/* Times an epoch of each model that makes up a good part of the open trials' work, where these take long
 * enough to be worth it, and writes ESTIMATE_FILE for `status`, with the number of workers. [models of the
 * experiment], in the arena. */
struct eta_model *timing_of_models(const struct queue *queue, int workers, struct arena *arena);

#endif
