#include "train/schedule.h"

#include <math.h>

/* Half a cosine from 1 to the floor (Loshchilov & Hutter 2017, without restarts). */
static double factor(const struct schedule_options *options, double elapsed, double whole) {
    if (whole <= 0)
        return 1;
    return options->floor + (1 - options->floor) * (1 + cos(M_PI * fmin(1, elapsed / whole))) / 2;
}

const struct schedule_type schedule_cosine = {"cosine", factor};
