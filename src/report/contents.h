/* What a report says, before it is put into any format: sentences, tables and pictures for each
 * data set. Exporters render these and decide nothing about results; so every format says the same
 * thing, and a new table or sentence is written once. */
#ifndef REPORT_CONTENTS_H
#define REPORT_CONTENTS_H

#include "report/results.h"

struct cell {
    const char *text;
    bool best;          /* the best of its column (or row) among the networks */
    const char *swatch; /* the colour of the model it names, or NULL */
};

struct column {
    const char *title;
    bool left;          /* text; numbers stand at the right */
    const char *swatch; /* the colour of the model it names, or NULL */
};

/* A table of text. Rows from `baseline_row` on belong to baselines and are set apart. */
struct table {
    const char *title; /* "Robustness to noise" */
    const char *note;  /* how to read it; may be "" */
    struct column *columns;
    size_t column_count;
    struct cell *cells; /* [row_count][column_count] */
    size_t row_count;
    size_t baseline_row; /* row_count when there are no baselines or rows are not models */
};

/* One drawn picture. */
struct picture {
    const char *name;        /* "learning_curves" */
    const char *title;       /* "Learning curves" */
    const char *description; /* what it shows, in words: caption and alternative text */
    const char *file;        /* "plots/sunspots-noise", without its ending */
    const char *svg;         /* its whole text */
    bool wide;               /* takes the whole width of a page */
};

struct section {
    const struct dataset_results *results;
    const char *anchor;   /* unique, safe in file names, URLs and HTML ids */
    const char *subtitle; /* task and seeds */
    const char **findings;
    size_t finding_count;
    struct table scores, splits, noise, ood, cost, failures, trials; /* row_count 0: nothing */
    struct picture *pictures;
    size_t picture_count;
};

struct contents {
    const struct results *results;
    const char *title;        /* the experiments' names */
    struct section *sections; /* one per data set */
    size_t section_count;
    const char **notes; /* about the whole: missing trials, unreadable files */
    size_t note_count;
};

/* Everything but the pictures. */
struct contents contents_make(const struct results *results, struct arena *arena);

/* The table of test scores with only the metrics [first, end), and, with_costs, columns for noise,
 * shifts, training time and latency. */
struct table table_scores(const struct dataset_results *dataset, size_t first, size_t end,
                          bool with_costs, struct arena *arena);

#endif
