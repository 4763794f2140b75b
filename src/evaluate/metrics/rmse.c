#include "evaluate/errors.h"

#include <math.h>

/* √ mean (ŷ - y)² */
static double score(const struct predictions *predictions) {
    return sqrt(mean_error(predictions, squared_error));
}

const struct metric_type metric_rmse = {
    .name = "rmse",
    .title = "RMSE",
    .citation = "root mean squared error: the square root of mse, over all steps and targets",
    .score = score,
};
