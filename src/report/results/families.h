/* Families: models that differ in size or in learning rate alone (the config's "variants"). */
#ifndef REPORT_RESULTS_FAMILIES_H
#define REPORT_RESULTS_FAMILIES_H

#include "evaluate/power_law.h"
#include "report/results/results.h"

enum family_kind { FAMILY_OF_SIZES, FAMILY_OF_RATES };

struct family {
    const char *name;
    const struct model_results **models; /* small to large */
    double *rungs;                       /* [count]: parameters, or learning rates */
    size_t count;
};

struct families {
    struct family *items;
    size_t count;
};

/* Those with at least two different rungs of that kind; a family whose learning rates differ is one of
 * rates. */
struct families families_of(const struct dataset_results *dataset, enum family_kind kind,
                            struct arena *arena);

/* Fitted to all trials: test error ~ parameters^exponent; the same for processor time of an epoch. */
struct power_law family_error_law(const struct dataset_results *dataset,
                                  const struct family *family, struct arena *arena);
struct power_law family_time_law(const struct family *family, struct arena *arena);

#endif
