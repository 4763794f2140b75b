/* Comparison of two sets of results: the CI gate.
 *
 * Every data set, model and test metric of BASE must be in NEW, made from the same config, and must
 * not be worse there. Worse is a change of the mean over seeds for the worse that is both beyond
 * the tolerance and more than chance (report/results/sides.h): by the paired t test over the seeds that both
 * have, or Welch's test when NEW was run with other seeds altogether. Parameters and memory,
 * which are exact, need only be beyond the tolerance. Times depend on the machine and are compared
 * on request. What is only in NEW is mentioned and fails nothing; comparing nothing at all fails.
 */
#ifndef REPORT_GATE_COMPARE_H
#define REPORT_GATE_COMPARE_H

#include "report/results/results.h"

/* NaN: what the "gate" of BASE's config says (config/gate.h). */
struct comparison_options {
    double tolerance; /* of everything, whatever the gate says of single things */
    double floor;
    double alpha;
    bool hypotheses;    /* compare verdicts even when the gate does not */
    bool speed;         /* compare times even when the gate does not */
    bool any_config;    /* pass over changed configs */
    bool require_power; /* fail where the test could not have found a change of the tolerance */
};

extern const struct comparison_options comparison_defaults;

enum verdict {
    VERDICT_SAME,    /* within the tolerance */
    VERDICT_CHANCE,  /* beyond it, but the seeds do not support that it is more than chance */
    VERDICT_BETTER,  /* better beyond the tolerance and chance */
    VERDICT_WORSE,   /* worse as well: fails */
    VERDICT_MISSING, /* there is nothing to compare with, or a trial failed, or the config is
                        another: fails */
};

struct comparison_row {
    const char *dataset, *model;
    const char *config_file; /* that NEW was run with; "" when not known */
    const char *metric;      /* title; "" when the row is about the whole model or data set */
    double base, changed;    /* means; NaN in VERDICT_MISSING */
    double change;           /* relative, positive when worse; infinite from a base of 0 */
    double tolerance;        /* that it was held against */
    double p;                /* of the test over seeds; NaN when there was none */
    double detectable;       /* relative change that the test finds with 80 % power; NaN: no test */
    bool lacks_power;        /* fails, because the test could not have found the tolerance */
    bool is_cost;            /* parameters, memory or time */
    enum cost_unit unit;     /* when is_cost */
    enum verdict verdict;
    const char *reason; /* VERDICT_MISSING: a sentence */
};

struct comparison {
    struct comparison_options options;
    struct comparison_row *rows;
    size_t row_count;
    size_t compared, worse, chance, missing; /* worse and missing fail the comparison */
    size_t without_power;                    /* rows that lack it: fail the comparison */
    const char **notes;                      /* what is only in NEW; seeds that differ */
    size_t note_count;
    bool passed;
};

struct comparison compare_results(const struct results *base, const struct results *changed,
                                  const struct comparison_options *options, struct arena *arena);

#endif
