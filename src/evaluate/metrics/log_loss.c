#include "evaluate/score.h"
#include "math/softmax.h"

#include <math.h>

/* mean (log Σ_c exp s_c - s_truth): the cross entropy of softmax(s), in nats */
static double score(const struct predictions *predictions) {
    int classes = predictions->dataset->outputs;
    double sum = 0;
    size_t known = 0;
    for (size_t i = 0; i < predictions->count; i++) {
        const double *scores = predictions->output + i * (size_t)classes; /* [O] */
        if (isnan(predictions->truth[i]))
            continue;
        sum += log_sum_exp(scores, classes, -1) - scores[(int)predictions->truth[i]];
        known++;
    }
    return known == 0 ? NAN : sum / (double)known;
}

const struct metric_type metric_log_loss = {
    .name = "log_loss",
    .title = "Log loss",
    .citation = "mean negative log probability of the true class, in nats; Good 1952",
    .classifies = true,
    .is_mean = true,
    .score = score,
};
