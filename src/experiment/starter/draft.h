/* The steps by which starter.c makes a first config of a table, one file each: draft_columns.c says what is
 * predicted from what, draft_sizes.c how large everything may be, draft_config.c writes the config and
 * draft_summary.c the lines about it. */
#ifndef EXPERIMENT_STARTER_DRAFT_H
#define EXPERIMENT_STARTER_DRAFT_H

#include "data/pipeline/roles.h"
#include "experiment/starter/starter.h"

/* What may be changed until the run fits the budget. */
struct knobs {
    int window, stride, epochs, seeds, parameters;
};

struct config_draft {
    const struct starter_request *request;
    struct table table;
    struct roles roles;
    const char *time_format; /* of the dates, where they are not ISO 8601; or NULL */
    bool predicts_classes;   /* a classification, or else a forecast */
    struct string_list inputs;
    struct string_list targets; /* empty: the inputs */
    bool has_unlike_targets;    /* their errors can only be added up in scaled units */
    bool drifts;                /* the end of a forecast lies beyond what the beginning has shown */
    int season;                 /* rows; 0: none is known */
    struct knobs knobs;
    struct arena *arena;
};

/* draft_columns.c: the task, its columns, and what follows from their values. */
bool draft_choose_columns(struct config_draft *draft, struct error *error);

/* draft_columns.c: "a, b and 3 more"; "" without any. */
const char *draft_list_names(const struct config_draft *draft, const struct string_list *names);

/* draft_columns.c: the columns of one use that are neither inputs nor targets, with the reasons: "a (constant),
 * b (text)". */
const char *draft_list_unused(const struct config_draft *draft, enum column_use use);

/* draft_sizes.c: turns the knobs until the run takes no longer than the request's seconds, or none can be
 * turned further; `seconds` is then the estimate. */
bool draft_fit_budget(struct config_draft *draft, double *seconds, struct error *error);

/* draft_config.c: cJSON_Delete() it. */
cJSON *draft_config(const struct config_draft *draft);

/* draft_summary.c */
const char *draft_summary(const struct config_draft *draft, double seconds);

#endif
