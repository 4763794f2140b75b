/* What a report says, before it is put into any format: sentences, tables and pictures for each
 * data set. Exporters render these and decide nothing about results; so every format says the same
 * thing, and a new table or sentence is written once. */
#ifndef REPORT_CONTENTS_H
#define REPORT_CONTENTS_H

#include "report/findings/findings.h"
#include "report/hypotheses/hypotheses.h"
#include "report/results/across.h"
#include "report/results/degradation.h"
#include "report/results/pairs.h"
#include "report/results/published.h"
#include "report/tables/report_table.h"

/* One drawn picture. */
struct picture {
    const char *name;        /* "learning_curves" */
    const char *table;       /* the name of the table that it is beside, or NULL */
    const char *title;       /* "Learning curves" */
    const char *description; /* what it shows, in words: caption and alternative text */
    const char *file;        /* "plots/sunspots-noise", without its ending */
    const char *svg;         /* its whole text */
    bool has_pdf;
    bool wide; /* takes the whole width of a page */
};

/* A data set, what is said across data sets, or the hypotheses. */
struct section {
    const struct dataset_results *results; /* of the section of a data set, else NULL */
    const struct across *across;           /* of the section across data sets, else NULL */
    const struct hypotheses *hypotheses;   /* of the section of the hypotheses, else NULL */
    const struct search_results *search;   /* for the settings; NULL: none */
    const char *title;
    const char *anchor;   /* unique, safe in file names, URLs and HTML ids */
    const char *subtitle; /* task and seeds */
    struct findings findings;
    struct pairs pairs;
    struct degradations degradations;
    struct published published;
    struct report_table *tables; /* those with rows, in the order to read them */
    size_t table_count;
    struct picture *pictures;
    size_t picture_count;
};

struct contents {
    const struct results *results;
    const char *title;        /* the experiments' names */
    struct section *sections; /* hypotheses and across data sets, if there are any, then one
                                 per data set */
    size_t section_count;
    const char **notes; /* about the whole: missing trials, unreadable files */
    size_t note_count;
};

/* Everything but the pictures. */
struct contents contents_make(const struct results *results, struct arena *arena);

/* Keeps the columns of the tables of scores that a list such as "model,mse,noise" names, in its order: a title
 * without its arrow, in whatever case, with blanks or "_". NULL keeps all; of a name that no table has an error
 * says which there are. */
bool contents_choose_columns(struct contents *contents, const char *list, struct arena *arena,
                             struct error *error);

/* The table of that name, or NULL when the section has none. */
const struct report_table *section_table(const struct section *section, const char *name);

#endif
