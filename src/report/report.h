/* Reports: results in, text and pictures out.
 *
 * A report is a pure function of trial files (report/results/results.h): no clock, no network. */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include "report/results/results.h"

#include <stdio.h>

/* Writes index.html, report.md, report.tex, report.json, CSV files and plots/ into the directory,
 * which is made when it is not there. Without gnuplot everything but the plots, and a warning. */
bool report_write(const struct results *results, const char *directory, struct error *error);

/* Prints the tables for a terminal of 80 columns: one block per data set. The best network's scores
 * are bold with colour and marked "*" without. */
void report_print(const struct results *results, FILE *out, bool colour);

#endif
