#include "train/schedule.h"

#include <math.h>

/* decay^(whole epochs before this one); elapsed is that after an update, more than 0. */
static double factor(const struct schedule_options *options, double elapsed, double whole) {
    (void)whole;
    return pow(options->decay, fmax(ceil(elapsed) - 1, 0));
}

const struct schedule_type schedule_staircase = {"staircase", factor};
