#include "evaluate/score.h"

#include <math.h>

/* 1 - Σ (ŷ - y)² / Σ (y - ȳ)² of one column of truth, with the number of its truths. Where the
 * truth is constant: 1 when every prediction is exact, else 0, as scikit-learn's r2_score does. */
static double column_score(const struct predictions *predictions, int column, size_t *known) {
    int width = predictions->dataset->width;
    double residual = 0, mean = 0, spread = 0;
    *known = 0;
    for (size_t i = 0; i < predictions->count; i++) {
        double output = predictions->output[i * (size_t)width + (size_t)column];
        double truth = predictions->truth[i * (size_t)width + (size_t)column];
        if (isnan(truth))
            continue;
        /* Welford 1962: the spread of a constant truth is exactly 0 */
        double distance = truth - mean;
        mean += distance / (double)++*known;
        spread += distance * (truth - mean);
        residual += (output - truth) * (output - truth);
    }
    if (spread == 0 && !isnan(residual))
        return residual == 0 ? 1 : 0;
    return 1 - residual / spread;
}

/* Mean over the columns [horizon][targets]; those without two truths are left out. */
static double score(const struct predictions *predictions) {
    double sum = 0;
    int columns = 0;
    for (int k = 0; k < predictions->dataset->width; k++) {
        size_t known;
        double value = column_score(predictions, k, &known);
        if (known < 2)
            continue;
        sum += value;
        columns++;
    }
    return columns == 0 ? NAN : sum / columns;
}

const struct metric_type metric_r2 = {
    .name = "r2",
    .title = "R2",
    .citation = "coefficient of determination, mean over targets and horizons (scikit-learn "
                "r2_score, multioutput=uniform_average)",
    .higher_is_better = true,
    .score = score,
};
