/* The hypotheses of configs, decided from results.
 *
 * A hypothesis is known by its name: where several experiments state the same one, their data sets
 * decide on it together. The units of a decision are the data sets, or the seeds where there is one
 * data set (evaluate/effect.h). All hypotheses of a report share Holm's correction: each is decided
 * at the level that is left for it, so that with 95 % certainty none of the verdicts is wrong. */
#ifndef REPORT_HYPOTHESES_HYPOTHESES_H
#define REPORT_HYPOTHESES_HYPOTHESES_H

#include "config/hypothesis.h"
#include "evaluate/effect.h"
#include "report/results/results.h"

/* A data set that a hypothesis is tested on. */
struct hypothesis_unit {
    const struct dataset_results *dataset;
    struct effect effect;
    double low, high;   /* 95 % interval of the effect here */
    size_t failed;      /* trials that count as the worst */
    const char *reason; /* why there is no effect; NULL: there is one */
};

struct hypothesis {
    struct hypothesis_options options;
    const char *stated_name; /* options.name, before it was told apart from another of that name */
    const char *rule;        /* "ltc, cfc against lstm: noise.dropout.growth lower by 5 %" */
    struct hypothesis_unit *units;
    size_t unit_count;
    struct effect effect; /* over all of them */
    double level;         /* what the correction leaves for it */
    double low, high;     /* interval of the effect at that level */
    double p, adjusted;   /* of the nearest verdict, and with the correction; NaN: no effect */
    enum decision verdict;
    double needed; /* units that would decide, when undecided; NaN, infinite: see effect.h */
};

struct hypotheses {
    struct hypothesis *items;
    size_t count;
    size_t tested;                    /* with an effect: those that share the correction */
    size_t counts[NO_DIFFERENCE + 1]; /* of each verdict */
};

struct hypotheses hypotheses_make(const struct results *results, struct arena *arena);

/* "supported", "no difference that matters"; the short one says "no difference". */
const char *decision_name(enum decision decision);
const char *decision_short_name(enum decision decision);

#endif
