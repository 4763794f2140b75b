/* gnuplot writes an SVG in which most of the text says nothing: groups that are empty, attributes that
 * repeat the default, hundredths of a pixel. */
#ifndef REPORT_PLOTS_SVG_COMPACT_H
#define REPORT_PLOTS_SVG_COMPACT_H

#include "base/arena.h"

/* The same picture, in the arena; tenths of a pixel are kept. */
const char *svg_compact(const char *svg, struct arena *arena);

#endif
