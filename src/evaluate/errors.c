#include "evaluate/errors.h"

#include <math.h>

double mean_error(const struct predictions *predictions, error_term term) {
    int width = predictions->dataset->width, targets = predictions->dataset->targets;
    double sum = 0;
    size_t known = 0;
    for (size_t i = 0; i < predictions->count; i++) {
        const double *output = predictions->output + i * (size_t)width; /* [Y] */
        const double *truth = predictions->truth + i * (size_t)width;   /* [Y] */
        for (int k = 0; k < width; k++) {
            if (isnan(truth[k]))
                continue;
            sum += term(predictions, k % targets, output[k], truth[k]);
            known++;
        }
    }
    return known == 0 ? NAN : sum / (double)known;
}

double squared_error(const struct predictions *predictions, int target, double output,
                     double truth) {
    (void)predictions, (void)target;
    return (output - truth) * (output - truth);
}
