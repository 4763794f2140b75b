/* What a config's "train" object says. */
#ifndef TRAIN_TRAIN_OPTIONS_H
#define TRAIN_TRAIN_OPTIONS_H

#include "base/fields.h"

/* Whose weights count in the end, of the epochs; choices from 1, as FIELD_CHOICE counts. */
enum keep_epoch { KEEP_BEST = 1, KEEP_LAST };

enum { SLICE_WINDOWS = 16 }; /* train.slice, if nothing else is said */

struct schedule_options {
    int type;     /* 1 + position in the table of schedules */
    double decay; /* exponential: factor per epoch */
    int warmup;   /* epochs of linear growth from 0, before the rest */
    double floor; /* cosine: final rate as a fraction of the initial one */
};

struct train_options {
    const char *optimizer;
    double learning_rate;
    double momentum, beta1, beta2, rho, epsilon;
    double weight_decay;
    double clip_norm; /* global norm of the gradient; 0: none */
    double clip_each; /* norm of each parameter tensor's gradient; 0: none */
    struct schedule_options schedule;
    int batch, epochs;
    int threads;     /* that share out a batch; they change no result */
    int slice;       /* windows that a thread works on at once */
    bool checkpoint; /* keep states at segment ends alone, and compute the rest again */
    int patience;    /* epochs without a better validation score before stopping; 0: never stop */
    int keep;        /* enum keep_epoch */
    bool drop_last;  /* leave out an epoch's last, incomplete batch */
    const cJSON *perturb; /* {"type", "severity"} of training and validation inputs, or a mixture of
                             faults (evaluate/mixture.h) of training inputs; NULL: none */
    const cJSON *adversarial;       /* train/adversary.h; NULL: none */
    double weight_noise;            /* standard deviation; 0: none */
    int ensemble;                   /* networks whose predictions are averaged; 1: none */
    struct real_list class_weights; /* instead of the task's; empty: those */
    const char *select; /* metric that decides the best epoch; NULL: the validation loss */
};

extern const struct field train_fields[];

/* Adds the resolved values to `json`; those that came later (weight noise, an ensemble, clip_each, keep,
 * slice) only where they differ from the default, because a trial's hash is that of what it does. */
void train_options_write(const struct train_options *options, cJSON *json);

#endif
