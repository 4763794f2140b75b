/* Results folders with invented but realistic numbers, for tests of reports and comparisons. */
#ifndef SUPPORT_FAKE_RESULTS_H
#define SUPPORT_FAKE_RESULTS_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>

struct fake_model {
    const char *name;
    bool baseline;
    int parameters;
    double score;       /* mean test MSE (accuracy is derived) */
    double noise;       /* growth of the error per unit of severity */
    const char *status; /* of every second trial, beginning with the first; NULL: all are ok */
};

struct fake_experiment {
    const char *name;
    const char *const *datasets; /* NULL-terminated */
    const struct fake_model *models;
    size_t model_count;
    int seeds;
    int epochs;
    bool noise, ood, classifies;
    double factor;         /* multiplies every error; 0 means 1 */
    double noise_factor;   /* multiplies the errors under noise once more; 0 means 1 */
    double ood_factor;     /* likewise those on shifts */
    bool rollout;          /* a closed-loop rollout among the shifts */
    int perturbations;     /* kinds of noise; 0 means 2 */
    const char *reference; /* NULL: the config names none */
    bool old;              /* as records were before they had distances */
    int first_seed;
    double learning_rate; /* in the configs; 0 means 0.001 */
    const char *gate;     /* JSON; NULL: the config has none */
    double
        drift; /* how much errors wander over the test, each model's in its own way, relative to the
                     score; 0: the records do not say */
    const char *hypotheses; /* likewise */
};

/* Four models, two baselines, one data set, three seeds, noise and shifts. */
extern const struct fake_experiment fake_standard;

/* The same with 14 perturbations, a rollout, ten seeds and lstm as reference. */
extern const struct fake_experiment fake_robustness;

/* Writes experiment.json and the trials into the folder, which is made. Fails the test on error. */
void fake_results_write(const char *folder, const struct fake_experiment *experiment);

/* One trial record. cJSON_Delete() it. */
cJSON *fake_trial(const struct fake_experiment *experiment, const struct fake_model *model,
                  const char *dataset, int seed);

/* A new folder below $TMPDIR (or /tmp); free() the path. */
char *fake_folder(void);
/* Removes a folder and all that is in it. */
void remove_folder(const char *folder);
/* The whole text of folder/name; fails the test when it is not there. free() it. */
char *read_text(const char *folder, const char *name);
void write_text(const char *folder, const char *name, const char *text);

#endif
