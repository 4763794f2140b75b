/* One trial file, read back. The format is what experiment/ writes. */
#ifndef REPORT_RESULTS_READ_TRIAL_H
#define REPORT_RESULTS_READ_TRIAL_H

#include "report/results/results.h"

enum { TRIAL_FORMAT = 1 };

/* Everything goes into the arena. The error names the file and what is wrong with it. */
bool trial_load(struct trial *trial, const char *path, struct arena *arena, struct error *error);

#endif
