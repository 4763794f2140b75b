#include "math/softmax.h"

#include <math.h>

double log_sum_exp(const double *scores, int classes, int without) {
    double max = -INFINITY, sum = 0;
    for (int c = 0; c < classes; c++)
        if (c != without)
            max = fmax(max, scores[c]);
    double shift = isinf(max) ? 0 : max;
    for (int c = 0; c < classes; c++)
        if (c != without)
            sum += exp(scores[c] - shift);
    return sum == 0 ? -INFINITY : shift + log(sum);
}

double softmax(double *scores, int classes) {
    double whole = log_sum_exp(scores, classes, -1);
    for (int c = 0; c < classes; c++)
        scores[c] = exp(scores[c] - whole);
    return whole;
}
