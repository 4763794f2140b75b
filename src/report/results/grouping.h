/* Trials -> data sets -> models -> scores. */
#ifndef REPORT_RESULTS_GROUPING_H
#define REPORT_RESULTS_GROUPING_H

#include "report/results/results.h"

/* Fills in the data sets, and the names and colours of models, from the trials. */
void results_group(struct results *results);

/* For tdestroy(): what the trees hold is the arena's. */
void keep_node(void *node);

#endif
