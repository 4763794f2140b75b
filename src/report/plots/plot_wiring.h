/* A picture of a wiring. */
#ifndef REPORT_PLOTS_PLOT_WIRING_H
#define REPORT_PLOTS_PLOT_WIRING_H

#include "base/error.h"
#include "engine/wiring.h"

/* Draws inputs, inter, command and motor neurons as columns from left to right, and every synapse
 * as a line; neurons of a wiring without layers are on a circle. `name` is the model's;
 * input_names [inputs], or NULL. SVG, or PNG when the path ends so. */
bool wiring_plot(const struct wiring *wiring, const char *name, const char *const *input_names,
                 const char *path, struct error *error);

#endif
