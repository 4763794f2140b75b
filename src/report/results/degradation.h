/* How the headline metric degrades under perturbations and shifts, model by model: the scores of
 * evaluate/robustness.h on the means over seeds. */
#ifndef REPORT_RESULTS_DEGRADATION_H
#define REPORT_RESULTS_DEGRADATION_H

#include "report/results/results.h"

/* Of one model under one perturbation, or under all (means, except `worst` and `worst_fault`). NaN where not known,
 * infinite where a score is not finite. */
struct degradation {
    double area;             /* mean score over severities, clean to harshest */
    double clean, faulted;   /* the errors themselves, the latter a mean over severities */
    double mean;             /* mean of error / clean error - 1 */
    double corruption;       /* CE relative to the reference model; over all: mCE */
    double relative;         /* relative CE; over all: relative mCE */
    double worst;            /* greatest error / clean error - 1 at any severity */
    const char *worst_under; /* the perturbation where that is */
    const char *worst_fault; /* over all: the perturbation with the largest `mean` */
    double worst_mean;       /* that */
    size_t not_finite;       /* seeds with a score that is not finite, clean or perturbed */
};

struct degradations {
    const struct model_results *reference; /* what CE is relative to; NULL without networks */
    const char **types;                    /* perturbations in order of first appearance */
    size_t type_count;
    size_t without_reference;    /* perturbations under which the reference's score is not finite */
    struct degradation *items;   /* [model_count][type_count] */
    struct degradation *overall; /* [model_count] */
    double *shift_gap;           /* [model_count]: error beyond the clean one, mean over shifts */
    double *shift_ratio;         /* [model_count] */
};

struct degradations degradations_make(const struct dataset_results *dataset, struct arena *arena);

/* The distinct perturbations of a data set; returns their number. types has room for
 * condition_count. */
size_t perturbations_of(const struct dataset_results *dataset, const char **types);

/* Seeds of a model for which the headline score under one of the conditions is not finite. */
size_t seeds_not_finite(const struct dataset_results *dataset, const struct model_results *model,
                        const size_t *conditions, size_t count);

/* Positions of a perturbation's conditions, mildest first; returns their number. */
size_t severities_of(const struct dataset_results *dataset, const char *type, size_t *conditions);

#endif
