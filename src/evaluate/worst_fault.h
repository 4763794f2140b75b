/* How much the worst of several faults costs, and how sure that is: D_w = max_k E_k / E of
 * SensorFault-Bench (Windmann et al. 2026), a ratio of means, with a bootstrap interval. */
#ifndef EVALUATE_WORST_FAULT_H
#define EVALUATE_WORST_FAULT_H

#include "evaluate/score.h"

#include <stdint.h>

/* The test cut into stretches of time as long as a window with its target, so that neighbouring
 * windows, which have rows in common, are not taken for independent. */
struct test_blocks {
    size_t count;
    size_t *ends;    /* [count] number of the first scored step behind each */
    double *weights; /* [count] known truths */
};

/* Of a clean test. A fault changes no truth: the blocks are those of the disturbed test, too. */
struct test_blocks test_blocks_of(const struct predictions *predictions, struct arena *arena);

/* The error (robustness.h) of each block [count] is added to `errors`, `share` times; infinite where it
 * is not finite. */
void add_block_errors(const struct predictions *predictions, const struct test_blocks *blocks,
                      const struct metric_type *metric, double share, double *errors);

/* With fewer blocks there is no interval. */
enum { MIN_BLOCKS = 8 };

struct worst_fault {
    size_t which;
    double ratio;     /* D_w; NaN where the clean error is 0, infinite where one is not finite */
    double low, high; /* 95 %: percentiles of 1000 bootstrap samples of the blocks, the same for all
                         faults, the worst picked anew in each; NaN with too few blocks */
};

/* `clean` [blocks] and `faulted` [faults][blocks] are mean errors of blocks. The first of equally bad
 * ones is the worst. */
struct worst_fault worst_fault_of(const struct test_blocks *blocks, const double *clean,
                                  const double *const *faulted, size_t faults, uint64_t seed);

#endif
