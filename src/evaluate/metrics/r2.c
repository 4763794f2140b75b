#include "evaluate/score.h"

#include <math.h>

/* What is known of one column of truth so far. */
struct truth_column {
    size_t known;
    double mean;     /* ȳ */
    double spread;   /* Σ (y - ȳ)² */
    double residual; /* Σ (ŷ - y)² */
};

/* Welford 1962: the spread of a constant truth is exactly 0. */
static void truth_add(struct truth_column *column, double output, double truth) {
    double distance = truth - column->mean;
    column->mean += distance / (double)++column->known;
    column->spread += distance * (truth - column->mean);
    column->residual += (output - truth) * (output - truth);
}

/* 1 - Σ (ŷ - y)² / Σ (y - ȳ)²; where the truth is constant: 1 when every prediction is exact, else
 * 0, as scikit-learn's r2_score does. */
static double column_score(const struct truth_column *column) {
    if (column->spread == 0 && isfinite(column->residual))
        return column->residual == 0 ? 1 : 0;
    return 1 - column->residual / column->spread;
}

/* Mean over the columns [horizon][targets]; those without two truths are left out. */
static double score(const struct predictions *predictions) {
    size_t width = (size_t)predictions->dataset->width;
    struct arena scratch = {0};
    struct truth_column *columns = ARENA_NEW(&scratch, struct truth_column, width);
    for (size_t i = 0; i < predictions->count; i++)
        for (size_t k = 0; k < width; k++)
            if (!isnan(predictions->truth[i * width + k]))
                truth_add(&columns[k], predictions->output[i * width + k],
                          predictions->truth[i * width + k]);
    double sum = 0;
    int scored = 0;
    for (size_t k = 0; k < width; k++) {
        if (columns[k].known < 2)
            continue;
        sum += column_score(&columns[k]);
        scored++;
    }
    arena_free(&scratch);
    return scored == 0 ? NAN : sum / scored;
}

const struct metric_type metric_r2 = {
    .name = "r2",
    .title = "R2",
    .citation = "coefficient of determination, mean over targets and horizons (scikit-learn "
                "r2_score, multioutput=uniform_average)",
    .higher_is_better = true,
    .needs = "two truths of a target",
    .score = score,
};
