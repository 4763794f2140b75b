/* The kinds of shifts: how each makes its test split. Options are those of the kind. */
#ifndef EVALUATE_SHIFTS_KINDS_H
#define EVALUATE_SHIFTS_KINDS_H

#include "evaluate/shift.h"

/* Fills shifted->test; *shifted is a copy of `dataset` when this is called. */
typedef bool (*shift_function)(const struct shift_options *options, const struct dataset *dataset,
                               struct arena *arena, struct dataset *shifted, struct error *error);

/* resample.c: another sampling rate, by interpolation. */
bool shift_resample(const struct shift_options *options, const struct dataset *dataset,
                    struct arena *arena, struct dataset *shifted, struct error *error);
/* irregular.c: rows missing at random, so that steps take different times. */
bool shift_irregular(const struct shift_options *options, const struct dataset *dataset,
                     struct arena *arena, struct dataset *shifted, struct error *error);

/* Windows over series made anew from those of the test: where windows were drawn at random, because
 * the rows around a test window belong to training, `map` says where each is now; otherwise as the
 * task has them. An error without any. */
bool shift_windows(const struct dataset *dataset,
                   struct window (*map)(const struct window *window, const void *context),
                   const void *context, struct arena *arena, struct split *split,
                   struct error *error);

#endif
