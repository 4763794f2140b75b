#include "evaluate/errors.h"

#include <math.h>

static double absolute_error(const struct predictions *predictions, int target, double output,
                             double truth) {
    (void)predictions, (void)target;
    return fabs(output - truth);
}

/* mean |ŷ - y| */
static double score(const struct predictions *predictions) {
    return mean_error(predictions, absolute_error);
}

const struct metric_type metric_mae = {
    .name = "mae",
    .title = "MAE",
    .citation = "mean absolute error: mean |prediction - truth| over all steps and targets",
    .is_mean = true,
    .score = score,
};
