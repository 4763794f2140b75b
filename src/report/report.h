/* Reports: results in, text and pictures out.
 *
 * A report is a pure function of trial files (report/results/results.h): no clock, no network. */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include "report/results/results.h"

#include <stdio.h>

struct report_options {
    const char *columns; /* of the tables of scores, as in "model,mse,params"; NULL: all */
    bool pdf;            /* draw the plots as PDF, too */
};

/* Writes index.html, report.md, report.tex with tables/, report.json, CSV files and plots/ into the directory,
 * which is made when it is not there. Without gnuplot everything but the plots, and a warning. */
bool report_write(const struct results *results, const char *directory,
                  const struct report_options *options, struct error *error);

/* Prints the tables for a terminal: one section per data set. The best network's scores
 * are bold with colour and marked "*" without. False when there are no such columns. */
bool report_print(const struct results *results, const struct report_options *options, FILE *out,
                  bool colour, struct error *error);

#endif
