/* The plan of an experiment: the list of trials that follows from config and data.
 *
 * Every trial has a file stem, "<dataset>-<model>-s<seed>-<hash>". The hash covers everything that
 * determines the outcome (data, task, model, training, evaluation, seed, the engine's numerics), so
 * that a trial whose file is there need not be run again, and one that has changed is. Limits, the
 * number of threads and the experiment's name do not count. */
#ifndef CONFIG_PLAN_H
#define CONFIG_PLAN_H

#include "config/experiment.h"

enum { TRIAL_HASH_TEXT = 9 }; /* 8 hexadecimal digits and the final NUL */

/* Raise it whenever the same config and data give other numbers than before. */
enum { NUMERICS_VERSION = 4 };

struct trial_plan {
    const struct model_plan *model;
    const struct network *network; /* NULL: a baseline */
    int seed;
    const char *name; /* "sunspots-lstm-s0" */
    const char *stem; /* the name and the hash */
    char hash[TRIAL_HASH_TEXT];
    double work; /* floating-point operations of the whole training, if it does not stop early */
};

struct plan {
    const struct experiment *experiment;
    const struct dataset *dataset;
    const char *dataset_name; /* fit for file names */
    struct dataset *shifts;   /* one for each entry of evaluate.ood: its test is the shifted one */
    struct stream *stream;    /* of evaluate.stream; NULL: none */
    struct stream *validation_stream; /* to choose rates by; NULL: one alone is given */
    struct dataset *rungs;            /* one for each value of evaluate.ladder */
    struct trial_plan *trials;
    size_t trial_count;
};

/* Makes the shifted splits and the networks, and checks what only the data can tell: that the
 * baselines named fit it. Everything lives in the arena. */
bool plan_make(struct plan *plan, const struct experiment *experiment,
               const struct dataset *dataset, struct arena *arena, struct error *error);

#endif
