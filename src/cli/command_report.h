/* Reporting results folders, for `report` and at the end of `run`. */
#ifndef CLI_COMMAND_REPORT_H
#define CLI_COMMAND_REPORT_H

#include "report/report.h"

#include <stddef.h>

/* Prints the tables on stdout, writes the report into the directory and prints its path. */
bool report_folders(const char *const *folders, size_t count, const char *directory,
                    const struct report_options *options, struct error *error);

#endif
