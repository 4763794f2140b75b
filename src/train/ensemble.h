/* Several trained networks as one predictor: the mean of what each predicts, of classes the mean of their
 * probabilities (Lakshminarayanan et al., Simple and scalable predictive uncertainty estimation using deep
 * ensembles, NIPS 2017). */
#ifndef TRAIN_ENSEMBLE_H
#define TRAIN_ENSEMBLE_H

#include "train/network_predictor.h"

struct ensemble {
    struct network_predictor network; /* its parameters are those of one member after the other */
    const real *const *params;        /* [members] */
    int members;
    bool classifies;
};

/* `batch`: B, windows at a time at most. */
struct predictor ensemble_predictor(struct ensemble *self, int batch);

#endif
