#include "report/plots/panels.h"

#include <math.h>
#include <string.h>

/* Pixels around the panels and between them. */
enum { LEFT = 92, RIGHT = 16, TOP = 34, BETWEEN_COLUMNS = 24, BETWEEN_ROWS = 66, X_LABEL = 34 };
enum { TICK_LABELS = 22, Y_LABEL = 10 };

static size_t panel_rows(const struct panels *panels) {
    return (panels->count + panels->columns - 1) / panels->columns;
}

void panels_begin(struct panels *panels, struct drawing *drawing) {
    FILE *script = drawing->script;
    size_t rows = panel_rows(panels);
    drawing->width = WIDE_PLOT;
    int key = key_height(panels->shown, drawing->width);
    int below = key + (panels->x_label == NULL ? X_LABEL / 2 : X_LABEL) + TICK_LABELS;
    drawing->height =
        TOP + (int)rows * panels->panel_height + ((int)rows - 1) * BETWEEN_ROWS + below;
    double width = drawing->width, height = drawing->height;
    panels->logarithmic = wants_logarithm(panels->range.min, panels->range.max);
    fprintf(script,
            "set multiplot layout %zu,%zu margins screen %.5f,%.5f,%.5f,%.5f spacing screen "
            "%.5f,%.5f\nunset key\nset title font ',14' offset 0,-0.7\n",
            rows, panels->columns, LEFT / width, 1 - RIGHT / width, below / height,
            1 - TOP / height, BETWEEN_COLUMNS / width, BETWEEN_ROWS / height);
    put_axis_range(script, 'y', &panels->range, panels->logarithmic);
    double middle = (below + height - TOP) / 2 / height;
    fputs("set label 1 ", script);
    put_quoted(script, panels->y_label);
    fprintf(script, " at screen %.5f,%.5f center rotate by 90 textcolor rgb '#333333'%s\n",
            (double)Y_LABEL / width, middle,
            font_that_fits(panels->y_label, 2 * fmin(middle, 1 - middle) * height, drawing->arena));
    if (panels->x_label == NULL)
        return;
    fputs("set label 2 ", script);
    put_quoted(script, panels->x_label);
    fprintf(script, " at screen %.5f,%.5f center textcolor rgb '#333333'\n",
            (LEFT + width - RIGHT) / 2 / width, (key + X_LABEL / 2.0) / height);
}

void panels_next(const struct panels *panels, struct drawing *drawing, size_t panel,
                 const char *title) {
    FILE *script = drawing->script;
    if (panel == 1)
        fputs("unset label 1\nunset label 2\n", script);
    fprintf(script, "set format y '%s'\nset title ", panel % panels->columns == 0 ? "%g" : "");
    put_quoted(script, title);
    fputc('\n', script);
}

/* An empty plot across the whole width that holds nothing but the key. */
void panels_end(const struct panels *panels, struct drawing *drawing) {
    FILE *script = drawing->script;
    double height = key_height(panels->shown, drawing->width);
    fprintf(script,
            "unset label\nset margins 0,0,0,0\nset lmargin at screen 0.02\nset rmargin at screen "
            "0.98\nset bmargin at screen 0\nset tmargin at screen %.5f\nunset border\nunset tics\n"
            "unset grid\nunset title\nunset xlabel\nunset ylabel\nunset logscale\n"
            "set xrange [0:1]\nset yrange [0:1]\nset key inside top center horizontal\nplot ",
            height / drawing->height);
    for (size_t m = 0; m < panels->shown->count; m++) {
        fputs("NaN", script);
        put_style(script, "linespoints", panels->shown->models[m]);
        put_title(script, panels->shown->models[m]);
        fputs(", ", script);
    }
    fputs("NaN notitle\nunset multiplot\n", script);
}
