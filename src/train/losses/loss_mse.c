#include "train/loss.h"

#include <math.h>

/* (out − y)², over every target of every scored step. */
static struct loss_sum evaluate(const struct dataset *dataset, size_t n, const real *out,
                                const real *y, real *gradient) {
    size_t count = n * (size_t)dataset->width;
    int scored = 0;
    double sum = 0;
#pragma omp simd reduction(+ : sum, scored)
    for (size_t i = 0; i < count; i++) {
        real difference = isnan(y[i]) ? 0 : out[i] - y[i];
        sum += (double)difference * (double)difference;
        scored += isnan(y[i]) ? 0 : 1;
        if (gradient != NULL)
            gradient[i] = 2 * difference;
    }
    return (struct loss_sum){sum, scored};
}

const struct loss_type loss_mse = {
    .name = "mse",
    .title = "mean squared error",
    .evaluate = evaluate,
};
