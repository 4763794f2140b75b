#include "train/loss.h"

#include "base/registry.h"

/* A new loss is a file in losses/ and a line here. The first of a task's kind is its usual one. */
#define LOSSES(X)                                                                                  \
    X(mse)                                                                                         \
    X(cross_entropy)

#define DECLARE(name) extern const struct loss_type loss_##name;
LOSSES(DECLARE)

#define ENTRY(name) &loss_##name,
REGISTRY(loss, LOSSES(ENTRY))

const struct loss_type *loss_for(const struct dataset *dataset) {
    if (dataset->task_options->loss != 0)
        return loss_at((size_t)dataset->task_options->loss - 1);
    size_t first = 0;
    while (loss_at(first)->classifies != (dataset->task == TASK_CLASSIFICATION))
        first++;
    return loss_at(first);
}
