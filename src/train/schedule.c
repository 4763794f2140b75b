#include "train/schedule.h"

#include "base/registry.h"

/* A new schedule is a file in schedules/ and a line here. */
#define SCHEDULES(X)                                                                               \
    X(constant)                                                                                    \
    X(exponential)                                                                                 \
    X(staircase)                                                                                   \
    X(cosine)

#define DECLARE(name) extern const struct schedule_type schedule_##name;
SCHEDULES(DECLARE)

#define ENTRY(name) &schedule_##name,
REGISTRY(schedule, SCHEDULES(ENTRY))

double schedule_rate(const struct train_options *options, double epoch) {
    const struct schedule_options *schedule = &options->schedule;
    double rate = options->learning_rate;
    if (epoch < schedule->warmup)
        return rate * epoch / schedule->warmup;
    double elapsed = epoch - schedule->warmup, whole = options->epochs - schedule->warmup;
    return rate * schedule_at((size_t)schedule->type - 1)->factor(schedule, elapsed, whole);
}
