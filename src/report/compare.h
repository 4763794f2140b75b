/* Comparison of two sets of results: the CI gate.
 *
 * Every data set, model and test metric of BASE must be in NEW and must not be worse there by more
 * than the tolerance. Means are over the seeds that both have. Parameters and memory, which are
 * exact, are compared in the same way; times are not, because they depend on the machine. What is
 * only in NEW is mentioned and fails nothing; comparing nothing at all fails. */
#ifndef REPORT_COMPARE_H
#define REPORT_COMPARE_H

#include "report/results.h"

#include <stdio.h>

struct comparison_options {
    double tolerance; /* relative change in the worse direction that still passes: 0.05 */
    double floor;     /* absolute change that always passes: for metrics near zero */
};

/* Tolerance 5 %, floor 1e-6. */
extern const struct comparison_options comparison_defaults;

enum verdict {
    VERDICT_SAME,    /* within the tolerance */
    VERDICT_BETTER,  /* better by more than the tolerance */
    VERDICT_WORSE,   /* worse by more than the tolerance: fails */
    VERDICT_MISSING, /* there is nothing to compare with, or a trial failed: fails */
};

struct comparison_row {
    const char *dataset, *model;
    const char *metric;   /* title; "" when the row is about the whole model or data set */
    double base, changed; /* means; NaN in VERDICT_MISSING */
    double change;        /* relative, positive when worse; infinite from a base of 0 */
    bool is_cost;         /* parameters or memory */
    enum cost_unit unit;  /* when is_cost */
    enum verdict verdict;
    const char *reason; /* VERDICT_MISSING: a sentence */
};

struct comparison {
    struct comparison_options options;
    struct comparison_row *rows;
    size_t row_count;
    size_t compared, worse, missing; /* worse and missing fail the comparison */
    const char **notes;              /* what is only in NEW */
    size_t note_count;
    bool passed;
};

struct comparison compare_results(const struct results *base, const struct results *changed,
                                  const struct comparison_options *options, struct arena *arena);

/* The verdict first, then what fails, then the changes. */
void comparison_print(const struct comparison *comparison, FILE *out, bool colour);

#endif
