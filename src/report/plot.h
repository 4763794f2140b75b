/* Pictures, drawn by gnuplot run as a program. One file each in report/plots/, one line in the
 * table of plot.c. */
#ifndef REPORT_PLOT_H
#define REPORT_PLOT_H

#include "report/contents.h"

#include <stdio.h>

enum { PLOT_WIDTH = 600, PLOT_HEIGHT = 350, WIDE_PLOT = 1000 }; /* pixels: half a page, a page */

/* What a plot's draw() fills in. */
struct drawing {
    FILE *script;            /* gnuplot commands after the common style; data stands inline */
    int width, height;       /* pixels of the SVG; preset, may be changed */
    const char *description; /* caption and alternative text */
    struct arena *arena;
};

struct plot_type {
    const char *name;  /* "noise": in file names */
    const char *title; /* "Robustness to noise" */
    /* Returns false when the results have nothing to draw. */
    bool (*draw)(const struct dataset_results *dataset, struct drawing *drawing);
};

extern const struct plot_type plot_learning_curves, plot_prediction, plot_score_parameters,
    plot_noise, plot_ood;

/* Draws all pictures of all sections into directory/plots, as SVG and PNG, and adds them to the
 * contents. When gnuplot is not there or fails, a warning says so and the pictures are left out;
 * false only when the folder cannot be made. */
bool plots_draw(struct contents *contents, const char *directory, struct arena *arena,
                struct error *error);

/* ---- For the plots themselves ---- */

/* Writes text as a gnuplot string in single quotes, in which nothing is special. */
void put_quoted(FILE *script, const char *text);

/* Writes " with <style> <colour, dashes, points of the model>". */
void put_style(FILE *script, const char *style, const struct model_results *model);

/* Writes " title '<model's name>'", shortened to what a key can hold. */
void put_title(FILE *script, const struct model_results *model);

/* Whether positive values from least to most are read better on a logarithmic axis. */
bool wants_logarithm(double least, double most);

/* Pixels that a key of all models takes below a plot of that width. */
int key_height(const struct dataset_results *dataset, int width);

/* Writes the axis title: "test MSE (lower is better)". */
void put_score_label(FILE *script, const struct metric_info *metric);

#endif
