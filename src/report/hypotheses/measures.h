/* The values of measures (evaluate/measure.h) from results. */
#ifndef REPORT_HYPOTHESES_MEASURES_H
#define REPORT_HYPOTHESES_MEASURES_H

#include "evaluate/measure.h"
#include "report/results/results.h"

/* The values of a model, or of a family over the seeds of its first model. */
struct measured {
    double
        *values; /* [count]: NaN where not measured, infinite in the worse direction for trials that
                       failed and for scores that are not finite */
    size_t count;
    bool is_constant;   /* a baseline */
    const char *reason; /* why there are none; NULL: there are some */
};

struct measured measure_values(const struct measure *measure, const struct dataset_results *dataset,
                               const char *name, struct arena *arena);

bool measure_higher_is_better(const struct measure *measure, const struct dataset_results *dataset);

/* Whether chance has no part in it, as in the number of parameters. */
bool measure_is_exact(const struct measure *measure);

#endif
