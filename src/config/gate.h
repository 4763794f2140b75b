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
    bool hypotheses;  /* whether a verdict that changes fails */
    /* {"mse": 0.1, ...}: tolerances of single metrics, and of "parameters", "memory", "speed";
     * NULL: none. */
    const cJSON *tolerances;
    /* Tolerances of the errors under noise and on shifts; false: these are not compared; NULL: twice
     * `tolerance`. */
    const cJSON *noise, *ood;
};

enum gate_conditions { GATE_NOISE, GATE_OOD };

extern const struct field gate_fields[];

/* Refuses tolerances of unknown things or that are not numbers from 0 (noise, ood: or false). */
bool gate_check(const struct gate_options *gate, struct error *error);

/* The tolerance of a metric, or of "parameters", "memory" or "speed". */
double gate_tolerance(const struct gate_options *gate, const char *name);

/* Whether errors under noise, or on shifts, are compared, and the growth that still passes. */
bool gate_compares(const struct gate_options *gate, enum gate_conditions conditions);
double gate_growth(const struct gate_options *gate, enum gate_conditions conditions);

#endif
