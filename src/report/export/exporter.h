/* Exporters: each writes one file from the contents of a report. One file in report/export/ and one line
 * in the table of report.c add one. */
#ifndef REPORT_EXPORT_EXPORTER_H
#define REPORT_EXPORT_EXPORTER_H

#include "report/contents.h"

#include <stdio.h>

struct exporter {
    const char *file; /* "report.md" */
    void (*write)(const struct contents *contents, FILE *out);
};

#endif
