/* The steps of the training windows that a model is trained on, one after the other. */
#ifndef MODEL_BASELINES_TRAINING_STEPS_H
#define MODEL_BASELINES_TRAINING_STEPS_H

#include "data/pipeline/dataset.h"

struct training_steps {
    const struct dataset *dataset;
    size_t stride;               /* from one visited step to the next */
    size_t window;               /* the current window */
    size_t offset;               /* the next step in it */
    const struct series *series; /* the current step: */
    int first, row;              /* its window's first row, and its own */
};

/* At most `limit` steps, evenly thinned so that all positions within a window occur. */
struct training_steps training_steps(const struct dataset *dataset, size_t limit);

/* Moves to the next step; false after the last. Single truths (or all) may be NaN. */
bool training_steps_next(struct training_steps *steps);

#endif
