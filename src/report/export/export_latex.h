/* What report.tex takes its tables from: a file for each. */
#ifndef REPORT_EXPORT_EXPORT_LATEX_H
#define REPORT_EXPORT_EXPORT_LATEX_H

#include "report/contents.h"

#include <stdio.h>

/* "tables/sunspots-scores.tex", beside report.tex. */
const char *latex_table_file(const struct section *section, const struct report_table *table,
                             struct arena *arena);

/* The table as LaTeX floats: several where it is too wide or too long for one. */
void latex_table(FILE *out, const struct section *section, const struct report_table *table);

#endif
