/* Perturbations of test inputs: one file each in evaluate/perturbations/, one line in the table of
 * perturbation.c. Targets are never touched. */
#ifndef EVALUATE_PERTURBATION_H
#define EVALUATE_PERTURBATION_H

#include "base/fields.h"
#include "data/pipeline/dataset.h"

#include <gsl/gsl_rng.h>
#include <stdint.h>

struct perturbation_type {
    const char *name, *title, *citation;
    const char *severity; /* what the number means */
    double severities[5]; /* the standard ones, mild to harsh */
    /* Changes the inputs and the presence (never NULL here) of one series in place.
     * dataset->input_std calibrates; observed flags (the last dataset->flags inputs) must stay true
     * to what is left. */
    void (*apply)(const struct dataset *dataset, struct series *series, double severity,
                  gsl_rng *rng, struct arena *arena);
};

const struct perturbation_type *perturbation_find(const char *name);
const struct perturbation_type *perturbation_at(size_t position);
const char *perturbation_name(size_t position);

/* One perturbation in a config: {"type": "gaussian", "severity": 0.2}. */
struct perturb_options {
    const char *type;
    double severity;
};

/* `path` is where the object stands in the config. Strings go into the arena. */
bool perturb_read(const cJSON *json, const char *path, struct perturb_options *options,
                  struct arena *arena, struct error *error);

/* A perturbed copy of the split; the stream of random numbers depends on seed, type and severity.
 */
struct split perturb(const struct perturbation_type *type, double severity, uint64_t seed,
                     const struct dataset *dataset, const struct split *split, struct arena *arena);

#endif
