#include "evaluate/cost.h"

#include "base/arena.h"
#include "base/clock.h"

#include <gsl/gsl_sort_double.h>
#include <gsl/gsl_statistics_double.h>
#include <sys/resource.h>

const struct cost_info cost_infos[COST_COUNT] = {
    [COST_PARAMETERS] = {"parameters", "parameters", "model", NULL, "parameters",
                         .unit = UNIT_COUNT, .exact = true},
    [COST_PARAMETER_BYTES] = {"memory_parameters", "parameter memory", "cost", "memory",
                              "parameters", .unit = UNIT_BYTES, .exact = true},
    [COST_GRADIENT_BYTES] = {"memory_gradients", "gradients", "cost", "memory", "gradients",
                             .unit = UNIT_BYTES, .exact = true},
    [COST_OPTIMIZER_BYTES] = {"memory_optimizer", "optimizer", "cost", "memory", "optimizer",
                              .unit = UNIT_BYTES, .exact = true},
    [COST_ACTIVATION_BYTES] = {"memory_activations", "activations", "cost", "memory", "activations",
                               .unit = UNIT_BYTES, .exact = true},
    [COST_STREAMING_BYTES] = {"memory_streaming", "streaming", "cost", "memory", "streaming",
                              .unit = UNIT_BYTES, .exact = true},
    [COST_PEAK_RSS] = {"peak_rss_bytes", "peak RSS", "cost", NULL, "peak_rss_bytes",
                       .unit = UNIT_BYTES},
    [COST_TRAIN_CPU_SECONDS] = {"train_cpu_seconds", "train s", "cost", NULL, "train_cpu_seconds",
                                .unit = UNIT_SECONDS},
    [COST_TRAIN_SECONDS] = {"train_seconds", "wall s", "cost", NULL, "train_seconds",
                            .unit = UNIT_SECONDS},
    [COST_SECONDS_TO_BEST] = {"seconds_to_best", "s to best", "cost", NULL, "seconds_to_best",
                              .unit = UNIT_SECONDS},
    [COST_ENERGY] = {"energy_joules", "energy J", "cost", NULL, "energy_joules",
                     .unit = UNIT_JOULES},
    [COST_FLOPS] = {"flops_per_step", "FLOPs/step", "cost", NULL, "flops_per_step",
                    .unit = UNIT_COUNT},
    [COST_TRAIN_OPERATIONS] = {"train_operations", "train FLOPs", "cost", NULL, "train_operations",
                               .unit = UNIT_COUNT},
    [COST_STEP_P50] = {"step_us_p50", "step µs", "cost", "step_us", "p50",
                       .unit = UNIT_MICROSECONDS},
    [COST_STEP_P90] = {"step_us_p90", "p90 µs", "cost", "step_us", "p90",
                       .unit = UNIT_MICROSECONDS},
    [COST_STEP_P99] = {"step_us_p99", "p99 µs", "cost", "step_us", "p99",
                       .unit = UNIT_MICROSECONDS},
    [COST_STEP_MEAN] = {"step_us_mean", "mean µs", "cost", "step_us", "mean",
                        .unit = UNIT_MICROSECONDS},
};

/* Calls are timed in groups that last at least this long, so that the clock's own cost (tens of
 * nanoseconds) does not show; a slower step is timed call by call. */
static const double SHORTEST_GROUP = 2; /* microseconds */
enum { LARGEST_GROUP = 64 };

/* Microseconds that `calls` calls take. */
static double time_calls(void (*step)(void *context), void *context, size_t calls) {
    double begin = seconds_now();
    for (size_t i = 0; i < calls; i++)
        step(context);
    return 1e6 * (seconds_now() - begin);
}

/* Warms up caches and branch predictors, and finds how many calls fill a group. */
static size_t group_size(void (*step)(void *context), void *context, size_t steps) {
    size_t calls = steps / 10 + 1;
    double each = time_calls(step, context, calls) / (double)calls;
    size_t size = 1;
    while (size < LARGEST_GROUP && size * 2 <= steps && each * (double)size < SHORTEST_GROUP)
        size *= 2;
    return size;
}

struct latency latency_measure(void (*step)(void *context), void *context, size_t steps) {
    if (steps == 0)
        return (struct latency){0};
    size_t size = group_size(step, context, steps);
    size_t groups = steps / size;
    struct arena scratch = {0};
    double *each = ARENA_NEW(&scratch, double, groups); /* mean microseconds a call */
    for (size_t g = 0; g < groups; g++)
        each[g] = time_calls(step, context, size) / (double)size;
    gsl_sort(each, 1, groups);
    struct latency latency = {
        .p50 = gsl_stats_quantile_from_sorted_data(each, 1, groups, 0.50),
        .p90 = gsl_stats_quantile_from_sorted_data(each, 1, groups, 0.90),
        .p99 = gsl_stats_quantile_from_sorted_data(each, 1, groups, 0.99),
        .mean = gsl_stats_mean(each, 1, groups),
        .steps = groups * size,
    };
    arena_free(&scratch);
    return latency;
}

size_t peak_rss_bytes(void) {
    struct rusage usage;
    if (getrusage(RUSAGE_SELF, &usage) != 0)
        return 0;
#ifdef __APPLE__
    return (size_t)usage.ru_maxrss;
#else
    return (size_t)usage.ru_maxrss * 1024;
#endif
}
