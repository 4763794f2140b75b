#include "train/ensemble.h"

#include "base/arena.h"

#include <float.h>
#include <math.h>

/* Scores of classes become probabilities. */
static void take_softmax(real *scores, size_t classes) {
    double largest = -INFINITY, sum = 0;
    for (size_t k = 0; k < classes; k++)
        largest = fmax(largest, (double)scores[k]);
    for (size_t k = 0; k < classes; k++)
        sum += exp((double)scores[k] - largest);
    for (size_t k = 0; k < classes; k++)
        scores[k] = (real)(exp((double)scores[k] - largest) / sum);
}

static void predict(void *model, const struct batch *batch, real *out) {
    struct ensemble *self = model;
    struct arena scratch = {0};
    size_t steps = (size_t)batch->steps * (size_t)batch->size;
    size_t outputs = (size_t)self->network.network->outputs, numbers = steps * outputs;
    real *own = ARENA_NEW(&scratch, real, numbers); /* [T][B][O] of one member */
    double *sum = ARENA_NEW(&scratch, double, numbers);
    for (int m = 0; m < self->members; m++) {
        self->network.params = self->params[m];
        struct predictor member = network_predictor(&self->network, batch->size);
        member.predict(member.model, batch, own);
        for (size_t s = 0; s < steps && self->classifies; s++)
            take_softmax(own + s * outputs, outputs);
        for (size_t n = 0; n < numbers; n++)
            sum[n] += (double)own[n] / self->members;
    }
    for (size_t n = 0; n < numbers; n++)
        out[n] = (real)(self->classifies ? log(sum[n] < DBL_MIN ? DBL_MIN : sum[n]) : sum[n]);
    arena_free(&scratch);
}

struct predictor ensemble_predictor(struct ensemble *self, int batch) {
    return (struct predictor){.model = self, .batch = batch, .predict = predict};
}
