/* Out-of-distribution splits: the same task under conditions the model was not trained on. */
#ifndef EVALUATE_SHIFT_H
#define EVALUATE_SHIFT_H

#include "base/fields.h"
#include "data/dataset.h"

/* One entry of a config's evaluate.ood; exactly one of resample, parameters, files is given. */
struct shift_options {
    const char *name;
    double resample;         /* sampling rate relative to the data's: 0.5 sees every second row */
    const cJSON *parameters; /* generator parameters merged over the training ones */
    struct string_list files;
};

extern const struct field shift_fields[];

/* Whether exactly one kind of shift is given: an error in the config, found before training. */
bool shift_check(const struct shift_options *options, struct error *error);

/* The shifted test split. With resample, inputs are interpolated to the new rate (elapsed time
 * tells the models) while targets stay what they were: what comes next in the data's own time. */
bool shift_make(const struct shift_options *options, const struct dataset *dataset,
                struct arena *arena, struct split *split, struct error *error);

#endif
