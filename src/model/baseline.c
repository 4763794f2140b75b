#include "model/baseline.h"

#include <string.h>

/* A new baseline is a file in baselines/ and a line here. */
#define BASELINES(baseline)                                                                        \
    baseline(persistence) baseline(seasonal) baseline(ar) baseline(nlinear) baseline(dlinear)

#define DECLARE(name) extern const struct baseline_type baseline_##name;
BASELINES(DECLARE)

#define ENTRY(name) &baseline_##name,
static const struct baseline_type *const baselines[] = {BASELINES(ENTRY)};

const char *baseline_name(size_t position) {
    return position < sizeof baselines / sizeof *baselines ? baselines[position]->name : NULL;
}

const struct baseline_type *baseline_find(const char *name) {
    for (size_t i = 0; i < sizeof baselines / sizeof *baselines; i++)
        if (strcmp(baselines[i]->name, name) == 0)
            return baselines[i];
    return NULL;
}
