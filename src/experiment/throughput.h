/* How fast a network trains and streams on this machine. */
#ifndef EXPERIMENT_THROUGHPUT_H
#define EXPERIMENT_THROUGHPUT_H

#include "evaluate/cost.h"
#include "model/network.h"

/* Seconds of one training step (forward, squared error, backward, Adam) on a random batch [T][B],
 * measured for about `budget` seconds, at least twice after a warm-up; the fastest counts. */
double training_step_seconds(const struct network *network, int steps, int batch, double budget);

/* Latency of streaming the rows x [rows][I] over and over, each time from the zero state. `time`
 * [rows] is when they were observed; NULL: one unit apart. All zero when the network cannot
 * stream. */
struct latency streaming_latency(const struct network *network, const real *params, const real *x,
                                 const double *time, int rows, size_t steps);

/* The same on random rows, with initial parameters. */
struct latency random_streaming_latency(const struct network *network, size_t steps);

#endif
