/* What the tables of fields cannot say of a config: what its parts require of each other. Messages name
 * the field and the remedy. */
#ifndef CONFIG_CHECKS_H
#define CONFIG_CHECKS_H

#include "config/experiment.h"

/* A name that becomes part of file names. */
bool check_name(const char *name, struct error *error);
bool check_distinct(const struct string_list *list, const char *path, struct error *error);

/* Task, models, shifts, seeds, reference and search against each other. */
bool check_experiment(const struct experiment *experiment, struct error *error);

/* The published numbers, after the metrics are chosen. */
bool check_published(const struct experiment *experiment, struct error *error);

bool is_classification(const struct experiment *experiment);
/* Whether evaluate.metrics names it. */
bool has_metric(const struct experiment *experiment, const char *name);

#endif
