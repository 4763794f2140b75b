/* Plain sentences about results. They claim no more than the tests support. Another sentence is one
 * more function in the table of findings.c. */
#ifndef REPORT_FINDINGS_FINDINGS_H
#define REPORT_FINDINGS_FINDINGS_H

#include "report/results/across.h"
#include "report/results/degradation.h"
#include "report/results/pairs.h"
#include "report/results/published.h"

/* Returns the sentences about one data set; *count of them. */
const char **findings_make(const struct dataset_results *dataset, const struct pairs *pairs,
                           const struct degradations *degradations,
                           const struct published *published, const struct search_results *search,
                           struct arena *arena, size_t *count);

/* Likewise about the ranks across data sets. */
const char **findings_across(const struct across *across, struct arena *arena, size_t *count);

#endif
