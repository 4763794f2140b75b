#include "evaluate/rollout.h"
#include "evaluate/shift.h"

/* Closed loop: the test stays as it is, and evaluate/rollout.h runs on it. */
static bool make(const struct shift_options *options, const struct dataset *dataset,
                 struct arena *arena, struct dataset *shifted, struct error *error) {
    (void)arena;
    (void)shifted;
    return rollout_check(dataset, options->rollout, error);
}

const struct shift_type shift_rollout = {.name = "rollout", .make = make};
