/* Hypotheses: what a field claims, stated in a config before there are numbers. Reports decide on
 * them (report/hypotheses/hypotheses.h); they have no influence on any trial. */
#ifndef CONFIG_HYPOTHESIS_H
#define CONFIG_HYPOTHESIS_H

#include "base/fields.h"

struct experiment;

struct hypothesis_options {
    const char *name;
    const char *claim, *source; /* in words, and who says so; may be NULL */
    const char *measure;        /* a path (evaluate/measure.h) */
    struct string_list models, against;
    const char *expect; /* "lower" or "higher" */
    double by;          /* smallest relative difference that matters */
};

extern const struct field hypothesis_fields[];

/* Refuses unknown measures and models, after the metrics are chosen. */
bool check_hypotheses(const struct experiment *experiment, struct error *error);

#endif
