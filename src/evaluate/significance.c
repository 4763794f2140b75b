#include "evaluate/significance.h"

#include "base/arena.h"
#include "evaluate/ranking.h"
#include "evaluate/statistics.h"
#include "math/random.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_pow_int.h>
#include <gsl/gsl_sort_double.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>

/* a - b of the pairs that are there; with `nonzero`, only of those that differ. Two infinite scores
 * are equal. */
static double *differences(const double *a, const double *b, size_t count, bool nonzero,
                           size_t *left, struct arena *arena) {
    double *result = ARENA_NEW(arena, double, count);
    *left = 0;
    for (size_t i = 0; i < count; i++)
        if (!isnan(a[i]) && !isnan(b[i]) && !(nonzero && a[i] == b[i]))
            result[(*left)++] = a[i] == b[i] ? 0 : a[i] - b[i];
    return result;
}

/* Infinite differences become finite ones that outweigh all others together, so that they can be
 * summed; returns whether there are any. */
static bool bound_differences(double *change, size_t count) {
    double largest = 0;
    bool any = false;
    for (size_t i = 0; i < count; i++) {
        any = any || isinf(change[i]);
        if (isfinite(change[i]))
            largest = fmax(largest, fabs(change[i]));
    }
    double bound = largest > 0 ? 4 * (double)count * largest : 1;
    for (size_t i = 0; i < count; i++)
        if (isinf(change[i]))
            change[i] = copysign(bound, change[i]);
    return any;
}

static size_t count_pairs(const double *a, const double *b, size_t count) {
    size_t pairs = 0;
    for (size_t i = 0; i < count; i++)
        pairs += !isnan(a[i]) && !isnan(b[i]);
    return pairs;
}

/* --- Wilcoxon --------------------------------------------------------------------------------- */

/* P(rank sum <= statistic) when each rank counts or not with probability 1/2. Mean ranks of ties
 * are multiples of one half, so that doubled ones are whole. */
static double rank_sum_probability(const double *ranks, size_t count, double statistic) {
    struct arena scratch = {0};
    size_t max = (size_t)lround(2 * statistic);
    double *probability = ARENA_NEW(&scratch, double, max + 1); /* of each doubled sum up to it */
    probability[0] = 1;
    for (size_t i = 0; i < count; i++) {
        size_t rank = (size_t)lround(2 * ranks[i]);
        for (size_t sum = max + 1; sum-- > 0;)
            probability[sum] = (probability[sum] + (sum >= rank ? probability[sum - rank] : 0)) / 2;
    }
    double total = 0;
    for (size_t sum = 0; sum <= max; sum++)
        total += probability[sum];
    arena_free(&scratch);
    return total;
}

struct paired_test wilcoxon_signed_rank(const double *a, const double *b, size_t count) {
    struct arena scratch = {0};
    size_t n;
    double *change = differences(a, b, count, true, &n, &scratch);
    struct paired_test test = {.pairs = count_pairs(a, b, count), .exact = n <= WILCOXON_EXACT};
    double *sizes = ARENA_NEW(&scratch, double, n), *ranks = ARENA_NEW(&scratch, double, n);
    for (size_t i = 0; i < n; i++)
        sizes[i] = fabs(change[i]);
    double ties = average_ranks(sizes, n, ranks), positive = 0, negative = 0;
    for (size_t i = 0; i < n; i++)
        *(change[i] > 0 ? &positive : &negative) += ranks[i];
    test.statistic = fmin(positive, negative);
    if (test.exact) {
        test.p = 2 * rank_sum_probability(ranks, n, test.statistic);
    } else {
        double m = (double)n, mean = m * (m + 1) / 4;
        double variance = (m * (m + 1) * (2 * m + 1) - ties / 2) / 24;
        test.p = 2 * gsl_cdf_ugaussian_P((test.statistic - mean) / sqrt(variance));
    }
    test.p = test.pairs == 0 ? NAN : fmin(test.p, 1);
    arena_free(&scratch);
    return test;
}

/* --- permutation ------------------------------------------------------------------------------ */

/* How many choices of signs for the remaining differences bring the sum to at least `bound` in
 * size. */
static size_t count_extreme(const double *change, size_t count, double sum, double bound) {
    if (count == 0)
        return fabs(sum) >= bound;
    return count_extreme(change + 1, count - 1, sum + change[0], bound) +
           count_extreme(change + 1, count - 1, sum - change[0], bound);
}

