/* What an exported file takes on its target: it is compiled, and its sections are added up. */
#ifndef EXPERIMENT_EXPORT_SIZES_H
#define EXPERIMENT_EXPORT_SIZES_H

#include "experiment/export/export.h"

struct code_sizes {
    size_t text, constants, data; /* bytes of code, read-only data, other data */
    size_t stack;                 /* at most, of a step: all frames together; 0: not known */
};

/* Compiles the file without its main program in a temporary folder. `compiler` is a command and its
 * options. False when there is no such program or it fails. */
bool code_sizes(const char *source, const char *compiler, const char *prefix,
                struct code_sizes *sizes, struct error *error);

/* Prints a table; without a compiler only what is known without one. NULL: cc -Os. */
void export_print_sizes(const char *source, const char *compiler, const char *prefix,
                        const struct exported *exported);

#endif
