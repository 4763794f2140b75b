#include "train/network_predictor.h"

#include "train/segment.h"

static void predict(void *model, const struct batch *batch, real *out) {
    const struct network_predictor *self = model;
    const struct network *network = self->network;
    for (int first = 0; first < batch->steps; first += self->segment) {
        struct sequence segment = segment_of(batch, network->inputs, first, self->segment);
        size_t before = (size_t)first * (size_t)batch->size;
        segment.state = first > 0 ? self->state : NULL;
        network_forward(network, self->params, &segment, PHASE_EVALUATE,
                        out + before * (size_t)network->outputs,
                        segment.steps < batch->steps ? self->state : NULL, self->workspace);
    }
}

struct predictor network_predictor(struct network_predictor *self, int batch) {
    return (struct predictor){.model = self, .batch = batch, .predict = predict};
}
