/* Parts of predictions: one target, or one step of a forecast's horizon. Metrics score them as they
 * score the whole. */
#ifndef EVALUATE_PARTS_H
#define EVALUATE_PARTS_H

#include "evaluate/score.h"

/* What the predictions say of one target at one step ahead (from 0); -1: of all of them. The part and
 * its data set `view` point into the whole. For numbers, not for classes. */
struct predictions predictions_part(const struct predictions *whole, int target, int step,
                                    struct dataset *view, struct arena *arena);

#endif
