#include "report/results/pairs.h"

#include "evaluate/significance.h"

#include <math.h>

enum { MOST_PERMUTED = 200 }; /* pairs: beyond, counting out all signs takes too long */

/* Writes the scores of the seeds that both models have, in the same order; returns their number. */
static size_t common_seeds(const struct dataset_results *dataset, const struct model_results *a,
                           const struct model_results *b, double *a_scores, double *b_scores) {
    const double *a_values = scores_at(dataset, a, dataset->test, 0)->values;
    const double *b_values = scores_at(dataset, b, dataset->test, 0)->values;
    size_t count = 0;
    for (size_t i = 0, j = 0; i < a->trial_count && j < b->trial_count;) { /* sorted by seed */
        double a_seed = a->trials[i]->seed, b_seed = b->trials[j]->seed;
        if (a_seed == b_seed && !isnan(a_values[i]) && !isnan(b_values[j])) {
            a_scores[count] = a_values[i];
            b_scores[count++] = b_values[j];
        }
        i += a_seed <= b_seed;
        j += b_seed <= a_seed;
    }
    return count;
}

static struct pair compare(const struct dataset_results *dataset, const struct model_results *a,
                           const struct model_results *b, size_t pair_count, struct arena *arena) {
    double *a_scores = ARENA_NEW(arena, double, a->trial_count + 1);
    double *b_scores = ARENA_NEW(arena, double, b->trial_count + 1);
    size_t count = common_seeds(dataset, a, b, a_scores, b_scores);
    double sign = dataset->metrics[0].higher_is_better ? 1 : -1;
    return (struct pair){
        .a = a,
        .b = b,
        .a_scores = a_scores,
        .b_scores = b_scores,
        .seeds = count,
        .p = seeds_test(a_scores, b_scores, count),
        .signed_ranks = wilcoxon_signed_rank(a_scores, b_scores, count).p,
        .permutation =
            pair_count > MOST_PERMUTED ? NAN : paired_permutation(a_scores, b_scores, count).p,
        .delta = sign * cliff_delta(a_scores, count, b_scores, count),
        .needed = seeds_needed(a_scores, b_scores, count,
                               SIGNIFICANCE_LEVEL / (double)(dataset->network_count - 1),
                               SIGNIFICANCE_POWER),
    };
}

/* A small p alone names no winner: the means must say the same as most of the seeds. */
static const struct model_results *supported(const struct dataset_results *dataset,
                                             const struct pair *pair, double adjusted) {
    if (!(adjusted < SIGNIFICANCE_LEVEL) || !(fabs(pair->delta) > 0))
        return NULL;
    double a = scores_at(dataset, pair->a, dataset->test, 0)->summary.mean;
    double b = scores_at(dataset, pair->b, dataset->test, 0)->summary.mean;
    if (pair->delta > 0)
        return metric_better(&dataset->metrics[0], a, b) ? pair->a : NULL;
    return metric_better(&dataset->metrics[0], b, a) ? pair->b : NULL;
}

struct pairs pairs_make(const struct dataset_results *dataset, struct arena *arena) {
    struct pairs pairs = {.networks = dataset->network_count};
    if (dataset->metric_count == 0 || pairs.networks < 2)
        return pairs;
    size_t most = pairs.networks * (pairs.networks - 1) / 2;
    pairs.items = ARENA_NEW(arena, struct pair, most);
    double *adjusted = ARENA_NEW(arena, double, most);
    for (size_t a = 0; a < pairs.networks; a++)
        for (size_t b = a + 1; b < pairs.networks; b++) {
            struct pair *pair = &pairs.items[pairs.count];
            *pair = compare(dataset, &dataset->models[a], &dataset->models[b], most, arena);
            adjusted[pairs.count++] = pair->p;
        }
    holm_adjust(adjusted, pairs.count);
    for (size_t p = 0; p < pairs.count; p++) {
        pairs.items[p].adjusted = adjusted[p];
        pairs.items[p].better = supported(dataset, &pairs.items[p], adjusted[p]);
    }
    return pairs;
}

const struct pair *pair_at(const struct pairs *pairs, size_t one, size_t other) {
    size_t a = one < other ? one : other, b = one < other ? other : one;
    return &pairs->items[a * (2 * pairs->networks - a - 1) / 2 + b - a - 1];
}

struct versus *pairs_with(const struct pairs *pairs, const struct dataset_results *dataset,
                          size_t network, struct arena *arena) {
    struct versus *others = ARENA_NEW(arena, struct versus, pairs->networks);
    double *adjusted = ARENA_NEW(arena, double, pairs->networks);
    for (size_t m = 0; m < pairs->networks; m++) {
        others[m].pair = m != network ? pair_at(pairs, m, network) : NULL;
        adjusted[m] = m != network ? others[m].pair->p : NAN;
    }
    holm_adjust(adjusted, pairs->networks);
    for (size_t m = 0; m < pairs->networks; m++) {
        const struct pair *pair = others[m].pair;
        others[m].adjusted = adjusted[m];
        others[m].better = pair != NULL ? supported(dataset, pair, adjusted[m]) : NULL;
    }
    return others;
}
