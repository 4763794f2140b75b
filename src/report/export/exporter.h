/* Exporters: each writes one file from the contents of a report. One line in the table of report.c
 * adds one. */
#ifndef REPORT_EXPORT_EXPORTER_H
#define REPORT_EXPORT_EXPORTER_H

#include "report/contents.h"

#include <stdio.h>

struct exporter {
    const char *file; /* "report.md" */
    void (*write)(const struct contents *contents, FILE *out);
};

extern const struct exporter exporter_html, exporter_markdown, exporter_latex, exporter_json,
    exporter_measurements, exporter_summary, exporter_comparisons, exporter_robustness,
    exporter_rollouts, exporter_errors, exporter_classes, exporter_confusion, exporter_hypotheses,
    exporter_trials;

#endif
