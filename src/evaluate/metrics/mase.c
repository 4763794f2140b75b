#include "evaluate/errors.h"

#include <math.h>

/* |ŷ - y| / q, with q the target's mean |y_t - y_(t-m)| in training. A target that never changed
 * in training has no such scale, and the score is undefined. */
static double scaled_error(const struct predictions *predictions, int target, double output,
                           double truth) {
    const struct dataset *dataset = predictions->dataset;
    double naive = dataset->naive_error[target]; /* in data units */
    if (!predictions->data_units)
        naive /= dataset->target_scale[target];
    return naive > 0 ? fabs(output - truth) / naive : NAN;
}

static double score(const struct predictions *predictions) {
    return mean_error(predictions, scaled_error);
}

const struct metric_type metric_mase = {
    .name = "mase",
    .title = "MASE",
    .citation = "mean absolute scaled error: 1 is as good as the (seasonal) naive forecast one "
                "step ahead in training; Hyndman & Koehler 2006",
    .needs = "targets that change in training",
    .score = score,
};
