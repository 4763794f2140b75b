#include "evaluate/errors.h"

/* mean (ŷ - y)² */
static double score(const struct predictions *predictions) {
    return mean_error(predictions, squared_error);
}

const struct metric_type metric_mse = {
    .name = "mse",
    .title = "MSE",
    .citation = "mean squared error: mean (prediction - truth)^2 over all steps and targets",
    .is_mean = true,
    .score = score,
};
