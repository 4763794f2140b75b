/* Learning-rate schedules. */
#ifndef TRAIN_SCHEDULE_H
#define TRAIN_SCHEDULE_H

#include "train/options.h"

const char *schedule_name(size_t position);

/* The rate for progress in epochs (3.5: in the middle of the fourth) of options->epochs. */
double schedule_rate(const struct train_options *options, double epoch);

#endif
