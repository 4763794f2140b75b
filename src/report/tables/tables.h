/* The tables of a report, one function each. A table without rows is left out. */
#ifndef REPORT_TABLES_TABLES_H
#define REPORT_TABLES_TABLES_H

#include "report/hypotheses/hypotheses.h"
#include "report/results/across.h"
#include "report/results/degradation.h"
#include "report/results/pairs.h"
#include "report/results/published.h"
#include "report/tables/report_table.h"

/* Test scores and what they cost; what noise and shifts do comes beside the headline metric, to
 * which it belongs; with_intervals adds that metric's interquartile mean and 95 % interval. */
struct report_table table_scores(const struct dataset_results *dataset, bool with_intervals,
                                 struct arena *arena);

/* A paper's numbers beside ours; without any, no rows. */
struct report_table table_published(const struct published *published, struct arena *arena);

/* Of the search for settings, a line a model: score against budget, and what was chosen; without a
 * search (NULL), no rows. */
struct report_table table_search(const struct dataset_results *dataset,
                                 const struct search_results *search, struct arena *arena);
struct report_table table_settings(const struct dataset_results *dataset,
                                   const struct search_results *search, struct arena *arena);

/* Every statistic of every metric. */
struct report_table table_statistics(const struct dataset_results *dataset, struct arena *arena);

/* Networks against networks: p values and effect sizes. */
struct report_table table_pairs(const struct dataset_results *dataset, const struct pairs *pairs,
                                struct arena *arena);

/* The best network against each of the others: the difference, its interval, and what it rests on. */
struct report_table table_differences(const struct dataset_results *dataset,
                                      const struct pairs *pairs, struct arena *arena);

/* A line a model: the clean error, that under all faults, that under the worst. */
struct report_table table_faults(const struct dataset_results *dataset,
                                 const struct degradations *degradations, struct arena *arena);
/* A line a model: area under the curve, mCE and so on. */
struct report_table table_robustness(const struct dataset_results *dataset,
                                     const struct degradations *degradations, struct arena *arena);
/* A line a perturbation: corruption error of each model. */
struct report_table table_corruption(const struct dataset_results *dataset,
                                     const struct degradations *degradations, struct arena *arena);

/* Scores under every noise of every severity, and under every shift. */
struct report_table table_noise(const struct dataset_results *dataset, struct arena *arena);
struct report_table table_ood(const struct dataset_results *dataset, struct arena *arena);
struct report_table table_rollout(const struct dataset_results *dataset, struct arena *arena);

/* The clean test score by target and by step ahead, where there are several; F1 of each class; of the
 * best network all class-wise scores, and its confusion matrix or, with many classes, its most frequent
 * confusions. */
struct report_table table_targets(const struct dataset_results *dataset, struct arena *arena);
struct report_table table_horizon(const struct dataset_results *dataset, struct arena *arena);
struct report_table table_classes(const struct dataset_results *dataset, struct arena *arena);
struct report_table table_class_scores(const struct dataset_results *dataset, struct arena *arena);
struct report_table table_confusion(const struct dataset_results *dataset, struct arena *arena);

/* What training takes to the target, and its gradients; models of several sizes, and of several
 * learning rates. */
struct report_table table_training(const struct dataset_results *dataset, struct arena *arena);
struct report_table table_sizes(const struct dataset_results *dataset, struct arena *arena);
struct report_table table_rates(const struct dataset_results *dataset, struct arena *arena);

struct report_table table_splits(const struct dataset_results *dataset, struct arena *arena);
struct report_table table_cost(const struct dataset_results *dataset, struct arena *arena);
struct report_table table_failures(const struct dataset_results *dataset, struct arena *arena);
struct report_table table_trials(const struct dataset_results *dataset, struct arena *arena);

/* tables_export.c: measurements of exported models, a line each. */
struct report_table table_exports(const struct dataset_results *dataset, struct arena *arena);

/* Across data sets. */
struct report_table table_ranks(const struct across *across, struct arena *arena);

/* A line a hypothesis; with_rules for formats that are wide enough for what each says. And a line for
 * each data set of each. */
struct report_table table_hypotheses(const struct hypotheses *hypotheses, bool with_rules,
                                     struct arena *arena);
struct report_table table_hypothesis_units(const struct hypotheses *hypotheses,
                                           struct arena *arena);

/* tables_adaptation.c: a stream that changes, and what follows a change. */
struct report_table table_stream(const struct dataset_results *dataset, struct arena *arena);
struct report_table table_changes(const struct dataset_results *dataset, struct arena *arena);

/* tables_adaptation.c: memory, by a ladder of lengths and by gradients. */
struct report_table table_ladder(const struct dataset_results *dataset, struct arena *arena);
struct report_table table_gradient_lag(const struct dataset_results *dataset, struct arena *arena);

#endif
