/* Scores of a predictor on a split. */
#ifndef EVALUATE_SCORE_H
#define EVALUATE_SCORE_H

#include "base/arena.h"
#include "evaluate/metric.h"
#include "evaluate/predictor.h"

/* Every scored step of a split, in double and in the units asked for. */
struct predictions {
    const struct dataset *dataset;
    bool data_units;              /* numbers are in units of the data; otherwise scaled */
    size_t count;                 /* N scored steps */
    double *output;               /* [N][O] predictions, or class scores (logits) */
    double *truth;                /* [N][Y]; NaN where a single target is missing */
    const struct series **series; /* [N] that the step is of; NULL: one without training rows */
    int *row;                     /* [N] of the series, where it was predicted; NULL: not known */
    int first_target; /* which of the data set's targets is the first one here (parts.h) */
};

/* Runs the predictor over all windows of the split. With data_units, real-valued outputs and truths
 * are scaled back to the units of the data. */
struct predictions predict_split(const struct predictor *predictor, const struct dataset *dataset,
                                 const struct split *split, bool data_units, struct arena *arena);

/* values[i] = the score of metrics[i]; not finite where the predictions are not, and NaN where the
 * metric is undefined. */
void score_predictions(const struct predictions *predictions,
                       const struct metric_type *const *metrics, size_t count, double *values);

/* Whether that is why a score is NaN: the metric has no value for these truths although all
 * predictions are finite, as AUROC where all truths are of one class. */
bool score_is_undefined(const struct predictions *predictions, double score);

#endif
