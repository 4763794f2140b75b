/* What an exported file takes on its target: it is compiled, and its sections are added up. */
#ifndef EXPERIMENT_EXPORT_SIZES_H
#define EXPERIMENT_EXPORT_SIZES_H

#include "experiment/export/export.h"

/* Prints a table; without a compiler only what is known without one. NULL: cc -Os. */
void export_print_sizes(const char *source, const char *compiler, const char *prefix,
                        const struct exported *exported);

#endif
