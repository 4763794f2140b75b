#include "report/results/pairs.h"

#include "evaluate/significance.h"

#include <math.h>
#include <string.h>

enum { MAX_PERMUTED = 200 }; /* pairs: beyond, counting out all signs takes too long */
enum { MIN_BLOCKS = 8 };     /* of the test: a variance from fewer says little */

/* One model of a pair: what the seeds that both finished gave, in the same order. */
struct pair_side {
    const struct trial **trials;
    double *scores;
    const double **influences;
};

static struct pair_side side_new(size_t max, struct arena *arena) {
    return (struct pair_side){
        .trials = ARENA_NEW(arena, const struct trial *, max + 1),
        .scores = ARENA_NEW(arena, double, max + 1),
        .influences = ARENA_NEW(arena, const double *, max + 1),
    };
}

static void side_set(struct pair_side *side, size_t place, const struct trial *trial,
                     double score) {
    side->trials[place] = trial;
    side->scores[place] = score;
    side->influences[place] = trial->sampling.influence;
}

/* Returns the number of these seeds. */
static size_t common_seeds(const struct dataset_results *dataset, const struct model_results *a,
                           const struct model_results *b, struct pair_side *a_side,
                           struct pair_side *b_side) {
    const double *a_values = scores_at(dataset, a, dataset->test, 0)->values;
    const double *b_values = scores_at(dataset, b, dataset->test, 0)->values;
    size_t count = 0;
    for (size_t i = 0, j = 0; i < a->trial_count && j < b->trial_count;) { /* sorted by seed */
        double a_seed = a->trials[i]->seed, b_seed = b->trials[j]->seed;
        if (a_seed == b_seed && !isnan(a_values[i]) && !isnan(b_values[j])) {
            side_set(a_side, count, a->trials[i], a_values[i]);
            side_set(b_side, count++, b->trials[j], b_values[j]);
        }
        i += a_seed <= b_seed;
        j += b_seed <= a_seed;
    }
    return count;
}

/* Whether the test can be joint: all scores are finite, and all records tell of the same blocks of the
 * test. */
static bool is_sampled(const struct dataset_results *dataset, const struct pair_side *side,
                       size_t count, const struct sampling *like) {
    bool sampled = true;
    for (size_t i = 0; sampled && i < count; i++) {
        const struct sampling *its = &side->trials[i]->sampling;
        sampled = isfinite(side->scores[i]) && its->count == like->count &&
                  its->by_series == like->by_series &&
                  strcmp(its->metric, dataset->metrics[0].name) == 0;
    }
    return sampled;
}

static bool compare_both(const struct dataset_results *dataset, const struct pair_side *a,
                         const struct pair_side *b, size_t count, struct difference *difference) {
    const struct sampling *like = count > 0 ? &a->trials[0]->sampling : NULL;
    if (count < 2 || like->count < MIN_BLOCKS || !is_sampled(dataset, a, count, like) ||
        !is_sampled(dataset, b, count, like))
        return false;
    *difference = compare_sampled(&(struct sampled_scores){a->scores, a->influences, count},
                                  &(struct sampled_scores){b->scores, b->influences, count},
                                  like->count, like->by_series);
    return !isnan(difference->p);
}

static struct pair compare(const struct dataset_results *dataset, const struct model_results *a,
                           const struct model_results *b, size_t pair_count, struct arena *arena) {
    struct pair_side a_side = side_new(a->trial_count, arena),
                     b_side = side_new(a->trial_count, arena);
    size_t count = common_seeds(dataset, a, b, &a_side, &b_side);
    const double *a_scores = a_side.scores, *b_scores = b_side.scores;
    double sign = dataset->metrics[0].higher_is_better ? 1 : -1;
    double alpha = SIGNIFICANCE_LEVEL / (double)(dataset->network_count - 1);
    struct pair pair = {
        .a = a,
        .b = b,
        .a_scores = a_scores,
        .b_scores = b_scores,
        .seeds = count,
        .seeds_p = seeds_test(a_scores, b_scores, count),
        .signed_ranks = wilcoxon_signed_rank(a_scores, b_scores, count).p,
        .permutation =
            pair_count > MAX_PERMUTED ? NAN : paired_permutation(a_scores, b_scores, count).p,
        .delta = sign * cliff_delta(a_scores, count, b_scores, count),
        .difference = UNKNOWN_DIFFERENCE,
        .longer = NAN,
    };
    pair.sampled = compare_both(dataset, &a_side, &b_side, count, &pair.difference);
    pair.p = pair.sampled ? pair.difference.p : pair.seeds_p;
    double added = pair.sampled ? pair.difference.data_variance : 0;
    pair.needed = seeds_needed(a_scores, b_scores, count, added, alpha, SIGNIFICANCE_POWER);
    if (pair.sampled)
        pair.longer = data_needed(pair.difference.value, added, alpha, SIGNIFICANCE_POWER);
    return pair;
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
    size_t max = pairs.networks * (pairs.networks - 1) / 2;
    pairs.items = ARENA_NEW(arena, struct pair, max);
    double *adjusted = ARENA_NEW(arena, double, max);
    for (size_t a = 0; a < pairs.networks; a++)
        for (size_t b = a + 1; b < pairs.networks; b++) {
            struct pair *pair = &pairs.items[pairs.count];
            *pair = compare(dataset, &dataset->models[a], &dataset->models[b], max, arena);
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
    double *seeds_adjusted = ARENA_NEW(arena, double, pairs->networks);
    for (size_t m = 0; m < pairs->networks; m++) {
        others[m].pair = m != network ? pair_at(pairs, m, network) : NULL;
        adjusted[m] = m != network ? others[m].pair->p : NAN;
        seeds_adjusted[m] = m != network ? others[m].pair->seeds_p : NAN;
    }
    holm_adjust(adjusted, pairs->networks);
    holm_adjust(seeds_adjusted, pairs->networks);
    for (size_t m = 0; m < pairs->networks; m++) {
        const struct pair *pair = others[m].pair;
        others[m].adjusted = adjusted[m];
        others[m].seeds_adjusted = seeds_adjusted[m];
        others[m].better = pair != NULL ? supported(dataset, pair, adjusted[m]) : NULL;
    }
    return others;
}
