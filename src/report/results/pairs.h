/* Which networks of a data set differ on the headline metric, and which differences may be chance.
 *
 * Every two networks are compared over the seeds that both finished, by compare_sampled()
 * (evaluate/difference.h), which knows that seeds and test data are both samples. Where the records say
 * nothing about the test data, or a score is not finite, seeds_test() (evaluate/significance.h) decides
 * by the seeds alone. There are two kinds of questions, each with Holm's correction of its
 * own: one network against every other (networks - 1 tests, enough for the best one: Hsu 1984), and
 * all pairs. */
#ifndef REPORT_RESULTS_PAIRS_H
#define REPORT_RESULTS_PAIRS_H

#include "evaluate/difference.h"
#include "report/results/results.h"

#define SIGNIFICANCE_LEVEL 0.05
#define SIGNIFICANCE_POWER 0.8

struct pair {
    const struct model_results *a, *b;
    const double *a_scores, *b_scores; /* [seeds] of the seeds that both have */
    size_t seeds;
    double p, adjusted; /* of the test, and with Holm's correction for all pairs; NaN with fewer
                           than two common seeds */
    double seeds_p;     /* of the seeds alone */
    bool sampled;       /* the test data are part of p, and this is known: */
    struct difference difference; /* of a less b; UNKNOWN_DIFFERENCE otherwise */
    double signed_ranks,
        permutation; /* p of these tests, for those who want them; the second is NaN
                                         also among very many pairs */
    double delta;    /* Cliff's, > 0 when a is better */
    double
        needed; /* seeds that would prove the difference, if it is as it seems, among networks - 1;
                      NaN where that cannot be said, infinite when no number would */
    double longer; /* how many times as much test data would, with seeds enough; NaN: not sampled */
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

/* One network's comparison with another, as one of networks - 1 that are looked at together. */
struct versus {
    const struct pair *pair;            /* NULL: the network itself */
    double adjusted;                    /* p with Holm's correction for these comparisons alone, */
    double seeds_adjusted;              /* and that of the seeds alone */
    const struct model_results *better; /* what the test supports; NULL: may be chance */
};

/* [networks]: the comparisons of network number `network` with each one. */
struct versus *pairs_with(const struct pairs *pairs, const struct dataset_results *dataset,
                          size_t network, struct arena *arena);

#endif
