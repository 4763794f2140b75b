/* Pictures, drawn by gnuplot run as a program. One file each in report/plots/, one line in a table
 * of plot.c. */
#ifndef REPORT_PLOTS_PLOT_H
#define REPORT_PLOTS_PLOT_H

#include "report/contents.h"

#include <stdio.h>

enum { PLOT_WIDTH = 600, PLOT_HEIGHT = 350, WIDE_PLOT = 1000 }; /* pixels: half a page, a page */

/* What a plot's draw() fills in. */
struct drawing {
    FILE *script;            /* gnuplot commands after the common style; data is inline */
    int width, height;       /* pixels of the SVG; preset, may be changed */
    const char *description; /* caption and alternative text */
    struct arena *arena;
};

struct plot_type {
    const char *name;  /* "noise": in file names */
    const char *title; /* "Robustness to noise" */
    const char *table; /* the name of the table that it is beside, or NULL */
    /* Returns false when the section has nothing to draw. */
    bool (*draw)(const struct section *section, struct drawing *drawing);
};

/* Draws all pictures of all sections into directory/plots, as SVG and, twice as large, as PNG (as PDF, too, if
 * asked), and adds the SVG ones to the contents. When gnuplot is not there, fails or hangs, a warning says so
 * and the pictures are left out; false when they cannot be written, or a signal has come. */
bool plots_draw(struct contents *contents, const char *directory, bool has_pdf, struct arena *arena,
                struct error *error);

/* Draws one picture into a file, SVG unless its name ends in ".png"; `commands` are gnuplot's,
 * after the common style. */
bool plot_write(const char *path, int width, int height, const char *commands, struct error *error);

/* ---- For the plots themselves ---- */

/* The models that a plot can hold: the best ones. */
struct shown {
    const struct model_results *models[16];
    size_t count;
};
struct shown models_shown(const struct dataset_results *dataset);
/* ", the best 10 of 40 models" when not all are shown, and that scores are left out that are not
 * finite; otherwise "". */
const char *shown_note(const struct shown *shown, const struct dataset_results *dataset,
                       struct arena *arena);

/* Writes text as a gnuplot string in single quotes, in which nothing is special. */
void put_quoted(FILE *script, const char *text);

/* The same for the label of a tic, which gnuplot takes for a format: "%" is "%%" there. */
void put_tic_label(FILE *script, const char *text);

/* Writes " with <style> <colour, dashes, points of the model>". */
void put_style(FILE *script, const char *style, const struct model_results *model);

/* Writes " title '<model's name>'", shortened to what a key can hold. */
void put_title(FILE *script, const struct model_results *model);

/* Writes the end of a plot command: for each model its data "$model<position>" and its title. */
void put_model_lines(FILE *script, const char *with, const struct shown *drawn);

/* Whether positive values from least to most are read better on a logarithmic axis. */
bool wants_logarithm(double min, double max);

/* Pixels that a key of the models takes below a plot of that width. */
int key_height(const struct shown *shown, int width);

/* "test MSE, scaled units (lower is better)": the headline metric and, where it has them, its units. */
const char *score_label(const struct dataset_results *dataset, struct arena *arena);
/* " font ',6'" for a text that is too long for so many pixels, else "". */
const char *font_that_fits(const char *text, double pixels, struct arena *arena);

void put_score_label(FILE *script, const struct dataset_results *dataset);

/* The names of the classes on the axis 'x' or 'y', the first at 0. */
void put_class_tics(FILE *script, char axis, const struct trial *trial);

/* Values on an axis: so far none. */
struct range {
    double min, max;
};
#define EMPTY_RANGE ((struct range){INFINITY, -INFINITY})
void range_include(struct range *range, double value);

/* The axis 'x' or 'y' from a bit below the range to a bit above it, with labels wherever it lies. */
void put_axis_range(FILE *script, char axis, const struct range *range, bool logarithmic);

#endif
