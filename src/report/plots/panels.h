/* Small multiples: panels that share one y axis and one key. */
#ifndef REPORT_PLOTS_PANELS_H
#define REPORT_PLOTS_PANELS_H

#include "report/plots/plot.h"

struct panels {
    size_t count, columns;
    int panel_height;
    const char *x_label; /* below all of them; NULL when each has its own */
    const char *y_label;
    struct range range; /* of y */
    const struct shown *shown;
    bool logarithmic; /* set by panels_begin() */
};

/* Sets the drawing's size. Then for each panel panels_next() and one plot command. */
void panels_begin(struct panels *panels, struct drawing *drawing);
void panels_next(const struct panels *panels, struct drawing *drawing, size_t panel,
                 const char *title);
void panels_end(const struct panels *panels, struct drawing *drawing);

#endif
