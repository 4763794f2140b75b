#include "evaluate/statistics.h"

#include "base/arena.h"

#include <gsl/gsl_statistics_double.h>
#include <math.h>

struct summary summarize(const double *values, size_t count) {
    struct summary summary = {.mean = NAN, .deviation = NAN, .least = NAN, .most = NAN};
    struct arena scratch = {0};
    double *finite = ARENA_NEW(&scratch, double, count);
    for (size_t i = 0; i < count; i++)
        if (isfinite(values[i]))
            finite[summary.count++] = values[i];
    if (summary.count > 0) {
        summary.mean = gsl_stats_mean(finite, 1, summary.count);
        summary.deviation = summary.count > 1 ? gsl_stats_sd(finite, 1, summary.count) : 0;
        gsl_stats_minmax(&summary.least, &summary.most, finite, 1, summary.count);
    }
    arena_free(&scratch);
    return summary;
}
