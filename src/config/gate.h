/* What a CI gate makes of results that changed: the config's "gate". It has no influence on any
 * trial. */
#ifndef CONFIG_GATE_H
#define CONFIG_GATE_H

#include "base/fields.h"

struct gate_options {
    double tolerance; /* relative change in the worse direction that still passes */
    double floor;     /* absolute change that always passes: for values near zero */
    double alpha;     /* level of the test that a worsening has to pass to count */
    bool speed;       /* whether times count, too */
    /* {"mse": 0.1, ...}: tolerances of single metrics, and of "parameters", "memory", "speed";
     * NULL: none. */
    const cJSON *tolerances;
};

extern const struct field gate_fields[];

/* Refuses tolerances of unknown things or that are not numbers from 0. */
bool gate_check(const struct gate_options *gate, struct error *error);

/* The tolerance of a metric, or of "parameters", "memory" or "speed". */
double gate_tolerance(const struct gate_options *gate, const char *name);

#endif
