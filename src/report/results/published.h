/* A paper's numbers beside ours, from the "published" object of a config. */
#ifndef REPORT_RESULTS_PUBLISHED_H
#define REPORT_RESULTS_PUBLISHED_H

#include "report/results/results.h"

enum reproduction {
    NOT_RUN,
    WITHOUT_SCORE, /* no trial gave one: they failed or diverged */
    REPRODUCED,    /* within max(2 published standard deviations, 5 %) of the published mean */
    BETTER,        /* outside, on the better side: no reproduction either, and to be explained */
    DIFFERENT,     /* outside, on the worse side */
};

/* "reproduced", "better than published", ... */
const char *reproduction_name(enum reproduction verdict);

struct published_row {
    const char *model;
    const char *measure;        /* "test.mae", or a number of the record; "": the table's metric */
    double mean, deviation;     /* published */
    const struct summary *ours; /* over seeds; NULL: NOT_RUN or WITHOUT_SCORE */
    enum reproduction verdict;
};

struct published {
    const char *source, *metric; /* the metric's title; both "" when nothing is published */
    struct published_row *rows;
    size_t row_count, run_count, reproduced_count, better_count;
};

/* No rows when the config of these results says nothing that can be compared. */
struct published published_make(const struct dataset_results *dataset, struct arena *arena);

#endif
