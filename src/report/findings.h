/* Plain sentences about one data set's results. A later statistical test is one more function in
 * the table of findings.c. */
#ifndef REPORT_FINDINGS_H
#define REPORT_FINDINGS_H

#include "report/results.h"

/* Returns the sentences; *count of them. */
const char **findings_make(const struct dataset_results *dataset, struct arena *arena,
                           size_t *count);

#endif
