/* Out-of-distribution splits: the same task under conditions the model was not trained on. One file
 * each in evaluate/shifts/, one line in the table of shift.c. */
#ifndef EVALUATE_SHIFT_H
#define EVALUATE_SHIFT_H

#include "base/fields.h"
#include "data/pipeline/dataset.h"

/* One entry of a config's evaluate.ood: exactly one kind of shift is given. */
struct shift_options {
    const char *name;
    double resample;         /* sampling rate relative to the data's: 0.5 sees every second row */
    double irregular;        /* share of the rows that are left out at random */
    const cJSON *parameters; /* generator parameters merged over the training ones */
    struct string_list files;
    struct string_list groups; /* held out from training */
    struct real_list rows;     /* [from, to]: shares of every series */
    int window;                /* steps: longer than in training */
    const cJSON *perturb;      /* {"type", "severity"} */
    int rollout;               /* steps that predictions are fed back */
};

extern const struct field shift_fields[];

struct shift_type {
    const char *name; /* that of its member of struct shift_options */
    /* Fills shifted->test; *shifted is a copy of `dataset` when this is called. */
    bool (*make)(const struct shift_options *options, const struct dataset *dataset,
                 struct arena *arena, struct dataset *shifted, struct error *error);
};

const struct shift_type *shift_find(const char *name); /* NULL when unknown */
const struct shift_type *shift_at(size_t position);    /* NULL after the last */
const char *shift_name(size_t position);

/* "resample", "irregular", ...: the one that is given; NULL when it is none or several. */
const char *shift_kind(const struct shift_options *options);

/* Whether exactly one kind of shift is given: an error in the config, found before training. */
bool shift_check(const struct shift_options *options, struct error *error);

/* The data set with the shifted split for its test, and the window that this takes. Elapsed time
 * tells the models of another sampling rate, while targets stay what they were: what comes next in
 * the data's own time. For a rollout, which rollout.h makes, the test is what it was. */
bool shift_make(const struct shift_options *options, const struct dataset *dataset,
                struct arena *arena, struct dataset *shifted, struct error *error);

#endif
