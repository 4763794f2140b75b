/* Results: trial files, read back and put in order.
 *
 * Everything a report says follows from what is loaded here: trials, grouped by data set and model,
 * and for every condition (a split, a kind of noise, a shift) and metric the values over seeds with
 * their summary. Nothing else is consulted: no clock, no network, no other state. */
#ifndef REPORT_RESULTS_RESULTS_H
#define REPORT_RESULTS_RESULTS_H

#include "base/arena.h"
#include "base/error.h"
#include "evaluate/cost.h"
#include "evaluate/statistics.h"
#include "report/results/recorded_curves.h"
#include "report/results/search_results.h"

#include <stdbool.h>
#include <stddef.h>

struct metric_info {
    const char *name;  /* "mse" */
    const char *title; /* "MSE" */
    bool higher_is_better;
};

/* What a trial was measured under. */
enum condition_kind { CONDITION_SPLIT, CONDITION_NOISE, CONDITION_OOD };

struct condition {
    enum condition_kind kind;
    const char *name; /* "test", "gaussian", "half-rate" */
    double severity;  /* CONDITION_NOISE; otherwise 0 */
    /* More to tell of it, "10 dB" or the kind of shift; NULL: nothing. */
    const char *detail;
};

struct epoch {
    /* NaN where not known; the share of updates that are clipped, and that explode (trainer.h). */
    double epoch, loss, valid, learning_rate, gradient_median, gradient_max, clipped, exploding;
};

struct example {
    const char *name, *target; /* of the series and the predicted column; may be empty */
    size_t count;
    double *time, *truth, *prediction; /* [count] */
};

/* Closed loop: predictions fed back as inputs. */
struct rollout_summary {
    size_t count;
    double *horizon, *time, *error; /* [count]: steps ahead, the same as time, normalised error */
    double steps, threshold;        /* of the error, beyond which a forecast is no longer valid */
    double valid_steps, valid_time, valid_lyapunov; /* NaN where not known */
};

struct measurement {
    struct condition condition;
    double *values;  /* [metric_count of the trial]; NaN where undefined, infinite
                                      where not finite (evaluate/statistics.h) */
    double distance; /* from the training data; NaN where not known */
    const struct rollout_summary *rollout; /* NULL when it is none */
};

/* Scores of a part of the clean test: one target, or one step ahead. */
struct part_scores {
    const char *target; /* NULL: all of them */
    double step;        /* steps ahead; 0: all of them */
    double *values;     /* [metric_count of the trial], as in a measurement */
};

/* How often a class was true, was predicted, and was both. */
struct class_scores {
    const char *name;
    double support, predicted, correct;
    double precision, recall, f1; /* NaN where they do not exist */
};

/* How far each block of the test moved the headline score (evaluate/influence.h). */
struct sampling {
    const char *metric; /* "" when it is not known */
    bool by_series;
    size_t count;
    double *influence; /* [count] */
};

/* What was measured of a trial's model as it was exported: one file of `export --score`, or of an
 * exported program's --bench. NaN where the file does not say. */
struct export_measurement {
    const char *file; /* its name, without ".json" */
    const char *type; /* of weights: "int8" */
    double *values;   /* [metric_count of the trial] */
    double weight_bytes, state_bytes;
    double step_p50, step_p99; /* nanoseconds */
};

struct trial {
    const char *experiment, *stem; /* the stem is the file's name without ".json" */
    const char *name, *dataset, *model, *hash;
    const char *predictions;    /* the file of its predictions, if it has kept them */
    const char *status, *error; /* error: "" when there is none */
    bool ok;                    /* status is "ok" */
    bool baseline;
    double seed;
    const char *task;   /* one line for a heading: "forecast, 1 step ahead" */
    const char *units;  /* of scores: "data" or "scaled"; "" where not known */
    const char *cell;   /* "" for a baseline */
    const char *family; /* what models of several sizes or learning rates share; else "" */
    double learning_rate;
    const char *select;                /* the metric in the curve; "" for the loss */
    double target_share, target_score; /* of the config's target; 0: none */
    const char *options;               /* JSON text: the model's resolved options */
    const char *config;                /* JSON text: the whole resolved config without seeds */
    const char *reference;             /* the model that others are compared with; "" without one */
    const char *perturbed; /* what the training inputs were perturbed with: "gaussian 0.2", or "" */
    const char *provenance; /* JSON text */
    struct metric_info *metrics;
    size_t metric_count;
    struct measurement *measurements;
    size_t measurement_count;
    struct epoch *curve;
    size_t curve_count;
    double best_epoch;
    double costs[COST_COUNT]; /* NaN where not known */
    double *recorded; /* by position in the table of measures: those of MEASURE_RECORD, else NaN */
    struct recorded_curve curves[CURVE_KINDS];
    struct recorded_details details;
    struct example example;
    struct part_scores *parts; /* targets, then steps ahead */
    size_t part_count;
    struct class_scores *classes;
    size_t class_count;
    double *confusion; /* [class_count][class_count]: true, predicted; NULL: not known */
    struct sampling sampling;
    struct export_measurement *exports;
    size_t export_count;
};

