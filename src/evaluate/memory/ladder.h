/* A ladder: the same task at several lengths or difficulties, each with data of its own, for which
 * every model is trained again. How far does it get? */
#ifndef EVALUATE_MEMORY_LADDER_H
#define EVALUATE_MEMORY_LADDER_H

#include "data/pipeline/dataset.h"

/* A config's evaluate.ladder; none without values. */
struct ladder_options {
    const char *vary; /* "rows" of a series, or a parameter of the generator */
    struct real_list values;
    double solved; /* score of the headline metric from which on a rung counts as solved */
};

extern const struct field ladder_fields[];

/* What the config alone can tell: that there is a generator with this parameter, and that values
 * grow. */
bool ladder_check(const struct ladder_options *ladder, const struct dataset_options *dataset,
                  const struct task_options *task, struct error *error);

/* rungs [values.count]: the data set with each value in its place. All have the inputs and outputs
 * of `dataset`. The generator's parameters for each are added to the list `kept`, into which
 * options point. */
bool ladder_make(const struct ladder_options *ladder, const struct dataset *dataset, cJSON *kept,
                 struct arena *arena, struct dataset *rungs, struct error *error);

#endif
