#include "train/schedule.h"

#include <math.h>

/* decay^elapsed. */
static double factor(const struct schedule_options *options, double elapsed, double whole) {
    (void)whole;
    return pow(options->decay, elapsed);
}

const struct schedule_type schedule_exponential = {"exponential", factor};
