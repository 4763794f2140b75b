#include "evaluate/robustness.h"

#include <math.h>

double score_error(double score, bool higher_is_better) {
    return higher_is_better ? 1 - score : score;
}

double area_under_severity(double clean, const double *severities, const double *scores,
                           size_t count) {
    double area = 0, severity = 0, score = clean;
    for (size_t i = 0; i < count; i++) {
        if (severities[i] > severity) /* a severity of 0 has no width, not even times infinity */
            area += (severities[i] - severity) * (score + scores[i]) / 2;
        severity = severities[i];
        score = scores[i];
    }
    return area / severity; /* 0 / 0 is NaN */
}

static double sum(const double *values, size_t count) {
    double total = 0;
    for (size_t i = 0; i < count; i++)
        total += values[i];
    return total;
}

/* The error over the clean error. Infinite when one of them is: a model that fails on clean data
 * has no error that could grow. NaN unless the clean one is above 0. */
static double growth(double error, double clean) {
    if (isinf(error) || isinf(clean))
        return isnan(error) || isnan(clean) ? NAN : INFINITY;
    return clean > 0 ? error / clean : NAN;
}

/* How a model's error stands to the reference's. Infinite when the model's is; otherwise NaN unless
 * the reference's is finite and above 0. */
static double relative(double error, double reference) {
    if (isinf(error))
        return INFINITY;
    return isfinite(reference) && reference > 0 ? error / reference : NAN;
}

double mean_degradation(double clean, const double *errors, size_t count) {
    return growth(sum(errors, count), clean * (double)count) - 1;
}

double corruption_error(const double *errors, const double *reference, size_t count) {
    return relative(sum(errors, count), sum(reference, count));
}

double relative_corruption_error(double clean, const double *errors, double reference_clean,
                                 const double *reference, size_t count) {
    double n = (double)count;
    double added = isinf(clean) ? INFINITY : sum(errors, count) - n * clean;
    return relative(added, sum(reference, count) - n * reference_clean);
}

double mean_over_perturbations(const double *scores, size_t count) {
    return sum(scores, count) / (double)count;
}

double worst_degradation(const double *degradations, size_t count, size_t *which) {
    double worst = NAN;
    for (size_t i = 0; i < count; i++) {
        if (isnan(degradations[i]) || degradations[i] <= worst)
            continue;
        worst = degradations[i];
        if (which != NULL)
            *which = i;
    }
    return worst;
}

double shift_gap(double test_error, double shifted_error) {
    return isinf(test_error) ? INFINITY : shifted_error - test_error;
}

double shift_ratio(double test_error, double shifted_error) {
    return growth(shifted_error, test_error);
}

void pareto_front(const double *costs, const double *errors, size_t count, bool *on_front) {
    for (size_t i = 0; i < count; i++) {
        on_front[i] = !isnan(costs[i]) && isfinite(errors[i]);
        for (size_t j = 0; j < count && on_front[i]; j++)
            on_front[i] = !(costs[j] <= costs[i] && errors[j] <= errors[i] &&
                            (costs[j] < costs[i] || errors[j] < errors[i]));
    }
}
