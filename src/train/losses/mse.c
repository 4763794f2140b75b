#include "train/loss.h"

#include <math.h>

/* (out − y)², over every target of every scored step. */
static struct loss_sum evaluate(const struct dataset *dataset, size_t n, const real *out,
                                const real *y, real *gradient) {
    struct loss_sum loss = {0, 0};
    size_t count = n * (size_t)dataset->width;
    for (size_t i = 0; i < count; i++) {
        bool scored = !isnan(y[i]);
        real difference = scored ? out[i] - y[i] : 0;
        loss.sum += (double)difference * (double)difference;
        loss.weight += scored;
        if (gradient != NULL)
            gradient[i] = 2 * difference;
    }
    return loss;
}

const struct loss_type mse_loss = {
    .name = "mse",
    .title = "mean squared error",
    .evaluate = evaluate,
};
