/* A perturbation under the conditions that a config or a suite sets: what is disturbed by itself, how
 * many of its inputs, and how strongly. */
#ifndef EVALUATE_FAULT_H
#define EVALUATE_FAULT_H

#include "evaluate/suite.h"

#include <stdint.h>

enum each { EACH_SERIES = 1, EACH_WINDOW };
const char *each_name(size_t position);

/* The row at which a fault begins, of those faults that have one (perturbation_type.has_place): drawn, or
 * where the model depends most on its inputs (evaluate/sensitivity.h). */
enum fault_place { PLACE_RANDOM = 1, PLACE_SENSITIVE };
const char *fault_place_name(size_t position);

/* How many of the inputs are hit: as each perturbation has it, a share (at least one), or
 * 1 + ⌊s (⌈I / 2⌉ - 1)⌋ of I inputs at severity s of 0 to 1, and none at 0. */
enum reach { REACH_OWN, REACH_SHARE, REACH_SEVERITY };
struct channel_share {
    enum reach reach;
    double share;
};

/* A number above 0 up to 1, or "severity"; NULL: as each perturbation has it. */
bool channels_read(const cJSON *json, const char *path, struct channel_share *channels,
                   struct error *error);

enum { COMPOUND_PARTS = 4 };

struct fault {
    const struct perturbation_type *type;
    /* Of a compound fault: those that strike after it, in this order and at the same severity; NULL ends
     * them. Its severities are shares of each one's harshest, 0 to 1. */
    const struct perturbation_type *then[COMPOUND_PARTS];
    const char *compound;           /* its name, "shock+regime"; NULL: `type` alone */
    const struct suite_type *suite; /* NULL: none, and severities are the perturbation's own */
    enum each each;
    struct channel_share channels;
    const double *const
        *sensitivity; /* [series or windows][rows] of the model; NULL: places are drawn */
    bool is_drawn;    /* each series or window has a severity of its own, from 0 to the one given */
};

/* Sets what strikes by a name: of a perturbation, or of several joined by +, which strike one after the other.
 * The name must live as long as the fault. False: one is not known, or there are too many. */
bool fault_read(const char *name, struct fault *fault);
const char *fault_name(const struct fault *fault);

/* The perturbations in their order; NULL after the last. */
const struct perturbation_type *fault_part(const struct fault *fault, size_t position);

/* The standard ones, [5]. */
const double *fault_severities(const struct fault *fault);

/* Disturbs one series in place, at a given severity; draws the inputs, and without `sensitivity` [rows] the
 * places. */
void fault_apply(const struct fault *fault, double severity, const double *sensitivity,
                 const struct dataset *dataset, struct series *series, gsl_rng *rng);

/* A disturbed copy of the split. The stream of random numbers depends on seed, suite, perturbation and
 * severity: all models see the same faults, but for places that a model's sensitivity decides. */
struct split fault_split(const struct fault *fault, double severity, uint64_t seed,
                         const struct dataset *dataset, const struct split *split,
                         struct arena *arena);

/* Likewise of whole series, by the perturbation's own severity. */
struct split perturb(const struct perturbation_type *type, double severity, uint64_t seed,
                     const struct dataset *dataset, const struct split *split, struct arena *arena);

#endif
