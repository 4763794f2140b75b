/* Results folders, and folders of them. */
#ifndef REPORT_RESULTS_RESULT_FOLDERS_H
#define REPORT_RESULTS_RESULT_FOLDERS_H

#include "base/arena.h"

#include <stddef.h>

/* The results folders that are meant: a folder that has no results of its own but holds folders with
 * some, as `run A B -o DIR` makes, means those, in the order of their names. */
const char **result_folders(const char *const *given, size_t count, size_t *found,
                            struct arena *arena);

#endif