/* One number per trial of a model, and their summary. NaN for trials that failed and where the
 * metric is undefined, worst_score() where the score is not finite. */
struct scores {
    double *values; /* [trial_count of the model] */
    struct summary summary;
    double interquartile_mean;
    struct interval interval; /* of the mean, 95 %: clean test scores alone, elsewhere NaN */
};

struct model_results {
    const char *name, *family; /* the family: "" without one */
    bool baseline;
    size_t position;    /* of the name among all models of these results */
    const char *colour; /* "#0072b2": the same in every table and plot */
    const struct trial **trials;
    size_t trial_count;
    size_t finished;       /* trials with status "ok" */
    struct scores *scores; /* [condition_count][metric_count] */
    struct scores costs[COST_COUNT];
};

/* All trials of one experiment on one data set. */
struct dataset_results {
    const char *experiment, *name;
    const char *title; /* the name, with the experiment's where the name alone is not unique */
    const char *task;
    const char *units;           /* of scores: "data" or "scaled"; "" where not known */
    struct metric_info *metrics; /* the first is the headline */
    size_t metric_count;
    struct condition *conditions;
    size_t condition_count;
    double *distances; /* [condition_count]: from the training data, mean over trials; may be NaN */
    size_t test;       /* position of the clean test split in conditions */
    struct model_results *models; /* in the plan's order: networks, then baselines */
    size_t model_count;
    size_t network_count;
    const struct model_results *reference; /* the model that the config names, or NULL */
    const char *perturbed;                 /* what all trials were trained on; "" when clean */
};

struct experiment_results {
    const char *name;
    const char *config, *provenance;     /* JSON text; "" when experiment.json is not there */
    const char *config_file;             /* as `run` was given it; "" when not known */
    const struct search_results *search; /* for settings, before the trials; NULL: none */
    size_t planned;                      /* trials in the plan, 0 when not known */
    const char **missing;                /* stems of planned trials without a file */
    size_t missing_count;
};

struct results {
    struct arena arena;
    struct experiment_results *experiments;
    size_t experiment_count;
    struct trial *trials;
    size_t trial_count;
    size_t failed_count;
    struct dataset_results *datasets;
    size_t dataset_count;
    const char **model_names; /* of all data sets, networks first */
    size_t model_count;
    const char **problems; /* sentences about files that could not be used */
    size_t problem_count;
};

/* Loads one or several results folders, or folders of them (result_folders.h). Folders with the same experiment name are parts of one
 * experiment. A broken trial file is a warning and a line in `problems`; it is an error when a
 * folder does not exist or when no trial is left at all. Free with results_free() in either case.
 */
bool results_load(struct results *results, const char *const *given, size_t given_count,
                  struct error *error);
void results_free(struct results *results);

const struct scores *scores_at(const struct dataset_results *dataset,
                               const struct model_results *model, size_t condition, size_t metric);

/* NULL when there is none of that name. */
const struct model_results *find_model_results(const struct dataset_results *dataset,
                                               const char *name);

/* Position of an equal condition; condition_count when there is none. */
size_t condition_position(const struct dataset_results *dataset, const struct condition *condition);

/* Whether score a is better than score b. */
bool metric_better(const struct metric_info *metric, double a, double b);

/* The model with the best mean test score among models [first, end); NULL when none has a finite
 * one. */
const struct model_results *best_model(const struct dataset_results *dataset, size_t metric,
                                       size_t first, size_t end);

/* Mean score over seeds / mean clean score, of the headline metric under a condition; NaN when a clean
 * score is not positive, because a ratio to it would mean nothing. The worst there is when one of
 * the scores is not finite. */
double ratio_to_clean(const struct dataset_results *dataset, const struct model_results *model,
                      size_t condition);

/* The worst such ratio over the conditions of a kind, or their mean. *worst is the condition;
 * may be NULL. NaN when there is none. */
double ratio_worst(const struct dataset_results *dataset, const struct model_results *model,
                   enum condition_kind kind, const struct condition **worst);
double ratio_mean(const struct dataset_results *dataset, const struct model_results *model,
                  enum condition_kind kind);

/* What a trial measured under a condition, or NULL. */
const struct measurement *measurement_under(const struct trial *trial,
                                            const struct condition *condition);

/* The networks with the best mean test scores, at most `max`, in their order, then at most
 * `max_baselines` of the best baselines: what a plot or a wide table can show. The reference is
 * always among them. */
size_t select_models(const struct dataset_results *dataset, size_t max, size_t max_baselines,
                     const struct model_results **selected);

/* [model_count]: the networks, then the baselines, each by their mean test score, the best first;
 * those without one come last. */
const struct model_results **models_by_score(const struct dataset_results *dataset,
                                             struct arena *arena);

bool has_condition(const struct dataset_results *dataset, enum condition_kind kind);

/* A number of the records, by its path in the table of measures, over the seeds; trials that failed
 * say nothing. */
struct summary recorded_summary(const struct model_results *model, const char *path,
                                struct arena *arena);

#endif
