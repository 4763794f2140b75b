/* A search for the best settings of each model, before its final trials.
 *
 * Every model gets the same budget. A trial of the search is an ordinary trial of an experiment
 * made for it: the model with settings drawn from the space, the search's own seed, scored on the
 * validation split alone. These trials have a results folder of their own, <folder>/search, so that
 * they are resumed, shared out and traced like all others, and never mixed with final scores.
 *
 * Trials go in rungs. Successive halving (Jamieson & Talwalkar, 2016) has several: in the first,
 * many trials with few epochs; the best of each rung are trained again, from the start, for
 * `factor` times the epochs. A rung begins when the one before it is complete (unlike in ASHA), so
 * the outcome does not depend on timing. The other methods have one rung. */
#ifndef EXPERIMENT_SEARCH_SEARCH_H
#define EXPERIMENT_SEARCH_SEARCH_H

#include "config/search_space.h"
#include "experiment/run/runner.h"

struct rung {
    size_t trials;
    int epochs; /* of each, at most */
};

/* A trial of the search, in its last rung so far. */
struct candidate {
    const cJSON *settings;
    double score; /* headline metric on the validation split; NaN: none */
};

struct search_model {
    const struct model_plan *plan;
    struct space space;
    struct rung *rungs;
    size_t rung_count;
    struct candidate *candidates; /* [rungs[0].trials] */
    size_t *alive;                /* positions of those of the current rung, the best first */
    size_t alive_count;
    cJSON *space_json, *settings; /* what the space and the candidates point into */
    cJSON *trials; /* what became of them, in the order of the budget: part of search.json */
};

struct search {
    const struct experiment *experiment;
    struct search_model *models; /* the networks */
    size_t model_count, rung_count;
    struct arena arena;
};

/* The rungs of a search with `trials` in the first, for models that train for `epochs`. */
size_t search_rungs(const struct search_options *options, size_t trials, int epochs,
                    struct rung *rungs);
enum { MAX_RUNGS = 32, MAX_SEARCH_TRIALS = 10000 };

/* Epochs of all trials together. */
double rungs_epochs(const struct rung *rungs, size_t count);

/* Reads the spaces and draws the settings, and checks each as if it stood in the config. Call
 * search_free() in any case. */
bool search_plan(struct search *search, const struct experiment *experiment, struct error *error);
void search_free(struct search *search);

/* Runs the trials that are open, below options->folder. Without error, *result is that of the last
 * rung that was begun: when a signal stopped it, or trials are missing because they belong to other
 * shards, the search is not over. Otherwise it is, and search.json is written. */
bool search_run(struct search *search, const struct dataset *dataset,
                const struct run_options *options, struct run_result *result, struct error *error);

/* After the search: the config with the chosen settings. cJSON_Delete() it. */
cJSON *search_outcome(const struct search *search);

#endif
