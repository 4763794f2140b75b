/* Series and windows of shifted test splits. */
#ifndef EVALUATE_SHIFTS_SHIFT_WINDOWS_H
#define EVALUATE_SHIFTS_SHIFT_WINDOWS_H

#include "data/pipeline/dataset.h"

/* A series of `rows` rows, still to be filled in, with all else that `from` has. */
struct series shift_series(const struct dataset *dataset, const struct series *from, int rows,
                           struct arena *arena);

/* Windows over series made from those of the test: where windows were drawn at random, because
 * the rows around a test window belong to training, `map` says where each is now; otherwise as the
 * task has them. An error without any. */
bool shift_windows(const struct dataset *dataset,
                   struct window (*map)(const struct window *window, const void *context),
                   const void *context, struct arena *arena, struct split *split,
                   struct error *error);

#endif
