/* Anything that predicts: a trained network or a baseline. Evaluation knows no more about it. */
#ifndef EVALUATE_PREDICTOR_H
#define EVALUATE_PREDICTOR_H

#include "data/pipeline/batch.h"

struct predictor {
    void *model;
    int batch; /* windows at a time, at most */
    /* out [T][B][O] in scaled units, or one score (logit) per class. */
    void (*predict)(void *model, const struct batch *batch, real *out);
};

#endif
