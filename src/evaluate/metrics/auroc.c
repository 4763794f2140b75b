#include "evaluate/score.h"
#include "math/softmax.h"

#include <gsl/gsl_sort_double.h>
#include <math.h>

/* What a step's scores s_1 ... s_C have in common for all classes: so that each class's log odds
 * take no sum over the others. */
struct softmax_parts {
    int best;    /* the first class with the highest score */
    double max;  /* its score */
    double sum;  /* Σ exp(s_j − max) over the classes but the best */
    double rest; /* log Σ exp s_j over the classes but the best */
};

/* Whether the step's classes can be ordered: a NaN, or two infinities of a kind, leave no log odds.
 */
static bool prepare(const double *scores, int classes, struct softmax_parts *step) {
    *step = (struct softmax_parts){.max = scores[0]};
    for (int c = 0; c < classes; c++) {
        if (isnan(scores[c]))
            return false;
        if (scores[c] > step->max)
            *step = (struct softmax_parts){.best = c, .max = scores[c]};
    }
    for (int c = 0; c < classes; c++)
        step->sum += isinf(step->max) || c == step->best ? 0 : exp(scores[c] - step->max);
    step->rest = log_sum_exp(scores, classes, step->best);
    return !(isinf(step->max) && (step->max < 0 || step->rest == step->max));
}

/* s_c − log Σ_{j≠c} exp s_j: the order of the softmax probability, without that one's saturation.
 * For a class that is not the best, the sum holds the best one's exp(0), beside which it does no
 * harm that the class's own part is taken away again. */
static double log_odds(const struct softmax_parts *step, double score, int class) {
    if (class == step->best)
        return score - step->rest;
    if (isinf(step->max))
        return -INFINITY;
    return score - step->max - log1p(fmax(step->sum - exp(score - step->max), 0));
}

/* How many of the ascending values are below `value`, equal ones counting half; twice that. */
static double twice_below(const double *values, size_t count, double value) {
    size_t low = 0, high = count; /* the first that is not below */
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (values[middle] < value)
            low = middle + 1;
        else
            high = middle;
    }
    size_t equal_end = low;
    for (high = count; equal_end < high;) {
        size_t middle = (equal_end + high) / 2;
        if (values[middle] <= value)
            equal_end = middle + 1;
        else
            high = middle;
    }
    return (double)low + (double)equal_end;
}

/* P(positive above negative) + P(equal)/2 (Mann & Whitney 1947; Hanley & McNeil 1982), which is the
 * rank statistic with mean ranks for ties. Only the positives are sorted: with many classes, they
 * are few in each. NaN without both positives and negatives. `odds` [N] is scratch. */
static double one_against_rest(const struct predictions *predictions,
                               const struct softmax_parts *steps, int class, double *odds) {
    size_t classes = (size_t)predictions->dataset->outputs, positives = 0, negatives = 0;
    for (size_t i = 0; i < predictions->count; i++)
        if (predictions->truth[i] == class)
            odds[positives++] =
                log_odds(&steps[i], predictions->output[i * classes + (size_t) class], class);
    if (positives == 0)
        return NAN;
    gsl_sort(odds, 1, positives);
    double twice = 0; /* pairs where the positive is below, and half of the equal ones */
    for (size_t i = 0; i < predictions->count; i++) {
        if (isnan(predictions->truth[i]) || predictions->truth[i] == class)
            continue;
        double score = predictions->output[i * classes + (size_t) class];
        twice += twice_below(odds, positives, log_odds(&steps[i], score, class));
        negatives++;
    }
    double pairs = (double)positives * (double)negatives;
    return (2 * pairs - twice) / (2 * pairs);
}

/* NULL when a step cannot be ordered. */
static struct softmax_parts *prepare_all(const struct predictions *predictions,
                                         struct arena *arena) {
    int classes = predictions->dataset->outputs;
    struct softmax_parts *steps = ARENA_NEW(arena, struct softmax_parts, predictions->count);
    for (size_t i = 0; i < predictions->count; i++)
        if (!isnan(predictions->truth[i]) &&
            !prepare(predictions->output + i * (size_t)classes, classes, &steps[i]))
            return NULL;
    return steps;
}

/* Two classes: that of class 1. More: the mean over the classes that have both positives and
 * negatives. N steps and C classes take O(N C) for the log odds and O(N log P) for each class, with
 * P positives. */
static double score(const struct predictions *predictions) {
    int classes = predictions->dataset->outputs;
    struct arena scratch = {0};
    const struct softmax_parts *steps = prepare_all(predictions, &scratch);
    double *odds = ARENA_NEW(&scratch, double, predictions->count + 1);
    double sum = 0;
    int defined = 0;
    for (int c = classes == 2 ? 1 : 0; steps != NULL && c < classes; c++) {
        double area = one_against_rest(predictions, steps, c, odds);
        if (isnan(area))
            continue;
        sum += area;
        defined++;
    }
    arena_free(&scratch);
    return defined == 0 ? NAN : sum / defined;
}

const struct metric_type metric_auroc = {
    .name = "auroc",
    .title = "AUROC",
    .citation = "area under the ROC curve as the rank statistic; several classes: one against the "
                "rest, mean (Hanley & McNeil 1982; Fawcett 2006)",
    .classifies = true,
    .higher_is_better = true,
    .needs = "truths of more than one class",
    .score = score,
};
