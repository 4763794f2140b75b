/* Hypotheses: what a field claims, stated in a config before there are numbers. Reports decide on
 * them (report/hypotheses/hypotheses.h); they have no influence on any trial. */
#ifndef CONFIG_HYPOTHESIS_H
#define CONFIG_HYPOTHESIS_H

#include "base/fields.h"

struct experiment;

enum expectation { EXPECT_LOWER = 1, EXPECT_HIGHER };

struct hypothesis_options {
    const char *name;
    const char *claim, *source; /* in words, and who says so; may be NULL */
    const char *measure;        /* a path (evaluate/measure.h) */
    struct string_list models, against;
    int expect; /* enum expectation */
    double by;  /* smallest relative difference that matters */
};

extern const struct field hypothesis_fields[];

const char *expectation_name(size_t position);

/* Refuses unknown measures and models, after the metrics are chosen. */
bool check_hypotheses(const struct experiment *experiment, struct error *error);

#endif
