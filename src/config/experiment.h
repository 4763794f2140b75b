/* An experiment: what a config file says, resolved, and the plan of trials that follows from it. */
#ifndef CONFIG_EXPERIMENT_H
#define CONFIG_EXPERIMENT_H

#include "base/json.h"
#include "data/pipeline/dataset.h"
#include "evaluate/adaptation/stream.h"
#include "evaluate/memory/ladder.h"
#include "evaluate/shift.h"
#include "model/network.h"
#include "train/train_options.h"

/* Choices, in the order of their names; they count from 1, as FIELD_CHOICE does. */
enum score_units { UNITS_DATA = 1, UNITS_SCALED };
enum search_method { SEARCH_GRID = 1, SEARCH_RANDOM, SEARCH_SOBOL, SEARCH_HALVING };

const char *score_units_name(size_t position);
const char *search_method_name(size_t position);

struct noise_options {
    struct string_list types;
    struct real_list severities; /* empty: each type's own five */
    struct real_list snr;        /* dB, instead of severities of "gaussian"; empty: none */
    const char *suite;           /* of faults, by its whole name; NULL: none */
    int each;                    /* enum each: what is disturbed by itself; 0: series */
    int place;                   /* enum fault_place; 0: random */
    const cJSON *channels;       /* how many inputs are hit (evaluate/fault.h); NULL: as each
                                    perturbation has it */
    bool drawn;                  /* each series or window draws its severity */
};

struct evaluate_options {
    struct string_list metrics; /* empty: those of the task */
    int units;                  /* enum score_units: what real-valued scores are computed in */
    struct noise_options noise;
    struct object_list ood; /* struct shift_options */
    int latency_steps;      /* streaming steps to time; 0: none */
    bool predictions;       /* the test's predictions are written, too */
    struct stream_options stream;
    struct ladder_options ladder;
    int gradient_lags; /* of the gradients by lag; 0: none */
};

struct limit_options {
    double seconds; /* of one trial; 0: none */
    double memory;  /* MiB of address space of one trial; 0: none */
};

/* A budget that models are sized to (config/match.h); none when both are absent. */
struct match_options {
    int parameters;
    const char *model;
};

extern const struct field match_fields[];

/* Each network at several budgets, or at several learning rates. Either list is empty. */
struct variant_options {
    struct int_list parameters;
    struct real_list learning_rates;
};

/* A score that measures and tables are about reaching; none when both are 0. */
struct target_options {
    double share; /* of the way from the best trivial baseline to the reference's median */
    double score; /* of the headline metric */
};

/* A table of a paper that the results are set beside; none when `source` is NULL. It has no
 * influence on any trial. */
struct published_score {
    const char *model; /* as the config calls it */
    double mean, std;  /* in the units of our metric */
    const char
        *measure; /* what it is instead, if not the test score: "faults.worst.growth"; or NULL */
    const char *note; /* on the outcome; NULL: none */
};

struct published_options {
    const char *source, *metric;
    const char *note;          /* on scores that were not run */
    struct object_list scores; /* struct published_score */
};

/* A search for settings (experiment/search/search.h); none when `method` is 0. */
struct search_options {
    int method;         /* enum search_method */
    const cJSON *space; /* of all models: path of a field -> range or choices */
    int trials, epochs; /* the budget of each model: one of them, or 0 */
    int factor;         /* halving: one trial in so many goes on, for so many times the epochs */
    int min_epochs;     /* halving: of a trial in the first rung */
    int seed;
};

/* One entry of "models", or a baseline. */
struct model_plan {
    const char *name;
    const char *family;             /* what models of several sizes or rates share, or NULL */
    int parameters;                 /* a budget of its own, or 0 */
    struct network_options network; /* network.cell NULL: a baseline */
    const struct cell_type *cell;   /* NULL: a baseline */
    const char *baseline;           /* its name, or NULL */
    struct train_options train;     /* the experiment's, with the model's own changes */
    const cJSON *space;             /* the model's own part of the search's space, or NULL */
    const cJSON *config;            /* resolved: name, cell, hidden, options, train */
};

struct experiment {
    const char *name;
    const char *config_path;
    struct dataset_options dataset;
    struct task_options task;
    struct model_plan *models; /* networks in the config's order, then baselines */
    size_t model_count;
    bool names_baselines; /* the config says which; otherwise those that apply to the data */
    struct evaluate_options evaluate;
    struct limit_options limits;
    struct match_options match;
    struct target_options target;
    struct published_options published;
    struct object_list hypotheses; /* struct hypothesis_options (config/hypothesis.h) */
    struct search_options search;
    bool is_searching; /* its trials are those of a search: scored on validation alone */
    struct int_list seeds;
    const char *reference; /* model that others are compared with; NULL: the first */
    const char *metric;    /* that tables are sorted and plots drawn by: the first of the metrics */
    cJSON *resolved;       /* the whole config with every default */
    cJSON *training;       /* a list: each model's "train" with its own changes */
    cJSON *rungs;          /* a list: the generator's parameters at each rung of a ladder */
    cJSON *source, *dataset_json; /* what was read; some options point into them */
    struct arena arena;
};

/* Reads a config strictly; `assignments` are those of --set. The data is not touched yet. Call
 * experiment_free() in any case. */
bool experiment_load(struct experiment *experiment, const char *path,
                     const char *const *assignments, size_t assignment_count, struct error *error);
/* The same from an object that is already there and is owned by the experiment from now on; `path`
 * is the file that it comes from. */
bool experiment_read(struct experiment *experiment, const char *path, cJSON *source,
                     struct error *error);
void experiment_free(struct experiment *experiment);

/* The name of a file without folder and ending, made fit for file names. */
char *name_from_path(struct arena *arena, const char *path);

/* JSON Schema of the config, from the same tables that read it. cJSON_Delete() it. */
cJSON *experiment_schema(void);

#endif
