#include "evaluate/ranking.h"

#include "base/arena.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_sort_double.h>
#include <math.h>

double average_ranks(const double *values, size_t count, double *ranks) {
    struct arena scratch = {0};
    size_t *order = ARENA_NEW(&scratch, size_t, count);
    double ties = 0;
    gsl_sort_index(order, values, 1, count);
    for (size_t first = 0, end; first < count; first = end) {
        for (end = first + 1; end < count && values[order[end]] == values[order[first]];)
            end++;
        double equal = (double)(end - first);
        ties += equal * equal * equal - equal;
        for (size_t i = first; i < end; i++)
            ranks[order[i]] = ((double)first + 1 + (double)end) / 2;
    }
    arena_free(&scratch);
    return ties;
}

/* --- Friedman's test -------------------------------------------------------------------------- */

/* Sums each model's ranks over the blocks; returns the sum of the blocks' tie terms. */
static double sum_ranks(const double *scores, size_t blocks, size_t models, bool higher_is_better,
                        double *sums) {
    struct arena scratch = {0};
    double *row = ARENA_NEW(&scratch, double, models), *ranks = ARENA_NEW(&scratch, double, models);
    double ties = 0;
    for (size_t j = 0; j < models; j++)
        sums[j] = 0;
    for (size_t i = 0; i < blocks; i++) {
        for (size_t j = 0; j < models; j++)
            row[j] = (higher_is_better ? -1 : 1) * scores[i * models + j];
        ties += average_ranks(row, models, ranks);
        for (size_t j = 0; j < models; j++)
            sums[j] += ranks[j];
    }
    arena_free(&scratch);
    return ties;
}

struct friedman friedman_test(const double *scores, size_t blocks, size_t models,
                              bool higher_is_better, double *mean_ranks) {
    struct friedman result = {NAN, NAN, NAN, NAN, NAN};
    double n = (double)blocks, k = (double)models, squares = 0;
    double ties = sum_ranks(scores, blocks, models, higher_is_better, mean_ranks);
    for (size_t j = 0; j < models; j++) {
        squares += mean_ranks[j] * mean_ranks[j];
        mean_ranks[j] /= n;
    }
    double correction = 1 - ties / (n * k * (k * k - 1));
    if (blocks < 2 || models < 2 || correction <= 0)
        return result;
    /* χ² = (12 / (N k (k + 1)) Σ R_j² - 3 N (k + 1)) / correction */
    result.statistic = (12 / (n * k * (k + 1)) * squares - 3 * n * (k + 1)) / correction;
    result.p = gsl_cdf_chisq_Q(result.statistic, k - 1);
    double rest = n * (k - 1) - result.statistic;
    result.f_statistic = rest > 0 ? (n - 1) * result.statistic / rest : INFINITY;
    result.f_p = rest > 0 ? gsl_cdf_fdist_Q(result.f_statistic, k - 1, (k - 1) * (n - 1)) : 0;
    result.critical_difference = nemenyi_critical_difference(models, blocks, 0.05);
    return result;
}

/* --- Nemenyi's test --------------------------------------------------------------------------- */

/* P(range of k standard normal numbers <= q) = k ∫ φ(z) (Φ(z) - Φ(z - q))^(k-1) dz, z being the
 * largest. The integrand is smooth and vanishes at both ends, where the trapezoidal rule converges
 * faster than any power of the step. */
static double range_probability(double q, double k) {
    const double step = 1.0 / 64;
    double sum = 0;
    for (double z = -9; z <= 9; z += step)
        sum += gsl_ran_ugaussian_pdf(z) *
               pow(gsl_cdf_ugaussian_P(z) - gsl_cdf_ugaussian_P(z - q), k - 1);
    return k * step * sum;
}

static double range_quantile(double probability, double k) {
    double low = 0, high = 50;
    for (int i = 0; i < 60; i++) {
        double middle = (low + high) / 2;
        if (range_probability(middle, k) < probability)
            low = middle;
        else
            high = middle;
    }
    return (low + high) / 2;
}

double nemenyi_critical_difference(size_t models, size_t blocks, double alpha) {
    double k = (double)models, n = (double)blocks;
    if (models < 2 || blocks < 1)
        return NAN;
    return range_quantile(1 - alpha, k) / M_SQRT2 * sqrt(k * (k + 1) / (6 * n));
}
