/* What gnuplot's SVG says about itself gives way to what the picture shows. */
#ifndef REPORT_PLOTS_SVG_TITLES_H
#define REPORT_PLOTS_SVG_TITLES_H

#include "report/contents.h"

/* The same picture, allocated in the arena: its title is the description ("": none), and the tooltip of what is
 * drawn in a model's colour is that model's name; tooltips that are only gnuplot's numbers are left out.
 * `section` (NULL: none) has the models. */
const char *svg_with_titles(const char *svg, const struct section *section, const char *description,
                            struct arena *arena);

#endif
