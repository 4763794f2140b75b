#include "train/ensemble.h"

#include "base/arena.h"
#include "math/softmax.h"

#include <float.h>
#include <math.h>

static void predict(void *model, const struct batch *batch, real *out) {
    struct ensemble *self = model;
    struct arena scratch = {0};
    size_t outputs = (size_t)self->network.network->outputs;
    size_t numbers = (size_t)batch->steps * (size_t)batch->size * outputs;
    real *own = ARENA_NEW(&scratch, real, numbers); /* [T][B][O] of one member */
    double *sum = ARENA_NEW(&scratch, double, numbers);
    double *step = ARENA_NEW(&scratch, double, outputs);
    for (int m = 0; m < self->members; m++) {
        self->network.params = self->params[m];
        struct predictor member = network_predictor(&self->network, batch->size);
        member.predict(member.model, batch, own);
        for (size_t first = 0; first < numbers; first += outputs) {
            for (size_t k = 0; k < outputs; k++)
                step[k] = (double)own[first + k];
            if (self->classifies)
                softmax(step, (int)outputs);
            for (size_t k = 0; k < outputs; k++)
                sum[first + k] += step[k] / self->members;
        }
    }
    for (size_t n = 0; n < numbers; n++)
        out[n] = (real)(self->classifies ? log(sum[n] < DBL_MIN ? DBL_MIN : sum[n]) : sum[n]);
    arena_free(&scratch);
}

struct predictor ensemble_predictor(struct ensemble *self, int batch) {
    return (struct predictor){.model = self, .batch = batch, .predict = predict};
}
