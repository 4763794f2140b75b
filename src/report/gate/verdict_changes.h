/* Verdicts on hypotheses that a change of the results has changed (gate.hypotheses). */
#ifndef REPORT_GATE_VERDICT_CHANGES_H
#define REPORT_GATE_VERDICT_CHANGES_H

#include "report/results/results.h"

struct verdict_change {
    const char *name;   /* of the hypothesis */
    const char *reason; /* "the verdict changes: supported → undecided" */
};

struct verdict_changes {
    struct verdict_change *items;
    size_t count;
    size_t same; /* hypotheses of `base` whose verdict is unchanged */
};

/* Hypotheses that are only in `changed` are no change. */
struct verdict_changes verdict_changes_find(const struct results *base,
                                            const struct results *changed, struct arena *arena);

/* The hypotheses of `base`: there can be no more changes. */
size_t verdict_changes_max(const struct results *base);

#endif
