#include "train/optimizer.h"

#include "base/registry.h"

/* A new optimizer is a file in optimizers/ and a line here. */
#define OPTIMIZERS(X)                                                                              \
    X(sgd)                                                                                         \
    X(rmsprop)                                                                                     \
    X(adam)                                                                                        \
    X(adamw)

#define DECLARE(name) extern const struct optimizer_type optimizer_##name;
OPTIMIZERS(DECLARE)

#define ENTRY(name) &optimizer_##name,
REGISTRY(optimizer, OPTIMIZERS(ENTRY))
