/* Out-of-distribution splits: the same task under conditions the model was not trained on. One file
 * each in evaluate/shifts/, one line in the table below. */
#ifndef EVALUATE_SHIFT_H
#define EVALUATE_SHIFT_H

#include "base/fields.h"
#include "data/pipeline/dataset.h"

/* A new shift is a file in shifts/ and a line here: the name of its file, of its member of struct
 * shift_options and of its config field; the type of both. */
#define SHIFTS(X)                                                                                  \
    X(resample, double, FIELD_REAL, .max = 100, .exclusive_min = true,                             \
      .help =                                                                                      \
          "Sampling rate of the test data relative to the original; 0.5 sees every second row.")   \
    X(irregular, double, FIELD_REAL, .max = 0.99, .exclusive_min = true,                           \
      .help = "Share of the test rows that are left out at random, so that steps take different "  \
              "times.")                                                                            \
    X(parameters, const cJSON *, FIELD_JSON,                                                       \
      .help = "Generator parameters merged over those of the training data.")                      \
    X(files, struct string_list, FIELD_STRINGS,                                                    \
      .help = "Files or patterns to test on instead, read as the training files are.")             \
    X(groups, struct string_list, FIELD_STRINGS,                                                   \
      .help = "Groups to test on instead, which dataset.hold_out keeps from training.")            \
    X(rows, struct real_list, FIELD_REALS, .min = 0, .max = 1,                                     \
      .help = "[from, to]: shares of every series to test on instead, a later period, as in "      \
              "[0.9, 1].")                                                                         \
    X(window, int, FIELD_INT, .min = 1, .max = 1000000,                                            \
      .help = "Steps of a test window, more than task.window.")                                    \
    X(perturb, const cJSON *, FIELD_JSON,                                                          \
      .help = "{\"type\", \"severity\"} of a perturbation of the test inputs.")                    \
    X(rollout, int, FIELD_INT, .min = 1, .max = 100000,                                            \
      .help = "Steps that a forecast continues from its own predictions.")

/* One entry of a config's evaluate.ood: exactly one kind of shift is given. */
struct shift_options {
    const char *name;
#define MEMBER(name, c, ...) c name;
    SHIFTS(MEMBER)
#undef MEMBER
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
