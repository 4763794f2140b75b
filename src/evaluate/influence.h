/* How far each stretch of the test data moves a score: what is needed to say how far other test data
 * would.
 *
 * The test is cut into blocks. The influence of block k is u_k = (K - 1) / K (score - score without the
 * block), the block jackknife (Tukey 1958; Künsch 1989). It exists for every metric; for a mean of losses
 * it is the block's sum of (loss - mean loss) over all N of them, and the u_k of two models' losses
 * subtract to that of their loss differential. The variance of the score follows from the u_k as that of
 * a sum does from its terms (evaluate/difference.h). */
#ifndef EVALUATE_INFLUENCE_H
#define EVALUATE_INFLUENCE_H

#include "evaluate/score.h"

enum { MAX_BLOCKS = 128, MIN_NEW_SERIES = 10 };

/* What a test is a sample of follows from what is new in it. Where it holds MIN_NEW_SERIES or more
 * series and none of them has training rows, series are the sample: a block is one series or several, and
 * blocks do not depend on each other. Otherwise later steps of time are: a block is a stretch of time, of
 * all series together, which keeps what they have in common (Driscoll & Kraay 1998). */
struct influence {
    bool by_series;
    size_t count;   /* blocks K: as many as there are series or steps of time, at most MAX_BLOCKS */
    double *values; /* [K] u_k, the blocks in order; NULL where one of the scores is not finite */
};

struct influence influence_of(const struct predictions *predictions,
                              const struct metric_type *metric, struct arena *arena);

#endif
