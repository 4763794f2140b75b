/* Colours of models, told apart by colour-blind readers too: those of Okabe and Ito (Color
 * Universal Design, 2008) for networks, greys for baselines. */
#ifndef REPORT_PLOTS_PALETTE_H
#define REPORT_PLOTS_PALETTE_H

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>

/* "#0072b2" for the network or baseline at a position; positions beyond the palette get darker and
 * lighter shades of it, so that no two are the same. */
const char *palette_colour(struct arena *arena, bool baseline, size_t position);

#endif
