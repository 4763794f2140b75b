#include "evaluate/classes.h"

#include <math.h>
#include <stdlib.h>

struct ranked {
    double score;
    bool positive;
};

static int by_score(const void *left, const void *right) {
    double a = ((const struct ranked *)left)->score, b = ((const struct ranked *)right)->score;
    return (a > b) - (a < b);
}

/* (R - P (P + 1) / 2) / (P N) with R the sum of the positives' ranks, ties sharing their mean rank
 * (Mann & Whitney 1947; Hanley & McNeil 1982). NaN without both positives and negatives. */
static double rank_statistic(struct ranked *items, size_t count) {
    qsort(items, count, sizeof *items, by_score);
    double rank_sum = 0, positives = 0;
    for (size_t first = 0, end; first < count; first = end) {
        size_t tied_positives = 0;
        for (end = first; end < count && items[end].score == items[first].score; end++)
            tied_positives += items[end].positive;
        rank_sum += (double)tied_positives * (double)(first + 1 + end) / 2;
        positives += (double)tied_positives;
    }
    double negatives = (double)count - positives;
    return (rank_sum - positives * (positives + 1) / 2) / (positives * negatives);
}

/* Ranks by the log odds of the class, s_c - log Σ_{j≠c} exp s_j: the order of its softmax
 * probability, without that one's saturation. NaN when a score is NaN. */
static double one_against_rest(const struct predictions *predictions, int class) {
    int classes = predictions->dataset->outputs;
    struct arena scratch = {0};
    struct ranked *items = ARENA_NEW(&scratch, struct ranked, predictions->count);
    size_t count = 0;
    bool ordered = true;
    for (size_t i = 0; i < predictions->count && ordered; i++) {
        const double *scores = predictions->output + i * (size_t)classes; /* [O] */
        if (isnan(predictions->truth[i]))
            continue;
        items[count].score = scores[class] - log_sum_exp(scores, classes, class);
        items[count].positive = (int)predictions->truth[i] == class;
        ordered = !isnan(items[count].score);
        count++;
    }
    double area = ordered ? rank_statistic(items, count) : NAN;
    arena_free(&scratch);
    return area;
}

/* Two classes: that of class 1. More: the mean over the classes that have both positives and
 * negatives. */
static double score(const struct predictions *predictions) {
    int classes = predictions->dataset->outputs;
    if (classes == 2)
        return one_against_rest(predictions, 1);
    double sum = 0;
    int defined = 0;
    for (int c = 0; c < classes; c++) {
        double area = one_against_rest(predictions, c);
        if (isnan(area))
            continue;
        sum += area;
        defined++;
    }
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
