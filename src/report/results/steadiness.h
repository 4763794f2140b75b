/* How the networks' errors grow under perturbations or shifts, and whose least. */
#ifndef REPORT_RESULTS_STEADINESS_H
#define REPORT_RESULTS_STEADINESS_H

#include "report/results/results.h"

/* Conditions of a kind: one of them, or all. */
struct selection {
    enum condition_kind kind;
    size_t only; /* its position; ALL_CONDITIONS: every one of the kind */
};
#define ALL_CONDITIONS ((size_t)-1)

/* A network's mean error over the conditions, relative to its clean one. */
struct growth {
    const struct model_results *model;
    double *seeds; /* [trial_count] */
    double mean;   /* of the errors' means over seeds, as tables have it */
};

/* What all conditions of a selection do to the networks. */
struct steadiness {
    struct growth *growths; /* [count], least first */
    size_t count;
    double p; /* of the first against the next */
};

/* False when there are no two to compare, or none stays finite. */
bool find_steadiness(const struct dataset_results *dataset, const struct selection *selection,
                     struct steadiness *found, struct arena *arena);

#endif
