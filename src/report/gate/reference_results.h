/* A baseline: results kept under version control for a CI gate to compare with. */
#ifndef REPORT_GATE_REFERENCE_RESULTS_H
#define REPORT_GATE_REFERENCE_RESULTS_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

/* Makes `base` hold experiment.json and the trial records of `changed`, and no others; *count is
 * their number. Models and reports are left out. Refuses results with failed or missing trials.
 * All or nothing, as file_write_all() is. */
bool baseline_update(const char *base, const char *changed, size_t *count, struct error *error);

#endif
