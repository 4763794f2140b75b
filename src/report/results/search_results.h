/* What the search for settings found, from search.json: for each model its best validation score so
 * far against the epochs spent, so that a better model is told from one that was tuned longer. */
#ifndef REPORT_RESULTS_SEARCH_RESULTS_H
#define REPORT_RESULTS_SEARCH_RESULTS_H

#include "base/arena.h"
#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

/* After a trial of the search. */
struct tuning_step {
    double epochs; /* spent so far, all trials together */
    double best;   /* validation score so far; NaN before the first */
};

struct setting {
    const char *path, *value; /* "train.learning_rate", "0.004" */
};

struct tuning {
    const char *model;
    double budget; /* epochs, at most */
    size_t failed; /* trials without a score */
    struct tuning_step *steps;
    size_t step_count;
    struct setting *settings; /* the chosen ones */
    size_t setting_count;
};

struct search_results {
    const char *method; /* "halving" */
    const char *metric; /* its title: "MSE" */
    bool higher_is_better;
    struct tuning *tunings;
    size_t count;
};

/* NULL when the folder has no search.json; with an error, when it is broken. */
const struct search_results *search_load(const char *folder, struct arena *arena,
                                         struct error *error);

/* The value that the search has chosen; NULL when it was not searched. */
const char *tuning_setting(const struct tuning *tuning, const char *path);

/* The best validation score after so many epochs; NaN before the first. */
double tuning_best_after(const struct tuning *tuning, double epochs);

/* The model with the best validation score after that share of its budget; NULL when none has a
 * score by then. The first of equal ones. */
const struct tuning *search_leader(const struct search_results *search, double share);

#endif
