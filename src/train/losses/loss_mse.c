#include "train/loss.h"

#include <math.h>

/* (out − y)², over every target of every scored step. Two loops, neither with a branch, so that
 * compilers make vectors of them. */
static struct loss_sum evaluate(const struct dataset *dataset, size_t n, const real *out,
                                const real *y, real *gradient) {
    size_t count = n * (size_t)dataset->width;
    int scored = 0;
    double sum = 0;
#pragma omp simd reduction(+ : sum, scored)
    for (size_t i = 0; i < count; i++) {
        real difference = out[i] - y[i];
        difference = isnan(y[i]) ? 0 : difference;
        sum += (double)difference * (double)difference;
        scored += !isnan(y[i]);
    }
    if (gradient != NULL)
#pragma omp simd
        for (size_t i = 0; i < count; i++) {
            real twice = 2 * (out[i] - y[i]);
            gradient[i] = isnan(y[i]) ? 0 : twice;
        }
    return (struct loss_sum){sum, scored};
}

const struct loss_type loss_mse = {
    .name = "mse",
    .title = "mean squared error",
    .evaluate = evaluate,
};
