/* How fast a network trains and streams on this machine. */
#ifndef EXPERIMENT_TRIAL_THROUGHPUT_H
#define EXPERIMENT_TRIAL_THROUGHPUT_H

#include "evaluate/cost.h"
#include "model/network.h"
#include "train/train_options.h"

struct training_cost {
    double seconds;     /* of a step, the median */
    double cpu_seconds; /* likewise, on processors */
    struct memory_cost memory;
};

/* One training step as the trainer does it (gathering a batch of options->batch windows, forward,
 * squared error, backward, the optimizer's update) on random windows of T = `steps`, measured for
 * about `budget` seconds, at least three times after a warm-up. */
struct training_cost training_step_cost(const struct network *network,
                                        const struct train_options *options, int steps,
                                        double budget);

/* The most that this machine's matrix product reaches in one thread: floating-point operations a
 * second, over square matrices of 64 to 1024 rows. */
double peak_flops(void);

/* What its memory delivers to one thread: bytes a second of a(i) = b(i) + q c(i) over arrays that no
 * cache holds (the triad of McCalpin's STREAM). */
double peak_bandwidth(void);

/* Bytes of one stream's state and scratch memory; 0 when the network cannot stream. */
size_t network_streaming_bytes(const struct network *network);

/* Latency of streaming the rows x [rows][I] over and over, each time from the zero state. `time`
 * [rows] is when they were observed; NULL: one unit apart. All zero when the network cannot
 * stream. */
struct latency streaming_latency(const struct network *network, const real *params, const real *x,
                                 const double *time, int rows, size_t steps);

/* The same on random rows, with initial parameters. */
struct latency random_streaming_latency(const struct network *network, size_t steps);

#endif
