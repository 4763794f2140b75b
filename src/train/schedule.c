#include "train/schedule.h"

#include <math.h>
#include <string.h>

const char *schedule_name(size_t position) {
    static const char *const names[] = {"constant", "exponential", "cosine", NULL};
    return names[position];
}

double schedule_rate(const struct train_options *options, double epoch) {
    const struct schedule_options *schedule = &options->schedule;
    double rate = options->learning_rate;
    if (epoch < schedule->warmup)
        return rate * epoch / schedule->warmup;
    double elapsed = epoch - schedule->warmup, whole = options->epochs - schedule->warmup;
    if (strcmp(schedule->type, "exponential") == 0)
        return rate * pow(schedule->decay, elapsed);
    if (strcmp(schedule->type, "cosine") == 0 && whole > 0)
        return rate * (schedule->floor +
                       (1 - schedule->floor) * (1 + cos(M_PI * fmin(1, elapsed / whole))) / 2);
    return rate;
}
