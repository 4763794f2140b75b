/* Which networks of a data set differ on the headline metric, and which differences may be chance.
 *
 * Every two networks are compared over the seeds that both finished, by Wilcoxon's signed-rank
 * test; Holm's correction is over all these pairs, because all of them are looked at. */
#ifndef REPORT_PAIRS_H
#define REPORT_PAIRS_H

#include "report/results.h"

#define SIGNIFICANCE_LEVEL 0.05
#define SIGNIFICANCE_POWER 0.8

struct pair {
    const struct model_results *a, *b;
    size_t seeds;       /* that both have */
    double p, adjusted; /* Wilcoxon's, and with Holm's correction; NaN without common seeds */
    double permutation; /* p of the paired permutation test; NaN also among very many pairs */
    double delta;       /* Cliff's, > 0 when a is better */
    double needed;      /* seeds that would show the difference if it is as it seems; may be NaN or
                           infinite */
    const struct model_results *better; /* what the test supports; NULL: may be chance */
};

struct pairs {
    struct pair *items; /* (0, 1), (0, 2), ... (1, 2), ... of the data set's networks */
    size_t count;
    size_t networks;
};

struct pairs pairs_make(const struct dataset_results *dataset, struct arena *arena);

/* The pair of two different networks by their positions in the data set; delta is > 0 when the
 * network with the lower position is better. */
const struct pair *pair_at(const struct pairs *pairs, size_t one, size_t other);

/* The seeds without which none of so many pairs can be significant. */
size_t fewest_seeds(size_t pair_count);

#endif
