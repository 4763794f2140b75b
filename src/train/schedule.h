/* Learning-rate schedules. */
#ifndef TRAIN_SCHEDULE_H
#define TRAIN_SCHEDULE_H

#include "train/train_options.h"

const char *schedule_name(size_t position); /* NULL after the last */

/* The rate after `epoch` epochs of options->epochs (3.5: in the middle of the fourth): linear from
 * 0 during the warm-up, then constant, or decaying by a factor per epoch, or along a half cosine
 * (Loshchilov & Hutter 2017, without restarts). */
double schedule_rate(const struct train_options *options, double epoch);

#endif
