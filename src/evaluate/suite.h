/* Named suites of faults: a fixed set of perturbations, each with its own range, that a paper can cite.
 * One file each in evaluate/suites/, one line in the table of suite.c. A suite never changes; what
 * would change a score gets the next number. "sensorfault" means the newest of sensorfault-1, -2, ... */
#ifndef EVALUATE_SUITE_H
#define EVALUATE_SUITE_H

#include "evaluate/perturbation.h"

/* One scenario. The perturbation's own severity grows linearly from `mild` to `harsh` as the suite's
 * grows from 0 to 1, or its inverse does. */
struct suite_fault {
    const char *type;      /* of the perturbation; NULL ends a list */
    const char *published; /* what the publication calls it */
    const char *group;     /* what kind of fault it is there: "value", "timing", ... */
    double mild, harsh;
    bool is_inverse;
    enum direction direction;
    bool all_inputs; /* unless the config asks for a share, whatever those that the others hit */
    int inputs,
        more; /* where that share grows with the severity s: inputs + more ⌊2 s⌋, at most all,
                         are hit; 0: as a share that grows has it elsewhere */
};

struct suite_type {
    const char *name; /* "sensorfault-1" */
    const char *title, *citation;
    bool is_for_training; /* its faults are not to be scored */
    bool by_window;       /* every window is disturbed by itself, a share of its inputs that grows
                             with the severity; severities are shares of the harshest */
    double severities[5]; /* when by_window; otherwise each perturbation's own */
    const struct suite_fault *faults;
};

const struct suite_type *suite_find(const char *name); /* by its whole name; NULL when unknown */
const struct suite_type *suite_at(size_t position);    /* NULL after the last */
const char *suite_name(size_t position);

/* By its whole name, or without its number; NULL when there is none. */
const struct suite_type *suite_named(const char *name);

/* NULL when the suite does not have it. */
const struct suite_fault *suite_fault_of(const struct suite_type *suite, const char *type);

#endif
