/* A trained network as a predictor for evaluation. */
#ifndef TRAIN_NETWORK_PREDICTOR_H
#define TRAIN_NETWORK_PREDICTOR_H

#include "evaluate/predictor.h"
#include "model/network.h"

struct network_predictor {
    const struct network *network;
    const real *params;
    int segment;     /* steps at a time: those of a window, or fewer when the network streams */
    real *state;     /* [B][network.state]; not used for whole windows */
    real *workspace; /* for B windows of `segment` steps, PHASE_EVALUATE */
};

/* `batch`: B, windows at a time at most. */
struct predictor network_predictor(struct network_predictor *self, int batch);

#endif
