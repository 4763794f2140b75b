/* How far back a network's output depends on its inputs: the norm of d output / d input by lag. */
#ifndef TRAIN_GRADIENT_LAG_H
#define TRAIN_GRADIENT_LAG_H

#include "data/pipeline/dataset.h"
#include "model/network.h"

enum { GRADIENT_SEQUENCES = 16 }; /* windows whose norms are averaged, at most */

struct gradient_lag {
    int lags;
    double *norm; /* [lags] ‖∂ out_T / ∂ x_(T−k)‖ for k = 0 ... lags − 1, mean over windows */
    double largest;  /* of these */
    double lag_1pct; /* the first lag after the largest norm where it is at most 1 % of it; `lags`
                        when there is none */
    double growth;   /* the largest norm over that of lag 0; 1: it never grows */
};

/* Whether the network has such gradients (one that normalizes windows has not), and a test window
 * so many rows. */
bool gradient_lag_check(const struct network *network, const struct dataset *dataset, int lags,
                        struct error *error);

/* The Frobenius norm over all outputs and inputs, from evenly spaced test windows of at least
 * `lags` rows; T is the last row of each. `norm` lives in the arena. */
struct gradient_lag gradient_lag_measure(const struct network *network,
                                         const struct dataset *dataset, const real *params,
                                         int lags, struct arena *arena);

#endif