static double random_signs(const double *change, size_t count, double bound) {
    enum { DRAWS = 9999 };
    gsl_rng *rng = random_stream(0, "permutation test");
    size_t extreme = 0;
    for (int draw = 0; draw < DRAWS; draw++) {
        double sum = 0;
        for (size_t i = 0; i < count; i++)
            sum += gsl_rng_uniform_int(rng, 2) == 0 ? change[i] : -change[i];
        extreme += fabs(sum) >= bound;
    }
    gsl_rng_free(rng);
    return (1.0 + (double)extreme) / (1.0 + DRAWS);
}

struct paired_test paired_permutation(const double *a, const double *b, size_t count) {
    struct arena scratch = {0};
    size_t n;
    double *change = differences(a, b, count, false, &n, &scratch);
    struct paired_test test = {.pairs = n, .statistic = NAN, .p = NAN, .exact = true};
    if (n > 0) {
        bool infinite = bound_differences(change, n);
        double sum = 0, sizes = 0;
        for (size_t i = 0; i < n; i++) {
            sum += change[i];
            sizes += fabs(change[i]);
        }
        /* Sums that differ by rounding alone count as equal. */
        double bound = fabs(sum) - 1e-13 * sizes;
        test.statistic = infinite && sum != 0 ? copysign(INFINITY, sum) : sum / (double)n;
        test.exact = n <= PERMUTATION_EXACT;
        /* Of each choice and its opposite, one is counted: the first sign is fixed. */
        test.p = test.exact ? (double)count_extreme(change + 1, n - 1, change[0], bound) /
                                  (double)((size_t)1 << (n - 1))
                            : random_signs(change, n, bound);
    }
    arena_free(&scratch);
    return test;
}

/* --- many tests, effect size, power ----------------------------------------------------------- */

void holm_adjust(double *p, size_t count) {
    struct arena scratch = {0};
    size_t *order = ARENA_NEW(&scratch, size_t, count), tests = 0;
    for (size_t i = 0; i < count; i++) /* insertion sort: NaN has no place in an order */
        if (!isnan(p[i])) {
            size_t place = tests++;
            for (; place > 0 && p[order[place - 1]] > p[i]; place--)
                order[place] = order[place - 1];
            order[place] = i;
        }
    double min = 0;
    for (size_t i = 0; i < tests; i++) {
        double *value = &p[order[i]];
        *value = min = fmax(min, fmin(1, *value * (double)(tests - i)));
    }
    arena_free(&scratch);
}

/* The finite values moved to the front of a copy; their number in *count. */
static double *finite_values(const double *values, size_t *count, struct arena *arena) {
    double *finite = ARENA_NEW(arena, double, *count);
    size_t kept = 0;
    for (size_t i = 0; i < *count; i++)
        if (isfinite(values[i]))
            finite[kept++] = values[i];
    *count = kept;
    return finite;
}

static double largest_size(const double *values, size_t count) {
    double largest = 0;
    for (size_t i = 0; i < count; i++)
        largest = fmax(largest, fabs(values[i]));
    return largest;
}

/* t does not depend on the unit, and squares of values up to 1 do not overflow. */
static void divide(double *values, size_t count, double unit) {
    for (size_t i = 0; i < count && unit > 0; i++)
        values[i] /= unit;
}

/* Two-sided p of Student's t = difference / error. */
static double t_test(double difference, double error, double freedom) {
    double t = fabs(difference) / error;
    return difference == 0 ? 1 : isinf(t) ? 0 : isnan(t) ? NAN : 2 * gsl_cdf_tdist_Q(t, freedom);
}

double welch_error(const double *a, size_t a_count, const double *b, size_t b_count,
                   double *freedom) {
    double a_error = gsl_stats_variance(a, 1, a_count) / (double)a_count;
    double b_error = gsl_stats_variance(b, 1, b_count) / (double)b_count;
    double share = a_error / (a_error + b_error); /* shares cannot overflow */
    *freedom = 1 / (share * share / (double)(a_count - 1) +
                    (1 - share) * (1 - share) / (double)(b_count - 1));
    return sqrt(a_error + b_error);
}

