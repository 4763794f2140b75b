/* What a model costs: memory by kind, operations, latency. */
#ifndef EVALUATE_COST_H
#define EVALUATE_COST_H

#include <stdbool.h>
#include <stddef.h>

/* What a trial costs, beside its scores. */
enum cost {
    COST_PARAMETERS, /* trainable numbers */
    COST_PARAMETER_BYTES,
    COST_GRADIENT_BYTES,
    COST_OPTIMIZER_BYTES,
    COST_ACTIVATION_BYTES,
    COST_STREAMING_BYTES,
    COST_PEAK_RSS,
    COST_TRAIN_CPU_SECONDS, /* on processors, all threads together; NaN in older records */
    COST_TRAIN_SECONDS,     /* by the clock on the wall */
    COST_SECONDS_TO_BEST,   /* until the best validation score */
    COST_ENERGY,            /* of training */
    COST_FLOPS,
    COST_TRAIN_OPERATIONS, /* floating-point operations of all epochs trained, forward and backward */
    COST_STEP_P50,         /* microseconds */
    COST_STEP_P90,
    COST_STEP_P99,
    COST_STEP_MEAN,
    COST_COUNT
};

enum cost_unit { UNIT_COUNT, UNIT_BYTES, UNIT_SECONDS, UNIT_MICROSECONDS, UNIT_JOULES };

struct cost_info {
    const char *name;                   /* in CSV files: "memory_parameters" */
    const char *title;                  /* in tables */
    const char *object, *object2, *key; /* where it is in a trial file; object2 may be NULL */
    enum cost_unit unit;
    bool exact; /* the same for every seed and on every machine */
};

extern const struct cost_info cost_infos[COST_COUNT];

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
