#include "evaluate/errors.h"

#include <math.h>

/* 200 |ŷ - y| / (|ŷ| + |y|) percent; a zero predicted as zero is no error. */
static double symmetric_percentage_error(const struct predictions *predictions, int target,
                                         double output, double truth) {
    (void)predictions, (void)target;
    double error = fabs(output - truth);
    return error == 0 ? 0 : 200 * error / (fabs(output) + fabs(truth));
}

static double score(const struct predictions *predictions) {
    return mean_error(predictions, symmetric_percentage_error);
}

const struct metric_type metric_smape = {
    .name = "smape",
    .title = "sMAPE (%)",
    .citation = "symmetric mean absolute percentage error, 0 to 200; Makridakis, Spiliotis & "
                "Assimakopoulos 2020 (M4 competition)",
    .is_mean = true,
    .score = score,
};
