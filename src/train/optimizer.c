#include "train/optimizer.h"

#include <string.h>

#define OPTIMIZER_ADDRESS(name) &name##_optimizer,

static const struct optimizer_type *const optimizers[] = {OPTIMIZERS(OPTIMIZER_ADDRESS) NULL};

const struct optimizer_type *optimizer_at(size_t position) {
    return optimizers[position];
}

const struct optimizer_type *optimizer_find(const char *name) {
    for (size_t i = 0; optimizers[i] != NULL; i++)
        if (strcmp(optimizers[i]->name, name) == 0)
            return optimizers[i];
    return NULL;
}

const char *optimizer_name(size_t position) {
    return optimizers[position] == NULL ? NULL : optimizers[position]->name;
}
