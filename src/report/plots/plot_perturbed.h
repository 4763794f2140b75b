/* A picture of what a perturbation does to a data set. */
#ifndef REPORT_PLOTS_PLOT_PERTURBED_H
#define REPORT_PLOTS_PLOT_PERTURBED_H

#include "evaluate/fault.h"

/* Draws the begin of the first test series, perturbed over clean, one panel for each of the first
 * inputs, in units of the data. SVG, or PNG when the path ends so. */
bool perturbed_plot(const struct dataset *dataset, const struct perturbation_type *type,
                    double severity, const char *path, struct error *error);

#endif