double welch_test(const double *a_values, size_t a_count, const double *b_values, size_t b_count) {
    struct arena scratch = {0};
    double *a = finite_values(a_values, &a_count, &scratch);
    double *b = finite_values(b_values, &b_count, &scratch);
    double unit = fmax(largest_size(a, a_count), largest_size(b, b_count));
    divide(a, a_count, unit);
    divide(b, b_count, unit);
    double p = NAN;
    if (a_count >= 2 && b_count >= 2) {
        double freedom, error = welch_error(a, a_count, b, b_count, &freedom);
        p = t_test(gsl_stats_mean(a, 1, a_count) - gsl_stats_mean(b, 1, b_count), error, freedom);
    }
    arena_free(&scratch);
    return p;
}

double paired_t_test(const double *a, const double *b, size_t count) {
    struct arena scratch = {0};
    size_t n;
    double *change = differences(a, b, count, false, &n, &scratch);
    divide(change, n, largest_size(change, n));
    double p = NAN;
    if (n >= 2)
        p = t_test(gsl_stats_mean(change, 1, n), gsl_stats_sd(change, 1, n) / sqrt((double)n),
                   (double)(n - 1));
    arena_free(&scratch);
    return p;
}

double cliff_delta(const double *a, size_t a_count, const double *b, size_t b_count) {
    double balance = 0, pairs = 0;
    for (size_t i = 0; i < a_count; i++)
        for (size_t j = 0; j < b_count; j++) {
            if (isnan(a[i]) || isnan(b[j]))
                continue;
            balance += (a[i] > b[j]) - (a[i] < b[j]);
            pairs++;
        }
    return balance / pairs; /* 0 / 0 is NaN */
}

double seeds_test(const double *a, const double *b, size_t count) {
    bool has_spread = false;
    for (size_t i = 0; i < count; i++) {
        if (isinf(a[i]) || isinf(b[i]))
            return wilcoxon_signed_rank(a, b, count).p;
        has_spread |= a[i] != a[0] || b[i] != b[0];
    }
    return has_spread || count < 2 ? welch_test(a, count, b, count)
                                   : wilcoxon_signed_rank(a, b, count).p;
}

/* (quantile for the level + quantile for the power)² */
static double detectable(double n, double alpha, double power) {
    double freedom = 2 * n - 2;
    return gsl_pow_2(gsl_cdf_tdist_Pinv(1 - alpha / 2, freedom) +
                     gsl_cdf_tdist_Pinv(power, freedom));
}

enum { LARGE = 1000 }; /* seeds, from which on t is as good as normal */

double seeds_needed(const double *a, const double *b, size_t count, double v, double alpha,
                    double power) {
    for (size_t i = 0; i < count; i++)
        if (isinf(a[i]) || isinf(b[i]))
            return NAN;
    struct summary first = summarize(a, count), second = summarize(b, count);
    if (first.count < 2 || second.count < 2)
        return NAN;
    double square = gsl_pow_2(first.mean - second.mean);
    double spread = (gsl_pow_2(first.deviation) + gsl_pow_2(second.deviation)) / square;
    double rest = v / square; /* of what may be left, from the test data */
    if (square == 0)
        return INFINITY;
    if (!isfinite(spread))
        return NAN;
    double left = 1 / detectable(LARGE, alpha, power) - rest;
    if (left <= 0)
        return INFINITY;
    if (spread / left > LARGE)
        return ceil(spread / left);
    double n = 2;
    while (n < LARGE && (spread / n + rest) * detectable(n, alpha, power) > 1)
        n++;
    return n;
}

double data_needed(double d, double v, double alpha, double power) {
    return detectable(LARGE, alpha, power) * v / gsl_pow_2(d);
}

double detectable_difference(double freedom, double alpha, double power) {
    enum { POINTS = 512 };
    double scale[POINTS], weight[POINTS]; /* s = sqrt(χ²_ν / ν), its density s^(ν-1) exp(-ν s²/2) */
    double t = gsl_cdf_tdist_Qinv(alpha / 2, freedom), total = 0;
    double width = 8 / sqrt(2 * freedom), from = fmax(0, 1 - width),
           step = (1 + width - from) / POINTS;
    for (int i = 0; i < POINTS; i++) {
        double s = scale[i] = from + (i + 0.5) * step;
        weight[i] = exp((freedom - 1) * log(s) - freedom * (s * s - 1) / 2);
        total += weight[i];
    }
    double low = 0, high = t * (1 + width) + 10; /* found almost surely */
    for (int halving = 0; halving < 50; halving++) {
        double middle = (low + high) / 2, found = 0;
        for (int i = 0; i < POINTS; i++)
            found += weight[i] / total * gsl_cdf_ugaussian_P(middle - t * scale[i]);
        *(found < power ? &low : &high) = middle;
    }
    return high;
}
