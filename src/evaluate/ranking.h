/* Comparison of many models over many data sets by their ranks: Demšar 2006, Statistical
 * comparisons of classifiers over multiple data sets. */
#ifndef EVALUATE_RANKING_H
#define EVALUATE_RANKING_H

#include <stdbool.h>
#include <stddef.h>

/* Ranks from 1 for the lowest value, equal values sharing their mean rank. Returns Σ (t³ - t) over
 * groups of t equal values, which the corrections for ties need. */
double average_ranks(const double *values, size_t count, double *ranks);

struct friedman {
    double statistic, p;        /* χ² corrected for ties, k - 1 degrees of freedom */
    double f_statistic, f_p;    /* Iman & Davenport 1980: less conservative */
    double critical_difference; /* of mean ranks, Nemenyi's test at 5 % */
};

/* scores [blocks][models], all finite; a block is a data set. mean_ranks [models] receives each
 * model's mean rank, 1 being best. NaN without two blocks and two models, or when all are equal. */
struct friedman friedman_test(const double *scores, size_t blocks, size_t models,
                              bool higher_is_better, double *mean_ranks);

/* Two models differ at level alpha when their mean ranks differ by at least
 * q sqrt(k (k + 1) / (6 N)), with q the studentized range's upper quantile over √2 (Demšar's
 * table 5a), computed here by integration. */
double nemenyi_critical_difference(size_t models, size_t blocks, double alpha);

#endif
