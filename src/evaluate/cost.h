/* What a model costs: memory by kind, operations, latency. */
#ifndef EVALUATE_COST_H
#define EVALUATE_COST_H

#include <stddef.h>

/* Exact bytes, as allocated. */
struct memory_cost {
    size_t parameters, gradients, optimizer, activations; /* while training */
    size_t streaming;                                     /* state and scratch of one stream */
};

struct latency {
    double p50, p90, p99, mean; /* microseconds a step */
    size_t steps;               /* measured */
};

/* Calls step(context) some `steps` times after a warm-up and times the calls: each by itself when
 * one takes microseconds, else means over groups of up to 64 calls, since a clock has its own cost.
 * All zero for no steps. */
struct latency latency_measure(void (*step)(void *context), void *context, size_t steps);

/* Peak resident set of this process so far. */
size_t peak_rss_bytes(void);

#endif
