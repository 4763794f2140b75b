/* Learning-rate schedules: one file each in train/schedules/, one line in the table of schedule.c. */
#ifndef TRAIN_SCHEDULE_H
#define TRAIN_SCHEDULE_H

#include "train/train_options.h"

struct schedule_type {
    const char *name;
    /* The factor of the rate, `elapsed` epochs after the warm-up of `whole` that come after it. */
    double (*factor)(const struct schedule_options *options, double elapsed, double whole);
};

const struct schedule_type *schedule_find(const char *name); /* NULL when unknown */
const struct schedule_type *schedule_at(size_t position);    /* NULL after the last */
const char *schedule_name(size_t position);

/* The rate after `epoch` epochs of options->epochs (3.5: in the middle of the fourth): linear from
 * 0 during the warm-up, then as the schedule has it. */
double schedule_rate(const struct train_options *options, double epoch);

#endif
