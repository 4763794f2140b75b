#include "model/baseline.h"

#include "base/registry.h"

/* A new baseline is a file in baselines/ and a line here. */
#define BASELINES(baseline)                                                                        \
    baseline(persistence) baseline(seasonal) baseline(ar) baseline(nlinear) baseline(dlinear)      \
        baseline(logistic)

#define DECLARE(name) extern const struct baseline_type baseline_##name;
BASELINES(DECLARE)

#define ENTRY(name) &baseline_##name,
REGISTRY(baseline, BASELINES(ENTRY))
