/* Perturbations of test inputs: one file each in evaluate/perturbations/, one line in the table of
 * perturbation.c. Targets are never touched. */
#ifndef EVALUATE_PERTURBATION_H
#define EVALUATE_PERTURBATION_H

#include "base/fields.h"
#include "data/pipeline/dataset.h"

#include <gsl/gsl_rng.h>

enum direction { DIRECTION_RANDOM, DIRECTION_UP, DIRECTION_DOWN };

/* What a perturbation does to one series. */
struct disturbance {
    double severity;
    const int *inputs; /* [input_count] that are hit; NULL: all of them, or the one that a
                                 perturbation of one sensor draws */
    int input_count;
    enum direction direction; /* of offsets, gains and spikes */
    const double
        *sensitivity; /* [rows] how much predictions depend on each; a fault begins where that is
                                  largest. NULL: at a random row */
    struct arena *scratch; /* for what a perturbation works with; freed when it is done */
};

struct perturbation_type {
    const char *name, *title, *citation;
    const char *severity; /* what the number means */
    double severities[5]; /* the standard ones, mild to harsh */
    bool
        has_place; /* it hits a stretch of rows; others hit all rows, or all from a random one on */
    /* Changes the inputs and the presence (never NULL here) of one series in place; severity 0
     * changes nothing. dataset->input_std calibrates; observed flags (the last dataset->flags
     * inputs) must stay true to what is left. */
    void (*apply)(const struct disturbance *disturbance, const struct dataset *dataset,
                  struct series *series, gsl_rng *rng);
};

const struct perturbation_type *perturbation_find(const char *name);
const struct perturbation_type *perturbation_at(size_t position);
const char *perturbation_name(size_t position);

/* One perturbation in a config: {"type": "gaussian", "severity": 0.2}. */
struct perturb_options {
    const char *type;
    double severity;
};

/* `path` is where the object is in the config. Strings go into the arena. */
bool perturb_read(const cJSON *json, const char *path, struct perturb_options *options,
                  struct arena *arena, struct error *error);

#endif
