#include "train/loss.h"

#include <string.h>

#define LOSS_ADDRESS(name) &name##_loss,

static const struct loss_type *const losses[] = {LOSSES(LOSS_ADDRESS) NULL};

const struct loss_type *loss_at(size_t position) {
    return losses[position];
}

const struct loss_type *loss_find(const char *name) {
    for (size_t i = 0; losses[i] != NULL; i++)
        if (strcmp(losses[i]->name, name) == 0)
            return losses[i];
    return NULL;
}

const struct loss_type *loss_for(const struct dataset *dataset) {
    if (dataset->task_options->loss != NULL)
        return loss_find(dataset->task_options->loss);
    return dataset->task == TASK_CLASSIFICATION ? &cross_entropy_loss : &mse_loss;
}
