/* Scores of robustness and generalization, computed from what trial records hold.
 *
 * They are about errors, which are lower when better and 0 at best: a metric like MSE as it is, a
 * metric like accuracy or R² as 1 - score. A perturbation's errors are those at its severities,
 * mild to harsh. NaN comes back where a number is missing or a ratio has no meaning.
 *
 * An error that is not finite is infinite (worst_score() of statistics.h), and so is every score of
 * that model. Where the reference's error is infinite there is nothing to relate finite ones to:
 * NaN. */
#ifndef EVALUATE_ROBUSTNESS_H
#define EVALUATE_ROBUSTNESS_H

#include <stdbool.h>
#include <stddef.h>

double score_error(double score, bool higher_is_better);

/* Mean of the score itself (not of its error) over severity 0 ... severities[count - 1], by the
 * trapezoidal rule with the clean one at 0: the area under the curve divided by its width. */
double area_under_severity(double clean, const double *severities, const double *scores,
                           size_t count);

/* Mean over the severities of error / clean - 1: 0 is unharmed, 1 is twice the error. */
double mean_degradation(double clean, const double *errors, size_t count);

/* Hendrycks & Dietterich 2019, Benchmarking neural network robustness to common corruptions and
 * perturbations, section 4: CE = Σ errors / Σ reference, 1 for the reference model itself. */
double corruption_error(const double *errors, const double *reference, size_t count);

/* The same of what the perturbation adds: Σ (errors - clean) / Σ (reference - reference_clean). NaN
 * where it adds nothing to the reference's errors. */
double relative_corruption_error(double clean, const double *errors, double reference_clean,
                                 const double *reference, size_t count);

/* mCE, or the mean of any other score over perturbations. NaN if one of them is. */
double mean_over_perturbations(const double *scores, size_t count);

/* The worst of several degradations, and which it is (may be NULL). NaN are passed over. */
double worst_degradation(const double *degradations, size_t count, size_t *which);

/* Out of distribution against the test split: the difference, and the ratio. */
double shift_gap(double test_error, double shifted_error);
double shift_ratio(double test_error, double shifted_error);

/* on_front[i]: no other point is at most as costly and at most as wrong, and less in one of both.
 * Points with NaN or an infinite error are never on the front. */
void pareto_front(const double *costs, const double *errors, size_t count, bool *on_front);

#endif
